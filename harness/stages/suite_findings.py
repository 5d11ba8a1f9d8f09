"""Findings that several tests of a suite tell: each once, with all that was seen of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.core.findings import Evidence, Finding
from harness.core.suite_answers import SuiteAnswer

EVIDENCE_KEPT = 40


def distinct(answers: Iterable[SuiteAnswer]) -> tuple[Finding, ...]:
    """Each finding once, though several tests tell it; of one that each tells otherwise, all that was seen.

    A title may have figures, and those are of one test: what the others say is evidence.
    """
    found: dict[str, list[Finding]] = {}
    for each in (finding for answer in answers for finding in answer.findings):
        found.setdefault(each.anchor, []).append(each)
    return tuple(_as_one(each) for each in found.values())


def _as_one(told: Sequence[Finding]) -> Finding:
    graver = min(told, key=lambda finding: finding.severity.rank)
    titles = tuple(dict.fromkeys(each.title for each in told if each.title != graver.title))
    evidence = tuple(
        dict.fromkeys(
            (
                *(Evidence(label="another test", text=each) for each in titles),
                *(each for finding in told for each in finding.evidence),
            )
        )
    )
    more = len(evidence) - EVIDENCE_KEPT
    if len(told) > 1 and more > 0 and any(each != told[0] for each in told):
        evidence = (*evidence[:EVIDENCE_KEPT], Evidence(label="not shown", text=f"{more} more"))
    return graver.model_copy(
        update={
            "title": f"{graver.title}; other tests tell other figures" if titles else graver.title,
            "evidence": evidence,
            "breaks": tuple(dict.fromkeys(name for each in told for name in each.breaks)),
        }
    )
