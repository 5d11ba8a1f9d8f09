"""Repair script: all statements of a repair as SQL that a person reads and psql runs, in batches of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from harness.core.load_order import LoadGroup
from harness.core.repair import RepairKind, RowChange
from harness.postgres.repair_copies import delete_copies, insert_copies, update_copies
from harness.postgres.repair_statements import (
    Value,
    as_literal,
    delete_statement,
    hidden,
    insert_statement,
    update_statement,
)
from harness.postgres.repair_together import delete_together, exchange_statement, insert_together
from harness.stages.repair_knots import stored_columns
from harness.stages.repair_run import BATCH_ROWS, Filled, RepairedTable, RepairRun, filled
from harness.stages.repair_waits import Waits, late_tables, named, waits_of

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


@dataclass(frozen=True, slots=True)
class _Late:
    """What comes after its turn, because of unique values that are held until then."""

    waits: Mapping[str, Waits]
    tables: frozenset[str]
    """Whose new rows come late"""
    columns: Mapping[str, frozenset[str]]
    """That point to them, by table"""

    def at_first(self, table: RepairedTable, change: RowChange) -> bool:
        return self.waits[table.identity].at_first(change) and not (
            change.kind == "update" and self.points(table, change)
        )

    def points(self, table: RepairedTable, change: RowChange) -> bool:
        """Whether an update makes a row point to one that comes late."""
        key = named(change.row.values)
        waits = self.waits[table.identity]
        return key not in waits.updates | waits.left and not self.columns[table.identity].isdisjoint(change.columns)

    @property
    def after(self) -> bool:
        """Whether new rows need values that rows hold which are deleted."""
        return any(each.inserts_after for each in self.waits.values())


Chosen = Callable[[RepairedTable, RowChange], bool]


def script(run: RepairRun) -> Iterator[str]:
    """The lines of the script. Memory: one batch, all inserts and deletes of tables that point to each other, and the
    keys of rows whose unique values change places. StatementFailed: the target cannot be asked for these."""
    yield from _HEAD
    yield from (f"SET {name} = '{value}';" for name, value in _SETTINGS.items())
    late = _late(run)
    for name, waits in late.waits.items():
        for reason, rows in waits.reasons.items():
            yield f"-- {name}: {rows:,} rows are not in this script: {reason}" if waits.left else f"-- {name}: {reason}"
    yield from _inserts(run, late, lambda name: name not in late.tables)
    yield from _of_kind(run, "update", late.at_first)
    for table in run.tables.values():
        yield from _groups(run, table, late.waits[table.identity].before)
    if not late.after:
        yield from _late_rows(run, late)
    yield from _deletes(run)
    for table in run.tables.values():
        yield from _groups(run, table, late.waits[table.identity].after)
    if late.after:
        yield from _late_rows(run, late)


def _late(run: RepairRun) -> _Late:
    waits = {name: waits_of(run, table) for name, table in run.tables.items()}
    tables = late_tables(run, waits)
    columns = {
        name: frozenset(
            column
            for each in run.catalog.constraints_by_table.get(name, ())
            if each.type == "foreign key" and each.references in tables
            for column in each.columns
        )
        for name in run.tables
    }
    return _Late(waits, tables, columns)


def _late_rows(run: RepairRun, late: _Late) -> Iterator[str]:
    yield from _inserts(run, late, lambda name: name in late.tables)
    yield from _of_kind(run, "update", late.points)


def _inserts(run: RepairRun, late: _Late, wanted: Callable[[str], bool]) -> Iterator[str]:
    def possible(table: RepairedTable, change: RowChange) -> bool:
        return named(change.row.values) not in late.waits[table.identity].left

    for group in run.groups:
        tables = [run.tables[name] for name in group.tables if wanted(name)]
        if not tables:
            continue
        if points_to_itself(group) and all(table.into.unique for table in tables):
            yield from _inserts_together(group, tables, possible)
            continue
        for table in tables:
            yield from _batches(table, "insert", possible)


def points_to_itself(group: LoadGroup) -> bool:
    """Whether rows of the group may point to each other."""
    return len(group.tables) > 1 or group.self_referencing


def _inserts_together(group: LoadGroup, tables: Sequence[RepairedTable], wanted: Chosen) -> Iterator[str]:
    """Rows that may point to each other: a statement asks its foreign keys at its end."""
    rows = [
        (table.into, [values for part in _parts(table, "insert", wanted) for _, values in part]) for table in tables
    ]
    parts = [(into, values) for into, values in rows if values]
    if parts:
        count = sum(len(values) for _, values in parts)
        yield f"-- {', '.join(group.tables)}: insert {count:,} rows, which may point to each other"
        yield from _transaction([insert_together(parts, as_literal).as_string() + ";"])


def _deletes(run: RepairRun) -> Iterator[str]:
    for group in reversed(run.groups):
        tables = [run.tables[name] for name in reversed(group.tables)]
        if not points_to_itself(group) or not all(table.into.unique for table in tables):
            for table in tables:
                yield from _batches(table, "delete", _every)
            continue
        rows = [(table.into, list(table.plan.spools["delete"].batches(BATCH_ROWS))) for table in tables]
        parts = [(into, [change for batch in batches for change in batch]) for into, batches in rows if batches]
        if parts:
            count = sum(len(changes) for _, changes in parts)
            yield f"-- {', '.join(group.tables)}: delete {count:,} rows, which may point to each other"
            yield from _transaction([delete_together(parts, as_literal).as_string() + ";"])


def _groups(run: RepairRun, table: RepairedTable, groups: Sequence[Sequence[RowChange]]) -> Iterator[str]:
    """Updates that wait for each other: one by one in their order, and those in a ring in one statement."""
    for ring, several in groupby(groups, lambda group: len(group) > 1):
        if not ring:
            singles = (change for group in several for change in group)
            while batch := list(islice(singles, BATCH_ROWS)):
                given = {change: values for part in filled(table, "update", batch) for change, values in part}
                part = [(change, given[change]) for change in batch if change in given]
                yield f"-- {table.identity}: update {len(part):,} rows, each after the row whose unique value it takes"
                yield from _transaction(statements(table, "update", part, as_literal))
            continue
        for group in several:
            part = [each for values in filled(table, "update", group) for each in values]
            if len(part) == len(group):
                yield f"-- {table.identity}: update {len(part):,} rows, which take each other's unique values"
                exchange = exchange_statement(table.into, part, stored_columns(run, table), as_literal)
                yield from _transaction([exchange.as_string() + ";"])


def _of_kind(run: RepairRun, kind: RepairKind, wanted: Chosen) -> Iterator[str]:
    for each, table in run.ordered():
        if each == kind:
            yield from _batches(table, kind, wanted)


def _every(_table: RepairedTable, _change: RowChange) -> bool:
    return True


def _batches(table: RepairedTable, kind: RepairKind, wanted: Chosen) -> Iterator[str]:
    for part in _parts(table, kind, wanted):
        yield f"-- {table.identity}: {kind} {sum(change.copies for change, _ in part):,} rows"
        yield from _transaction(statements(table, kind, part, as_literal))


def _transaction(lines: Iterable[str]) -> Iterator[str]:
    yield "BEGIN;"
    yield "SET CONSTRAINTS ALL DEFERRED;"
    yield from lines
    yield "COMMIT;"


def _parts(table: RepairedTable, kind: RepairKind, wanted: Chosen) -> Iterator[list[Filled]]:
    for batch in table.plan.spools[kind].batches(BATCH_ROWS):
        chosen = [change for change in batch if wanted(table, change)]
        if chosen:
            yield from (part for part in filled(table, kind, chosen) if part)


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
