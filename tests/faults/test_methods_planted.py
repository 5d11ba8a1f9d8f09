"""Faults planted in a data layer: each is found, under the right code, and nothing else is blamed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.record import Severity
from harness.embedded.server import Server
from tests.data_pair import pair_of
from tests.method_pair import LAYER, METHODS, MethodPair, opened


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, tmp_path_factory.mktemp("layers"))


FAULTS = {
    "wrong filter column": (
        "get_client",
        {"MET001"},
        ("WHERE number = %s AND company_id = %s\", number", "WHERE id + 1 = %s AND company_id = %s\", number"),
    ),
    "lost tenant": (
        "client_by_phone",
        {"MET005"},
        ("raise psycopg.errors.CardinalityViolation", "pass"),
    ),
    "limit off by one": ("latest_clients", {"MET001"}, ("company_id, limit)", "company_id, limit + 1)")),
    "lost order of NULLs": ("latest_clients", {"MET001"}, ("NULLS FIRST", "NULLS LAST")),
    "lost order": ("latest_clients", {"MET001"}, ("DESC NULLS FIRST, number", "DESC NULLS FIRST, number DESC")),
    "case folding": ("search_clients", {"MET001"}, ("ILIKE", "LIKE")),
    "lost column in an answer": ("search_clients", {"MET001"}, ("name, phone, spent", "name, spent")),
    "count as text": ("count_clients", {"MET002"}, ('[0]["n"]', '[0]["n"].__str__()')),
    "money as float": ("get_client", {"MET002"}, ("SELECT * FROM", "SELECT *, spent::float AS spent FROM")),
    "times as text": (
        "latest_clients",
        {"MET002"},
        ("SELECT {self._shown} FROM", "SELECT {self._shown}, created_at::text AS created_at FROM"),
    ),
    "wrong zone": (
        "get_client",
        {"MET001"},
        ("SELECT * FROM clients", "SELECT *, created_at + interval '3h' AS created_at FROM clients"),
    ),
    "lost column in an upsert": (
        "upsert_client",
        {"MET001", "MET006"},
        ("name = excluded.name, phone = excluded.phone", "name = excluded.name"),
    ),
    "lost column in an upsert that answers with what it was given": (
        "upsert_client",
        {"MET006"},
        ("phone = excluded.phone RETURNING *\",\n            number, company_id, name, phone)[0]",
         "status = clients.status RETURNING *\",\n            number, company_id, name, phone)[0] | {'phone': phone}"),
    ),
    "wrong default": (
        "upsert_client",
        {"MET001", "MET006"},
        ("(number, company_id, name, phone) VALUES (%s, %s, %s, %s)",
         "(number, company_id, name, phone, status) VALUES (%s, %s, %s, %s, 'draft')"),
    ),
    "conflict on a key that no index has": (
        "upsert_client",
        {"MET003", "MET004"},
        ("ON CONFLICT (number, company_id)", "ON CONFLICT (phone, company_id)"),
    ),
    "column that does not exist": (
        "count_clients",
        {"MET004"},
        ("count(*) AS n FROM clients WHERE", "count(*) AS n FROM clients WHERE active AND"),
    ),
    "swallowed error": (
        "upsert_client",
        {"MET005"},
        ("        return self._rows(\n            \"INSERT INTO clients",
         "        return name and self._rows(\n            \"INSERT INTO clients"),
    ),
    "another kind of error": (
        "add_orders",
        {"MET003"},
        ('return "conflict" if error.sqlstate == "23505" else', "return"),
    ),
    "write that is not atomic": (
        "add_orders",
        {"MET006"},
        ("with self.connection.transaction():", "if True:"),
    ),
    "write that is never committed": (
        "delete_client",
        {"MET006"},
        ('        self._rows("DELETE', '        self.connection.execute("BEGIN"); self._rows("DELETE'),
    ),
    "delete of another tenant's row": (
        "delete_client",
        {"MET006"},
        ("DELETE FROM clients WHERE number = %s AND company_id = %s RETURNING 1\", number, company_id",
         "DELETE FROM clients WHERE number = %s RETURNING 1\", number"),
    ),
    "update instead of a delete": (
        "delete_client",
        {"MET006"},
        ("DELETE FROM clients WHERE", "UPDATE clients SET status = 'gone' WHERE"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_under_its_codes(methods: MethodPair, fault: str) -> None:
    method, codes, change = FAULTS[fault]
    found = methods.planted(change, only=method)
    uncalled = {("MET008", other) for other in METHODS - {method}}
    assert found.codes == {(code, method) for code in codes} | uncalled
    assert found.method(method).different + found.method(method).drift > 0


def test_two_versions_of_one_layer_are_equal_case_by_case(methods: MethodPair) -> None:
    found = methods.compare()
    assert found.codes == set()
    assert all(pair.verdict == "equal" for pair in found.result.artifact.pairs)
    assert {(result.method, result.cases) for result in found.result.artifact.results} >= {("upsert_client", 3)}
    assert found.method("upsert_client").exercised == ("rows", "error", "writes")
    assert found.method("get_client").exercised == ("rows", "no rows")


def test_a_method_that_the_target_lacks_and_one_that_it_alone_has_are_named(methods: MethodPair) -> None:
    found = methods.planted(("def count_clients", "def number_of_clients"))
    assert {("MET009", "count_clients"), ("MET009", "number_of_clients")} <= found.codes
    severities = {each.object.identity: each.severity for each in found.result.findings if each.code == "MET009"}
    assert severities == {"count_clients": Severity.BLOCKER, "number_of_clients": Severity.COSMETIC}
    assert "count_clients" in found.gaps
    assert "number_of_clients" not in found.gaps


def test_a_method_without_a_case_makes_the_stage_incomplete(methods: MethodPair) -> None:
    found = methods.compare(only="get_client")
    assert ("MET008", "count_clients") in found.codes
    assert "count_clients" in found.gaps
    assert not found.result.coverage.complete


def test_a_method_that_only_ever_found_nothing_proves_nothing(methods: MethodPair) -> None:
    case = {"id": "nobody", "method": "get_client", "kwargs": {"number": -1, "company_id": 1}}
    found = methods.compare(cases=[case])
    assert ("MET011", "get_client") in found.codes
    assert found.gaps["get_client"] == "get_client found no rows in any of its 1 case"


FALLBACK = (
    LAYER
    + """

first = {}

def create(context):
    import builtins
    dsn = builtins.__dict__.setdefault("_first_dsn_of_test", context.dsn)
    return Clients(dsn)
"""
)
"""The switch that failed: whichever layer is built second silently uses the first one's server."""


def test_a_target_layer_that_falls_back_to_the_source_is_found_and_never_passes(methods: MethodPair) -> None:
    import builtins

    try:
        found = methods.compare(FALLBACK, source=FALLBACK, only="get_client")
    finally:
        builtins.__dict__.pop("_first_dsn_of_test")
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"void"}
    seven = [each for each in found.result.findings if each.code == "MET007"]
    assert {each.object.kind for each in seven} == {"method", "data layer"}
    assert all(each.severity is Severity.BLOCKER for each in seven)
    assert "went to the server of the source" in found.pair("one").notes[0]
    assert found.result.coverage.checked == 0


def test_a_target_layer_that_goes_to_a_server_of_its_own_choice_is_found(methods: MethodPair) -> None:
    stray = LAYER.replace("return Clients(context.dsn)", f"return Clients({methods.pair.source_dsn!r})")
    found = methods.compare(stray, only="get_client")
    assert found.pair("one").verdict == "void"
    assert found.pair("one").notes[0] == "the target answered without asking its server"
    assert ("MET007", "get_client") in found.codes


def test_a_target_layer_that_answers_from_a_cache_of_the_source_is_found(methods: MethodPair) -> None:
    shared = """
import builtins
cache = builtins.__dict__.setdefault("_cache_of_test", {})
class Cached(Clients):
    def get_client(self, number, company_id):
        if number not in cache:
            cache[number] = super().get_client(number, company_id)
        return cache[number]
def create(context):
    return Cached(context.dsn)
"""
    import builtins

    try:
        found = methods.compare(LAYER + shared, source=LAYER + shared, only="get_client")
    finally:
        builtins.__dict__.pop("_cache_of_test")
    assert found.pair("one").verdict == "void"
    assert ("MET007", "get_client") in found.codes


def test_every_pair_names_the_server_that_answered_each_side(methods: MethodPair) -> None:
    pair = methods.compare(only="get_client").pair("one")
    (source,), (target,) = pair.source.attestations, pair.target.attestations
    assert source.system_identifier != target.system_identifier
    assert (source.database, target.database) == ("source_clone", "target_clone")
    assert (source.exchanges, target.exchanges) == (1, 1)
