"""The exact plan of every case of schemas/corpus, both ways: psql runs it, nothing differs afterwards, rows survive.

`make test-corpus` takes all cases, `make test` every sixtieth, `make test-long` as many more.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from harness.embedded.server import Server
from tests.corpus.cases import Case, cases, chosen, long
from tests.corpus.planned import DIRECTIONS, Outcome, both_ways
from tests.server_versions import MAJOR

ONE_VERSION = "PGPARITY_TEST_MAJOR" in os.environ
UNPLANNED = frozenset((Path(__file__).parent / "unplanned.txt").read_text(encoding="utf-8").split())
"""Ways of cases (name:there, name:back) whose plan does not make both sides equal yet; one that does has to go"""

_outcomes = functools.cache(both_ways)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name, marks=pytest.mark.long if long(case) else ()) for case in chosen()]
)
def test_the_plan_makes_both_sides_equal(case: Case, direction: str, server: Server, newer_server: Server) -> None:
    """The plan applies, a second comparison is empty, the oracle sees no difference, and no row is lost unsaid."""
    if ONE_VERSION and case.since > MAJOR:
        pytest.skip(f"needs PostgreSQL {case.since}")
    outcome: Outcome = _outcomes(server if ONE_VERSION else newer_server, case)[direction]
    if f"{case.name}:{direction}" in UNPLANNED:
        assert outcome.faults, "it is planned right: take it out of unplanned.txt"
    else:
        assert not outcome.faults, outcome.plan


def test_the_list_names_ways_that_there_are() -> None:
    assert {f"{case.name}:{direction}" for case in cases() for direction in DIRECTIONS} >= UNPLANNED
