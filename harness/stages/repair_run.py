"""Repair run: changes are written in foreign-key order, a batch a transaction; what is refused is tried again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg

from harness.core import repair
from harness.core.load_order import LoadGroup
from harness.core.model.catalog import Catalog
from harness.core.repair import RepairKind, RowChange
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.repair_copies import delete_copies, insert_copies, update_copies
from harness.postgres.repair_rows import fetched
from harness.postgres.repair_statements import (
    Parameters,
    Value,
    Values,
    WrittenTable,
    as_literal,
)
from harness.postgres.repair_templates import Templates
from harness.postgres.row_hash import HashedTable
from harness.stages.repair_plan import KINDS, Spool, TablePlan

BATCH_ROWS: Final = 500
_PARAMETERS: Final = 60_000
"""The protocol counts a statement's parameters in 16 bits"""
_OF_THE_SERVER: Final = frozenset({"53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that are not about the row: a lock, a timeout, a full disk. Other rows would fare no better"""
_HARDLY: Final = 0.9
"""What another try leaves over where it leads hardly further"""
TOGETHER: Final = 5000
"""Refused rows that are tried at once, at most"""

Filled = tuple[RowChange, Values]
"""A change, and the values to write"""


@dataclass(slots=True)
class RepairedTable:
    """One table while it is written."""

    plan: TablePlan
    into: WrittenTable
    source: HashedTable
    """The source's side as it is now: values are read where they are written, by the hash of the row as compared"""
    done: Counter[str] = field(default_factory=Counter)
    templates: Templates = field(default_factory=Templates)
    refused: dict[RepairKind, Spool] = field(default_factory=lambda: {kind: Spool() for kind in KINDS})

    @property
    def identity(self) -> str:
        """Identity of the target's table."""
        return self.into.table.identity

    def close(self) -> None:
        """Forget what is refused."""
        for spool in self.refused.values():
            spool.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRun:
    """What is written, where, and in which order."""

    writing: Connection
    endpoint: Endpoint
    tables: Mapping[str, RepairedTable]
    """By identity of the target's table"""
    groups: tuple[LoadGroup, ...]
    catalog: Catalog
    """The target's"""
    progress: Callable[[int, str], None] = lambda _rows, _table: None

    @property
    def refused(self) -> int:
        """Changes that a constraint refused."""
        return sum(len(spool) for table in self.tables.values() for spool in table.refused.values())

    def ordered(self) -> Iterator[tuple[RepairKind, RepairedTable]]:
        """Inserts of parents first, then updates, then deletes of children first."""
        order = [self.tables[name] for group in self.groups for name in group.tables]
        for kind in KINDS:
            for table in reversed(order) if kind == "delete" else order:
                yield kind, table


def write_all(run: RepairRun, untie: Callable[[RepairRun], bool]) -> None:
    """Make every change that can be made; rows that cannot are left, each with the reason.

    A row that a constraint refuses is tried again once others were written: it may need a row that came later, or a
    value that another row held. Where that leads hardly further, `untie` tries what is left together. ConnectionFailed,
    PrivilegeMissing: batches that were written stay written.
    """
    for kind, table in run.ordered():
        _work_off(run, table, kind, table.plan.spools[kind], table.refused[kind])
    left = run.refused
    while left:
        for kind, table in run.ordered():
            earlier, table.refused[kind] = table.refused[kind], Spool()
            _work_off(run, table, kind, earlier, table.refused[kind])
            earlier.close()
        before, left = left, run.refused
        if left > before * _HARDLY and not untie(run) and left == before:
            break
        left = run.refused
    for table in run.tables.values():
        for spool in table.refused.values():
            for change, reason in spool.refused():
                table.plan.left.add(change, reason)


def _work_off(run: RepairRun, table: RepairedTable, kind: RepairKind, changes: Spool, refused: Spool) -> None:
    for batch in changes.batches(BATCH_ROWS):
        for part in filled(table, kind, batch, tell=True):
            try:
                _write(run, table, kind, part, refused)
            except (StatementFailed, _Incomplete) as failure:
                if isinstance(failure, StatementFailed) and failure.sqlstate[:2] in _OF_THE_SERVER:
                    raise
                for each in part:
                    _write_alone(run, table, kind, each, refused)
            run.progress(len(part), table.plan.comparison.projection.source.identity)


def _write_alone(run: RepairRun, table: RepairedTable, kind: RepairKind, one: Filled, refused: Spool) -> None:
    try:
        _write(run, table, kind, [one], refused)
    except StatementFailed as failure:
        if failure.sqlstate[:2] in _OF_THE_SERVER:
            raise
        if failure.sqlstate.startswith("23"):
            refused.add(one[0], failure.reason)
        else:
            table.plan.left.add(one[0], failure.reason)


def filled(
    table: RepairedTable, kind: RepairKind, batch: Sequence[RowChange], *, tell: bool = False
) -> Iterator[list[Filled]]:
    """The changes with the values of the source, in parts that fit into memory.

    A row that is not as it was compared is in no part; `tell`: it is noted as left.
    """
    if kind == "delete":
        yield [(change, {}) for change in batch]
        return
    columns = tuple(dict.fromkeys(name for change in batch for name in change.columns))
    if kind == "insert":
        columns = tuple(dict.fromkeys((*table.into.columns, *table.into.hashed.key)))
    by_row: dict[tuple[int, int], list[RowChange]] = defaultdict(list)
    for change in batch:
        if change.source:
            by_row[change.source[:2]].append(change)
    rows = list({change.source[:2]: change.source for change in batch if change.source}.values())
    for part in fetched(table.source, rows, columns):
        yield [(change, values) for address, values in part.items() for change in by_row.pop(address, ())]
    for changes in by_row.values() if tell else ():
        for change in changes:
            table.plan.left.add(change, repair.SOURCE_CHANGED)


def _write(run: RepairRun, table: RepairedTable, kind: RepairKind, part: Sequence[Filled], refused: Spool) -> None:
    """One transaction. StatementFailed: nothing of it was written."""
    if not part:
        return
    with blaming(run.endpoint, run.writing), run.writing.transaction():
        defer(run)
        counts = _rows_by_key(run, table, kind, part) if table.into.unique else _copies(run, table, kind, part)
    table.done[kind] += sum(counts)
    for (change, _), count in zip(part, counts, strict=True):
        missed = change.copies - count
        if missed > 0 and kind == "delete" and table.into.takes_others:
            refused.add(change, repair.POINTED_TO)
        elif missed > 0:
            table.plan.left.add(change, _reason(table, kind), copies=missed)


def defer(run: RepairRun) -> None:
    """Deferrable constraints are asked at the end of the transaction, when all of its rows are there."""
    run.writing.execute("SET CONSTRAINTS ALL DEFERRED")


def _reason(table: RepairedTable, kind: RepairKind) -> str:
    if kind == "insert":
        return repair.APPEARED_SINCE
    return repair.CHANGED_SINCE if table.into.unique else repair.FEWER_SINCE


def _rows_by_key(run: RepairRun, table: RepairedTable, kind: RepairKind, part: Sequence[Filled]) -> list[int]:
    """One INSERT of many rows, or an UPDATE or DELETE a row.

    One after the other: a pipeline that values of megabytes were sent through stood still, each end waiting for the
    other.
    """
    if kind == "insert" and table.into.arbiter and len(part) > 1:
        return _insert_many(run, table, part)
    counts = []
    for change, values in part:
        template = table.templates.of(table.into, kind, change.columns)
        cursor = psycopg.RawCursor(run.writing)
        cursor.execute(template.statement, template.filled(change, values))
        counts.append(max(cursor.rowcount, 0))
    return counts


def _insert_many(run: RepairRun, table: RepairedTable, part: Sequence[Filled]) -> list[int]:
    at_once = max(1, _PARAMETERS // len(table.into.columns))
    for start in range(0, len(part), at_once):
        rows = part[start : start + at_once]
        cursor = psycopg.RawCursor(run.writing)
        parameters = [values[name] for _, values in rows for name in table.into.columns]
        cursor.execute(table.templates.insert(table.into, len(rows)), parameters)
        if cursor.rowcount < len(rows):
            raise _Incomplete
    return [1] * len(part)


class _Incomplete(Exception):
    """A row of a batch was not written, and which one it was shows when they are written alone."""


def _copies(run: RepairRun, table: RepairedTable, kind: RepairKind, part: Sequence[Filled]) -> list[int]:
    """One statement, which reads the table once: no index finds these rows."""
    value, parameters = values_of(len(part) * len(table.into.columns))
    if kind == "insert":
        count = _execute(run, insert_copies(table.into, part, value), parameters).rowcount
        return _shared_out(count, [change.copies for change, _ in part])
    if kind == "update":
        statement = update_copies(table.into, part, value)
    else:
        statement = delete_copies(table.into, [change for change, _ in part])
    written = Counter(int(str(number)) for (number,) in _execute(run, statement, parameters))
    return [written[number] for number in range(len(part))]


def _shared_out(count: int, wanted: Iterable[int]) -> list[int]:
    """INSERT tells how many rows came, not which: where some did not, the last ones are told as left."""
    shares: list[int] = []
    for copies in wanted:
        shares.append(min(copies, count))
        count -= shares[-1]
    return shares


def values_of(count: int) -> tuple[Value, Parameters]:
    """How so many values travel: beside the statement where the protocol takes so many, else within it."""
    parameters = Parameters()
    return (parameters if count <= _PARAMETERS else as_literal), parameters


def _execute(
    run: RepairRun, statement: psycopg.sql.Composed, parameters: Parameters
) -> psycopg.Cursor[tuple[object, ...]]:
    cursor = psycopg.RawCursor(run.writing)
    cursor.execute(statement, parameters.values)
    return cursor
