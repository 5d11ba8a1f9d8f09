"""Faults: what is wrong with the names that statements use, and which statements have it."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.coverage import Skipped
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.core.usage import ConflictUse, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedStatement:
    """A statement of a data layer and what it uses."""

    statement: CapturedStatement
    usage: Usage

    @property
    def side(self) -> Side:
        """The side whose data layer sent it."""
        return self.statement.side


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one name, whoever uses it: findings are made of faults, one each."""

    code: str
    source_relation: str = ""
    """Identity on the source of the table that it concerns; what it would be called there"""
    target_relation: str = ""
    columns: tuple[str, ...] = ()
    """Their names in the statements"""
    others: tuple[str, ...] = ()
    """Other tables of the target that the column could have been of"""
    conflict: ConflictUse | None = None
    """The ON CONFLICT target, in the target's names"""
    source_conflict: ConflictUse | None = None
    """The same in the source's"""
    function: str = ""
    detail: str = ""
    decided: str = ""
    """The reason for which the configuration leaves the name out"""


@dataclass(slots=True)
class Judgement:
    """What the check found: faults with the statements that have them, and what could not be judged."""

    faults: dict[Fault, dict[UsedStatement, None]] = field(default_factory=dict)
    unproved: dict[Fault, dict[UsedStatement, None]] = field(default_factory=dict)
    gaps: dict[Skipped, None] = field(default_factory=dict)
    judged: list[UsedStatement] = field(default_factory=list)

    def blame(self, statement: UsedStatement, fault: Fault, *, unproved: bool = False) -> None:
        """Note that a statement has a fault, or may have it."""
        (self.unproved if unproved else self.faults).setdefault(fault, {})[statement] = None

    def gap(self, item: str, reason: str) -> None:
        """Note that something was not judged."""
        self.gaps[Skipped(item=item, reason=reason)] = None
