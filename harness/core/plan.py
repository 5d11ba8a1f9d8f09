"""Plan: ordered steps that bring a target nearer to its source, each with its reason, its locks and its hazards."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from harness.core.mapping import Mapping
from harness.core.record import Record

Strategy = Literal["recreate", "map", "add-missing", "exact"]
"""recreate: drop and create what differs (plan 1); map: transform the data on the way (plan 2); add-missing: add what
the target lacks and touch nothing else (plan 3); exact: make the target equal to the source."""


class Hazard(StrEnum):
    """What a step may cost; a plan is applied only when each of its hazards is allowed by name."""

    LOCK = "lock"
    REWRITE = "rewrite"
    DATA_LOSS = "data loss"


class Precheck(Record):
    """A question to the target's rows that must be answered with zero before the step can succeed."""

    text: str = Field(description="What would make the step fail")
    sql: str = Field(description="A query on the target that returns one count")
    found: int | None = Field(default=None, description="Its answer; null when it was not asked")
    sample_sql: str | None = Field(default=None, description="A query that returns table and ctid of some such rows")
    rows: tuple[str, ...] = Field(default=(), description="Its answer: table and ctid of a few, never values")


class Step(Record):
    """One statement."""

    sql: str
    why: str = Field(description="The change that it answers, in words")
    kind: str
    identity: str
    hazards: tuple[Hazard, ...] = ()
    lock: str | None = Field(default=None, description="Lock mode it takes on the table, as PostgreSQL names it")
    transactional: bool = True
    prechecks: tuple[Precheck, ...] = ()


class Cost(Record):
    """What choosing the plan costs."""

    rows_affected: int = Field(default=0, description="Rows dropped or rewritten (the catalog's estimate)")
    columns_lost: tuple[str, ...] = Field(default=(), description="Columns whose values do not survive")
    locks: tuple[str, ...] = ()
    breaks: tuple[str, ...] = Field(default=(), description="Statements of the data layer that still fail afterwards")


class Plan(Record):
    """Steps for the target, made from one pair of catalogs and refused for any other."""

    format: Literal["pgparity/plan"] = "pgparity/plan"
    version: Literal[1] = 1
    strategy: Strategy
    source_fingerprint: str
    target_fingerprint: str
    schemas: Literal["all"] | tuple[str, ...] | None = Field(
        default=None, description="What the target's fingerprint is of: these schemas; null: those of the configuration"
    )
    steps: tuple[Step, ...] = ()
    untouched: tuple[str, ...] = Field(default=(), description="Objects that live on the target alone and stay")
    not_covered: tuple[str, ...] = Field(default=(), description="Changes that this strategy leaves as they are")
    cost: Cost = Cost()
    proved: bool = Field(default=False, description="Applied on a scratch clone; no change was left")
    unproved: str = Field(default="", description="Why it is not proved, where a trial was made or could not be")
    mapping: Mapping | None = Field(default=None, description="Of a plan map: how rows become rows of the target")
    reverse: tuple[Step, ...] = Field(
        default=(), description="Steps that give the target its former structure back; rows that went do not return"
    )

    @property
    def hazards(self) -> tuple[Hazard, ...]:
        """The distinct hazards of all steps, in the order of the enumeration."""
        present = {hazard for step in self.steps for hazard in step.hazards}
        return tuple(hazard for hazard in Hazard if hazard in present)
