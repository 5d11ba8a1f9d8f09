"""Repair waits: which changes write unique values that other rows hold yet, and the order in which they can be made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.core.load_order import connected
from harness.core.repair import RepairKind, RowChange
from harness.postgres.failures import blaming
from harness.postgres.repair_holders import ExclusiveRule, Key, exclusive_rules, holders
from harness.stages.repair_run import BATCH_ROWS, TOGETHER, RepairedTable, RepairRun, filled

HELD: Final = "another row, which stays as it is, has the same unique values"
CLOSED: Final = "they take each other's unique values, and rows of other tables point to them, which would go with them"
MANY: Final = f"more than {TOGETHER:,} rows wait for unique values of others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Of one table, before anything is written: what cannot be written as it comes. Keys are texts (`named`)."""

    before: tuple[tuple[RowChange, ...], ...] = ()
    """Updates in the order to make them, before deletes; those of a group of several take each other's values"""
    after: tuple[tuple[RowChange, ...], ...] = ()
    """The same, after deletes"""
    updates: frozenset[str] = frozenset()
    """Keys of both"""
    inserts: frozenset[str] = frozenset()
    """Keys of rows that are inserted after all of these"""
    inserts_after: bool = False
    """Some of them after deletes"""
    left: frozenset[str] = frozenset()
    """Keys of rows that cannot be written as the target stands"""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why, and how many rows"""

    def at_first(self, change: RowChange) -> bool:
        """Whether a change can be made in the order of its kind."""
        key = named(change.row.values)
        if change.kind == "delete":
            return True
        return key not in (self.inserts if change.kind == "insert" else self.updates) and key not in self.left


@dataclass(slots=True)
class Found:
    """Changes that rows stand in the way of, and these rows, by key."""

    changes: dict[str, RowChange] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)


def named(key: Key) -> str:
    """A key as one text."""
    return json.dumps(key)


def rules_of(run: RepairRun, table: RepairedTable) -> tuple[ExclusiveRule, ...]:
    """The unique and exclusion indexes of a table, but for those of its key, which no update changes."""
    key = frozenset(table.into.hashed.key)
    found = exclusive_rules(run.writing, run.endpoint, table.into.table)
    return tuple(rule for rule in found if rule.columns != key)


def waits_of(run: RepairRun, table: RepairedTable) -> Waits:
    """What has to wait in one table. Memory: TOGETHER changes, and the keys of those that stand in their way."""
    if not table.into.unique:
        return Waits()
    found = Found()
    kinds: tuple[RepairKind, ...] = ("insert", "update")
    with blaming(run.endpoint, run.writing), run.writing.transaction():
        rules = rules_of(run, table)
        for kind in kinds if rules else ():
            for batch in table.plan.spools[kind].batches(BATCH_ROWS):
                _find(run, table, kind, batch, rules, found)
                if len(found.changes) > TOGETHER:
                    # Not held in memory: the script says so, and the repair itself tries them row by row.
                    return Waits(reasons={MANY: len(found.changes)})
    return _ordered(table, found, _leaving(table, found, rules)) if found.changes else Waits()


def held_by(run: RepairRun, table: RepairedTable, kind: RepairKind, changes: Sequence[RowChange]) -> Found:
    """The changes of a kind that rows stand in the way of. StatementFailed."""
    found = Found()
    with blaming(run.endpoint, run.writing), run.writing.transaction():
        _find(run, table, kind, changes, rules_of(run, table), found)
    return found


def _find(
    run: RepairRun,
    table: RepairedTable,
    kind: RepairKind,
    changes: Sequence[RowChange],
    rules: Sequence[ExclusiveRule],
    found: Found,
) -> None:
    touching = [change for change in changes if any(rule.touched(change) for rule in rules)]
    for part in filled(table, kind, touching):
        for rule in rules:
            for number, others in holders(run.writing, run.endpoint, table.into, rule, part).items():
                change = part[number][0]
                key = named(change.row.values)
                found.changes[key] = change
                found.holders.setdefault(key, set()).update(named(each) for each in others)


def _leaving(table: RepairedTable, found: Found, rules: Sequence[ExclusiveRule]) -> dict[str, RepairKind]:
    """Of the rows that stand in the way, those that a change of the plan takes out of it, and its kind."""
    held = {key for keys in found.holders.values() for key in keys}
    kinds: tuple[RepairKind, ...] = ("update", "delete")
    return {
        key: kind
        for kind in kinds
        for batch in table.plan.spools[kind].batches(BATCH_ROWS)
        for change in batch
        if (key := named(change.row.values)) in held
        and (kind == "delete" or any(rule.touched(change) for rule in rules))
    }


def _ordered(table: RepairedTable, found: Found, leaving: Mapping[str, RepairKind]) -> Waits:
    updates = {key for key, change in found.changes.items() if change.kind == "update"}
    held = _reaching(found, {key for key, keys in found.holders.items() if not keys <= leaving.keys()})
    # Each group comes after those whose values it takes.
    groups = connected({key: (found.holders[key] & updates) - {key} for key in sorted(updates)})
    # What goes for a moment would take others with it, or be refused because of them.
    rings = {key for group in groups if len(group) > 1 and table.into.pointing for key in group} - held
    closed = _reaching(found, rings) - held
    left = held | closed
    late = _reaching(
        found, {key for key, keys in found.holders.items() if any(leaving.get(k) == "delete" for k in keys)}
    )
    inserts = found.changes.keys() - updates - left
    chosen = [group for group in groups if not left & set(group)]
    before, after = (
        tuple(tuple(found.changes[key] for key in group) for group in chosen if bool(late & set(group)) is wanted)
        for wanted in (False, True)
    )
    return Waits(
        before=before,
        after=after,
        updates=frozenset(updates - left),
        inserts=frozenset(inserts),
        inserts_after=bool(late & inserts),
        left=frozenset(left),
        reasons={reason: len(keys) for reason, keys in ((HELD, held), (CLOSED, closed)) if keys},
    )


def _reaching(found: Found, keys: set[str]) -> set[str]:
    """These changes, and those that wait for them, directly or through others."""
    reached = set(keys)
    while further := {key for key, others in found.holders.items() if key not in reached and others & reached}:
        reached |= further
    return reached


def late_tables(run: RepairRun, waits: Mapping[str, Waits]) -> frozenset[str]:
    """Tables whose new rows come after all updates and deletes: some wait, or they point to rows that do."""
    late: set[str] = set()
    for group in run.groups:
        waiting = any(waits[name].inserts for name in group.tables)
        if waiting or any(target in late for name in group.tables for target in _pointed_to(run, name)):
            late |= set(group.tables)
    return frozenset(late)


def _pointed_to(run: RepairRun, table: str) -> Iterator[str]:
    for each in run.catalog.constraints_by_table.get(table, ()):
        if each.type == "foreign key" and each.references is not None:
            yield each.references
