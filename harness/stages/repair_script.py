"""Repair script: all statements of a repair as SQL that a person reads and psql runs, in batches of one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.core.load_order import LoadGroup
from harness.core.repair import RepairKind
from harness.postgres.repair_copies import delete_copies, insert_copies, update_copies
from harness.postgres.repair_statements import (
    Value,
    as_literal,
    delete_statement,
    hidden,
    insert_statement,
    update_statement,
)
from harness.stages.repair_run import BATCH_ROWS, Filled, RepairedTable, RepairRun, filled

_HEAD: Final = (
    "-- Makes the rows of the target equal to those of the source. Run it on the target alone:",
    "--   psql -v ON_ERROR_STOP=1 -f FILE 'DSN of the target'",
    "-- It holds the values of rows: keep it as you keep the database. An UPDATE or DELETE finds no row where the row",
    "-- was changed since (its hash is part of the condition), an INSERT none where the key has come meanwhile.",
)
_SETTINGS: Final = {
    "standard_conforming_strings": "on",
    "client_encoding": "UTF8",
    "row_security": "off",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lock_timeout": "10s",
    "search_path": "",
}
"""What the hashes of rows were made with"""
SHOWN: Final = 5


def script(run: RepairRun) -> Iterator[str]:
    """The lines of the script. Memory: one batch, and all inserts of a table that points to itself."""
    yield from _HEAD
    yield from (f"SET {name} = '{value}';" for name, value in _SETTINGS.items())
    cycles = {name for group in run.groups if len(group.tables) > 1 for name in group.tables}
    for group in run.groups:
        yield from _inserts_together(run, group) if set(group.tables) & cycles else _inserts(run, group)
    for kind, table in run.ordered():
        if kind != "insert":
            yield from _batches(table, kind)


def _inserts(run: RepairRun, group: LoadGroup) -> Iterator[str]:
    for name in group.tables:
        table = run.tables[name]
        if group.self_referencing and table.into.unique:
            yield from _one_insert(table)
        else:
            yield from _batches(table, "insert")


def _inserts_together(run: RepairRun, group: LoadGroup) -> Iterator[str]:
    """Tables whose foreign keys go round: their rows have to come in one transaction."""
    tables = [run.tables[name] for name in group.tables if len(run.tables[name].plan.spools["insert"])]
    if not tables:
        return
    yield f"-- {', '.join(group.tables)}: their foreign keys go round"
    if group.refused is not None:
        yield f"-- {group.refused} is not deferrable: `pgparity data repair --yes` finds an order where there is one"
    yield "BEGIN;"
    yield "SET CONSTRAINTS ALL DEFERRED;"
    for table in tables:
        for part in _parts(table, "insert"):
            yield from statements(table, "insert", part, as_literal)
    yield "COMMIT;"


def _one_insert(table: RepairedTable) -> Iterator[str]:
    """Rows that point to rows of the same table: a statement asks its foreign keys at its end."""
    rows = [values for part in _parts(table, "insert") for _, values in part]
    if rows:
        yield f"-- {table.identity}: insert {len(rows):,} rows, which may point to each other"
        yield insert_statement(table.into, rows, as_literal).as_string() + ";"


def _batches(table: RepairedTable, kind: RepairKind) -> Iterator[str]:
    for part in _parts(table, kind):
        yield f"-- {table.identity}: {kind} {sum(change.copies for change, _ in part):,} rows"
        yield "BEGIN;"
        yield "SET CONSTRAINTS ALL DEFERRED;"
        yield from statements(table, kind, part, as_literal)
        yield "COMMIT;"


def _parts(table: RepairedTable, kind: RepairKind) -> Iterator[list[Filled]]:
    for batch in table.plan.spools[kind].batches(BATCH_ROWS):
        yield from (part for part in filled(table, kind, batch) if part)


def statements(table: RepairedTable, kind: RepairKind, part: list[Filled], value: Value) -> Iterator[str]:
    """A statement a row where rows have a key, else one for all of them."""
    if not table.into.unique:
        if kind == "insert":
            composed = insert_copies(table.into, part, value)
        elif kind == "update":
            composed = update_copies(table.into, part, value)
        else:
            composed = delete_copies(table.into, [change for change, _ in part])
        yield composed.as_string() + ";"
        return
    for change, values in part:
        if kind == "insert":
            composed = insert_statement(table.into, [values], value)
        elif kind == "update":
            composed = update_statement(table.into, change, values, value)
        else:
            composed = delete_statement(table.into, change, value)
        yield composed.as_string() + ";"


def first_statements(run: RepairRun) -> tuple[str, ...]:
    """The first statements without values: those of the script hold them."""
    found: list[str] = []
    for kind, table in run.ordered():
        if len(found) < SHOWN and len(table.plan.spools[kind]):
            batch = next(table.plan.spools[kind].batches(1))
            names = dict.fromkeys((*table.into.columns, *table.into.hashed.key, *batch[0].columns), "")
            found += statements(table, kind, [(batch[0], dict(names))], hidden)
    return tuple(found)
