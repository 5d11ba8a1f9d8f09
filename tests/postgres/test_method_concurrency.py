"""Equal calls at the same moment on real servers: what two callers do to each other is found, and chance is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.core.findings import Finding
from harness.core.record import Severity
from harness.embedded.server import Server
from harness.stages.concurrency import PATIENCE_SECONDS, ConcurrencyResult, concurrent_calls
from tests.data_pair import pair_of
from tests.method_bench import MethodBench, bench_of
from tests.method_pair import COMPANY, LAYER, opened

ONE = "WHERE number = %s AND company_id = %s"
SPEND = f"""
    @answered
    def spend(self, number, company_id, amount):
        self._rows("UPDATE clients SET spent = spent + %s {ONE} RETURNING 1", amount, number, company_id)
        return True

    @answered
    def register(self, number, total):
        self._rows("INSERT INTO orders (number, total) VALUES (%s, %s) ON CONFLICT (number) DO NOTHING RETURNING 1",
                   number, total)
        return True

    def close(self):"""
SOUND = LAYER.replace("\n    def close(self):", SPEND)
BEGINNING = "    def spend(self, number, company_id, amount):\n"
RACY = (
    BEGINNING
    + f"""        before = self._rows("SELECT spent, pg_sleep(0.15)::text FROM clients {ONE}", number, company_id)[0]
        self._rows("UPDATE clients SET spent = %s {ONE} RETURNING 1", before["spent"] + amount, number, company_id)
        return True
"""
)
CONFLICT = """        self._rows("INSERT INTO orders (number, total) VALUES (%s, %s) ON CONFLICT (number) DO NOTHING"""
CHECKED = """        if self._rows("SELECT 1 AS one FROM orders WHERE number = %s", number):
            return True
        self._rows("SELECT pg_sleep(0.15)::text")
        self._rows("INSERT INTO orders (number, total) VALUES (%s, %s)"""
CASES: list[dict[str, Any]] = [
    {"id": "look", "method": "get_client", "kwargs": {"number": 7, "company_id": COMPANY}},
    {"id": "spend", "method": "spend", "kwargs": {"number": 7, "company_id": COMPANY, "amount": 5}},
    {"id": "register", "method": "register", "kwargs": {"number": 77, "total": 5}},
    {"id": "existing", "method": "upsert_client", "kwargs": {"number": 7, "company_id": COMPANY, "name": "Other"}},
    {"id": "new", "method": "upsert_client", "kwargs": {"number": 9900001, "company_id": COMPANY, "name": "Test"}},
    {"id": "newer", "method": "upsert_client", "kwargs": {"number": 9900002, "company_id": COMPANY, "name": "Test"}},
]


@pytest.fixture(scope="module")
def bench(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodBench]:
    with pair_of(server, newer_server) as pair:
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            with bench_of(methods) as made:
                yield made


def at_once(
    bench: MethodBench,
    target: str = SOUND,
    *,
    source: str = SOUND,
    only: str = "",
    callers: int = 2,
    patience: float = PATIENCE_SECONDS,
) -> ConcurrencyResult:
    """The cases of one method, by several callers at once."""
    with bench.run(target, source=source) as run:
        known, pairs = bench.alone(run, [case for case in CASES if not only or case["method"] in (only, "get_client")])
        assert {each.pair.verdict for each in pairs} == {"equal"}
        return concurrent_calls(run, known, pairs, callers=callers, patience=patience)


def the_finding(found: ConcurrencyResult) -> Finding:
    (finding,) = found.findings
    assert finding.code == "MET019"
    return finding


@pytest.mark.parametrize("callers", [2, pytest.param(4, marks=pytest.mark.long)])
def test_an_equal_pair_is_silent(bench: MethodBench, callers: int) -> None:
    found = at_once(bench, callers=callers)
    assert (found.findings, found.skipped) == ((), ())
    assert found.methods == {"spend", "register", "upsert_client"}


def test_an_insert_that_checks_first_in_place_of_on_conflict(bench: MethodBench) -> None:
    insert = bench.altered((CONFLICT, CHECKED), text=SOUND)
    finding = the_finding(at_once(bench, insert, only="register"))
    assert finding.severity is Severity.BLOCKER
    assert "1 answered, 1 error conflict (23505)" in str(finding.evidence[0].target)
    assert "2 answered" in str(finding.evidence[0].source)


@pytest.mark.long
def test_a_number_that_is_read_and_written_back(bench: MethodBench) -> None:
    finding = the_finding(at_once(bench, bench.altered((BEGINNING, RACY), text=SOUND), only="spend"))
    assert finding.severity is Severity.BLOCKER
    assert "spent" in str(finding.evidence[0].text)


@pytest.mark.long
def test_that_the_source_loses_an_update_and_the_target_does_not_is_no_blocker(bench: MethodBench) -> None:
    racy = bench.altered((BEGINNING, RACY), text=SOUND)
    finding = the_finding(at_once(bench, source=racy, only="spend"))
    assert finding.severity is Severity.COSMETIC


@pytest.mark.long
def test_an_equal_pair_that_loses_updates_on_both_sides_is_silent(bench: MethodBench) -> None:
    racy = bench.altered((BEGINNING, RACY), text=SOUND)
    assert at_once(bench, racy, source=racy, only="spend").findings == ()


@pytest.mark.long
def test_callers_that_wait_for_each_other_in_the_process_do_not_return(bench: MethodBench) -> None:
    crossed = (
        BEGINNING
        + """        pair = _locks if next(_turn) % 2 else _locks[::-1]
        with pair[0]:
            self._rows("SELECT pg_sleep(0.1)::text")
            with pair[1]:
                pass
"""
    )
    locks = (
        "import itertools\nimport threading\n_locks = [threading.Lock(), threading.Lock()]\n_turn = itertools.count()\n"
    )
    blocked = locks + bench.altered((BEGINNING, crossed), text=SOUND)
    finding = the_finding(at_once(bench, blocked, only="spend", patience=1.5))
    assert finding.evidence[0].target == "2 did not return; no rows changed"
    assert "2 answered" in str(finding.evidence[0].source)


def test_nothing_of_arguments_or_rows_is_in_the_finding(bench: MethodBench) -> None:
    racy = bench.altered((BEGINNING, RACY), text=SOUND)
    written = the_finding(at_once(bench, racy, only="spend")).to_json()
    for secret in ("Boris", "Anna", "8000555"):
        assert secret not in written
