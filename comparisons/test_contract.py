"""Every statement that the data layers send, and every .sql file that is named, fits the target's schema."""

from __future__ import annotations

from harness.stages.suite import ConfiguredPair


def test_statements_of_method(pgparity: ConfiguredPair, pgparity_method: str) -> None:
    pgparity.expect_none(pgparity.contract_findings(pgparity_method))


def test_statements_beside_the_methods(pgparity: ConfiguredPair) -> None:
    pgparity.expect_none(pgparity.contract_findings(None))
    pgparity.expect_no_gaps("contract")
