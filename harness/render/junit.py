"""JUnit XML: red exactly when the verdict is not GO, so that any CI system can show a run."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from harness.core.document import RunComparison, RunDocument, StageRecord
from harness.core.findings import Finding
from harness.core.run_comparison import exit_code_of_change
from harness.core.verdict import Status
from harness.render.comparison_lines import headline, lost, told, worth_telling
from harness.render.conclusion import failing, meaning
from harness.render.plain_finding import plain
from harness.render.visible import one_line, visible

_COUNTED = (("failures", "failure"), ("errors", "error"))


def render_junit(document: RunDocument) -> str:
    """A suite for each stage with a case for the stage and one for each code and object found, and one for the verdict.

    failure: a finding at or above the limit, a failed stage, NO-GO; error: what was not checked, INCOMPLETE;
    skipped: excluded by decision. A finding below the limit passes and is told in system-out.
    """
    root = ET.Element("testsuites", name="pgparity", time=f"{document.seconds:.3f}")
    to_mend = {id(finding) for finding in failing(document)}
    by_stage: dict[str, list[Finding]] = {stage.name: [] for stage in document.stages}
    for finding in document.findings:
        by_stage.setdefault(finding.stage, []).append(finding)
    for name, findings in by_stage.items():
        stage = document.stage(name)
        suite = ET.SubElement(root, "testsuite", name=one_line(name), time=f"{stage.seconds if stage else 0:.3f}")
        if stage is not None:
            if stage.started_at:
                suite.set("timestamp", one_line(stage.started_at))
            _stage_case(suite, stage)
        _finding_cases(suite, name, findings, to_mend)
    last = ET.SubElement(root, "testsuite", name="verdict", time="0")
    _verdict_case(last, document)
    if document.comparison is not None:
        _change_case(last, document, document.comparison)
    for suite in root:
        _totals(suite, [suite], (*_COUNTED, ("skipped", "skipped")))
    # Jenkins' schema knows no count of skipped cases of all suites together.
    _totals(root, list(root), _COUNTED)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, stage: str, name: str, seconds: float = 0) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", classname=f"pgparity.{one_line(stage)}", name=one_line(name), time=f"{seconds:.3f}"
    )


def _stage_case(suite: ET.Element, stage: StageRecord) -> None:
    case = _case(suite, stage.name, f"stage {stage.name}", stage.seconds)
    outcome = {"failed": "failure", "incomplete": "error", "not run": "error", "excluded": "skipped"}.get(stage.status)
    if outcome is not None:
        ET.SubElement(case, outcome, message=one_line(f"{stage.status}: {stage.summary}"))


def _finding_cases(suite: ET.Element, stage: str, findings: list[Finding], to_mend: set[int]) -> None:
    cases: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        cases.setdefault((finding.code, finding.object.kind, finding.object.identity), []).append(finding)
    for (code, kind, identity), same in cases.items():
        case = _case(suite, stage, f"{code} {kind} {identity}")
        failed = [finding for finding in same if id(finding) in to_mend]
        if failed:
            failure = ET.SubElement(case, "failure", type=failed[0].severity.value, message=one_line(failed[0].title))
            failure.text = _bodies(same)
        else:
            ET.SubElement(case, "system-out").text = _bodies(same)


def _verdict_case(suite: ET.Element, document: RunDocument) -> None:
    case = _case(suite, "verdict", "verdict")
    status = document.verdict.status
    if status is not Status.GO:
        kind = "failure" if status is Status.NO_GO else "error"
        outcome = ET.SubElement(case, kind, type=status.value, message=one_line(f"{status}: {meaning(document)}"))
        outcome.text = "\n".join(visible(reason) for reason in document.verdict.reasons)


def _change_case(suite: ET.Element, document: RunDocument, comparison: RunComparison) -> None:
    """One case: red where something got worse since the older run, or where that is not known."""
    case = _case(suite, "verdict", "what changed")
    lines = [*comparison.notes, *(f"{each.standing}: {each.code} {told(each)}" for each in worth_telling(comparison))]
    lines += [f"checked then and not now: {lost(item)}" for item in comparison.no_longer_checked]
    kind = {1: "failure", 3: "error"}.get(exit_code_of_change(document, comparison))
    if kind is None:
        text = ET.SubElement(case, "system-out")
        lines.insert(0, headline(comparison))
    else:
        text = ET.SubElement(case, kind, message=one_line(headline(comparison)))
    text.text = "\n".join(visible(line) for line in lines)


def _bodies(findings: Iterable[Finding]) -> str:
    return "\n\n".join(plain(finding) for finding in findings)


def _totals(element: ET.Element, suites: list[ET.Element], counted: Iterable[tuple[str, str]]) -> None:
    element.set("tests", str(sum(len(suite.findall("testcase")) for suite in suites)))
    for name, tag in counted:
        element.set(name, str(sum(len(suite.findall(f"testcase/{tag}")) for suite in suites)))
