"""What a verdict means, in one sentence, and what to do next: the same words in every output."""

from __future__ import annotations

from harness.core.codes import ABOUT_COVERAGE
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.plan import Plan
from harness.core.record import Severity
from harness.core.unchecked import gaps
from harness.core.verdict import Status
from harness.render.cutover_words import MEANINGS, cutover_steps
from harness.render.figures import counted

_STRATEGIES = {
    "recreate": "drop and create again what differs",
    "map": "transform the rows on the way",
    "add-missing": "add what the target lacks, touch nothing else",
    "exact": "make the target equal to the source",
}


def failing(document: RunDocument) -> tuple[Finding, ...]:
    """The findings that make the verdict NO-GO: at or above the limit, and of a difference, not of coverage."""
    limit = document.verdict.fail_on
    return tuple(
        finding
        for finding in document.findings
        if finding.severity.at_least(limit) and finding.code not in ABOUT_COVERAGE
    )


def meaning(document: RunDocument) -> str:
    """The verdict as a sentence that a person who reads nothing else can act on."""
    if document.cutover is not None:
        return MEANINGS[document.cutover.state]
    match document.verdict.status:
        case Status.GO:
            return (
                "All that was asked for was checked and nothing was found that stops a cutover: "
                "the target can replace the source."
            )
        case Status.NO_GO:
            number = counted(len(failing(document)), "finding")
            return f"{number} must be mended before the target can replace the source."
        case Status.INCOMPLETE:
            return "Not proved: something that was asked for was not checked."


def severities(document: RunDocument) -> dict[Severity, int]:
    """How many findings of each severity, worst first, zeros included."""
    return {severity: sum(finding.severity is severity for finding in document.findings) for severity in Severity}


def tally(document: RunDocument) -> str:
    """7 blockers, 1 risk, 0 cosmetic"""
    numbers = severities(document)
    blockers, risks = counted(numbers[Severity.BLOCKER], "blocker"), counted(numbers[Severity.RISK], "risk")
    return f"{blockers}, {risks}, {numbers[Severity.COSMETIC]:,} cosmetic"


def strategy(plan: Plan) -> str:
    """What a plan's strategy does, in words."""
    return _STRATEGIES[plan.strategy]


def next_steps(document: RunDocument) -> tuple[str, ...]:
    """What to do now, most useful first."""
    if document.cutover is not None:
        return cutover_steps(document.cutover)
    steps: list[str] = []
    if document.verdict.status is Status.GO:
        risks = severities(document)[Severity.RISK]
        if risks:
            steps.append(f"Read {counted(risks, 'risk')}: a person decides what did not decide the verdict.")
        steps.append("Keep run.json with the release: it is the evidence.")
        steps.append("Rows of a live source go on changing: run again right before the cutover.")
        return tuple(steps)
    to_mend = failing(document)
    fixable = sum(finding.fix is not None and finding.fix.sql is not None for finding in to_mend)
    if fixable:
        steps.append(f"{counted(fixable, 'finding')} come with the statement that mends them.")
    for plan in sorted(document.plans, key=lambda plan: (len(plan.hazards), not plan.proved)):
        if plan.steps:
            hazards = ", ".join(plan.hazards) or "none"
            proved = "proved on a clone" if plan.proved else "not proved"
            size = counted(len(plan.steps), "step")
            steps.append(f"Plan {plan.strategy} ({strategy(plan)}): {size}, hazards: {hazards}, {proved}.")
    not_run = {stage.name for stage in document.stages if stage.status == "not run"}
    stopped = not_run if to_mend else set()
    if stopped:
        steps.append(f"{counted(len(stopped), 'stage')} did not run because of this; they will, once it is mended.")
    open_gaps = sum(gap.stage not in stopped for gap in gaps(document))
    if open_gaps:
        steps.append(
            f"Close {counted(open_gaps, 'gap')}, or exclude what is meant to stay out by name with the reason."
        )
    if to_mend:
        steps.append("Mend what is listed, worst first, and run again: the addresses of findings stay the same.")
    return tuple(steps)
