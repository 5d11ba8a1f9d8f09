"""The methods stage on real servers: what it compares, what it leaves alone, what it says it cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from harness.errors import CaseError, DataLayerFailed
from tests.data_pair import pair_of
from tests.method_pair import COMPANY, LAYER, MethodPair, opened


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, tmp_path_factory.mktemp("layers"))


def layer(body: str) -> str:
    """The layer with more methods."""
    return LAYER.replace("    def close(self):", f"{body}\n    def close(self):")


def one_case(method: str, **kwargs: Any) -> list[dict[str, Any]]:
    return [{"id": method, "method": method, "kwargs": kwargs}]


def test_the_databases_themselves_are_never_written(methods: MethodPair) -> None:
    query = (
        "SELECT (SELECT count(*) FROM clients), (SELECT count(*) FROM orders), (SELECT last_value FROM orders_id_seq)"
    )
    before = methods.pair.rows_of_source(query), methods.pair.rows_of_target(query)
    found = methods.compare()
    assert found.method("upsert_client").exercised == ("rows", "error", "writes")
    assert (methods.pair.rows_of_source(query), methods.pair.rows_of_target(query)) == before


def test_every_case_starts_from_the_same_state(methods: MethodPair) -> None:
    new = {"method": "upsert_client", "kwargs": {"number": 9900001, "company_id": COMPANY, "name": "Test"}}
    found = methods.compare(cases=[{"id": str(number), **new} for number in range(3)])
    assert [pair.source.effects for pair in found.result.artifact.pairs] == [{"public.clients inserted": 1}] * 3


def test_rows_that_a_trigger_writes_are_effects_too(methods: MethodPair) -> None:
    pair = methods.compare(only="delete_client").pair("one goes")
    assert pair.source.effects == {"public.clients deleted": 1, "public.audit inserted": 1}
    assert pair.source.effects == pair.target.effects


def test_a_layer_whose_methods_are_coroutines_is_compared_with_one_whose_are_not(methods: MethodPair) -> None:
    asynchronous = (
        LAYER.replace("    def answer(*args", "    async def answer(*args")
        .replace("def create(context):", "async def create(context):")
        .replace("    def close(self):", "    async def aclose(self):")
    )
    found = methods.compare(asynchronous)
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"equal"}


def test_a_layer_that_raises_is_equal_to_one_that_answers_with_the_same_kind_of_error(methods: MethodPair) -> None:
    raising = LAYER.replace("        except psycopg.Error as error:", "        except ZeroDivisionError as error:")
    case = [{"id": "no name", "method": "upsert_client", "kwargs": {"number": 1, "company_id": 1, "name": None}}]
    pair = methods.compare(raising, cases=case).pair("no name")
    assert (pair.verdict, pair.source.error, pair.target.error) != ("equal", None, None)
    assert pair.source.error is not None
    assert pair.target.error is not None
    assert (pair.source.error.raised, pair.target.error.raised) == (False, True)
    assert pair.verdict == "equal"


def test_what_differs_between_two_calls_of_the_source_is_noise_and_noted(methods: MethodPair) -> None:
    noisy = layer(
        "    @answered\n    def token(self):\n"
        '        return self._rows("INSERT INTO audit (what) VALUES (gen_random_uuid()) RETURNING what, 1 AS one")[0]\n'
    )
    pair = methods.compare(noisy, source=noisy, cases=one_case("token")).pair("token")
    assert pair.verdict == "equal"
    assert "data.what" in pair.notes[0]
    assert pair.source.effects == {"public.audit inserted": 1}


def test_noise_does_not_hide_that_the_target_leaves_the_field_out(methods: MethodPair) -> None:
    body = (
        "    @answered\n    def token(self):\n"
        '        return self._rows("INSERT INTO audit (what) VALUES ({}) RETURNING id")[0]\n'
    )
    found = methods.compare(
        layer(body.format("NULL")), source=layer(body.format("gen_random_uuid()")), cases=one_case("token")
    )
    assert found.pair("token").verdict == "different"
    assert ("MET006", "token") in found.codes


def test_a_lost_connection_is_called_again_and_is_never_a_mismatch(methods: MethodPair) -> None:
    flaky = layer(
        "    @answered\n    def once(self):\n"
        "        import builtins\n"
        "        if not builtins.__dict__.setdefault('_lost_in_test', []):\n"
        "            builtins.__dict__['_lost_in_test'].append(1)\n"
        "            self._rows('SELECT pg_terminate_backend(pg_backend_pid())')\n"
        "        return self._rows('SELECT 1 AS one')\n"
    )
    steady = layer("    @answered\n    def once(self):\n        return self._rows('SELECT 1 AS one')\n")
    import builtins

    try:
        found = methods.compare(flaky, source=steady, cases=one_case("once"))
    finally:
        builtins.__dict__.pop("_lost_in_test")
    assert found.pair("once").verdict == "equal"


def test_a_connection_that_is_lost_twice_leaves_a_gap_and_no_finding(methods: MethodPair) -> None:
    broken = layer(
        "    @answered\n    def lost(self):\n        self._rows('SELECT pg_terminate_backend(pg_backend_pid())')\n"
    )
    found = methods.compare(
        broken, source=layer("    @answered\n    def lost(self):\n        return 1\n"), cases=one_case("lost")
    )
    assert found.pair("lost").verdict == "void"
    assert not {code for code, _ in found.codes} & {"MET001", "MET003", "MET004", "MET005"}


def test_writes_to_a_table_out_of_scope_are_undone_and_not_compared(methods: MethodPair) -> None:
    body = (
        "    @answered\n    def note(self):\n"
        "        return len(self._rows(\"INSERT INTO audit (what) VALUES ('{}') RETURNING what\"))\n"
        "    @answered\n    def notes(self):\n"
        '        return self._rows("SELECT * FROM audit")\n'
    )
    cases = one_case("note") + one_case("notes")
    found = methods.compare(
        layer(body.format("x")),
        source=layer(body.format("y")),
        cases=cases,
        scope={"tables": ["public.clients", "public.orders"]},
    )
    assert found.pair("note").verdict == "equal"
    assert found.pair("notes").source.shape == "empty list"


def test_drift_is_cosmetic_where_it_is_allowed(methods: MethodPair) -> None:
    found = methods.planted(
        ('return self._rows("SELECT count(*) AS n', 'return "%d" % self._rows("SELECT count(*) AS n'),
        only="count_clients",
        run={"allow_drift": True},
    )
    assert found.finding("MET002").severity == "cosmetic"


def test_columns_and_fields_that_are_ignored_are_not_compared(methods: MethodPair) -> None:
    found = methods.planted(
        ("(number, company_id, name, phone) VALUES (%s, %s, %s, %s)",
         "(number, company_id, name, phone, status) VALUES (%s, %s, %s, %s, 'draft')"),
        only="upsert_client",
        methods={"ignore_fields": ["status"]},
    )  # fmt: skip
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"equal"}


def test_a_layer_that_cannot_be_built_says_so_without_its_dsn(methods: MethodPair) -> None:
    broken = LAYER + "\n\ndef create(context):\n    raise RuntimeError(context.dsn)\n"
    with pytest.raises(DataLayerFailed, match="RuntimeError") as failed:
        methods.compare(broken)
    assert "postgresql://" not in failed.value.message


def test_a_case_for_no_method_ends_the_stage_before_anything_is_called(methods: MethodPair) -> None:
    with pytest.raises(CaseError, match="no data layer has a method nothing"):
        methods.compare(cases=one_case("nothing"))


def test_nothing_of_rows_or_arguments_is_in_the_result(methods: MethodPair) -> None:
    found = methods.planted(
        ("ILIKE", "LIKE"), ("NULLS FIRST", "NULLS LAST"), personal={"columns": ["public.clients.phone"]}
    )
    written = "".join(pair.to_json() for pair in found.result.artifact.pairs)
    written += "".join(finding.to_json() for finding in found.result.findings)
    for secret in ("Анна", "анна", "Boris", "8000555", "Stranger"):
        assert secret not in written


def test_the_stage_leaves_no_database_behind_on_its_servers(methods: MethodPair) -> None:
    methods.compare(only="upsert_client")
    for server in methods.stack.servers:
        with server.connect(purpose="test") as admin:
            rows = admin.execute("SELECT datname::text FROM pg_database WHERE NOT datistemplate").fetchall()
        assert rows == [("postgres",)]


EVERYTHING = {"generate": 3, "sequences": 2, "concurrency": 2}


def test_written_and_generated_cases_sequences_and_callers_at_once_find_nothing_in_equal_layers(
    methods: MethodPair,
) -> None:
    found = methods.compare(methods=EVERYTHING, only="upsert_client")
    assert found.codes == set()
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"equal"}
    assert {pair.origin for pair in found.result.artifact.pairs} == {"written", "generated"}
    assert len({pair.case for pair in found.result.artifact.pairs}) == len(found.result.artifact.pairs)
    assert set(found.method("upsert_client").exercised) >= {"rows", "error", "writes", "concurrency"}
    assert {each.side for each in found.result.artifact.servers} == {"source", "target"}


def test_generated_cases_find_a_lost_tenant_and_say_their_statements_once_a_method(methods: MethodPair) -> None:
    found = methods.planted(
        ("WHERE number = %s AND company_id = %s\", number, company_id)\n        return found[0]",
         "WHERE number = %s ORDER BY company_id DESC\", number)\n        return found[0]"),
        cases=one_case("count_clients", company_id=COMPANY),
        methods={"generate": 6},
    )  # fmt: skip
    finding = found.finding("MET001")
    assert finding.object.identity == "get_client"
    assert all(not each.label.startswith("get_client: generated") for each in finding.evidence)
    said = [(each.side, each.sql) for each in found.result.artifact.statements if each.origin == "get_client"]
    assert said
    assert len(said) == len(set(said))


@pytest.mark.long
def test_a_target_that_sleeps_is_slower_by_its_first_run_and_its_twin_is_not(methods: MethodPair) -> None:
    asleep = ('"SELECT count(*) AS n FROM clients WHERE', '"SELECT count(*) AS n FROM clients, pg_sleep(0.25) WHERE')
    settings = {"slowdown_floor": 50.0}
    found = methods.planted(asleep, only="count_clients", methods=settings)
    assert ("MET017", "count_clients") in found.codes
    times = found.method("count_clients").latency
    assert times is not None
    assert times.pairs == 12
    assert times.ratio_high is not None
    assert times.ratio_high < 0.5
    assert "MET017" not in {code for code, _ in methods.compare(only="count_clients", methods=settings).codes}


@pytest.mark.long
def test_a_target_that_is_slow_only_where_it_finds_a_row_is_slower_among_calls_that_find_none(
    methods: MethodPair,
) -> None:
    asleep = ('"SELECT * FROM clients WHERE number', '"SELECT * FROM clients, pg_sleep(0.25) WHERE number')
    several = [
        {"id": f"client {number}", "method": "get_client", "kwargs": {"number": number, "company_id": COMPANY}}
        for number in (7, *range(8000, 8008))
    ]
    found = methods.planted(asleep, cases=several, methods={"slowdown_floor": 50.0})
    assert ("MET017", "get_client") in found.codes
    assert found.finding("MET017").title.endswith("where it finds rows or writes")


def test_fewer_kinds_of_case_than_are_asked_for_make_the_stage_incomplete(methods: MethodPair) -> None:
    found = methods.compare(only="get_client", methods={"min_coverage": 80})
    assert "methods x kinds of case" in found.gaps
    assert found.gaps["methods x kinds of case"].endswith("were exercised, 80 % are asked for")
    missing = [each for each in found.result.findings if each.code == "MET021"]
    assert [each.title for each in missing] == ["no case of get_client was of these kinds: bad input, error"]
    assert "methods x kinds of case" not in methods.compare(only="get_client").gaps


def test_an_answer_that_the_source_gives_by_chance_is_a_gap_and_no_difference(methods: MethodPair) -> None:
    by_chance = layer(
        "    @answered\n    def turn(self):\n"
        "        import builtins\n"
        "        turns = builtins.__dict__.setdefault('_turns_in_test', [])\n"
        "        first = self.connection.info.dbname.startswith('source') and not turns\n"
        "        turns += [1] if first else []\n"
        "        return self._rows('SELECT 1 / %s AS one', 0 if first else 1)\n"
    )
    found = methods.compare(by_chance, source=by_chance, cases=one_case("turn"))
    assert found.pair("turn").verdict == "void"
    assert found.gaps["turn"] == "the source does not give one answer to two equal calls"


def test_a_difference_that_is_expected_is_no_finding_and_one_whose_day_is_past_is(methods: MethodPair) -> None:
    change = ('return self._rows("SELECT count(*) AS n', 'return "%d" % self._rows("SELECT count(*) AS n')
    expected = {"method": "count_*", "reason": "numbers as texts until the front end is mended"}
    for expires, codes in (("2999-12-31", set()), ("2020-01-31", {"MET002", "MET018"})):
        found = methods.planted(change, only="count_clients", methods={"expected": [expected | {"expires": expires}]})
        assert {code for code, method in found.codes if method == "count_clients"} == codes
        left = [each.reason for each in found.result.coverage.skipped if "count_clients" in each.item and each.decided]
        assert left == ([f"until {expires}: {expected['reason']}"] if not codes else [])


UNTIL = """
    @answered
    def until(self):
        return self._rows("SELECT now() + interval '7 {}' AS until, 'ends ' || {} AS told")[0]

    @answered
    def give_token(self):
        return len(self._rows("INSERT INTO audit (what) VALUES ((now() + interval '7 {}')::text) RETURNING 1"))
"""


def test_a_deadline_that_lies_elsewhere_on_the_target_is_a_difference_and_the_same_one_is_none(
    methods: MethodPair,
) -> None:
    cases = [*one_case("until"), *one_case("give_token")]
    days, hours = (layer(UNTIL.format(each, "1", each)) for each in ("days", "hours"))
    assert {each.verdict for each in methods.compare(days, source=days, cases=cases).result.artifact.pairs} == {"equal"}
    found = methods.compare(hours, source=days, cases=cases)
    assert {each.case: each.verdict for each in found.result.artifact.pairs} == {
        "until": "different",
        "give_token": "different",
    }
    assert {("MET001", "until"), ("MET006", "give_token")} <= found.codes


def test_a_token_by_chance_beside_a_deadline_stays_noise(methods: MethodPair) -> None:
    both = layer(UNTIL.format("days", "gen_random_uuid()", "days"))
    assert methods.compare(both, source=both, cases=one_case("until")).pair("until").verdict == "equal"


MANY = layer("""
    def many(self, first):
        return self._rows(
            "SELECT n, n * 2 AS twice FROM generate_series(%s::int, %s::int + 5999) AS n ORDER BY n", first, first)

    def fill(self, first):
        self._rows(
            "INSERT INTO orders (number, total) SELECT n, 1 FROM generate_series(%s::int, %s::int + 5999) AS n"
            " RETURNING 1", first, first)
        return True
""")
MANY_CASES = one_case("many", first=1) + one_case("fill", first=1)


@pytest.mark.long
def test_a_difference_past_the_five_thousandth_row_of_an_answer_or_of_what_was_written_is_found(
    methods: MethodPair,
) -> None:
    late = MANY.replace("n * 2 AS twice", "CASE WHEN n = 5501 THEN 0 ELSE n * 2 END AS twice").replace(
        "SELECT n, 1 FROM", "SELECT n, CASE WHEN n = 5501 THEN 2 ELSE 1 END FROM"
    )
    equal = methods.compare(MANY, source=MANY, cases=MANY_CASES)
    assert {pair.verdict for pair in equal.result.artifact.pairs} == {"equal"}
    assert not {"many", "fill"} & equal.gaps.keys()
    found = methods.compare(late, source=MANY, cases=MANY_CASES)
    assert {("MET001", "many"), ("MET006", "fill")} <= found.codes
    assert [delta.path for delta in found.pair("many").deltas] == ["[5500].twice"]
    assert [delta.path for delta in found.pair("fill").effects] == ["public.orders(number=5501).total"]
