"""Renders a repair for people: what each table needs or got, what was left and why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from harness.core.repair import Repair, TableRepair
from harness.render.visible import clipped, one_line

_LEFT_SHOWN = 5
_STATEMENT_SHOWN = 400


def print_repair(found: Repair, console: Console) -> None:
    """Print it."""
    for line in _lines(found):
        console.print(line)


def _lines(found: Repair) -> Iterator[Text]:
    tables = [each for each in found.tables if each.wanted or each.reason]
    for table in tables:
        yield Text(one_line(table.table), style="bold")
        yield from (Text(f"  {one_line(line)}") for line in _table(table, applied=found.applied))
    if found.statements:
        yield Text("first statements, without their values:")
        yield from (Text(f"  {clipped(one_line(each), _STATEMENT_SHOWN)}") for each in found.statements)
    if found.triggers and found.wanted:
        fire = "fired" if found.applied else "will fire"
        yield Text(f"triggers of the target that {fire}: {', '.join(map(one_line, found.triggers))}")
    if found.publications and found.wanted:
        yield Text(f"publications that send these writes on: {', '.join(map(one_line, found.publications))}")
    for each in found.sequences_behind:
        yield Text(f"sequence {one_line(each.sequence)} is behind its column (SEQ003): {one_line(each.sql)}")
    yield Text(_sum(found), style="bold")


def _table(table: TableRepair, *, applied: bool) -> Iterator[str]:
    if table.reason:
        yield table.reason
    for verb, done, wanted, count in (
        ("insert", "inserted", table.insert, table.inserted),
        ("update", "updated", table.update, table.updated),
        ("delete", "deleted", table.delete, table.deleted),
    ):
        if wanted:
            yield f"{done} {count:,} of {_rows(wanted)}" if applied else f"{verb} {_rows(wanted)}"
    for reason, rows in sorted(table.left.items(), key=lambda item: -item[1]):
        yield f"left: {_rows(rows)}: {reason}"
        shown = [each for each in table.left_rows if each.reason == reason][:_LEFT_SHOWN]
        keys = "; ".join(", ".join(f"{name} = {value}" for name, value in each.key.items()) for each in shown)
        if keys:
            yield f"  such as {keys}"
    if table.parents:
        parents = ", ".join(table.parents)
        yield f"points to {parents}, no part of this repair: a row that needs one missing there is refused"
    if table.after is not None:
        yield f"compared again: {table.after}"


def _sum(found: Repair) -> str:
    left = sum(sum(each.left.values()) for each in found.tables)
    tables = sum(1 for each in found.tables if each.wanted)
    if not found.tables:
        return "no table was compared"
    if not found.wanted:
        return f"nothing to do: no row of {_tables(len(found.tables))} differs"
    if not found.applied:
        return (
            f"nothing was written: {_rows(found.wanted - left)} of {_tables(tables)} would be, {left:,} would be left"
        )
    return f"{_rows(found.written)} of {_tables(tables)} written, {left:,} left"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _tables(count: int) -> str:
    return "1 table" if count == 1 else f"{count:,} tables"
