"""The comparison of methods on one screen: who answered, a line a method, the findings worst first, what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from harness.core.document import RunDocument
from harness.core.findings import Evidence, Finding
from harness.core.method_findings import call_of
from harness.core.outcomes import MethodResult, OutcomePair
from harness.core.record import Severity
from harness.core.unchecked import gaps
from harness.core.verdict import Status
from harness.render.conclusion import tally
from harness.render.figures import counted, duration, milliseconds
from harness.render.method_advice import advice
from harness.render.outcome_lines import outcome_lines
from harness.render.visible import clipped, one_line

METHODS_SHOWN = 60
FINDINGS_SHOWN = 8
BRIEF_FROM = 4
"""From this finding on, a finding is its title alone: one screen"""
EVIDENCE_SHOWN = 4
GAPS_SHOWN = 6
_LONGEST = 300

_STYLES = {Status.GO: "bold green", Status.NO_GO: "bold red", Status.INCOMPLETE: "bold yellow"}
_VERDICTS = {
    Status.GO: "verified: every case was compared, and nothing was found that counts",
    Status.NO_GO: "the data layers do not answer alike",
    Status.INCOMPLETE: "not proved: something that was asked for was not compared",
}
_SEVERITY_STYLES = {Severity.BLOCKER: "red", Severity.RISK: "yellow", Severity.COSMETIC: "dim"}
_ABOUT_PAIRS = {
    "MET001": ("different",),
    "MET002": ("drift", "different"),
    "MET003": ("different",),
    "MET004": ("different",),
    "MET005": ("different",),
    "MET006": ("different",),
    "MET007": ("void",),
}
_FAILED = {"MET003": (True, True), "MET004": (False, True), "MET005": (True, False)}
"""Which sides fail in a case: the source, the target"""


def print_methods(document: RunDocument, console: Console) -> None:
    """Print it. Values reach rich as Text only, never as markup."""
    status = document.verdict.status
    _line(console, Text.assemble((str(status), _STYLES[status]), f"  {_VERDICTS[status]}"))
    stage = document.stage("methods")
    _line(console, Text(f"{one_line(stage.summary) if stage else ''}, {duration(document.seconds)}"))
    for line in _servers(document):
        _line(console, Text(line, style="dim"))
    _methods(document, console)
    _line(console, Text(f"Findings: {tally(document)}", style="bold"))
    for place, finding in enumerate(document.findings[:FINDINGS_SHOWN]):
        _finding(finding, document, console, brief=place >= BRIEF_FROM or finding.severity is Severity.COSMETIC)
    _rest(console, len(document.findings) - FINDINGS_SHOWN)
    not_checked = gaps(document)
    _line(console, Text(f"Not compared: {counted(len(not_checked), 'gap') if not_checked else 'no gap'}", style="bold"))
    for gap in not_checked[:GAPS_SHOWN]:
        _line(console, Text(f"  - {clipped(one_line(f'{gap.item}: {gap.reason}'), _LONGEST)}"))
    _rest(console, len(not_checked) - GAPS_SHOWN)


def _servers(document: RunDocument) -> Iterator[str]:
    """Both databases; where the clones were that answered is seen in the pairs."""
    for side in (document.source, document.target):
        side_name = "source" if side is document.source else "target"
        yield one_line(
            f"{side_name}: {side.database} at {side.address}, PostgreSQL {side.version}; called on a clone of it"
        )


def _methods(document: RunDocument, console: Console) -> None:
    results = sorted(document.methods, key=lambda each: (-each.void, -each.different, -each.drift, each.method))
    width = max((len(each.method) for each in results), default=0)
    head = f"{'Method':<{width}}  cases  equal  drift  differ   source p50   target p50  ratio"
    _line(console, Text(head, style="bold"))
    for result in results[:METHODS_SHOWN]:
        _line(console, _method(result, width))
    _rest(console, len(results) - METHODS_SHOWN)


def _method(result: MethodResult, width: int) -> Text:
    wrong = result.different + result.void
    line = Text(f"{one_line(result.method):<{width}}  {result.cases:>5}  {result.equal:>5}  ")
    line.append(f"{result.drift or '-':>5}", style="yellow" if result.drift else "")
    line.append(f"  {wrong or '-':>6}", style="red" if wrong else "")
    if result.latency is None:
        line.append(f"  {'not timed':>11}")
    else:
        times = result.latency
        line.append(
            f"  {milliseconds(times.source_p50):>11}  {milliseconds(times.target_p50):>11}  {times.ratio:>4.1f}x"
        )
    return line


def _finding(finding: Finding, document: RunDocument, console: Console, *, brief: bool) -> None:
    style = _SEVERITY_STYLES[finding.severity]
    title = clipped(one_line(finding.title), _LONGEST)
    _line(console, Text.assemble("  ", (f"{finding.code} {finding.severity}", style), f"  {title}"))
    if brief:
        return
    pair = _first_pair(finding, document)
    if pair is not None:
        for line in outcome_lines(pair):
            _line(console, Text(f"    {line}"))
    else:
        for evidence in finding.evidence[:EVIDENCE_SHOWN]:
            _line(console, Text(f"    {clipped(one_line(_seen(evidence)), _LONGEST)}"))
    if hint := advice(finding.code):
        _line(console, Text(f"    next: {hint}", style="dim"))


def _first_pair(finding: Finding, document: RunDocument) -> OutcomePair | None:
    """The first case that shows the finding."""
    verdicts = _ABOUT_PAIRS.get(finding.code, ())
    calls = {evidence.label for evidence in finding.evidence}
    found = [pair for pair in document.outcomes if pair.method == finding.object.identity and pair.verdict in verdicts]
    showing = [pair for pair in found if _shows(finding.code, pair)] or found
    return next((pair for pair in showing if call_of(pair) in calls), showing[0] if showing else None)


def _shows(code: str, pair: OutcomePair) -> bool:
    """Whether a case has what the finding is about: calls that look alike when masked may differ in other ways."""
    failed = pair.source.error is not None, pair.target.error is not None
    if code in _FAILED:
        return failed == _FAILED[code]
    places = {"MET001": pair.deltas, "MET006": pair.effects, "MET002": (*pair.deltas, *pair.effects)}.get(code)
    return places is None or any(each.drift == (code == "MET002") for each in places) or failed == (True, True)


def _seen(evidence: Evidence) -> str:
    if evidence.text is not None:
        return f"{evidence.label}: {evidence.text}"
    return f"{evidence.label}: source {evidence.source or 'absent'} | target {evidence.target or 'absent'}"


def _rest(console: Console, number: int) -> None:
    if number > 0:
        _line(console, Text(f"  and {number:,} more: --format json lists them all", style="dim"))


def _line(console: Console, text: Text) -> None:
    console.print(text, overflow="fold", soft_wrap=False)
