"""Every case gives the same answer, the same error and the same rows left behind on both sides."""

from __future__ import annotations

import pytest

from harness.core.outcomes import Case
from harness.stages.suite import ConfiguredPair


def test_case(pgparity: ConfiguredPair, pgparity_case: Case) -> None:
    pgparity.expect_same_outcome(pgparity_case)


def test_generated_cases(pgparity: ConfiguredPair, pgparity_generated: str) -> None:
    pgparity.expect_same_outcomes_of_generated_cases(pgparity_generated)


def test_sequences_of_calls(pgparity: ConfiguredPair) -> None:
    if not pgparity.asks_for_sequences:
        pytest.skip("no data layer is configured, or methods.sequences is 0")
    if nothing := pgparity.expect_same_outcomes_of_sequences():
        pytest.skip(nothing)


def test_calls_at_the_same_time(pgparity: ConfiguredPair) -> None:
    if not pgparity.asks_for_concurrency:
        pytest.skip("no data layer is configured, or methods.concurrency is below 2")
    if nothing := pgparity.expect_same_outcomes_at_the_same_time():
        pytest.skip(nothing)


def test_every_method_has_a_case(pgparity: ConfiguredPair) -> None:
    pgparity.expect_every_method_to_have_a_case()
