"""Repair: what makes the target's rows equal to the source's, what was done of it, and what was left and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from harness.core.deltas import TableStatus
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.model.replication import Publication
from harness.core.model.rules import Trigger
from harness.core.model.views import Rule
from harness.core.record import JsonValue, Record
from harness.core.row_merge import HashedRow

RepairKind = Literal["insert", "update", "delete"]

CHANGED_SINCE: Final = "the row was changed or removed on the target since it was compared"
APPEARED_SINCE: Final = (
    "a row with this key has appeared on the target since they were compared, or a trigger refused it"
)
POINTED_TO: Final = (
    "the row was changed since it was compared, or rows of other tables point to it and would be lost or changed with "
    "it (ON DELETE CASCADE, SET NULL, SET DEFAULT)"
)
FEWER_SINCE: Final = "fewer rows than were compared are there to change: some were changed or removed since"
NOT_ALLOWED: Final = "it exists on the target only: --allow data-loss deletes such rows"
GENERATED: Final = "only columns differ that the target generates itself"
ALWAYS_IDENTITY: Final = "the column is GENERATED ALWAYS AS IDENTITY: PostgreSQL updates it to its default alone"
REWRITTEN: Final = "a rule of the target rewrites this write, and what comes of it depends on how it is written: {}"
UNIDENTIFIED: Final = "the table is published and has no replica identity: PostgreSQL refuses this write"
NOT_AS_WRITTEN: Final = (
    "it was written and differs all the same: a trigger, a rule or another session has changed it on the target, or it "
    "was changed on the source"
)
MOVING: Final = "it differed and kept being written while it was read again: repair when fewer writes are under way"
SOURCE_CHANGED: Final = (
    "the row was changed or removed on the source since it was compared, or an expression of the mapping is volatile"
)
VANISHED: Final = "the row could not be read twice alike on the source: is an expression of the mapping volatile?"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row to write, or several that are alike; the values are read where they are written."""

    kind: RepairKind
    source: HashedRow | None = None
    target: HashedRow | None = None
    columns: tuple[str, ...] = ()
    """Of an update: the columns that differ"""
    kept: int = 0
    """In a table without a key that is unique on both sides, how many rows of this hash the target is to have besides:
    of an insert, those that the source has in all; of the others, those that stay as they are"""
    copies: int = 1

    @property
    def row(self) -> HashedRow:
        """The row by whose key it is told: the target's where there is one."""
        found = self.target or self.source
        if found is None:
            raise ValueError("a change is about a row of either side")
        return found


class LeftRow(Record):
    """A row that was not made equal."""

    key: dict[str, JsonValue] = Field(description="As in the comparison: personal columns as a short hash")
    kind: RepairKind
    reason: str


class TableRepair(Record):
    """What was to be done in one table, and what came of it."""

    table: str
    target_table: str
    insert: int = Field(default=0, ge=0, description="Rows that are missing on the target")
    update: int = Field(default=0, ge=0, description="Rows with other values on the target")
    delete: int = Field(default=0, ge=0, description="Rows on the target only")
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    left: dict[str, int] = Field(default_factory=dict, description="Reason to the rows that were left because of it")
    left_rows: tuple[LeftRow, ...] = Field(default=(), description="The first of them")
    reason: str | None = Field(default=None, description="Why the table cannot be repaired, or not wholly compared")
    parents: tuple[str, ...] = Field(
        default=(), description="Tables of the target that its rows point to and that are no part of this repair"
    )
    after: TableStatus | None = Field(default=None, description="The comparison after the repair; null: not written")

    @property
    def wanted(self) -> int:
        """Rows that differ."""
        return self.insert + self.update + self.delete


class SequenceBehind(Record):
    """A sequence that gives out values which its column already holds (SEQ003); a repair does not move sequences."""

    sequence: str
    table: str
    sql: str = Field(description="What sets it")


class Repair(Record):
    """The result of `pgparity data repair`."""

    applied: bool = Field(description="False: nothing was written")
    allow_drift: bool = False
    tables: tuple[TableRepair, ...] = ()
    triggers: tuple[str, ...] = Field(default=(), description="Triggers of the target that these writes set off")
    publications: tuple[str, ...] = Field(default=(), description="Publications that send these writes to subscribers")
    sequences_behind: tuple[SequenceBehind, ...] = ()
    statements: tuple[str, ...] = Field(default=(), description="The first ones, without values")

    @property
    def wanted(self) -> int:
        """Rows that differ."""
        return sum(each.wanted for each in self.tables)

    @property
    def written(self) -> int:
        """Rows that were written."""
        return sum(each.inserted + each.updated + each.deleted for each in self.tables)

    @property
    def exit_code(self) -> int:
        """0 all rows are equal; 1 something differs or was left; 3 something could not be compared."""
        fine: set[TableStatus | None] = {"identical", "drift", None} if self.allow_drift else {"identical", None}
        if any(each.left or each.after not in fine | {"incomplete"} for each in self.tables):
            return 1
        if self.wanted and not self.applied:
            return 1
        if not self.tables or any(each.reason or each.after == "incomplete" for each in self.tables):
            return 3
        return 0


def triggers_of(target: Catalog, kinds: Iterable[tuple[str, RepairKind]]) -> tuple[Trigger, ...]:
    """The triggers that writes of these kinds set off, by target table. They are never kept from firing."""
    wanted = set(kinds)
    return tuple(
        trigger
        for trigger in target.triggers
        if trigger.enabled in ("origin", "always")
        and any(
            trigger.table_identity == table and re.search(rf"^[A-Z ]*\b{kind.upper()}\b", trigger.definition)
            for table, kind in wanted
        )
    )


def rules_of(target: Catalog, kinds: Iterable[tuple[str, RepairKind]]) -> tuple[Rule, ...]:
    """The rules that rewrite writes of these kinds, by target table.

    A rule's own statement evaluates what was to be written anew, after the write or instead of it (rules-update.html):
    a condition on the row as it was, or on its not being there, holds no more then.
    """
    wanted = set(kinds)
    return tuple(
        rule
        for rule in target.rules
        if rule.enabled in ("origin", "always")
        and any(rule.table_identity == table and _on(rule.definition, kind) for table, kind in wanted)
    )


def publications_of(target: Catalog, kinds: Iterable[tuple[str, RepairKind]]) -> tuple[Publication, ...]:
    """The publications that send writes of these kinds to subscribers, by target table."""
    wanted = set(kinds)
    return tuple(
        each
        for each in target.publications
        if any(kind in each.publish and _publishes(each, target.table_by_identity[table]) for table, kind in wanted)
    )


def refused_kinds(target: Catalog, table: Table) -> dict[RepairKind, str]:
    """The kinds of changes that the target would not make as they are written, and why."""
    refused: dict[RepairKind, str] = {}
    kinds: tuple[RepairKind, ...] = ("insert", "update", "delete")
    for kind in kinds:
        rules = rules_of(target, [(table.identity, kind)])
        if rules:
            refused[kind] = REWRITTEN.format(", ".join(each.name for each in rules))
        elif kind != "insert" and not _identified(target, table) and publications_of(target, [(table.identity, kind)]):
            refused[kind] = UNIDENTIFIED
    return refused


def _on(definition: str, kind: RepairKind) -> bool:
    return re.match(rf"ON {kind.upper()}\b", definition.strip()) is not None


def _publishes(publication: Publication, table: Table) -> bool:
    parent = table.partition_of
    named = any(
        table.identity == each or (parent is not None and parent.startswith(f"{each} ")) for each in publication.tables
    )
    return publication.all_tables or named or table.schema in publication.schemas


def _identified(target: Catalog, table: Table) -> bool:
    """Whether a subscriber can tell the table's rows (logical-replication-publication.html)."""
    if table.replica_identity == "nothing":
        return False
    keys = target.constraints_by_table.get(table.identity, ())
    return table.replica_identity != "default" or any(each.type == "primary key" for each in keys)
