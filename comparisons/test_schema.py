"""The schema of every table in scope, and what lies beside the tables, is the same on both sides."""

from __future__ import annotations

from harness.stages.suite import ConfiguredPair


def test_schema_of_table(pgparity: ConfiguredPair, pgparity_table: str) -> None:
    pgparity.expect_none(pgparity.schema_findings(pgparity_table))


def test_schema_beside_the_tables(pgparity: ConfiguredPair) -> None:
    pgparity.expect_none(pgparity.schema_findings(None))


def test_nothing_is_left_out_but_by_decision(pgparity: ConfiguredPair) -> None:
    pgparity.expect_no_gaps("introspect", "scope", "diff")
