"""Catching up: the stage as its tests and a process to be killed call it, and what they ask of both sides."""

from __future__ import annotations

import os
from collections.abc import Callable

from harness.core.configuration import Configuration
from harness.core.ledger import Ledger
from harness.stages.migrate import migrate_stage
from harness.stages.result import StageResult
from tests.data_pair import Pair, copied_text


def caught_up(pair: Pair, **settings: object) -> StageResult[Ledger]:
    """migrate_stage with catch_up, of all the source's tables."""
    source, target = pair.catalogs()
    return migrate_stage(
        pair.source,
        pair.target,
        source,
        target,
        tuple(source.table_by_identity),
        Configuration.model_validate(settings),
        catch_up=True,
    )


def same(pair: Pair, *tables: str) -> bool:
    """Whether tables hold the same on both sides, to the last digit, however their rows lie."""

    def lines(dsn: str, table: str) -> list[bytes]:
        return sorted(copied_text(dsn, table, "1").splitlines())

    return all(lines(pair.source_dsn, table) == lines(pair.target_dsn, table) for table in tables)


def unwritten(pair: Pair, table: str) -> Callable[[], set[str]]:
    """A function that gives the keys (first column) of the rows that were written since now."""
    before = {row[0] for row in pair.rows_of_target(f"SELECT ctid::text || xmin::text FROM {table}")}

    def written() -> set[str]:
        rows = pair.rows_of_target(f"SELECT ctid::text || xmin::text, {table}.*::text FROM {table}")
        return {str(row[1]).strip("()").split(",")[0] for row in rows if row[0] not in before}

    return written


def errors(result: StageResult[Ledger]) -> dict[str, str]:
    return {each.table: each.error for each in result.artifact.tables if each.error is not None}


if __name__ == "__main__":
    caught_up(Pair(os.environ["KILLED_SOURCE"], os.environ["KILLED_TARGET"]), migrate={"batch_rows": 100})
