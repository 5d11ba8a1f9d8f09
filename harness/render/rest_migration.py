"""Renders the plan of a migration through REST for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from harness.core.migration_plan import MigrationPlan, PlannedTable
from harness.render.migration import details
from harness.render.visible import one_line


def print_rest_plan(plan: MigrationPlan, console: Console) -> None:
    """Print what would be done."""
    for line in _lines(plan):
        console.print(line)


def _lines(plan: MigrationPlan) -> Iterator[Text]:
    yield Text(f"{one_line(plan.source)} (REST) → {one_line(plan.target)}, migration {plan.migration}", style="bold")
    groups = [table.group for table in plan.tables]
    for table in plan.tables:
        yield Text(f"{one_line(table.table)}: {_how(table, cycle=groups.count(table.group) > 1)}")
        yield from (Text(f"  {one_line(line)}") for line in details(table))
    rows = sum(table.rows or 0 for table in plan.tables)
    yield Text(f"{len(plan.tables)} tables, {rows:,} rows (count=exact), without a snapshot", style="bold")


def _how(table: PlannedTable, *, cycle: bool) -> str:
    if table.refused is not None:
        return f"REFUSED: {table.refused}"
    if table.finished:
        return f"moved before ({table.moved:,} rows): its rows are compared, not moved"
    goes = "" if table.target_table == table.table else f" to {one_line(table.target_table)}"
    moved = f", {table.moved:,} of them moved before" if table.moved else ""
    way = "in one transaction with the other tables of its cycle of foreign keys" if cycle else "page by page"
    return f"{table.rows or 0:,} rows, upserted{goes} {way} by {', '.join(table.chunk_key or ())}{moved}"
