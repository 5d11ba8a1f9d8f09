"""The summary of a run on one screen of a terminal: verdict, reasons, stages, worst findings, gaps, what to do next."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.record import Severity
from harness.core.unchecked import Unchecked, decisions, gaps
from harness.core.verdict import Status
from harness.render.comparison_lines import headline, lost, part, severity_of, told, worth_telling
from harness.render.conclusion import meaning, next_steps, tally
from harness.render.figures import counted, duration
from harness.render.visible import one_line

KINDS_SHOWN = 8
ITEMS_SHOWN = 5
CHANGES_SHOWN = 8

_VERDICT_STYLES = {Status.GO: "bold green", Status.NO_GO: "bold red", Status.INCOMPLETE: "bold yellow"}
_SEVERITY_STYLES = {Severity.BLOCKER: "red", Severity.RISK: "yellow", Severity.COSMETIC: "dim"}
_STAGE_STYLES = {"passed": "green", "failed": "red", "incomplete": "yellow", "not run": "yellow", "excluded": "dim"}


def print_summary(document: RunDocument, console: Console) -> None:
    """Print the summary to a console, whose width and colours (NO_COLOR) it keeps to.

    Values reach rich as Text only: as markup, a value like [/red] would be swallowed or raise.
    """
    status = document.verdict.status
    _print(console, Text.assemble((f"{status}", _VERDICT_STYLES[status]), "  ", meaning(document)))
    for number, reason in enumerate(document.verdict.reasons, 1):
        _item(console, f"{number}.", Text(one_line(reason)))
    sides = f"{document.source.label} (PostgreSQL {document.source.version})"
    sides += f" -> {document.target.label} (PostgreSQL {document.target.version})"
    _print(console, Text(f"{one_line(sides)}, {duration(document.seconds)}", style="dim"))
    _parts(document, console)
    _changes(document, console)
    _stages(document, console)
    _findings(document, console)
    _not_checked(document, console)
    _title(console, "Next")
    for step in next_steps(document):
        _item(console, "-", Text(one_line(step)))


def render_text(document: RunDocument, *, width: int = 100) -> str:
    """The same summary as text without colour."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, color_system=None, no_color=True, force_terminal=False, legacy_windows=False
    )
    print_summary(document, console)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def _parts(document: RunDocument, console: Console) -> None:
    if document.parts:
        _title(console, f"Merged from {len(document.parts):,} runs")
        for run in document.parts[:ITEMS_SHOWN]:
            _item(console, "-", Text(one_line(part(run))), wrapped=False)
        _rest(console, len(document.parts) - ITEMS_SHOWN)


def _changes(document: RunDocument, console: Console) -> None:
    """What changed since another run: what is still there as it was is among the findings."""
    comparison = document.comparison
    if comparison is None:
        return
    _title(console, one_line(headline(comparison)))
    for note in comparison.notes:
        _item(console, "!", Text(one_line(note)))
    changed = worth_telling(comparison)
    for each in changed[:CHANGES_SHOWN]:
        text = Text.assemble(f"{each.standing:<18}", (severity_of(each), _SEVERITY_STYLES[each.severity]))
        text.append(f" {each.code} {one_line(told(each))}")
        _item(console, "-", text, wrapped=bool(each.reason))
    _rest(console, len(changed) - CHANGES_SHOWN)
    if comparison.no_longer_checked:
        _title(console, f"Checked then and not now: {len(comparison.no_longer_checked):,}")
        for item in comparison.no_longer_checked[:ITEMS_SHOWN]:
            _item(console, "-", Text(one_line(lost(item))), wrapped=False)
        _rest(console, len(comparison.no_longer_checked) - ITEMS_SHOWN)


def _stages(document: RunDocument, console: Console) -> None:
    _title(console, "Stages")
    table = _grid()
    table.add_column(no_wrap=True, max_width=18)
    table.add_column(no_wrap=True, min_width=len("incomplete"))
    table.add_column(justify="right", no_wrap=True, min_width=len("0.00 s"))
    table.add_column(overflow="fold", ratio=1)
    for stage in document.stages:
        table.add_row(
            Text("  " + one_line(stage.name)),
            Text(stage.status, style=_STAGE_STYLES[stage.status]),
            Text(duration(stage.seconds)),
            Text(one_line(stage.summary)),
        )
    console.print(table)


def _findings(document: RunDocument, console: Console) -> None:
    """A line for each severity and code: ninety missing columns must not hide the one missing index."""
    _title(console, f"Findings: {tally(document)}")
    if not document.findings:
        return
    table = _grid()
    table.add_column(no_wrap=True, min_width=len("  cosmetic"))
    table.add_column(no_wrap=True, min_width=len("COL001"))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in document.findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    for (severity, code), same in list(groups.items())[:KINDS_SHOWN]:
        table.add_row(
            Text("  " + severity.value, style=_SEVERITY_STYLES[severity]),
            Text(code),
            Text(f"{len(same):,}"),
            Text(one_line(same[0].title)),
        )
    console.print(table)
    _rest(console, sum(len(same) for same in list(groups.values())[KINDS_SHOWN:]))


def _not_checked(document: RunDocument, console: Console) -> None:
    open_gaps, decided = gaps(document), decisions(document)
    _title(console, "Not checked: " + (counted(len(open_gaps), "gap") if open_gaps else "no gap"))
    for gap in open_gaps[:ITEMS_SHOWN]:
        _item(console, "-", Text(_told(gap)), wrapped=False)
    _rest(console, len(open_gaps) - ITEMS_SHOWN)
    if decided:
        _title(console, f"Left out by decision: {len(decided):,}")
        for decision in decided[:ITEMS_SHOWN]:
            _item(console, "-", Text(_told(decision)), wrapped=False)
        _rest(console, len(decided) - ITEMS_SHOWN)


def _told(item: Unchecked) -> str:
    return one_line(f"{item.stage}: {item.item}: {item.reason}")


def _grid() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)


def _title(console: Console, text: str) -> None:
    _print(console, Text(text, style="bold"))


def _item(console: Console, mark: str, text: Text, *, wrapped: bool = True) -> None:
    row = _grid()
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold" if wrapped else "ellipsis", no_wrap=not wrapped, ratio=1)
    row.add_row(Text(f"  {mark}"), text)
    console.print(row)


def _rest(console: Console, number: int) -> None:
    if number > 0:
        _print(console, Text(f"  and {number:,} more, in the report", style="dim"))


def _print(console: Console, text: Text) -> None:
    console.print(text, overflow="fold")
