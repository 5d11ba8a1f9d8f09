"""Methods that do not return, on real servers: the run goes on, says which they are, and never calls them equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.data_pair import pair_of
from tests.method_pair import CASES, LAYER, MethodPair, opened

GET = '        found = self._rows("SELECT * FROM clients WHERE number = %s AND company_id = %s", number, company_id)\n'
IN_THE_SERVER = GET + '        self._rows("SELECT pg_sleep(1000000)")\n'
WROTE_BEFORE = '        self._rows("DELETE FROM clients WHERE number = %s RETURNING 1", number)\n' + IN_THE_SERVER
BY_PHONE = '        found = self._rows(f"SELECT {self._shown} FROM clients WHERE phone = %s", phone)\n'
IN_PYTHON = BY_PHONE + "        __import__('threading').Event().wait()\n"
SOME = [case for case in CASES if case["id"] in ("one", "phone of one", "how many", "new")]
SETTINGS: dict[str, Any] = {"methods": {"call_timeout": 1.0}}
UNCALLED = "MET008"


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, tmp_path_factory.mktemp("layers"))


@pytest.mark.long
def test_a_target_that_does_not_return_is_a_timeout_and_the_cases_after_it_are_compared(methods: MethodPair) -> None:
    found = methods.planted((GET, IN_THE_SERVER), (BY_PHONE, IN_PYTHON), cases=SOME, **SETTINGS)
    assert {each for each in found.codes if each[0] != UNCALLED} == {
        ("MET004", "get_client"),
        ("MET004", "client_by_phone"),
    }
    assert found.pair("one").target.shape == found.pair("phone of one").target.shape == "error timeout, raised"
    assert {each.case: each.verdict for each in found.result.artifact.pairs} == {
        "one": "different",
        "phone of one": "different",
        "how many": "equal",
        "new": "equal",
    }
    assert "get_client did not return in time on the target" in found.gaps["one"]
    assert "client_by_phone did not return in time on the target" in found.gaps["phone of one"]


@pytest.mark.long
def test_two_sides_that_do_not_return_are_a_gap_and_no_difference_whatever_they_wrote(methods: MethodPair) -> None:
    hanging = LAYER.replace(GET, WROTE_BEFORE)
    cases = [SOME[0] | {"id": f"one {number}"} for number in range(3)] + SOME[1:]
    found = methods.compare(hanging, source=hanging, cases=cases, **SETTINGS)
    assert {each for each in found.codes if each[0] != UNCALLED} == set()
    assert "did not return in time on the source and the target" in found.gaps["one 0"]
    assert "not called: get_client did not return in time in 2 earlier cases" in found.gaps["one 2"]
    assert found.result.coverage.checked == len(cases) - 1
