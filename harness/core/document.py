"""RunDocument: everything a run learned, as one serialisable record; every output is rendered from it alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.change import Change, RenameSuggestion
from harness.core.coverage import Coverage, StageStatus
from harness.core.cutover.record import CutoverRecord
from harness.core.deltas import TableRows
from harness.core.findings import Finding, FoundObject
from harness.core.ledger import Ledger
from harness.core.mapping import Mapping
from harness.core.outcomes import Attestation, MethodResult, OutcomePair
from harness.core.plan import Plan
from harness.core.record import Record, Severity
from harness.core.verdict import Status, Verdict


class ServerFacts(Record):
    """Which server a side is, so that a reader can tell; never a credential."""

    label: str = Field(description="What the user called it")
    address: str = Field(description="host:port or socket folder")
    database: str
    role: str
    version: str
    system_identifier: str | None = Field(default=None, description="null where the role may not read it")
    encoding: str
    collation: str
    snapshot: str | None = None
    catalog_fingerprint: str | None = Field(
        default=None,
        description="Digest of the structure as it was compared; null: of a version that did not record it, or not all "
        "kinds of objects were read",
    )


class StageRecord(Record):
    """One stage of the run."""

    name: str
    status: StageStatus
    summary: str = Field(description="One line: what it found, in figures")
    started_at: str | None = None
    seconds: float = Field(default=0, ge=0)


class ScopeTable(Record):
    """A table of either side and what was decided about it."""

    table: str
    scope: Literal["compared", "excluded", "target only", "unnamed"]
    reason: str | None = None
    source_rows: int | None = None
    target_rows: int | None = None


class RelatedRun(Record):
    """Another run that a reader of this one wants: an act of the same story, an earlier run."""

    title: str
    text: str
    href: str
    status: str


class StageTime(Record):
    """How a stage of another run ended, and how long it took."""

    name: str
    status: StageStatus
    seconds: float = Field(ge=0)


class RunSummary(Record):
    """Another run in figures: enough for a line of a list and for the course of a figure over several runs."""

    id: str
    title: str
    started_at: str = Field(description="UTC, ISO 8601")
    seconds: float = Field(ge=0)
    status: Status
    source: str = Field(description="What the user called the source")
    target: str = Field(description="What the user called the target")
    blockers: int = Field(default=0, ge=0, description="Findings of this severity")
    risks: int = Field(default=0, ge=0)
    cosmetic: int = Field(default=0, ge=0)
    gaps: int = Field(default=0, ge=0, description="What was asked for and not checked")
    tables: int = Field(default=0, ge=0, description="Tables whose rows were compared, wholly or in part")
    rows: int = Field(default=0, ge=0, description="Rows of the source in them")
    methods: int = Field(default=0, ge=0, description="Methods that some case called")
    cases: int = Field(default=0, ge=0)
    stages: tuple[StageTime, ...] = ()
    href: str | None = Field(default=None, description="Its report, relative to the folder of this document")


Standing = Literal["new", "fixed", "still there", "not checked again"]
"""new: the newer run found it and the older did not; fixed: the newer run checked it and did not find it again;
not checked again: nothing is known of it now."""


class ComparedFinding(Record):
    """What became of one finding between two runs; the same code about the same object is the same finding."""

    standing: Standing
    code: str
    severity: Severity = Field(description="In the newer run; of a finding that it does not have, in the older one")
    stage: str
    object: FoundObject
    title: str
    table: str | None = None
    was: Severity | None = Field(default=None, description="In the older run, where it is another")
    reason: str = Field(default="", description="Why it was not checked again")


class NoLongerChecked(Record):
    """Something that the older run checked and this one did not."""

    stage: str
    item: str
    reason: str
    decided: bool = Field(default=False, description="A person left it out by name: no gap")


class RunComparison(Record):
    """What changed since an older run."""

    older: RunSummary
    notes: tuple[str, ...] = Field(default=(), description="What makes the two runs less comparable, in words")
    findings: tuple[ComparedFinding, ...] = Field(
        default=(), description="New ones first, then what was not checked again, fixed, still there; worst first"
    )
    no_longer_checked: tuple[NoLongerChecked, ...] = ()

    def of(self, standing: Standing) -> tuple[ComparedFinding, ...]:
        """The findings of one standing."""
        return tuple(each for each in self.findings if each.standing == standing)


class Environment(Record):
    """Where the run ran."""

    pgparity: str
    python: str
    platform: str
    packages: dict[str, str] = Field(default_factory=dict)


class RunDocument(Record):
    """One run. The JSON Schema is schemas/contracts/run.v1.json."""

    format: Literal["pgparity/run"] = "pgparity/run"
    version: Literal[1] = 1
    id: str
    title: str
    started_at: str = Field(description="UTC, ISO 8601")
    finished_at: str
    seconds: float = Field(ge=0)
    verdict: Verdict
    source: ServerFacts
    target: ServerFacts
    schemas: tuple[str, ...] = Field(
        default=(), description="Schemas that were asked for; none: the run is of a version that did not record them"
    )
    scope: tuple[ScopeTable, ...] = ()
    stages: tuple[StageRecord, ...] = Field(description="In order, with status and seconds")
    coverage: tuple[Coverage, ...] = Field(description="What was and was not checked, a stage each")
    findings: tuple[Finding, ...] = Field(description="Worst first")
    changes: tuple[Change, ...] = ()
    renames: tuple[RenameSuggestion, ...] = ()
    unmodelled: tuple[str, ...] = Field(default=(), description="kind identity (side) of what was not compared")
    plans: tuple[Plan, ...] = ()
    mapping: Mapping = Mapping()
    migration: Ledger | None = None
    rows: tuple[TableRows, ...] = ()
    methods: tuple[MethodResult, ...] = ()
    outcomes: tuple[OutcomePair, ...] = Field(default=(), description="Pairs that are not equal")
    servers: tuple[Attestation, ...] = Field(default=(), description="Who answered the methods, seen on the wire")
    related: tuple[RelatedRun, ...] = ()
    history: tuple[RunSummary, ...] = Field(
        default=(),
        description="Earlier runs of the same two databases, oldest first, at most 20",
    )
    comparison: RunComparison | None = Field(default=None, description="With the run that this one was compared with")
    parts: tuple[RunSummary, ...] = Field(default=(), description="The runs that this document was merged from")
    cutover: CutoverRecord | None = Field(default=None, description="The cutover that this document is about")
    environment: Environment

    def stage(self, name: str) -> StageRecord | None:
        """The stage of that name, None where the run has none."""
        return next((stage for stage in self.stages if stage.name == name), None)
