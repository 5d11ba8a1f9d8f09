"""Markdown for a pull request: the verdict, why, and the worst findings, short enough to be posted as a comment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.core.document import RunComparison, RunDocument, RunSummary, ServerFacts
from harness.core.findings import Finding
from harness.core.unchecked import Unchecked, decisions, gaps
from harness.core.verdict import Status
from harness.render.comparison_lines import headline, lost, part, severity_of, told, worth_telling
from harness.render.conclusion import meaning, next_steps, tally
from harness.render.figures import counted, duration, milliseconds, moment
from harness.render.plain_finding import plain
from harness.render.table_matrix import matrix
from harness.render.visible import clipped, one_line

LONGEST_COMMENT = 65_000
"""GitHub refuses a comment above 65,536 characters (a job summary may have 1,024 KiB)."""
FINDINGS_LISTED = 100
FINDINGS_TOLD = 20
LINES_LISTED = 50
LONGEST_TEXT = 300

_MARKS = {Status.GO: "\u2705", Status.NO_GO: "\u274c", Status.INCOMPLETE: "\u26a0\ufe0f"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&]|^[-+=#>]|(?<=^\d)[.)]|(?<=^\d\d)[.)])")
# A mention, a reference or a bare address in a value must not ping anybody or become a link.
_LIVELY = re.compile(r"([@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=GH)(?=-)", re.IGNORECASE)


def render_markdown(document: RunDocument) -> str:
    """GitHub-flavoured Markdown below LONGEST_COMMENT characters; what is cut is said, and is in the run document."""
    blocks = [
        _heading(document),
        _parts(document.parts),
        _changes(document.comparison),
        _unchecked("Not checked", gaps(document)),
        _findings(document.findings),
        _told(document.findings),
        _tables(document),
        _methods(document),
        _unchecked("Left out by decision", decisions(document)),
        _stages(document),
        "\n".join(["#### Next", *(f"- {prose(step)}" for step in next_steps(document))]),
    ]
    kept, room = [], LONGEST_COMMENT - 200
    for block in filter(None, blocks):
        if len(block) + 2 > room:
            kept.append("_Some sections are too long for a comment and were left out: they are in the report._")
            break
        kept.append(block)
        room -= len(block) + 2
    return "\n\n".join(kept) + "\n"


def prose(text: str) -> str:
    """A value inside a sentence: no Markdown, no HTML, no mention, no link, on one line."""
    shown = clipped(one_line(text), LONGEST_TEXT)
    return _SPECIAL.sub(r"\\\1", _LIVELY.sub(lambda match: match[0] + "\u200b", shown))


def code(text: str) -> str:
    """A value as a code span, also inside a table."""
    shown = clipped(one_line(text), LONGEST_TEXT).replace("|", "\\|")
    ticks = max((len(run) for run in re.findall("`+", shown)), default=0) + 1
    pad = " " if shown[:1] == "`" or shown[-1:] == "`" or not shown else ""
    return f"{'`' * ticks}{pad}{shown}{pad}{'`' * ticks}"


def _heading(document: RunDocument) -> str:
    status = document.verdict.status
    pair = f"{_server(document.source)} \u2192 {_server(document.target)}"
    reasons = [f"{number}. {prose(reason)}" for number, reason in enumerate(document.verdict.reasons, 1)]
    return "\n".join(
        [
            f"### {_MARKS[status]} pgparity: {status}",
            "",
            f"**{prose(meaning(document))}** {tally(document).capitalize()}.",
            "",
            *reasons,
            "",
            f"{pair}, {prose(moment(document.started_at))}, {duration(document.seconds)}.",
        ]
    )


def _parts(runs: Sequence[RunSummary]) -> str:
    if not runs:
        return ""
    lines = [f"- {prose(part(run))}" for run in runs[:LINES_LISTED]]
    return "\n".join([f"#### Merged from {len(runs):,} runs", "", *lines, *_more(len(runs), LINES_LISTED)])


def _changes(comparison: RunComparison | None) -> str:
    if comparison is None:
        return ""
    blocks = [f"#### {prose(headline(comparison))}", *(f"- {prose(note)}" for note in comparison.notes)]
    changed = worth_telling(comparison)
    if changed:
        lines = [
            f"| {each.standing} | {severity_of(each)} | {each.code} | {prose(told(each))} "
            f"| {code(each.object.identity)} |"
            for each in changed[:FINDINGS_LISTED]
        ]
        head = ["| since then | severity | code | what is the matter | object |", "| --- | --- | --- | --- | --- |"]
        blocks += ["", *head, *lines, *_more(len(changed), FINDINGS_LISTED)]
    if comparison.no_longer_checked:
        items = comparison.no_longer_checked
        blocks += ["", "Checked then and not now:", ""]
        blocks += [f"- {prose(lost(item))}" for item in items[:LINES_LISTED]]
        blocks += _more(len(items), LINES_LISTED)
    return "\n".join(blocks)


def _server(server: ServerFacts) -> str:
    return f"{prose(server.label)} (PostgreSQL {prose(server.version)})"


def _unchecked(title: str, items: Sequence[Unchecked]) -> str:
    if not items:
        return ""
    lines = [f"- {prose(item.stage)}: {code(item.item)}: {prose(item.reason)}" for item in items[:LINES_LISTED]]
    return "\n".join([f"#### {title}", "", *lines, *_more(len(items), LINES_LISTED)])


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    lines = [
        f"| {finding.severity} | {finding.code} | {prose(finding.title)} | {code(finding.object.identity)} |"
        for finding in findings[:FINDINGS_LISTED]
    ]
    head = ["| severity | code | what is the matter | object |", "| --- | --- | --- | --- |"]
    return "\n".join(["#### Findings, worst first", "", *head, *lines, *_more(len(findings), FINDINGS_LISTED)])


def _told(findings: Sequence[Finding]) -> str:
    """The worst findings with evidence and fix, folded."""
    if not findings:
        return ""
    told = []
    for finding in findings[:FINDINGS_TOLD]:
        body = clipped(plain(finding), 1_500)
        fence = "`" * max(3, max((len(run) for run in re.findall("`+", body)), default=0) + 1)
        told.append(f"**{finding.code}** {code(finding.object.identity)}\n\n{fence}text\n{body}\n{fence}")
    summary = f"<details><summary>Evidence and fixes of the worst {len(told)}</summary>"
    return "\n\n".join([summary, *told, "</details>"])


def _tables(document: RunDocument) -> str:
    lines = [line for line in matrix(document) if line.scope == "compared"]
    if not lines:
        return ""
    head = ["| table | schema | statements | rows | methods |", "| --- | --- | --- | --- | --- |"]
    body = [
        f"| {code(line.table)} | {line.schema.text} | {line.contract.text} | {line.rows.text} | {line.methods.text} |"
        for line in lines[:LINES_LISTED]
    ]
    return "\n".join(["#### Tables", "", *head, *body, *_more(len(lines), LINES_LISTED)])


def _methods(document: RunDocument) -> str:
    if not document.methods:
        return ""
    head = ["| method | cases | equal | drift | different | void | median, source \u2192 target |"]
    body = []
    for result in sorted(document.methods, key=lambda m: (-m.void, -m.different, -m.drift, m.method))[:LINES_LISTED]:
        times = "\u2013"
        if result.latency is not None:
            times = f"{milliseconds(result.latency.source_p50)} \u2192 {milliseconds(result.latency.target_p50)}"
        body.append(
            f"| {code(result.method)} | {result.cases} | {result.equal} | {result.drift} | {result.different} "
            f"| {result.void} | {times} |"
        )
    summary = f"<details><summary>{counted(len(document.methods), 'method')}</summary>"
    table = "\n".join([*head, "| --- | --: | --: | --: | --: | --: | --- |", *body])
    cut = "\n".join(_more(len(document.methods), LINES_LISTED)).strip()
    return "\n\n".join(part for part in ("#### Methods", summary, table, cut, "</details>") if part)


def _stages(document: RunDocument) -> str:
    lines = [
        f"| {prose(stage.name)} | {stage.status} | {duration(stage.seconds)} | {prose(stage.summary)} |"
        for stage in document.stages[:LINES_LISTED]
    ]
    return "\n".join(["#### Stages", "", "| stage | status | time | found |", "| --- | --- | --- | --- |", *lines])


def _more(total: int, limit: int) -> list[str]:
    return ["", f"_{total - limit:,} more are in the run document._"] if total > limit else []
