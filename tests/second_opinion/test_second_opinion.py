"""What the gateway is asked, @supabase/lite is asked too: it says the same, or its deviation is known and explained."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.client_suite import CASES
from tests.client_suite.asking import Place, SyncAsking, asked_and_restored
from tests.client_suite.case import Case, same


@dataclass(frozen=True, slots=True)
class Deviation:
    """Why lite says something else in some cases, and by what sentence PostgREST's answer is the other one."""

    cases: tuple[str, ...]
    reason: str
    source: str


def _deviations() -> list[Deviation]:
    with (Path(__file__).parent / "deviations.toml").open("rb") as file:
        found = tomllib.load(file).get("deviation", [])
    return [Deviation(tuple(one["cases"]), one["reason"], one["source"]) for one in found]


KNOWN = {name: deviation for deviation in _deviations() for name in deviation.cases}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lite_says_the_same_or_deviates_as_is_known(case: Case, asking: SyncAsking, lite: Place) -> None:
    with asked_and_restored(asking, case, lite) as outcome:
        stored = lite.stored(case.stored[0]) if case.stored is not None else None
    agrees = same(outcome, case.expected) and (case.stored is None or stored == case.stored[1])
    known = KNOWN.get(case.name)
    if known is not None:
        assert not agrees, f"lite no longer deviates here ({known.reason}): take the case out of deviations.toml"
        return
    assert agrees, (
        f"the gateway says {case.expected}, lite says {outcome};"
        f" the rows afterwards: gateway {case.stored and case.stored[1]}, lite {stored}"
    )


def test_every_deviation_is_of_a_case_and_explained() -> None:
    assert set(KNOWN) <= {case.name for case in CASES}
    names = [name for deviation in _deviations() for name in deviation.cases]
    assert sorted(names) == sorted(set(names))
    assert all(deviation.reason and deviation.source for deviation in _deviations())
