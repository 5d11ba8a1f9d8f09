"""A source that is reached by REST alone: its rows beside a target's, and when nothing may be called identical."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import ConfigurationError, ConnectionFailed, PrivilegeMissing, TableMissing
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, new_keys
from harness.stages.project_address import project_key
from harness.stages.rest_alone import compare_rest
from harness.stages.rest_source import RestSource
from tests.served_pair import ServedPair

CAP = 50
CLIENTS = (
    "CREATE TYPE mood AS ENUM ('calm', 'glad')",
    (
        "CREATE TABLE clients (id bigint PRIMARY KEY, name text, mood mood, total numeric, seen timestamptz, data json,"
        " tags text[], raw bytea, share float8)"
    ),
    (
        "INSERT INTO clients SELECT g, 'Клиент ' || g, 'calm', g * 1.50, '2024-02-29 12:34:56.123456+03',"
        " '{\"b\":  1}', '{a,NULL}', '\\x00ff', 0.1 FROM generate_series(1, 120) g"
    ),
)


class Served(ServedPair):
    """A source behind a gateway that gives 50 rows at most, and a target that is reached by a DSN."""

    def document(
        self,
        key: str | None = None,
        *,
        rest: RestSource | None = None,
        twice: bool = False,
        asked: bool = False,
        **settings: Any,
    ) -> RunDocument:
        """Without waiting for rows to settle, unless that is asked for."""
        rest = rest or RestSource(self.gateway.url, key or self.keys.service_role_key)
        configuration = Configuration.model_validate(settings)
        rows = configuration.rows.model_copy(
            update={"settle_seconds": settings.get("rows", {}).get("settle_seconds", 0)}
        )
        try:
            return compare_rest(
                rest, self.pair.target, configuration.model_copy(update={"rows": rows}), twice=twice, asked=asked
            )
        finally:
            rest.close()

    def compare(self, key: str | None = None, **settings: Any) -> TableRows:
        """The one table there is."""
        (rows,) = self.document(key, **settings).rows
        return rows


@pytest.fixture(scope="module")
def served_databases(server: Server, newer_server: Server) -> Iterator[Served]:
    with Served.of(server, newer_server, rows_at_most=CAP) as served:
        yield served


@pytest.fixture
def served(served_databases: Served) -> Served:
    return served_databases.emptied()


def found(rows: TableRows) -> dict[Any, dict[str, tuple[str, bool]]]:
    return {
        next(iter(delta.key.values())): {cell.column: (cell.cls, cell.drift) for cell in delta.cells}
        for delta in rows.differences
    }


def test_equal_rows_beyond_the_row_cap_are_identical(served: Served) -> None:
    served.ready(*CLIENTS)
    document = served.document()
    (rows,) = document.rows
    assert (rows.status, rows.source_rows, rows.target_rows, rows.key) == ("identical", 120, 120, ("id",)), rows
    assert rows.reason is None
    assert document.verdict.exit_code == 0


def test_each_difference_is_told_with_its_class(served: Served) -> None:
    served.ready(*CLIENTS, "UPDATE clients SET share = 0 WHERE id = 12")
    served.pair.on_target(
        "UPDATE clients SET name = name || ' ' WHERE id = 7",
        "UPDATE clients SET total = 12.0 WHERE id = 8",
        "UPDATE clients SET data = '{\"b\": 1}' WHERE id = 9",
        "UPDATE clients SET seen = seen + interval '3 hours' WHERE id = 10",
        "UPDATE clients SET share = 0.5, tags = '[0:1]={a,NULL}' WHERE id = 11",
        "UPDATE clients SET share = '-0' WHERE id = 12",
        "DELETE FROM clients WHERE id IN (60, 120)",
        "INSERT INTO clients (id) VALUES (9007199254740993)",
    )
    document = served.document()
    (rows,) = document.rows
    assert (rows.status, rows.missing_on_target, rows.missing_on_source) == ("differs", 2, 1)
    assert (rows.different, rows.drifting) == (3, 3)
    assert found(rows) == {
        7: {"name": ("white space", False)},
        8: {"total": ("representation drift", True)},
        9: {"data": ("representation drift", True)},
        10: {"seen": ("zone shift", False)},
        11: {"share": ("other", False), "tags": ("other", False)},
        12: {"share": ("sign of zero", True)},
        60: {},
        120: {},
        9007199254740993: {},
    }
    assert document.verdict.exit_code == 1
    assert "Клиент" not in document.to_json()


def test_a_composite_text_key_with_odd_values_is_paged_to_its_end(served: Served) -> None:
    served.ready(
        'CREATE TABLE t ("a,b" text, "or" int, v text, PRIMARY KEY ("a,b", "or"))',
        "INSERT INTO t SELECT x.s, g, 'v' FROM (VALUES ('a\"b\\'), ('Ёж, (и)'), ('*'), (''), ('null')) AS x (s),"
        " generate_series(1, 27) g",
    )
    assert served.compare().status == "identical"
    served.pair.on_target("UPDATE t SET v = 'w' WHERE \"a,b\" = '*' AND \"or\" = 27")
    rows = served.compare()
    assert (rows.status, rows.different, rows.source_rows) == ("differs", 1, 135)


@pytest.mark.long
def test_a_key_of_a_collation_of_its_own_is_paged_to_its_end(served: Served) -> None:
    served.ready(
        'CREATE TABLE t (k text COLLATE "C" PRIMARY KEY)', "INSERT INTO t SELECT chr(g) FROM generate_series(33, 254) g"
    )
    assert served.compare().status == "identical"


def test_a_small_table_without_a_key_is_compared_as_a_multiset(served: Served) -> None:
    served.ready("CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (NULL, NULL)")
    assert served.compare().status == "identical"
    served.pair.on_target("DELETE FROM t WHERE a IS NULL", "INSERT INTO t VALUES (1, 'x')")
    rows = served.compare()
    assert (rows.status, rows.missing_on_source, rows.missing_on_target) == ("differs", 1, 1)


def test_a_table_without_a_key_that_is_larger_than_a_page_is_incomplete(served: Served) -> None:
    served.ready("CREATE TABLE t (a int)", "INSERT INTO t SELECT generate_series(1, 60)")
    document = served.document()
    assert document.rows[0].status == "incomplete"
    assert "no key" in str(document.rows[0].reason)
    assert document.verdict.exit_code == 3


def test_the_key_of_another_role_never_proves_that_rows_are_identical(served: Served) -> None:
    served.ready(*CLIENTS)
    served.pair.on_source("ALTER TABLE clients ENABLE ROW LEVEL SECURITY")
    served.serve()
    assert served.compare().status == "identical"
    rows = served.compare(served.keys.anon_key)
    assert (rows.status, rows.source_rows, rows.missing_on_source) == ("incomplete", 0, 0)
    assert "the key is of anon" in str(rows.reason)


def test_a_key_that_the_project_does_not_know_is_refused(served: Served) -> None:
    served.ready("CREATE TABLE t (a int PRIMARY KEY)")
    with pytest.raises(PrivilegeMissing, match="refuses the key"):
        served.document(new_keys().service_role_key)


@pytest.mark.long
def test_a_table_that_the_project_does_not_serve_is_incomplete_where_it_was_asked_for(served: Served) -> None:
    served.ready("CREATE TABLE t (a int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    served.pair.on_target("CREATE TABLE extra (a int PRIMARY KEY)")
    document = served.document(scope={"tables": ["public.extra"]})
    assert [each.status for each in document.rows] == ["incomplete"]
    document = served.document()
    assert [each.status for each in document.rows] == ["identical"]
    assert document.verdict.exit_code == 3  # nobody can tell whether the source has rows in it
    decided = served.document(scope={"exclude": {"public.extra": "new"}})
    assert decided.verdict.exit_code == 0


@pytest.mark.long
def test_a_table_on_neither_side_is_an_error(served: Served) -> None:
    served.ready("CREATE TABLE clients (a int PRIMARY KEY)")
    with pytest.raises(TableMissing) as missing:
        served.document(scope={"tables": ["public.client"]})
    assert "public.clients" in missing.value.hint


@pytest.mark.long
def test_views_of_the_project_are_not_compared(served: Served) -> None:
    served.ready("CREATE TABLE t (a int PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE VIEW v AS SELECT a FROM t")
    assert [each.table for each in served.document().rows] == ["public.t"]


def test_equal_values_of_other_types_are_drift(served: Served) -> None:
    served.pair.on_source(
        "CREATE TABLE t (id int PRIMARY KEY, n numeric, c varchar(9))", "INSERT INTO t VALUES (1, 5.00, 'x')"
    )
    served.pair.on_target("CREATE TABLE t (id bigint PRIMARY KEY, n int, c text)", "INSERT INTO t VALUES (1, 5, 'x')")
    served.serve()
    rows = served.compare()
    assert (rows.status, rows.type_drift, rows.different) == ("drift", ("id", "n", "c"), 0)


@pytest.mark.long
def test_renamed_tables_and_columns_are_compared_through_the_mapping(served: Served) -> None:
    served.pair.on_source("CREATE TABLE a (id int PRIMARY KEY, b text)", "INSERT INTO a VALUES (1, NULL)")
    served.pair.on_target("CREATE TABLE c (id int PRIMARY KEY, d text)", "INSERT INTO c VALUES (1, '')")
    served.serve()
    rules = {"public.a": {"target": "public.c", "columns": {"d": {"source": "b"}}}}
    rows = served.compare(mapping={"tables": rules})
    assert found(rows) == {1: {"d": ("NULL against empty", False)}}


def test_a_column_that_the_target_lacks_keeps_the_table_from_being_identical(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    served.pair.on_source("ALTER TABLE t ADD note text")
    served.serve()
    rows = served.compare()
    assert rows.status == "incomplete"
    assert "note" in str(rows.reason)


def test_a_condition_that_rest_can_be_asked_chooses_the_rows_of_both_sides(served: Served) -> None:
    served.ready(
        "CREATE TABLE t (id int PRIMARY KEY, company text, n int)",
        "INSERT INTO t SELECT g, CASE WHEN g % 2 = 0 THEN 'a, \"b' END, g FROM generate_series(1, 130) g",
    )
    served.pair.on_target("UPDATE t SET n = 0 WHERE company IS NULL OR id > 120")
    where: dict[str, Any] = {
        "rows": {"tables": {"public.t": {"where": "company = 'a, \"b' AND id <= 120 -- the even ones"}}}
    }
    document = served.document(**where)
    assert (document.rows[0].status, document.rows[0].source_rows, document.rows[0].target_rows) == (
        "identical",
        60,
        60,
    )
    skipped = [each for stage in document.coverage for each in stage.skipped]
    assert {(each.item, each.decided) for each in skipped} == {
        ("rows of public.t on the source", True),
        ("rows of public.t on the target", True),
    }
    served.pair.on_target("UPDATE t SET n = 0 WHERE id = 60")
    assert served.compare(**where).different == 1
    for condition in ("id > 1 OR id < 0", "lower(company) = 'a'"):
        with pytest.raises(ConfigurationError, match=r"rows.tables.'public.t'.where cannot be asked through REST"):
            served.document(rows={"tables": {"public.t": {"where": condition}}})


def test_tolerances_stale_rows_and_slices_are_those_of_live_sides(served: Served) -> None:
    served.ready(
        "CREATE TABLE t (id int PRIMARY KEY, company_id int, total numeric, note text, updated_at timestamptz)",
        "INSERT INTO t SELECT g, 900100 + 100 * (g % 10), g * 1.5, 'n', '2024-02-29 12:00+00'"
        " FROM generate_series(1, 100) g",
    )
    served.pair.on_target(
        "UPDATE t SET total = total + 0.01 WHERE id = 7",
        "UPDATE t SET note = 'x', updated_at = updated_at + '77 min 3 s' WHERE company_id = 900200",
        "ANALYZE t",
    )
    rows = served.compare(rows={"tables": {"public.t": {"tolerances": {"total": {"absolute": 0.01}}}}})
    assert (rows.status, rows.tolerated, rows.different) == ("differs", 1, 10)
    assert {(cell.column, cell.cls, cell.older) for delta in rows.differences for cell in delta.cells} == {
        ("note", "stale row", Side.SOURCE),
        ("updated_at", "stale row", Side.SOURCE),
    }
    assert ("company_id", 900200, 1.0) in {(each.column, each.value, each.share) for each in rows.slices}
    with pytest.raises(ConfigurationError, match="no column totl is compared"):
        served.document(rows={"tables": {"public.t": {"tolerances": {"totl": {"absolute": 1}}}}})


def test_rows_that_differ_are_read_again_and_those_that_move_are_told(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t SELECT g, 0 FROM generate_series(1, 9) g")
    served.pair.on_target("UPDATE t SET n = 1 WHERE id <= 3", "INSERT INTO t VALUES (10, 0)")
    # Before each reading again: the first row becomes alike, so does the tenth; the second is written each time.
    rest = ReadAgain(served, "UPDATE t SET n = 1 WHERE id = 1", "UPDATE t SET n = n - 1 WHERE id = 2")
    served.pair.on_target("UPDATE t SET n = 0 WHERE id = 4")
    document = served.document(rest=rest, rows={"settle_seconds": 0.01})
    (rows,) = document.rows
    assert (rows.status, rows.settled, rows.moving) == ("differs", 1, 1)
    assert [(delta.key["id"], delta.status) for delta in rows.differences] == [
        (3, "different"),
        (10, "missing_on_source"),
    ]
    assert "ROW006" in {each.code for each in document.findings}


@pytest.mark.long
def test_where_all_that_differs_is_moving_the_table_is_incomplete(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t VALUES (1, 0), (2, 0)")
    served.pair.on_target("UPDATE t SET n = 1 WHERE id = 1")
    document = served.document(rest=ReadAgain(served, "UPDATE t SET n = n - 1"), rows={"settle_seconds": 0.01})
    assert (document.rows[0].status, document.rows[0].moving) == ("incomplete", 1)
    assert document.verdict.exit_code == 3


def test_without_a_snapshot_the_result_says_when_the_source_was_read_and_no_more(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    rows = served.compare()
    assert rows.source_read is not None
    assert (rows.source_read.snapshot, rows.source_read.same_again) == (False, None)
    read = rows.source_read
    assert f"page by page from {read.began} to {read.ended}, without a snapshot" in rows.method


def test_a_source_that_is_read_twice_and_was_updated_between_is_not_called_identical(served: Served) -> None:
    served.ready(
        "CREATE TABLE t (id int PRIMARY KEY, n int)", "INSERT INTO t SELECT g, 0 FROM generate_series(1, 60) g"
    )
    rest = Updating(served)
    once = served.document(rest=rest)
    assert once.rows[0].status == "identical"  # of each row, when its page was read: that is all that is said
    served.pair.on_source("UPDATE t SET n = 0")
    (rows,) = served.document(rest=Updating(served), twice=True).rows
    assert (rows.status, rows.source_read and rows.source_read.same_again) == ("incomplete", False)
    assert "a second reading gave other rows" in str(rows.reason)
    served.pair.on_source("UPDATE t SET n = 0")
    (rows,) = served.document(twice=True).rows
    assert (rows.status, rows.source_read and rows.source_read.same_again) == ("identical", True)
    assert "read twice, and alike both times" in rows.method


@pytest.mark.long
def test_tables_that_were_not_asked_for_are_no_gap(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE TABLE u (id int)")
    document = served.document(asked=True, scope={"tables": ["public.t"]})
    assert ([each.table for each in document.scope], document.verdict.exit_code) == (["public.t"], 0)


@pytest.mark.long
def test_a_check_is_a_gap_by_its_name(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    document = served.document(rows={"checks": [{"name": "count", "sql": "SELECT count(*) FROM public.t"}]})
    assert [each.item for stage in document.coverage for each in stage.skipped] == ["check count"]
    assert document.verdict.exit_code == 3


@pytest.mark.long
def test_an_empty_source_is_incomplete(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)")
    assert served.document().verdict.exit_code == 3


@pytest.mark.long
def test_a_personal_key_appears_as_a_hash(served: Served) -> None:
    served.ready("CREATE TABLE t (phone text PRIMARY KEY)", "INSERT INTO t VALUES ('80005550001')")
    served.pair.on_target("DELETE FROM t")
    (delta,) = served.compare(personal={"columns": ["public.t.phone"]}).differences
    assert str(delta.key["phone"]).startswith("#")


def test_rows_that_are_written_meanwhile_are_noticed_by_their_number(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 60)")
    rest = Writing(served)
    try:
        document = compare_rest(rest, served.pair.target, Configuration())
    finally:
        rest.close()
    assert document.rows[0].status == "incomplete"
    assert "written meanwhile: it had 60 rows, and then 59" in str(document.rows[0].reason)


class Writing(RestSource):
    """A source of which a row that was read goes before the end."""

    def __init__(self, served: Served) -> None:
        super().__init__(served.gateway.url, served.keys.service_role_key)
        self._pair = served.pair
        self._client.event_hooks["response"].append(self._delete)

    def _delete(self, response: httpx.Response) -> None:
        if response.request.method == "GET" and "select=" in str(response.url):
            with psycopg.connect(self._pair.source_dsn, autocommit=True) as connection:
                connection.execute("DELETE FROM t WHERE id = 1")


class ReadAgain(RestSource):
    """A source that is written each time before rows of some keys are read again."""

    def __init__(self, served: Served, *statements: str) -> None:
        super().__init__(served.gateway.url, served.keys.service_role_key)
        self._client.event_hooks["request"].append(lambda request: self._write(request, served, statements))

    def _write(self, request: httpx.Request, served: Served, statements: tuple[str, ...]) -> None:
        if "count=exact, timezone" in request.headers.get("prefer", ""):
            served.pair.on_source(*statements)


class Updating(RestSource):
    """A source of which a row is updated once its page has been read."""

    def __init__(self, served: Served) -> None:
        super().__init__(served.gateway.url, served.keys.service_role_key)
        self._client.event_hooks["response"].append(lambda response: self._update(response, served))

    def _update(self, response: httpx.Response, served: Served) -> None:
        if response.request.method == "GET" and "select=" in str(response.url):
            served.pair.on_source("UPDATE t SET n = 1 WHERE id = 1")


def test_only_get_and_head_are_sent(served: Served) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    rest = RestSource(served.gateway.url, served.keys.service_role_key)
    verbs: list[str] = []
    rest._client.event_hooks["request"].append(lambda request: verbs.append(request.method))
    try:
        compare_rest(rest, served.pair.target, Configuration())
    finally:
        rest.close()
    assert set(verbs) == {"GET", "HEAD"}


def test_a_project_that_is_not_there_is_one_line(served: Served) -> None:
    rest = RestSource("http://127.0.0.1:9", "x", seconds=2)
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        compare_rest(rest, served.pair.target, Configuration())
    rest.close()


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://host:99999", ""])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="no http:// or https:// URL"):
        RestSource(url, "x")


def test_the_key_is_named_and_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROJECT_KEY", " secret ")
    assert project_key("env:PROJECT_KEY", "--source-api-key") == "secret"
    for named in (None, "secret", "env:NOT_SET_ANYWHERE"):
        with pytest.raises(ConfigurationError) as refused:
            project_key(named, "--source-api-key")
        assert "secret" not in refused.value.message


def test_rows_of_one_key_are_compared_as_often_as_they_occur(served: Served) -> None:
    served.pair.on_source("CREATE TABLE t (id int, name text)", "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (2, 'b')")
    served.pair.on_target("CREATE TABLE t (id int PRIMARY KEY, name text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    served.serve()
    rows = served.compare()
    assert (rows.key, rows.status, rows.missing_on_target) == (("id",), "differs", 1)
    served.pair.on_target("INSERT INTO t VALUES (3, 'c')")
    rows = served.compare()
    assert (rows.status, rows.missing_on_target, rows.missing_on_source) == ("differs", 1, 1)


@pytest.fixture(scope="module")
def rounding(served_databases: Served) -> Iterator[Served]:
    """The same project, by a role that shows 15 digits of a number."""
    pair, keys = served_databases.pair, served_databases.keys
    settings = GatewaySettings(
        db_uri=psycopg.conninfo.make_conninfo(pair.source_dsn, options="-c extra_float_digits=0"),
        db_schemas=("public",),
        db_max_rows=CAP,
        jwt_secret=keys.jwt_secret,
        anon_key=keys.anon_key,
        service_role_key=keys.service_role_key,
    )
    with GatewayServer.start(settings) as gateway:
        yield Served(pair, gateway, keys)


NUMBERS = (
    "CREATE TABLE t (id int PRIMARY KEY, share float8, rate real)",
    "INSERT INTO t SELECT g, g / 8.0, -g FROM generate_series(1, 120) g",
    "INSERT INTO t VALUES (200, '-0', 'NaN'), (201, NULL, '-Infinity'), (202, 0, NULL), (203, 1e300, 1.5e-30)",
)


@pytest.mark.parametrize("column", ["share", "rate"])
def test_a_number_that_the_project_rounds_is_never_called_identical(rounding: Served, column: str) -> None:
    rounding.emptied().ready(*NUMBERS)
    rows = rounding.compare()
    assert (rows.status, rows.reason) == ("identical", None), "what is rounded to itself is compared"
    larger = {"share": "0.1::float8 + 0.2::float8", "rate": "1.00000012"}[column]
    rounding.pair.on_source(f"UPDATE t SET {column} = {larger} WHERE id = 77")
    rounding.pair.on_target(f"UPDATE t SET {column} = round(({larger})::numeric, 2) WHERE id = 77")
    rows = rounding.compare()
    assert rows.status == "incomplete", rows
    assert f"the project rounds the numbers of {column} " in str(rows.reason)


def test_numbers_inside_values_prove_nothing_where_no_number_is_longer_than_a_rounded_one(
    served: Served, rounding: Served
) -> None:
    served.ready("CREATE TABLE t (id int PRIMARY KEY, shares float8[])", "INSERT INTO t VALUES (1, '{0.25,NULL}')")
    rows = served.compare()
    assert (rows.status, "inside shares" in str(rows.reason)) == ("incomplete", True)
    served.pair.on_both("INSERT INTO t VALUES (2, '{0.1,0.30000000000000004}')")
    assert served.compare().status == "identical"
    rounding.gateway.reload_schema_cache()
    assert rounding.compare().status == "differs"


def test_a_number_that_is_no_float_proves_nothing_of_floats(rounding: Served) -> None:
    rounding.emptied()
    for database, kind in ((rounding.pair.on_source, "bigint"), (rounding.pair.on_target, "float8")):
        database(f"CREATE TABLE a (id int PRIMARY KEY, moment {kind})", "INSERT INTO a VALUES (1, 1700000123456789)")
    rounding.ready("CREATE TABLE b (id int PRIMARY KEY, share float8)", "INSERT INTO b VALUES (1, 0.3)")
    rounding.pair.on_source("UPDATE b SET share = 0.1::float8 + 0.2::float8")
    statuses = {each.table: each.status for each in rounding.document().rows}
    assert statuses == {"public.a": "drift", "public.b": "incomplete"}


def test_numbers_inside_types_of_users_are_not_called_identical_unproved(rounding: Served) -> None:
    rounding.emptied().ready(
        "CREATE TYPE place AS (name text, share float8)",
        "CREATE TABLE t (id int PRIMARY KEY, place place)",
        "INSERT INTO t VALUES (1, ('a', 0.3))",
    )
    rows = rounding.compare()
    assert (rows.status, "inside place" in str(rows.reason)) == ("incomplete", True)
