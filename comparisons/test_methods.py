"""Every case gives the same answer, the same error and the same rows left behind on both sides."""

from __future__ import annotations

from harness.core.outcomes import Case
from harness.stages.suite import ConfiguredPair


def test_case(pgparity: ConfiguredPair, pgparity_case: Case) -> None:
    pgparity.expect_same_outcome(pgparity_case)


def test_every_method_has_a_case(pgparity: ConfiguredPair) -> None:
    pgparity.expect_every_method_to_have_a_case()
