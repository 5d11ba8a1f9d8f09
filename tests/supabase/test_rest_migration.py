"""A migration whose source is REST alone: what is stored arrives as it was, page by page, and every row is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from harness.embedded.server import Server
from harness.errors import ConfigurationError, MigrationFailed, PlanRefused, TableMissing
from harness.postgres.ledger import forget
from harness.stages.crew import Stop
from harness.stages.rest_source import JsonPage, RestSource
from tests.rest_project import Project, project_of

KINDS = (
    "CREATE TYPE mood AS ENUM ('calm', 'very glad')",
    "CREATE TYPE place AS (street text, number int)",
    "CREATE DOMAIN settings AS jsonb CHECK (jsonb_typeof(VALUE) = 'object')",
    (
        "CREATE TABLE kinds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric, price numeric(12,3),"
        " large bigint, share float8, flag bool, raw bytea, seen timestamptz, day date, tags text[], grid int[][],"
        " data jsonb, written json, chosen settings, mood mood, place place, places place[], code char(5),"
        " name varchar(9), span int4range, took interval, uid uuid, bits varbit(5),"
        " twice numeric GENERATED ALWAYS AS (total * 2) STORED)"
    ),
)
KIND_ROWS = (
    (
        "INSERT INTO kinds (total, price, large, share, flag, raw, seen, day, tags, grid, data, written, chosen, mood,"
        " place, places, code, name, span, took, uid, bits) VALUES"
        " (1.500, 2.000, 9007199254740993, 0.1::float8 + 0.2, true, '\\x00ff5c', '2024-02-29 12:34:56.123456+03',"
        " '0044-03-15 BC', '{a,NULL,\"b,\\\"c\\\\\",\"\"}', '[0:1][2:3]={{1,2},{3,NULL}}',"
        ' \'{"n": 9007199254740993.10, "s": "\\\\ \\" \\u0416 \\n"}\', \'{"b":  1.0,"b": "\\u00e9"}\', \'{"a": 1}\','
        " 'very glad', '(\"a,b \"\"c\",7)', '{\"(x,1)\",\"(,)\"}', 'ab', 'Клиент', '[1,5)', '1 mon -2 days 03:00:00.5',"
        " '00000000-0000-0000-0000-000000900100', '10110')"
    ),
    (
        "INSERT INTO kinds (total, share, name, tags, data, written, raw, seen) VALUES ('NaN', '-0', '', '{}', 'null',"
        " '\"text\"', '', 'infinity')"
    ),
    "INSERT INTO kinds (share, data, written) VALUES ('-Infinity', '\"text\"', '[1, 2]'), (NULL, NULL, NULL)",
)


LEDGER = "SELECT ordinal, lower, upper, rows FROM pgparity.ledger ORDER BY source_table, ordinal"
THREE_PAGES = (
    "CREATE TABLE t (id int PRIMARY KEY, n int)",
    "INSERT INTO t SELECT g * 10, g FROM generate_series(1, 5) g",
)


class Watched(RestSource):
    """Before each page that is asked for, something happens; what it was asked for is kept."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.asked: list[tuple[str, ...]] = []
        self.before: dict[int, Any] = {}

    def json_pages(self, *arguments: Any, after: Sequence[str] = (), **named: Any) -> Iterator[JsonPage]:
        self.asked.append(tuple(after))
        pages = super().json_pages(*arguments, after=after, **named)
        number = 0
        while True:
            number += 1
            self.before.pop(number, lambda: None)()
            page = next(pages, None)
            if page is None:
                return
            yield page


@pytest.fixture(scope="module")
def projects(server: Server, newer_server: Server) -> Iterator[Project]:
    with project_of(server, newer_server) as project:
        yield project


@pytest.fixture
def project(projects: Project) -> Project:
    return projects.emptied()


def of_table(project: Project) -> list[tuple[Any, ...]]:
    return project.pair.rows_of_target("SELECT id, n FROM t ORDER BY id")


def test_every_kind_of_value_arrives_as_it_was_stored(project: Project) -> None:
    project.ready(*KINDS, rows=KIND_ROWS)
    code, rows, findings = project.told()
    assert (code, rows, findings) == (0, {"public.kinds": (4, "identical")}, [])
    assert project.stored_alike("kinds")
    project.pair.on_target("INSERT INTO kinds (total) VALUES (7)")  # the sequence of the identity is past the rows
    assert project.pair.rows_of_target("SELECT id, twice FROM kinds WHERE total = 7") == [(5, 14)]


def test_more_rows_than_the_cap_arrive_parents_before_children(project: Project) -> None:
    project.ready(
        "CREATE TABLE clients (id int PRIMARY KEY, name text)",
        "CREATE TABLE bookings (id int, part text, client_id int REFERENCES clients, PRIMARY KEY (part, id))",
        "CREATE MATERIALIZED VIEW named AS SELECT count(*) FROM clients",
        rows=(
            "INSERT INTO clients SELECT g, 'Клиент ' || g FROM generate_series(1, 2500) g",
            "INSERT INTO bookings SELECT g, 'p\"' || g % 3, g FROM generate_series(1, 900) g",
        ),
    )
    code, rows, findings = project.told()
    assert rows == {"public.clients": (2500, "identical"), "public.bookings": (900, "identical")}
    assert (code, findings) == (0, [])
    assert project.stored_alike("clients")
    assert project.stored_alike("bookings", "part, id")
    assert project.pair.rows_of_target("SELECT * FROM named") == [(2500,)]
    assert len(project.pair.rows_of_target(LEDGER)) == 7 + 3


def test_an_interrupted_run_goes_on_behind_the_last_page_and_a_finished_one_compares(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])

    def interrupted() -> None:
        raise KeyboardInterrupt

    rest = project.rest(Watched, page=2)
    rest.before = {3: interrupted}
    with pytest.raises(KeyboardInterrupt):
        project.migrate(rest=rest)
    assert of_table(project) == [(10, 1), (20, 2), (30, 3), (40, 4)]
    assert project.migrate(decide=lambda _: False).plan.tables[0].moved == 4
    rest = project.rest(Watched, page=2)
    assert project.told(rest=rest) == (0, {"public.t": (5, "identical")}, [])
    assert rest.asked[0] == ("40",)
    pages = [(0, None, ["20"], 2), (1, ["20"], ["40"], 2), (2, ["40"], ["50"], 1)]
    assert project.pair.rows_of_target(LEDGER) == pages
    project.pair.on_source("INSERT INTO t VALUES (60, 6)")
    code, rows, findings = project.told()
    assert (code, rows) == (1, {"public.t": (5, "differs")})
    assert "MIG003" in findings
    assert len(of_table(project)) == 5


def test_a_session_that_the_target_ends_leaves_whole_pages_and_the_next_run_goes_on(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    rest = project.rest(Watched, page=2)
    rest.before = {
        2: lambda: project.pair.rows_of_target(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgparity migrate'"
            " AND datname = current_database()"
        )
    }
    with pytest.raises(MigrationFailed) as failed:
        project.migrate(rest=rest)
    assert "run again" in failed.value.hint
    assert of_table(project) == [(10, 1), (20, 2)]
    assert project.told() == (0, {"public.t": (5, "identical")}, [])


@pytest.mark.long
def test_a_run_that_is_to_stop_ends_between_pages(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    stop = Stop()
    rest = project.rest(Watched, page=2)
    rest.before = {2: stop.soon.set}
    with pytest.raises(MigrationFailed, match="stopped"):
        project.migrate(rest=rest, stop=stop)
    assert len(of_table(project)) == 4  # the page that was on its way arrived


@pytest.mark.long
def test_another_project_with_the_same_tables_is_not_gone_on_from(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    stop = Stop()
    rest = project.rest(Watched, page=2)
    rest.before = {2: stop.soon.set}
    with pytest.raises(MigrationFailed):
        project.migrate(rest=rest, stop=stop)
    other = project.rest()
    other.address = "other.example:443"
    with pytest.raises(PlanRefused, match=r"another migration of public\.t was interrupted"):
        project.migrate(rest=other)


def test_what_changes_behind_the_reader_is_told_and_what_changes_before_it_arrives(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    rest = project.rest(Watched, page=2)
    rest.before = {2: lambda: project.pair.on_source("UPDATE t SET n = -n WHERE id IN (10, 50)")}
    document = project.migrate(rest=rest).document
    assert document is not None
    assert [(each.status, each.different) for each in document.rows] == [("differs", 1)]
    assert document.verdict.exit_code == 1
    assert of_table(project)[0] == (10, 1)
    assert of_table(project)[-1] == (50, -5)
    assert forget(project.pair.target)
    assert project.told() == (0, {"public.t": (5, "identical")}, [])


@pytest.mark.long
def test_rows_of_the_target_are_updated_and_those_that_only_it_has_are_told(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    project.pair.on_target("INSERT INTO t VALUES (10, 7), (20, 2)")
    assert project.told() == (0, {"public.t": (5, "identical")}, [])
    assert forget(project.pair.target)
    project.pair.on_target("INSERT INTO t VALUES (11, 7)")
    code, rows, _ = project.told()
    assert (code, rows) == (1, {"public.t": (5, "differs")})
    assert len(of_table(project)) == 6


def test_a_table_without_a_key_is_refused_by_name_and_keeps_no_other_back(project: Project) -> None:
    project.ready(
        *THREE_PAGES[:1], "CREATE TABLE marks (mark text)", rows=(THREE_PAGES[1], "INSERT INTO marks VALUES (1)")
    )
    plan = project.migrate(decide=lambda _: False).plan
    assert [(each.table, each.rows, bool(each.refused)) for each in plan.tables] == [
        ("public.marks", 1, True),
        ("public.t", 5, False),
    ]
    assert project.pair.rows_of_target("SELECT to_regclass('pgparity.ledger')") == [(None,)]
    document = project.migrate().document
    assert document is not None
    (refused,) = [each for each in document.findings if each.code == "MIG002"]
    assert refused.table == "public.marks"
    assert "no primary key" in refused.title
    assert document.verdict.exit_code == 1
    assert len(of_table(project)) == 5


def test_rows_that_point_to_each_other_move_in_one_transaction(project: Project) -> None:
    project.ready(
        "CREATE TABLE staff (id int PRIMARY KEY, mentor_id int REFERENCES staff)",
        "CREATE TABLE a (id int PRIMARY KEY, b int)",
        "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE)",
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE",
        rows=(
            "INSERT INTO staff SELECT g, 6 - g FROM generate_series(1, 5) g",
            "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); COMMIT",
        ),
    )
    code, rows, _ = project.told(rest=project.rest(page=2))
    assert rows == {
        name: (number, "identical") for name, number in (("public.staff", 5), ("public.a", 1), ("public.b", 1))
    }
    assert code == 0


def test_a_value_that_does_not_fit_fails_its_table_and_those_that_need_it(project: Project) -> None:
    project.pair.on_source("CREATE TABLE t (id int PRIMARY KEY, n text)", "INSERT INTO t VALUES (1, 'abcd'), (2, 'x')")
    project.pair.on_target("CREATE TABLE t (id int PRIMARY KEY, n varchar(3))")
    for on in (project.pair.on_source, project.pair.on_target):
        on("CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t)")
    project.serve("INSERT INTO child VALUES (1, 1)")
    document = project.migrate().document
    assert document is not None
    titles = {each.table: each.title for each in document.findings if each.code == "MIG002"}
    assert "22001" in titles["public.t"]
    assert "need the rows of public.t" in titles["public.child"]
    assert "abcd" not in document.to_json()
    assert document.verdict.exit_code == 1
    assert of_table(project) == []


@pytest.mark.long
def test_names_that_the_mapping_changes_are_followed_and_sql_over_rows_is_refused(project: Project) -> None:
    project.pair.on_source("CREATE TABLE a (id int PRIMARY KEY, b text)")
    project.serve("INSERT INTO a VALUES (1, 'x')")
    project.pair.on_target("CREATE TABLE c (id int PRIMARY KEY, d text)")
    renamed = {"target": "public.c", "columns": {"d": {"source": "b"}}}
    assert project.told(mapping={"tables": {"public.a": renamed}}) == (0, {"public.a": (1, "identical")}, [])
    made = {"target": "public.c", "columns": {"d": {"expression": "upper(b)"}}}
    plan = project.migrate(decide=lambda _: False, mapping={"tables": {"public.a": made}}).plan
    assert "by SQL over the source's rows" in str(plan.tables[0].refused)


@pytest.mark.long
def test_a_table_that_is_not_served_and_a_column_without_a_place_are_told_before_rows_move(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=THREE_PAGES[1:])
    project.pair.on_target("CREATE TABLE later (id int PRIMARY KEY)")
    with pytest.raises(TableMissing, match=r"does not serve the table public\.later"):
        project.migrate("public.later")
    assert project.told()[0] == 3  # whether the source has rows of it is not known
    assert project.told("public.t")[0] == 0
    project.serve("ALTER TABLE t ADD note text")
    assert forget(project.pair.target)
    assert project.told("public.t") == (1, {}, ["MIG001"])


@pytest.mark.parametrize("section", [{"throttle": 2048}, {"mode": "copy"}, {"tables": {"public.t": {"where": "true"}}}])
def test_settings_that_mean_a_database_are_refused(project: Project, section: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="has no effect where the source is REST"):
        project.migrate(migrate=section)


@pytest.mark.long
def test_the_key_of_a_role_that_may_not_see_every_row_proves_nothing(project: Project) -> None:
    project.ready(THREE_PAGES[0], rows=(*THREE_PAGES[1:], "ALTER TABLE t ENABLE ROW LEVEL SECURITY"))
    rest = RestSource(project.gateway.url, project.keys.anon_key)
    assert project.told(rest=rest)[:2] == (3, {"public.t": (0, "incomplete")})
