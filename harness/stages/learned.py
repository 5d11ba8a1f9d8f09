"""What a run is asked for, what its stages learn, and the run document that follows; loads none of the stages' work."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.document import RunDocument, ScopeTable, ServerFacts
from harness.core.findings import Finding
from harness.core.ledger import Ledger
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.core.scope import compared
from harness.core.verdict import decide
from harness.postgres.connect import Endpoint
from harness.stages.diff_artifact import DiffArtifact
from harness.stages.environment import environment
from harness.stages.journal import Journal, now
from harness.stages.methods_artifact import MethodsArtifact


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What to run. `base` is the folder that relative names of the configuration start from."""

    configuration: Configuration
    base: Path
    source: Endpoint
    target: Endpoint
    consent: bool = False
    """Whether the target may be written: rows moved, a plan applied"""
    allow: frozenset[Hazard] = frozenset()
    """Hazards of a plan that the user allowed by name"""
    title: str = ""


@dataclass(slots=True, kw_only=True)
class Learned:
    """What the stages hand on to each other and, at the end, to the document."""

    sides: tuple[ServerFacts, ServerFacts]
    catalogs: tuple[Catalog, Catalog]
    scope: tuple[ScopeTable, ...]
    diff: DiffArtifact = field(default_factory=DiffArtifact)
    plans: tuple[Plan, ...] = ()
    ledger: Ledger | None = None
    rows: tuple[TableRows, ...] = ()
    methods: MethodsArtifact = field(default_factory=MethodsArtifact)

    @property
    def tables(self) -> tuple[str, ...]:
        """Identities of the source's tables that are compared."""
        return compared(self.scope)


def document_of(
    request: RunRequest, journal: Journal, learned: Learned, started_at: str, seconds: float
) -> RunDocument:
    """verdict: everything that was learned, and what follows from it."""
    counts = {each.table: each for each in learned.rows}
    scope = tuple(
        each.model_copy(update={"source_rows": rows.source_rows, "target_rows": rows.target_rows})
        if (rows := counts.get(each.table))
        else each
        for each in learned.scope
    )
    return RunDocument(
        id=uuid.uuid4().hex[:12],
        title=request.title or f"{learned.sides[0].database} → {learned.sides[1].database}",
        started_at=started_at,
        finished_at=now(),
        seconds=round(seconds, 3),
        verdict=decide(
            journal.findings,
            ((stage.name, stage.status, stage.summary) for stage in journal.stages),
            fail_on=request.configuration.run.fail_on,
        ),
        source=learned.sides[0],
        target=learned.sides[1],
        schemas=request.configuration.scope.schemas,
        scope=scope,
        stages=tuple(journal.stages),
        coverage=tuple(journal.coverage),
        findings=tuple(journal.sorted_findings()),
        changes=learned.diff.changes,
        renames=learned.diff.renames,
        unmodelled=learned.diff.unmodelled,
        plans=tuple(_with_breaks(plan, journal.findings) for plan in learned.plans),
        mapping=request.configuration.mapping,
        migration=learned.ledger,
        rows=learned.rows,
        methods=learned.methods.results,
        outcomes=learned.methods.outcomes,
        servers=learned.methods.servers,
        environment=environment(),
    )


def _with_breaks(plan: Plan, findings: Sequence[Finding]) -> Plan:
    """The plan with what no plan mends: statements that are wrong on both sides."""
    broken = tuple(finding.title for finding in findings if finding.code in ("CTR003", "CTR005"))
    return plan.model_copy(update={"cost": plan.cost.model_copy(update={"breaks": broken})})
