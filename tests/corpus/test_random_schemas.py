"""Two random schemas: the exact plan makes either equal to the other, as far as a second diff and pg_dump can tell.

With rows in them none is lost that could stay, and a plan that rows refuse had a precheck that found them.
`make test-corpus` tries many; `make test` a few.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from harness.embedded.server import Server
from tests.corpus.cases import Case, Expected
from tests.corpus.planned import both_ways
from tests.property.random_schemas import schemas

FEW = 8
EXAMPLES = int(os.environ.get("PGPARITY_RANDOM_SCHEMAS", FEW))
FILLED = (Path(__file__).parent / "filled.sql").read_text(encoding="utf-8")
_SOME = (Expected("table", "public.clients", None, "added", "cosmetic"),)
"""That something differs, which has pg_dump's texts compared"""
_TRIED = settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    # The few of `make test` are always the same; more are new ones every time.
    derandomize=EXAMPLES <= FEW,
    # Shrinking makes databases for minutes: it is for who looks for the reason.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if EXAMPLES > FEW else [])],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _pair(one: str, other: str, rows: str | None) -> Case:
    return Case(
        name="random", about="random", since=18, source=one, target=other, rows=rows, loss=rows is None, changes=_SOME
    )


@pytest.mark.long
@_TRIED
@given(one=schemas(), other=schemas())
def test_a_plan_makes_one_random_schema_equal_to_another(newer_server: Server, one: str, other: str) -> None:
    for direction, outcome in both_ways(newer_server, _pair(one, other, None)).items():
        note(f"{direction}:\n{outcome.plan}")
        assert outcome.faults == (), direction


@_TRIED
@given(one=schemas(), other=schemas())
def test_rows_survive_a_plan_or_a_precheck_finds_those_that_refuse_it(
    newer_server: Server, one: str, other: str
) -> None:
    for direction, outcome in both_ways(newer_server, _pair(one, other, FILLED), refusable=True).items():
        note(f"{direction}:\n{outcome.plan}")
        assert outcome.faults == (), direction
