"""Constraints, indexes, triggers and policies: what a table demands of its rows and does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import TablePart, measured


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
    comment: str | None = None
    columns: tuple[str, ...] = measured(())
    references: str | None = measured(None)
    """Identity of the table that a foreign key points to"""
    references_columns: tuple[str, ...] = measured(())
    inherited: bool = measured(False)
    """It is there because a parent table has it"""

    @property
    def signature(self) -> str | None:
        """Two constraints of one table with the same definition are the same rule."""
        return f"{self.type}: {self.definition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(TablePart):
    """An index that is not a constraint's own."""

    kind: ClassVar[str] = "index"
    definition: str
    """As pg_get_indexdef deparses it, without the index's name; it says unique, so that is not compared again"""
    unique: bool = measured(False)
    valid: bool = True
    comment: str | None = None
    nulls_not_distinct: bool = measured(False)
    immediate: bool = measured(True)
    columns: tuple[str, ...] = measured(())
    """Key columns; an expression stands as its text in parentheses"""
    predicate: str | None = measured(None)
    constraint: str | None = measured(None)
    """Name of the constraint that owns it; such indexes are kept for arbiters and not compared on their own"""
    bytes: int = measured(0)
    inherited: bool = measured(False)
    """It is there because the partitioned parent has it"""

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
    """A trigger that a user made."""

    kind: ClassVar[str] = "trigger"
    definition: str
    """As pg_get_triggerdef deparses it, from the timing on: without CREATE TRIGGER and the trigger's name"""
    constraint: bool = False
    """It is a constraint trigger"""
    enabled: str = "origin"
    """origin, replica, always or disabled"""
    comment: str | None = None
    function: str = measured("")

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
