"""Renders a migration: its plan for people, and what came of it for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from rich.console import Console
from rich.filesize import decimal
from rich.text import Text

from harness.core.document import RunDocument
from harness.core.ledger import MovedLargeObjects
from harness.core.migration_plan import MigrationPlan, PlannedLargeObjects, PlannedTable, space_needed
from harness.core.verdict import Status
from harness.render.figures import counted
from harness.render.visible import one_line

_STATEMENTS_SHOWN = 12
_SAID = {Status.GO: "verified", Status.NO_GO: "NOT VERIFIED", Status.INCOMPLETE: "incomplete"}


def render_migration_json(document: RunDocument) -> str:
    """The object as text."""
    return orjson.dumps(migration_report(document), option=orjson.OPT_INDENT_2).decode()


def migration_report(document: RunDocument) -> dict[str, Any]:
    """{"tables": [{"table", "rows", "bytes", "seconds", "verified", …}], "findings": […], "verdict": {…}}.

    `verified`: a comparison of every row of both sides after the load found no difference. `status` is what it said:
    identical, drift, differs or incomplete; null where it was not made.
    """
    compared = {each.table: each for each in document.rows}
    ledger = document.migration
    tables = []
    for each in ledger.tables if ledger else ():
        rows = compared.get(each.table)
        tables.append(
            {
                "table": each.table,
                "target_table": each.target_table,
                "rows": each.rows,
                "rejected": each.rejected,
                "bytes": each.bytes,
                "seconds": each.seconds,
                "verified": verified(document, each.table),
                "status": rows.status if rows else None,
                "mode": each.mode,
                "chunks": each.chunks,
                "error": each.error,
            }
        )
    return {
        "tables": tables,
        "large_objects": ledger.large_objects.to_data() if ledger and ledger.large_objects else None,
        "migration": ledger.migration if ledger else None,
        "snapshot": ledger.snapshot if ledger else None,
        "findings": [each.to_data() for each in document.findings],
        "verdict": document.verdict.to_data(),
    }


def verified(document: RunDocument, table: str) -> bool:
    """Whether every row of a table was compared after the load, and nothing found that would end a cutover.

    Drift (equal values that are written otherwise) is verified where the run was allowed it.
    """
    rows = next((each for each in document.rows if each.table == table), None)
    limit = document.verdict.fail_on
    wrong = any(each.table == table and each.severity.at_least(limit) for each in document.findings)
    return rows is not None and rows.status in ("identical", "drift") and not wrong


def print_migration(document: RunDocument, console: Console) -> None:
    """Print what came of it."""
    for line in _outcome(document):
        console.print(line)


def _outcome(document: RunDocument) -> Iterator[Text]:
    compared = {each.table: each for each in document.rows}
    ledger = document.migration
    for each in ledger.tables if ledger else ():
        rows = compared.get(each.table)
        status = "verified"
        if not verified(document, each.table):
            status = f"NOT VERIFIED: {rows.status if rows else 'its rows were not compared'}"
        moved = f"{counted(each.rows, 'row')}, {decimal(each.bytes)}, {each.seconds:.1f} s"
        yield Text(f"{one_line(each.table)}: {moved}, {status}")
    if ledger is not None and ledger.large_objects is not None:
        yield Text(_large_objects(ledger.large_objects))
    for finding in document.findings:
        yield Text(f"{finding.code} {finding.severity}: {one_line(finding.title)}")
        if finding.fix is not None:
            yield Text(f"  {one_line(finding.fix.text)}")
    rows_moved = ledger.rows if ledger else 0
    said = _SAID[document.verdict.status]
    yield Text(f"{said}: {counted(rows_moved, 'row')} moved, {document.seconds:.1f} s", style="bold")
    for reason in document.verdict.reasons:
        yield Text(f"  {one_line(reason)}")
    if document.verdict.status is Status.GO:
        yield Text("next: pgparity run compares statements and methods as well; a live source goes on changing")
    else:
        yield Text("next: mend what is named, and run again: what was moved stays, and no row is moved twice")


def _large_objects(found: MovedLargeObjects) -> str:
    removed = f", {found.removed:,} removed" if found.removed else ""
    status = "verified" if found.verified else "NOT VERIFIED"
    told = f"large objects: {found.objects:,}, {decimal(found.bytes)}, {found.seconds:.1f} s{removed}, {status}"
    if found.roles_left_out:
        told += (
            f"; what belongs to {', '.join(map(one_line, found.roles_left_out))} on the source does not on the target"
        )
    return told


def print_plan(plan: MigrationPlan, console: Console) -> None:
    """Print what would be done."""
    for line in _plan(plan):
        console.print(line)


def _plan(plan: MigrationPlan) -> Iterator[Text]:
    yield Text(f"{one_line(plan.source)} → {one_line(plan.target)}, migration {plan.migration}", style="bold")
    if plan.create:
        yield Text(f"before the rows, {len(plan.create)} statements make what the target lacks:")
        yield from _statements(step.sql for step in plan.create)
    together = [table.group for table in plan.tables]
    for table in plan.tables:
        yield Text(f"{one_line(table.table)}: {_how(table, plan, cycle=together.count(table.group) > 1)}")
        yield from (Text(f"  {one_line(line)}") for line in details(table))
    if plan.large_objects is not None:
        yield Text(_planned_objects(plan.large_objects, catch_up=plan.catch_up))
    if plan.after:
        yield Text(f"after the rows, {len(plan.after)} statements:")
        yield from _statements(step.sql for step in plan.after)
    for left in plan.not_covered:
        yield Text(f"not made: {one_line(left)}")
    known = [table.rows for table in plan.tables if table.rows is not None]
    about = f"about {sum(known):,} rows, " if len(known) == len(plan.tables) and known else ""
    yield Text(f"{len(plan.tables)} tables, {about}{decimal(plan.bytes)} to read", style="bold")
    yield Text(
        f"the target will need about {decimal(space_needed(plan))} for rows and indexes; how much its disk has free, "
        "PostgreSQL does not tell"
    )
    if plan.sent_a_second:
        seconds = plan.bytes / plan.sent_a_second
        yield Text(
            f"one session of the source sends {decimal(round(plan.sent_a_second))} of its pages a second: to read them "
            f"takes {_duration(seconds)} of such sessions' time"
        )


def _planned_objects(large: PlannedLargeObjects, *, catch_up: bool) -> str:
    chosen = "all of the database"
    if large.columns is not None:
        chosen = f"those that {', '.join(map(one_line, large.columns))} refer to"
    way = "moved by their numbers"
    if large.left is not None:
        way = f"left behind: {one_line(large.left)}"
    elif large.finished:
        way = "moved before: compared" + (" and brought up to date" if catch_up else ", not moved")
    told = f"large objects: {large.objects:,}, {chosen} (which has {decimal(large.bytes)} of them), {way}"
    if large.taken and large.left is None:
        told += f"; {large.taken:,} numbers are taken on the target: what is there stays, and has to be the same"
    return told


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{max(rest, 1)} s"


def _statements(statements: Iterator[str]) -> Iterator[Text]:
    shown = list(statements)
    yield from (Text(f"  {one_line(each.splitlines()[0])}") for each in shown[:_STATEMENTS_SHOWN])
    if len(shown) > _STATEMENTS_SHOWN:
        yield Text(f"  and {len(shown) - _STATEMENTS_SHOWN} more: --format json has all")


def _how(table: PlannedTable, plan: MigrationPlan, *, cycle: bool) -> str:
    if table.refused is not None:
        return f"REFUSED: {table.refused}"
    if table.finished and plan.catch_up:
        return f"moved before ({table.moved:,} rows): its rows are compared and brought up to date, deletes too"
    if table.finished:
        return f"moved before ({table.moved:,} rows): its rows are compared, not moved"
    rows = f"about {table.rows:,} rows" if table.rows is not None else "rows not counted yet"
    asked = "as was asked for" if plan.wanted_mode == "upsert" else "the target's table holds rows"
    way = "copied" if table.mode == "copy" else f"upserted: {asked}"
    cut = f"in chunks of about {decimal(plan.batch_bytes)}" if table.bytes > plan.batch_bytes else "in one chunk"
    if plan.batch_rows is not None and table.chunk_key:
        cut = f"in chunks of {plan.batch_rows:,} rows by {', '.join(table.chunk_key)}"
    if cycle:
        cut = "in one transaction with the other tables of its cycle of foreign keys"
    goes = "" if table.target_table == table.table else f" to {one_line(table.target_table)}"
    moved = f", {table.moved:,} of them moved before" if table.moved else ""
    return f"{rows}, {decimal(table.bytes)}, {way}{goes} {cut}{moved}"


def details(table: PlannedTable) -> Iterator[str]:
    """What becomes of a table's columns, and what its rows set off, a line for each."""
    if table.where is not None:
        yield f"only rows move where {table.where}"
    yield from table.columns
    yield from (f"{column} is lost: {reason}" for column, reason in table.lost.items())
    if table.generated:
        yield f"the target computes {', '.join(table.generated)}"
    if table.triggers:
        yield f"triggers fire: {', '.join(table.triggers)}"
    if table.sequences:
        yield f"set past the rows: {', '.join(table.sequences)}"
