"""What changed since an older run, and which runs a document was merged from: the words that every output shares."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.document import ComparedFinding, NoLongerChecked, RunComparison, RunSummary, Standing
from harness.render.cutting import Shown, within
from harness.render.figures import counted, moment

STANDINGS: tuple[Standing, ...] = ("new", "not checked again", "fixed", "still there")

ALLOWANCE = 300_000
"""Bytes of the page that the findings which changed may take, and as many what is no longer checked"""
MARKUP = 300


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """What a page shows of a comparison."""

    headline: str
    findings: Shown[ComparedFinding]
    lost: Shown[NoLongerChecked]


def changed_section(comparison: RunComparison | None) -> ChangedSection | None:
    """None where the run was compared with none."""
    if comparison is None:
        return None
    return ChangedSection(
        headline(comparison),
        within(worth_telling(comparison), ALLOWANCE, lambda each: MARKUP + len(each.to_json())),
        within(comparison.no_longer_checked, ALLOWANCE, lambda each: MARKUP + len(each.to_json())),
    )


def headline(comparison: RunComparison) -> str:
    """Since the run of 2026-07-14 09:12:03 UTC (NO-GO): 2 new, 0 not checked again, 3 fixed, 4 still there"""
    counts = ", ".join(f"{len(comparison.of(standing)):,} {standing}" for standing in STANDINGS)
    return f"Since the run of {moment(comparison.older.started_at)} ({comparison.older.status}): {counts}"


def severity_of(finding: ComparedFinding) -> str:
    """blocker, or risk (was blocker)"""
    return f"{finding.severity} (was {finding.was})" if finding.was else str(finding.severity)


def told(finding: ComparedFinding) -> str:
    """What is the matter, and why nothing is known of it now."""
    return f"{finding.title} (not checked again: {finding.reason})" if finding.reason else finding.title


def worth_telling(comparison: RunComparison) -> tuple[ComparedFinding, ...]:
    """All but what is still there as it was: that is among the findings."""
    return tuple(each for each in comparison.findings if each.standing != "still there" or each.was is not None)


def lost(item: NoLongerChecked) -> str:
    """rows: public.staff: timeout (by decision)"""
    return f"{item.stage}: {item.item}: {item.reason}" + (" (by decision)" if item.decided else "")


def part(run: RunSummary) -> str:
    """A run that this document was merged from, in one line."""
    found = f"{counted(run.blockers, 'blocker')}, {counted(run.risks, 'risk')}, {counted(run.gaps, 'gap')}"
    return f"{run.status}: {run.title}, {moment(run.started_at)}, {run.source} -> {run.target}: {found}"
