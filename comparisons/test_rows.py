"""Every row of every table in scope is the same on both sides."""

from __future__ import annotations

from harness.stages.suite import ConfiguredPair


def test_rows_of_table(pgparity: ConfiguredPair, pgparity_table: str) -> None:
    pgparity.expect_equal_rows(pgparity_table)


def test_the_source_is_not_empty(pgparity: ConfiguredPair) -> None:
    pgparity.expect_rows_on_the_source()
