"""Two random schemas: the exact plan makes either equal to the other, as far as a second diff and pg_dump can tell."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, note, settings

from harness.embedded.server import Server
from tests.corpus.cases import Case
from tests.corpus.planned import both_ways
from tests.property.random_schemas import schemas

EXAMPLES = int(os.environ.get("PGPARITY_RANDOM_SCHEMAS", "12"))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(one=schemas(), other=schemas())
def test_a_plan_makes_one_random_schema_equal_to_another(newer_server: Server, one: str, other: str) -> None:
    case = Case(name="random", about="random", since=18, source=one, target=other, rows=None, loss=True, changes=())
    for direction, outcome in both_ways(newer_server, case).items():
        note(f"{direction}:\n{outcome.plan}")
        assert outcome.faults == (), direction
