"""Constraints, indexes, triggers and policies: what a table demands of its rows and does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import RELATION, Address, TablePart, measured
from harness.core.names import qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(TablePart):
    """A primary key, unique, foreign key, check or exclusion constraint."""

    kind: ClassVar[str] = "constraint"
    type: str
    """primary key, unique, foreign key, check or exclusion"""
    definition: str
    """As pg_get_constraintdef deparses it with an empty search_path, without the words that the next fields hold"""
    validated: bool = True
    enforced: bool = True
    deferrable: bool = False
    deferred: bool = False
    clustered: bool = False
    """The table is clustered on its index"""
    options: tuple[str, ...] = ()
    """Storage parameters of its index, name=value, sorted"""
    attached: str | None = None
    """Identity of the partitioned index that its index is a partition of"""
    tablespace: str | None = None
    """Of its index; None: the database's own"""
    index_comment: str | None = None
    """The comment on its index, which is another one than its own"""
    comment: str | None = None
    columns: tuple[str, ...] = measured(())
    references: str | None = measured(None)
    """Identity of the table that a foreign key points to"""
    references_columns: tuple[str, ...] = measured(())
    inherited: bool = measured(False)
    """It is there because a parent table has it"""
    parents: tuple[str, ...] = measured(())
    """Identities of the constraints of parent tables that it comes from, or is merged with"""

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The table, and the constraints of parent tables that take it along."""
        above = tuple((self.kind, parent) for parent in self.parents) if self.inherited else ()
        return ((RELATION, qualified(self.schema, self.table)), *above)

    @property
    def copied(self) -> bool:
        """Whether PostgreSQL made it by itself from the parent's: a key of a partition has a name and an index."""
        return self.inherited and self.type in ("check", "foreign key")

    @property
    def compared(self) -> bool:
        """What PostgreSQL copies is compared at the parent."""
        return not self.copied

    @property
    def signature(self) -> str | None:
        """Two constraints of one table with the same definition are the same rule."""
        return f"{self.type}: {self.definition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(TablePart):
    """An index that is not a constraint's own."""

    kind: ClassVar[str] = "index"
    definition: str
    """As pg_get_indexdef deparses it, without the index's name and with its options sorted; it says unique, so that is
    not compared again"""
    written: str = measured("")
    """The definition with its options in the order in which they were given: for DDL"""
    unique: bool = measured(False)
    valid: bool = True
    clustered: bool = False
    """The table is clustered on it"""
    attached: str | None = None
    """Identity of the partitioned index that it is a partition of"""
    statistics: tuple[str, ...] = ()
    """Statistics targets of its expressions: 'column number=target'"""
    tablespace: str | None = None
    """None: the database's own"""
    comment: str | None = None
    nulls_not_distinct: bool = measured(False)
    immediate: bool = measured(True)
    columns: tuple[str, ...] = measured(())
    """Key columns; an expression stands as its text in parentheses"""
    predicate: str | None = measured(None)
    options: tuple[str, ...] = measured(())
    """Storage parameters, name=value, sorted; the definition says them too"""
    constraint: str | None = measured(None)
    """Name of the constraint that owns it; such indexes are kept for arbiters and not compared on their own"""
    partitioned: bool = measured(False)
    """It is one of a partitioned table: it has no entries, its partitions have"""
    bytes: int = measured(0)
    """As VACUUM or ANALYZE saw it last"""
    inherited: bool = measured(False)
    """It is there because the partitioned parent has it"""
    parents: tuple[str, ...] = measured(())
    """Identity of the index that it is a partition of, with the table's name"""

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The table, and the partitioned index that takes it along."""
        return ((RELATION, qualified(self.schema, self.table)), *((self.kind, parent) for parent in self.parents))

    @property
    def compared(self) -> bool:
        """A constraint's own index is compared as that constraint."""
        return self.constraint is None

    @property
    def signature(self) -> str | None:
        """Two indexes of one table with the same definition are the same index."""
        return self.definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(TablePart):
    """A trigger that a user made, or the copy of one on a partition."""

    kind: ClassVar[str] = "trigger"
    definition: str
    """As pg_get_triggerdef deparses it, from the timing on: without CREATE TRIGGER and the trigger's name, and with the
    columns of UPDATE OF sorted"""
    written: str = measured("")
    """The definition with the columns in the order in which they were given: for DDL"""
    constraint: bool = False
    """It is a constraint trigger"""
    enabled: str = "origin"
    """origin, replica, always or disabled"""
    comment: str | None = None
    function: str = measured("")
    inherited: bool = measured(False)
    """It is the copy of a partitioned table's trigger"""
    parents: tuple[str, ...] = measured(())
    """Identity of the trigger that it is a copy of"""
    deviates: bool = measured(False)
    """It is a copy and not enabled as the parent's trigger is"""

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The table, and the trigger that takes it along."""
        return ((RELATION, qualified(self.schema, self.table)), *((self.kind, parent) for parent in self.parents))

    @property
    def compared(self) -> bool:
        """A copy is compared at the parent, unless it is enabled or disabled on its own."""
        return self.deviates or not self.inherited

    @property
    def signature(self) -> str | None:
        """Two triggers of one table with the same definition do the same."""
        return self.definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(TablePart):
    """A row-level security policy."""

    kind: ClassVar[str] = "policy"
    command: str = "ALL"
    permissive: bool = True
    roles: tuple[str, ...] = ()
    using: str | None = None
    check: str | None = None
    comment: str | None = None

    @property
    def signature(self) -> str | None:
        """Two policies of one table that say the same are the same policy."""
        return repr((self.command, self.permissive, self.roles, self.using, self.check))
