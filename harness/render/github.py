"""GitHub workflow commands: the verdict and the findings as annotations of a job."""

from __future__ import annotations

from harness.core.codes import ABOUT_COVERAGE
from harness.core.document import ComparedFinding, RunComparison, RunDocument
from harness.core.findings import Finding
from harness.core.record import Severity
from harness.core.run_comparison import exit_code_of_change
from harness.core.unchecked import gaps
from harness.core.verdict import Status
from harness.render.comparison_lines import headline, lost
from harness.render.conclusion import meaning, tally
from harness.render.visible import clipped, one_line, visible

ANNOTATIONS_KEPT = 50
"""GitHub keeps at most 50 annotations of a job (10 of a level in one step); more lines would only fill the log."""
GAPS = 5
LONGEST = 1_000


def render_github(document: RunDocument) -> str:
    """One workflow command a line: the verdict first, because GitHub drops the later ones, then gaps and findings.

    error: at or above the limit, or not checked; warning: a risk below the limit; notice: the rest.
    """
    status = document.verdict.status
    verdict = f"{meaning(document)} {tally(document)}.\n" + "\n".join(document.verdict.reasons)
    lines = [_command("notice" if status is Status.GO else "error", f"pgparity: {status}", verdict)]
    if document.comparison is not None:
        lines.append(_change(document, document.comparison))
    open_gaps = gaps(document)
    lines += [_command("error", f"Not checked ({gap.stage})", f"{gap.item}: {gap.reason}") for gap in open_gaps[:GAPS]]
    if len(open_gaps) > GAPS:
        lines.append(_command("error", "Not checked", f"{len(open_gaps) - GAPS:,} more gaps are in the run document"))
    new = _new(document.comparison)
    # What is new comes first: GitHub drops the later ones.
    findings = sorted(document.findings, key=lambda finding: _identity(finding) not in new)
    lines += [_annotation(finding, document.verdict.fail_on, new=_identity(finding) in new) for finding in findings]
    shown = lines[:ANNOTATIONS_KEPT]
    if len(lines) > len(shown):
        shown[-1] = _command("notice", "pgparity", f"{len(lines) - len(shown) + 1:,} more are in the run document")
    return "\n".join(shown) + "\n"


def _change(document: RunDocument, comparison: RunComparison) -> str:
    level = "error" if exit_code_of_change(document, comparison) else "notice"
    lines = [headline(comparison), *comparison.notes, *(lost(item) for item in comparison.no_longer_checked[:GAPS])]
    return _command(level, "pgparity: what changed", "\n".join(lines))


def _identity(finding: Finding | ComparedFinding) -> tuple[str, str, str]:
    return finding.code, finding.object.kind, finding.object.identity


def _new(comparison: RunComparison | None) -> frozenset[tuple[str, str, str]]:
    return frozenset(_identity(each) for each in comparison.of("new")) if comparison else frozenset()


def _annotation(finding: Finding, fail_on: Severity, *, new: bool) -> str:
    if finding.severity.at_least(fail_on) and finding.code not in ABOUT_COVERAGE:
        level = "error"
    else:
        level = "warning" if finding.severity is Severity.RISK else "notice"
    title = f"{'new ' if new else ''}{finding.code} {finding.severity} ({finding.stage})"
    breaks = f"\nBreaks: {', '.join(finding.breaks)}" if finding.breaks else ""
    fix = f"\nFix: {finding.fix.text}" if finding.fix else ""
    return _command(level, title, finding.title + breaks + fix)


def _command(level: str, title: str, message: str) -> str:
    """The escapes are those of the runner: % and line ends everywhere, and in a property also : and the comma."""
    text = clipped(visible(message), LONGEST).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    named = one_line(title).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={named}::{text}"
