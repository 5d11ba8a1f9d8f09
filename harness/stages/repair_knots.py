"""Repair knots: rows that no order of single writes would take: cycles of foreign keys, unique values that swap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import psycopg

from harness.core.load_order import LoadGroup
from harness.core.model.rules import Constraint
from harness.core.repair import RepairKind, RowChange
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.repair_statements import as_literal, insert_statement
from harness.postgres.repair_together import completing_statement, delete_together, exchange_statement, insert_together
from harness.stages.repair_plan import Spool
from harness.stages.repair_run import TOGETHER, Filled, RepairedTable, RepairRun, defer, filled
from harness.stages.repair_waits import held_by, named

_SWAPPED = ("23505", "23P01")
_ORPHANED = ("23503",)


def untie(run: RepairRun) -> bool:
    """Try what is still refused together; whether some of it went through."""
    tied = [work(run, group) for group in run.groups if _in_cycle(group) for work in (_together, _gone_together)]
    swapped = [_exchange(run, table) for table in run.tables.values() if table.into.unique]
    return any(tied) or any(swapped)


def _in_cycle(group: LoadGroup) -> bool:
    return len(group.tables) > 1 or group.self_referencing


def _refused(table: RepairedTable, kind: RepairKind, states: tuple[str, ...]) -> list[Filled]:
    """The rows that were refused with a SQLSTATE, with their values; none where they are too many to try at once."""
    spool = table.refused[kind]
    if not 0 < len(spool) <= TOGETHER:
        return []
    changes = [change for change, reason in spool.refused() if reason.startswith(states)]
    return [each for part in filled(table, kind, changes) for each in part] if changes else []


def _settle(table: RepairedTable, kind: RepairKind, written: Sequence[RowChange]) -> None:
    """Take what was written off the refused ones."""
    done = set(written)
    earlier, table.refused[kind] = table.refused[kind], Spool()
    for change, reason in earlier.refused():
        if change not in done:
            table.refused[kind].add(change, reason)
    earlier.close()
    table.done[kind] += len(done)


def _together(run: RepairRun, group: LoadGroup) -> bool:
    """Rows that point to each other: in one transaction, first as they are, then without their pointers at first."""
    tables = [run.tables[name] for name in group.tables]
    rows = {table.identity: _refused(table, "insert", _ORPHANED) for table in tables if table.into.unique}
    if not any(rows.values()):
        return False
    inner = [each for table in tables for each in _pointers(run, group, table.identity)]
    for without in ({}, _nullable(run, inner)):
        try:
            with blaming(run.endpoint, run.writing), run.writing.transaction():
                defer(run)
                _insert_all(run, tables, rows, without)
        except StatementFailed:
            continue
        for table in tables:
            _settle(table, "insert", [change for change, _ in rows.get(table.identity, [])])
        return True
    return _at_once(run, tables, rows)


def _at_once(run: RepairRun, tables: Sequence[RepairedTable], rows: dict[str, list[Filled]]) -> bool:
    """The same in one statement, which asks foreign keys that are neither deferrable nor optional at its end."""
    chosen = [table for table in tables if rows.get(table.identity)]
    parts = [(table.into, [values for _, values in rows[table.identity]]) for table in chosen]
    written: tuple[object, ...] | None = None
    try:
        with blaming(run.endpoint, run.writing), run.writing.transaction():
            written = _execute(run, insert_together(parts, as_literal)).fetchone()
            if written != tuple(len(values) for _, values in parts):
                written = None
                raise psycopg.Rollback
    except StatementFailed:
        return False
    if written is None:
        return False
    for table in chosen:
        _settle(table, "insert", [change for change, _ in rows[table.identity]])
    return True


def _gone_together(run: RepairRun, group: LoadGroup) -> bool:
    """Rows to delete that point to each other."""
    tables = [run.tables[name] for name in group.tables if run.tables[name].into.unique]
    rows = {table.identity: [change for change, _ in _refused(table, "delete", _ORPHANED)] for table in tables}
    if not any(rows.values()):
        return False
    chosen = [table for table in tables if rows[table.identity]]
    complete = False
    try:
        with blaming(run.endpoint, run.writing), run.writing.transaction():
            defer(run)
            statement = delete_together([(table.into, rows[table.identity]) for table in chosen], as_literal)
            complete = _execute(run, statement).fetchone() == tuple(len(rows[table.identity]) for table in chosen)
            if not complete:
                raise psycopg.Rollback
    except StatementFailed:
        return False
    for table in chosen if complete else ():
        _settle(table, "delete", rows[table.identity])
    return complete


def _insert_all(
    run: RepairRun,
    tables: Sequence[RepairedTable],
    rows: dict[str, list[Filled]],
    without: dict[str, tuple[str, ...]],
) -> None:
    for table in tables:
        left_out = dict.fromkeys(without.get(table.identity, ()))
        values = [{**each, **left_out} for _, each in rows.get(table.identity, [])]
        if values:
            _execute(run, insert_statement(table.into, values, as_literal))
    for table in tables:
        names = [name for name in without.get(table.identity, ()) if name in table.into.columns]
        for change, each in rows.get(table.identity, []) if names else ():
            _execute(run, completing_statement(table.into, change.row.values, each, names, as_literal))


def _pointers(run: RepairRun, group: LoadGroup, table: str) -> list[Constraint]:
    return [
        each
        for each in run.catalog.constraints_by_table.get(table, ())
        if each.type == "foreign key" and each.references in group.tables
    ]


def _nullable(run: RepairRun, pointers: Sequence[Constraint]) -> dict[str, tuple[str, ...]]:
    """The columns of foreign keys that can be left NULL at first, by table."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for constraint in pointers:
        table = str(constraint.table_identity)
        optional = {each.name for each in run.catalog.columns_by_table.get(table, ()) if not each.not_null}
        for name in constraint.columns:
            if name in optional:
                found[table][name] = None
    return {table: tuple(names) for table, names in found.items()}


def _exchange(run: RepairRun, table: RepairedTable) -> bool:
    """Rows whose new unique values are held by each other."""
    waiting = _refused(table, "update", _SWAPPED)
    # A row that goes for a moment would take others with it, or be refused because of them.
    if not waiting or table.into.pointing:
        return False
    try:
        found = held_by(run, table, "update", [change for change, _ in waiting])
    except StatementFailed:
        return False
    held = dict(found.holders)
    while outside := [key for key, keys in held.items() if not keys <= held.keys()]:
        for key in outside:
            del held[key]
    chosen = [each for each in waiting if named(each[0].row.values) in held]
    if not chosen:
        return False
    stored = stored_columns(run, table)
    columns = tuple(dict.fromkeys(name for change, _ in chosen for name in change.columns))
    complete = [(change, values) for change, values in chosen if all(name in values for name in columns)]
    try:
        with blaming(run.endpoint, run.writing), run.writing.transaction():
            defer(run)
            written = _execute(run, exchange_statement(table.into, complete, stored, as_literal)).rowcount
            if written != len(complete):
                raise psycopg.Rollback
    except StatementFailed:
        return False
    if written != len(complete):
        return False
    _settle(table, "update", [change for change, _ in complete])
    return True


def stored_columns(run: RepairRun, table: RepairedTable) -> list[str]:
    """The columns of a table that can be written."""
    return [each.name for each in run.catalog.columns_by_table[table.identity] if each.generated is None]


def _execute(run: RepairRun, statement: psycopg.sql.Composed) -> psycopg.RawCursor[tuple[object, ...]]:
    cursor = psycopg.RawCursor(run.writing)
    cursor.execute(statement)
    return cursor
