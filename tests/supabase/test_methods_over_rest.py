"""A data layer on supabase-py compared with one on psycopg: through the gateway over a clone, attested on the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.record import Severity, Side
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.rehearsal import rehearse
from harness.stages.subjects import load_subjects
from tests.api_roles import API_ROLES, SERVICE_ROLE_GRANTS
from tests.data_pair import pair_of
from tests.method_pair import COMPANY, MethodPair, opened

REST = """
import httpx
import supabase


class Clients:
    def __init__(self, url, key):
        self.http = httpx.Client()
        options = supabase.ClientOptions(httpx_client=self.http, auto_refresh_token=False, persist_session=False)
        self.client = supabase.create_client(url, key, options=options)

    def all_clients(self, company_id):
        found = self.client.table("clients").select("*").eq("company_id", company_id).order("number")
        return found.execute().data

    def get_client(self, number):
        found = self.client.table("clients").select("number,name,spent,visited,created_at").eq("number", number)
        return found.eq("company_id", 900100).maybe_single().execute()

    def add_client(self, number, name):
        row = {"number": number, "company_id": 900100, "name": name}
        return self.client.table("clients").insert(row).execute().data

    def wrong(self):
        return self.client.table("clients").select("nonsense").execute().data

    def close(self):
        self.http.close()


def create(context):
    return Clients(context.rest_url, context.api_key)
"""

SQL = """
import psycopg
from psycopg.rows import dict_row


class Clients:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    def all_clients(self, company_id):
        return self._rows("SELECT * FROM clients WHERE company_id = %s ORDER BY number", company_id)

    def get_client(self, number):
        shown = "SELECT number, name, spent, visited, created_at FROM clients WHERE company_id = 900100 AND number = %s"
        return (self._rows(shown, number) or [None])[0]

    def add_client(self, number, name):
        return self._rows(
            "INSERT INTO clients (number, company_id, name) VALUES (%s, 900100, %s) RETURNING *", number, name)

    def wrong(self):
        return self._rows("SELECT nonsense FROM clients")

    def close(self):
        self.connection.close()


def create(context):
    assert context.rest_url is None
    return Clients(context.dsn)
"""

REST_GET = REST.replace(".maybe_single().execute()", ".execute().data[0]")


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        pair.on_source(API_ROLES)
        for opened_pair in opened(pair, tmp_path_factory.mktemp("layers")):
            pair.on_source(*SERVICE_ROLE_GRANTS)
            pair.on_both(
                "INSERT INTO clients (company_id, number, name) SELECT 900300, n, 'n' || n"
                " FROM generate_series(1, 1100) n"
            )
            yield opened_pair


def case(method: str, **kwargs: object) -> list[dict[str, object]]:
    return [{"id": method, "method": method, "kwargs": kwargs}]


@pytest.mark.long
def test_equal_values_of_another_type_are_drift_and_each_is_named(methods: MethodPair) -> None:
    pair = methods.compare(SQL, source=REST_GET, cases=case("get_client", number=7)).pair("get_client")
    assert pair.verdict == "drift"
    assert {(delta.path, delta.source, delta.target) for delta in pair.deltas} == {
        ("spent", "float", "Decimal"),
        ("visited", "str", "date"),
        ("created_at", "str", "datetime"),
    }


def test_a_request_and_a_statement_are_attested_each_for_its_server(methods: MethodPair) -> None:
    pair = methods.compare(SQL, source=REST_GET, cases=case("get_client", number=7)).pair("get_client")
    (source,), (target,) = pair.source.attestations, pair.target.attestations
    assert (source.side, source.database, source.exchanges) == (Side.SOURCE, "source_clone", 1)
    assert (target.side, target.database, target.exchanges) == (Side.TARGET, "target_clone", 1)
    assert source.system_identifier != target.system_identifier


def test_an_error_of_the_interface_is_equal_to_the_databases_error_of_that_kind(methods: MethodPair) -> None:
    pair = methods.compare(SQL, source=REST, cases=case("wrong")).pair("wrong")
    assert pair.source.error is not None
    assert (pair.source.error.code, pair.verdict) == ("42703", "equal")


def test_writes_through_the_gateway_leave_the_same_rows_and_are_undone(methods: MethodPair) -> None:
    cases = [{"id": str(n), "method": "add_client", "kwargs": {"number": 9900001, "name": "Test"}} for n in range(2)]
    found = methods.compare(SQL, source=REST, cases=cases)
    for pair in found.result.artifact.pairs:
        assert pair.source.error is None
        assert pair.effects == ()
        assert pair.source.effects == pair.target.effects == {"public.clients inserted": 1}


def test_an_answer_cut_off_at_the_row_cap_is_said_to_be_so_and_not_held_against_the_target(methods: MethodPair) -> None:
    found = methods.compare(SQL, source=REST, cases=case("all_clients", company_id=900300))
    pair = found.pair("all_clients")
    assert (pair.source.shape, pair.target.shape) == ("list of 1000 objects", "list of 1100 objects")
    assert pair.verdict == "equal"
    assert found.finding("MET010").severity is Severity.RISK
    assert "1,100 rows are there: only the first 1,000 rows were compared" in found.gaps["all_clients"]


def test_a_difference_within_the_cap_is_still_one(methods: MethodPair) -> None:
    changed = SQL.replace("SELECT * FROM clients", "SELECT *, name || '!' AS name FROM clients")
    found = methods.compare(changed, source=REST, cases=case("all_clients", company_id=900300))
    assert found.pair("all_clients").verdict == "different"


@pytest.fixture
def secured(methods: MethodPair) -> Iterator[MethodPair]:
    """The source's clients are hidden from anon, but those with odd numbers."""
    methods.pair.on_source(
        "GRANT USAGE ON SCHEMA public TO anon",
        "GRANT SELECT, INSERT ON clients TO anon",
        "GRANT USAGE ON SEQUENCE clients_id_seq TO anon",
        "ALTER TABLE clients ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY odd_ones ON clients FOR SELECT TO anon USING (number % 2 = 1)",
    )
    yield methods
    methods.pair.on_source("DROP POLICY odd_ones ON clients", "ALTER TABLE clients DISABLE ROW LEVEL SECURITY")


ANON = {"api_role": "anon"}


def test_rows_that_policies_hide_from_the_sources_role_are_not_held_against_the_target(secured: MethodPair) -> None:
    cases = [*case("all_clients", company_id=COMPANY), *case("add_client", number=9900001, name="Test")]
    found = secured.compare(SQL, source=REST, cases=cases, methods=ANON)
    assert {("MET015", "all_clients"), ("MET015", "add_client")} <= found.codes
    assert not {code for code, _ in found.codes} & {"MET001", "MET005", "MET006"}
    assert "public.clients (odd_ones)" in found.gaps["all_clients"]
    assert "anon sees 20 of 40 rows of GET /rest/v1/clients?" in found.gaps["all_clients"]


def test_a_wrong_row_is_still_one_where_policies_hide_others(secured: MethodPair) -> None:
    changed = SQL.replace("SELECT * FROM clients", "SELECT *, name || '!' AS name FROM clients")
    found = secured.compare(changed, source=REST, cases=case("all_clients", company_id=COMPANY), methods=ANON)
    assert ("MET001", "all_clients") in found.codes


@pytest.mark.long
def test_policies_that_hide_nothing_of_what_was_asked_excuse_nothing(secured: MethodPair) -> None:
    """A policy binds the source's role, and lets it see all that it asked for: the target answers too much."""
    odd = REST.replace('.order("number")', '.in_("number", [1, 3, 5]).order("number")')
    wrong = SQL.replace("company_id = %s ORDER", "company_id = %s AND number IN (1, 3, 5, 7) ORDER")
    found = secured.compare(wrong, source=odd, cases=case("all_clients", company_id=COMPANY), methods=ANON)
    assert {code for code, _ in found.codes} & {"MET001", "MET015"} == {"MET001"}
    assert "hides nothing" in " ".join(found.pair("all_clients").notes)


@pytest.mark.long
def test_a_role_without_a_grant_is_refused_by_no_policy(secured: MethodPair) -> None:
    secured.pair.on_source("REVOKE INSERT ON clients FROM anon")
    found = secured.compare(SQL, source=REST, cases=case("add_client", number=9900001, name="Test"), methods=ANON)
    secured.pair.on_source("GRANT INSERT ON clients TO anon")
    assert {code for code, _ in found.codes} & {"MET005", "MET015"} == {"MET005"}


def test_policies_do_not_excuse_a_role_that_they_do_not_bind(secured: MethodPair) -> None:
    fewer = REST.replace('.order("number")', '.gt("number", 3).order("number")')
    found = secured.compare(SQL, source=fewer, cases=case("all_clients", company_id=COMPANY))
    assert {code for code, _ in found.codes} & {"MET001", "MET015"} == {"MET001"}


def test_an_answer_as_long_as_the_cap_that_is_whole_is_no_gap(methods: MethodPair) -> None:
    whole = REST.replace('.order("number")', '.lte("number", 1000).order("number")')
    changed = SQL.replace("company_id = %s ORDER", "company_id = %s AND number <= 1000 ORDER")
    found = methods.compare(changed, source=whole, cases=case("all_clients", company_id=900300))
    assert found.pair("all_clients").source.shape == "list of 1000 objects"
    assert "all_clients" not in found.gaps
    assert ("MET010", "all_clients") not in found.codes


def test_rows_that_a_request_leaves_in_any_order_are_compared_in_any(methods: MethodPair) -> None:
    ties = REST.replace('.order("number")', '.order("company_id")')
    sql = SQL.replace("ORDER BY number", "ORDER BY company_id")
    cases = case("all_clients", company_id=COMPANY)
    assert ("MET013", "all_clients") in methods.compare(sql, source=ties, cases=cases).codes
    wrong = sql.replace("SELECT * FROM clients", "SELECT *, status || '!' AS status FROM clients")
    assert ("MET001", "all_clients") in methods.compare(wrong, source=ties, cases=cases).codes


STALE = """
    def count(self, table="clients"):
        import postgrest
        self.client.table(table).select("number").limit(1).execute()
        said = f"Could not find the table 'public.{table}' in the schema cache"
        raise postgrest.APIError({"message": said, "code": "PGRST205", "hint": None, "details": None})

    def wrong(self):"""
COUNT = """
    def count(self, table="clients"):
        return len(self._rows("SELECT 1 FROM clients WHERE company_id = 900200"))

    def wrong(self):"""


def test_an_interface_that_does_not_know_its_own_table_is_told_to_reload_it(methods: MethodPair) -> None:
    """What such an interface says, after it was asked for a table that the catalog has."""
    stale, sql = (text.replace("\n    def wrong(self):", more) for text, more in ((REST, STALE), (SQL, COUNT)))
    found = methods.compare(sql, source=stale, cases=case("count"))
    assert found.pair("count").verdict == "void"
    assert ("MET016", "count") in found.codes
    assert "reload the schema cache" in found.gaps["count"]


def test_a_rehearsal_learns_requests_and_statements_without_reading_a_row(methods: MethodPair) -> None:
    cases = [*case("get_client", number=7), *case("add_client", number=1, name="Test"), *case("wrong")]
    configuration = methods.configuration(SQL, source=REST, cases=cases)
    subjects = load_subjects(configuration, methods.folder)
    assert subjects is not None
    pair = methods.pair
    rehearsal = rehearse(pair.source, pair.target, subjects, configuration, Silent(), stack=methods.stack)
    assert rehearsal.called == dict.fromkeys((Side.SOURCE, Side.TARGET), ("get_client", "add_client", "wrong"))
    said = rehearsal.statements
    prepared = {each.origin: pair for each, pair in rehearsal.prepared.pairs.items()}
    assert prepared["get_client"].source.accepted
    assert prepared["get_client"].target.parameters
    assert prepared["wrong"].target.sqlstate == "42703"
    requests = {(each.origin, each.request.verb, each.request.path) for each in said if each.request is not None}
    assert requests == {
        ("get_client", "GET", "/rest/v1/clients"),
        ("add_client", "POST", "/rest/v1/clients"),
        ("wrong", "GET", "/rest/v1/clients"),
    }
    statements = {(each.side, each.origin, each.sql) for each in said if each.sql is not None}
    assert (Side.TARGET, "wrong", "SELECT nonsense FROM clients") in statements
    assert {side for side, _, _ in statements} == {Side.TARGET}
    assert {origin for _, origin, _ in statements} == {"get_client", "add_client", "wrong"}


def test_a_layer_that_cannot_be_built_on_an_empty_database_has_no_statements(methods: MethodPair) -> None:
    eager = SQL.replace(
        "    assert context.rest_url is None\n",
        "    with psycopg.connect(context.dsn) as connection:\n"
        "        assert connection.execute('SELECT name FROM clients').fetchone() is not None\n",
    )
    configuration = methods.configuration(eager, source=REST, cases=case("wrong"))
    subjects = load_subjects(configuration, methods.folder)
    assert subjects is not None
    pair = methods.pair
    said = rehearse(pair.source, pair.target, subjects, configuration, Silent(), stack=methods.stack).statements
    assert {each.side for each in said} == {Side.SOURCE}


BY_NUMBERS = """    def by_numbers(self, numbers: list[int]):
        found = self.client.table("clients").select("number,name").in_("number", numbers).order("id")
        return found.execute().data

    def close(self):
"""
BY_NUMBERS_IN_SQL = """    def by_numbers(self, numbers: list[int]):
        return self._rows("SELECT number, name FROM clients WHERE number = ANY(%s) ORDER BY id", numbers)

    def close(self):
"""


@pytest.mark.long
def test_a_list_that_no_url_takes_is_generated_and_is_a_gap_of_the_interface(methods: MethodPair) -> None:
    found = methods.compare(
        SQL.replace("    def close(self):\n", BY_NUMBERS_IN_SQL),
        source=REST.replace("    def close(self):\n", BY_NUMBERS),
        cases=case("by_numbers", numbers=[1, 2]),
        methods={"generate": 40},
        scope={"tables": ["public.clients"]},
    )
    long = [each for each in found.result.artifact.pairs if each.purpose and "20,000" in each.purpose]
    assert [(each.method, each.verdict) for each in long] == [("by_numbers", "void")]
    assert "the source's interface takes no URL with 20,000 values" in found.gaps[long[0].case]
    assert ("MET005", "by_numbers") not in found.codes
