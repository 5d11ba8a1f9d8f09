"""Earlier runs beside this one: a line for each, and the course of their findings and times as geometry for SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.document import RunDocument, RunSummary
from harness.core.history import summary_of
from harness.render.figures import counted, duration

HEIGHT = 48
STEP, COLUMN = 18, 12
"""From column to column, and how wide one is"""


@dataclass(frozen=True, slots=True)
class Column:
    """One run: what decides (blockers) stands below what is to be read (risks)."""

    x: float
    blockers: float
    risks: float
    says: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A figure of several runs, oldest first; the last is this run."""

    points: str
    last_x: float
    last_y: float
    says: str


@dataclass(frozen=True, slots=True)
class PastRuns:
    """The runs of the same two databases, oldest first; the last one is this run."""

    runs: tuple[RunSummary, ...]
    columns: tuple[Column, ...]
    took: Sparkline
    since: str
    """What has changed since the run before, in words"""

    @property
    def width(self) -> int:
        """Of both drawings."""
        return STEP * len(self.runs)


def past_runs(document: RunDocument) -> PastRuns | None:
    """None where the document knows of no earlier run."""
    if not document.history:
        return None
    return course((*document.history, summary_of(document)))


def course(runs: Sequence[RunSummary]) -> PastRuns:
    """The course of several runs, oldest first."""
    since = _since(runs[-2], runs[-1]) if len(runs) > 1 else ""
    return PastRuns(runs=tuple(runs), columns=_columns(runs), took=_took(runs), since=since)


def _columns(runs: Sequence[RunSummary]) -> tuple[Column, ...]:
    top = max(run.blockers + run.risks for run in runs)
    return tuple(
        Column(
            x=place * STEP + (STEP - COLUMN) / 2,
            blockers=_height(run.blockers, top),
            risks=_height(run.risks, top),
            says=f"{run.status}: {counted(run.blockers, 'blocker')}, {counted(run.risks, 'risk')}",
        )
        for place, run in enumerate(runs)
    )


def _height(number: int, top: int) -> float:
    """One of many would be thinner than a line: what is there is seen."""
    return max(round(number / top * (HEIGHT - 4), 1), 2.0) if number else 0.0


def _took(runs: Sequence[RunSummary]) -> Sparkline:
    top = max(run.seconds for run in runs)
    places = [
        (place * STEP + STEP / 2, round(HEIGHT - 3 - (run.seconds / top * (HEIGHT - 6) if top > 0 else 0), 1))
        for place, run in enumerate(runs)
    ]
    times = [run.seconds for run in runs]
    return Sparkline(
        points=" ".join(f"{x:g},{y:g}" for x, y in places),
        last_x=places[-1][0],
        last_y=places[-1][1],
        says=f"{duration(min(times))} to {duration(max(times))}, the last one {duration(times[-1])}",
    )


def _since(before: RunSummary, now: RunSummary) -> str:
    changed = [
        f"{counted(abs(new - old), noun)} {'fewer' if new < old else 'more'}"
        for old, new, noun in (
            (before.blockers, now.blockers, "blocker"),
            (before.risks, now.risks, "risk"),
            (before.gaps, now.gaps, "gap"),
        )
        if new != old
    ]
    verdict = f"was {before.status}" if before.status is not now.status else f"was {before.status}, too"
    return (
        f"{verdict}; since then {', '.join(changed)}"
        if changed
        else f"{verdict}, with as many blockers, risks and gaps"
    )
