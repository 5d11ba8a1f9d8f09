"""The findings of an HTML report: their addresses, grouped by severity and code, cut to an allowance of bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.core.findings import Evidence, Finding
from harness.core.record import Severity
from harness.render.cutting import fit
from harness.render.differing import Run, differing
from harness.render.visible import clipped

FINDINGS_LISTED = 10_000
LONGEST_EVIDENCE = 2_000


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One piece of evidence: sides as runs (None: absent), or a text."""

    label: str
    source: tuple[Run, ...] | None
    target: tuple[Run, ...] | None
    text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding and its id in the page."""

    finding: Finding
    address: str
    opened: bool

    @property
    def sides(self) -> tuple[EvidenceView, ...]:
        """The evidence that has two sides."""
        return tuple(_evidence(item) for item in self.finding.evidence if not _is_text(item))

    @property
    def texts(self) -> tuple[Evidence, ...]:
        """The evidence that is a text alone."""
        return tuple(item for item in self.finding.evidence if _is_text(item))


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """The findings of one severity and code, rendered."""

    code: str
    total: int
    pieces: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class SeverityGroup:
    """The findings of one severity."""

    severity: Severity
    total: int
    codes: tuple[CodeGroup, ...]


@dataclass(frozen=True, slots=True)
class FindingList:
    """All findings that are shown, what is told of them in brief only, and how many are cut."""

    groups: tuple[SeverityGroup, ...]
    in_brief: int
    cut: int


def addresses(findings: Sequence[Finding]) -> Iterator[str]:
    """An id for each finding: its anchor, numbered from the second finding with that anchor on.

    No anchor holds two hyphens in a row, so a numbered one is never another finding's.
    """
    numbers: Counter[str] = Counter()
    for anchor in (finding.anchor for finding in findings):
        numbers[anchor] += 1
        yield anchor if numbers[anchor] == 1 else f"{anchor}--{numbers[anchor]}"


def finding_list(
    findings: Sequence[Finding],
    *,
    full: Callable[[FindingView], Markup],
    brief: Callable[[FindingView], Markup],
    allowance: int,
) -> FindingList:
    """Render the findings in their order (worst first) and group them. `full` and `brief` give a finding's HTML."""
    few = len(findings) <= 3
    views = [
        FindingView(finding, address, opened=few or number == 0)
        for number, (finding, address) in enumerate(zip(findings, addresses(findings), strict=True))
    ]
    fitted = fit(views[:FINDINGS_LISTED], full, brief, allowance)
    groups: dict[Severity, dict[str, list[Markup]]] = {}
    totals: dict[tuple[Severity, str], int] = {}
    for finding in findings:
        totals[finding.severity, finding.code] = totals.get((finding.severity, finding.code), 0) + 1
    for view, piece in zip(views, fitted.pieces, strict=False):
        groups.setdefault(view.finding.severity, {}).setdefault(view.finding.code, []).append(piece)
    return FindingList(
        groups=tuple(
            SeverityGroup(
                severity=severity,
                total=sum(number for (found, _), number in totals.items() if found is severity),
                codes=tuple(
                    CodeGroup(code, totals[severity, code], tuple(pieces)) for code, pieces in groups[severity].items()
                ),
            )
            for severity in Severity
            if severity in groups
        ),
        in_brief=len(fitted.pieces) - fitted.full,
        cut=len(findings) - len(fitted.pieces),
    )


def _is_text(evidence: Evidence) -> bool:
    return evidence.source is None and evidence.target is None


def _evidence(item: Evidence) -> EvidenceView:
    source = None if item.source is None else clipped(item.source, LONGEST_EVIDENCE)
    target = None if item.target is None else clipped(item.target, LONGEST_EVIDENCE)
    if source is None or target is None:
        return EvidenceView(item.label, _whole(source), _whole(target), item.text or "")
    left, right = differing(source, target)
    return EvidenceView(item.label, left, right, item.text or "")


def _whole(text: str | None) -> tuple[Run, ...] | None:
    return None if text is None else (Run(text, differs=False),)
