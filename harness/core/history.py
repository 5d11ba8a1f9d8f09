"""History: runs in figures, and which of them are earlier runs of the same two databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from harness.core.document import RunDocument, RunSummary, ServerFacts, StageTime
from harness.core.record import Record, Severity
from harness.core.unchecked import gaps

RUNS_KEPT: Final = 20
"""Earlier runs that a document tells of"""


class KnownDatabase(Protocol):
    """Which database something is about."""

    @property
    def database(self) -> str:
        """Its name."""

    @property
    def address(self) -> str:
        """Of its server."""

    @property
    def system_identifier(self) -> str | None:
        """Of its server; None where the role may not read it."""


class KnownRun(Record):
    """What later runs of the same databases have to know of a run; small, however large its document is."""

    source: ServerFacts
    target: ServerFacts
    summary: RunSummary
    history: tuple[RunSummary, ...] = ()


def known_run(document: RunDocument) -> KnownRun:
    """What later runs have to know of this one."""
    return KnownRun(
        source=document.source, target=document.target, summary=summary_of(document), history=document.history
    )


def summary_of(document: RunDocument) -> RunSummary:
    """A run in figures."""
    severities = [finding.severity for finding in document.findings]
    return RunSummary(
        id=document.id,
        title=document.title,
        started_at=document.started_at,
        seconds=document.seconds,
        status=document.verdict.status,
        source=document.source.label,
        target=document.target.label,
        blockers=severities.count(Severity.BLOCKER),
        risks=severities.count(Severity.RISK),
        cosmetic=severities.count(Severity.COSMETIC),
        gaps=len(gaps(document)),
        tables=len(document.rows),
        rows=sum(each.source_rows for each in document.rows),
        methods=sum(each.cases > 0 for each in document.methods),
        cases=sum(each.cases for each in document.methods),
        stages=tuple(StageTime(name=each.name, status=each.status, seconds=each.seconds) for each in document.stages),
    )


def same_database(one: KnownDatabase, other: KnownDatabase) -> bool:
    """Whether two runs met one database: by its server's identifier, by the address where no role may read that."""
    if one.database != other.database:
        return False
    if one.system_identifier and other.system_identifier:
        return one.system_identifier == other.system_identifier
    return one.address == other.address


def same_pair(one: RunDocument | KnownRun, other: RunDocument | KnownRun) -> bool:
    """Whether two runs compared the same two databases."""
    return same_database(one.source, other.source) and same_database(one.target, other.target)


def history_of(document: RunDocument, others: Iterable[tuple[KnownRun, str | None]]) -> tuple[RunSummary, ...]:
    """The earlier ones of `others`, each with the address of its report, that compared the same two databases.

    What an earlier run knew of runs before it counts too: its folder may be gone, or written over by now.
    """
    known: dict[str, RunSummary] = {}
    for other, href in others:
        if other.summary.id != document.id and same_pair(document, other):
            for told in other.history:
                known.setdefault(told.id, told.model_copy(update={"href": None}))
            known[other.summary.id] = other.summary.model_copy(update={"href": href})
    earlier = [each for each in known.values() if each.id != document.id and each.started_at <= document.started_at]
    return tuple(sorted(earlier, key=lambda each: (each.started_at, each.id))[-RUNS_KEPT:])
