"""Repair knots: rows that no order of single writes would take: cycles of foreign keys, unique values that swap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import psycopg

from harness.core.keys import unique_keys
from harness.core.load_order import LoadGroup
from harness.core.model.rules import Constraint
from harness.core.repair import RepairKind, RowChange
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.repair_statements import (
    as_literal,
    completing_statement,
    delete_together,
    exchange_statement,
    holders_statement,
    insert_statement,
)
from harness.stages.repair_plan import Spool
from harness.stages.repair_run import TOGETHER, Filled, RepairedTable, RepairRun, defer, filled

_SWAPPED = "23505"
_ORPHANED = "23503"


def untie(run: RepairRun) -> bool:
    """Try what is still refused together; whether some of it went through."""
    tied = [work(run, group) for group in run.groups if _in_cycle(group) for work in (_together, _gone_together)]
    swapped = [_exchange(run, table) for table in run.tables.values() if table.into.unique]
    return any(tied) or any(swapped)


def _in_cycle(group: LoadGroup) -> bool:
    return len(group.tables) > 1 or group.self_referencing


def _refused(table: RepairedTable, kind: RepairKind, state: str) -> list[Filled]:
    """The rows that were refused with one SQLSTATE, with their values; none where they are too many to try at once."""
    spool = table.refused[kind]
    if not 0 < len(spool) <= TOGETHER:
        return []
    changes = [change for change, reason in spool.refused() if reason.startswith(state)]
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
    return False


def _gone_together(run: RepairRun, group: LoadGroup) -> bool:
    """Rows to delete that point to each other."""
    tables = [run.tables[name] for name in group.tables if run.tables[name].into.unique]
    rows = {table.identity: [change for change, _ in _refused(table, "delete", _ORPHANED)] for table in tables}
    if not any(rows.values()):
        return False
    complete = False
    try:
        with blaming(run.endpoint, run.writing), run.writing.transaction():
            defer(run)
            complete = all(
                _execute(run, delete_together(table.into, rows[table.identity], as_literal)).rowcount
                == len(rows[table.identity])
                for table in tables
                if rows[table.identity]
            )
            if not complete:
                raise psycopg.Rollback
    except StatementFailed:
        return False
    for table in tables if complete else ():
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
    by_key = {change.row.values: (change, values) for change, values in waiting}
    holders: dict[tuple[str | None, ...], set[tuple[str | None, ...]]] = {}
    for key, one in by_key.items():
        held = _holders(run, table, one)
        if held is not None:
            holders[key] = held
    while outside := [key for key, held in holders.items() if not held <= holders.keys()]:
        for key in outside:
            del holders[key]
    chosen = [by_key[key] for key in holders]
    if not chosen:
        return False
    stored = [each.name for each in run.catalog.columns_by_table[table.identity] if each.generated is None]
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


def _holders(run: RepairRun, table: RepairedTable, one: Filled) -> set[tuple[str | None, ...]] | None:
    """The keys of the other rows that hold this one's new values; None where that cannot be asked."""
    change, values = one
    found: set[tuple[str | None, ...]] = set()
    try:
        with blaming(run.endpoint, run.writing), run.writing.transaction():
            for key in unique_keys(run.catalog, table.identity):
                if set(key.columns) & set(change.columns):
                    statement = holders_statement(table.into, change, values, key.columns, as_literal)
                    found |= {tuple(row) for row in _execute(run, statement)}
    except StatementFailed:
        return None
    return found


def _execute(run: RepairRun, statement: psycopg.sql.Composed) -> psycopg.RawCursor[tuple[str | None, ...]]:
    cursor = psycopg.RawCursor(run.writing)
    cursor.execute(statement)
    return cursor
