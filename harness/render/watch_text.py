"""The history of a watch on one screen of a terminal: alerts, tables, looks, bytes."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.core.watch.history import BytesReceived
from harness.core.watch.summary import WatchedTable, WatchSummary
from harness.render.figures import counted, moment, size
from harness.render.visible import one_line

ALERTS_SHOWN = 20
TABLES_SHOWN = 60
NOUNS = {"counts": "counts", "digests": "values", "schema": "schemas"}
"""What kinds of look are called"""


def print_watch(summary: WatchSummary, console: Console) -> None:
    """Print it to a console; names reach rich as Text only."""
    if not summary.looks or summary.first is None or summary.last is None:
        console.print(Text("No look was taken yet: `pgparity watch` takes them."))
        return
    number = len(summary.open)
    style = "bold red" if number else "bold green"
    head = Text.assemble((counted(number, "open alert") if number else "no open alert", style))
    between = f"{moment(summary.first)} to {moment(summary.last)}"
    head.append(f"  {one_line(f'{summary.source} -> {summary.target}')}, {counted(summary.looks, 'look')}, {between}")
    console.print(head)
    for alert in summary.open[:ALERTS_SHOWN]:
        console.print(Text(f"  {one_line(alert.title)}  since {moment(alert.since)}"))
    if number > ALERTS_SHOWN:
        console.print(Text(f"  and {number - ALERTS_SHOWN} more"))
    ended = sum(each.ended is not None for each in summary.alerts)
    if ended:
        console.print(Text(f"{counted(ended, 'alert')} began and ended in this time", style="dim"))
    for gap in summary.gaps:
        console.print(
            Text(f"not looked at when it was due last: {one_line(gap.item)}: {one_line(gap.reason)}", style="yellow")
        )
    for channel in summary.not_told:
        console.print(Text(f"{channel} could not be told last", style="yellow"))
    _tables(summary, console)
    _kinds(summary, console)


def _tables(summary: WatchSummary, console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("table", "source", "target", "difference", "looks", "with a difference", "greatest"):
        table.add_column(heading, justify="left" if heading == "table" else "right", overflow="fold")
    # What differs now, or ever did, is what a reader looks for.
    chosen = sorted(summary.tables, key=lambda each: (not each.difference, not each.differing, each.table))
    for each in chosen[:TABLES_SHOWN]:
        table.add_row(*_row(each))
    console.print(table)
    if len(chosen) > TABLES_SHOWN:
        console.print(Text(f"and {counted(len(chosen) - TABLES_SHOWN, 'more table')}"))


def _row(each: WatchedTable) -> tuple[Text, ...]:
    name = Text(one_line(each.table))
    if not each.watched:
        name.append(" (no longer watched)", style="dim")
    if each.reason:
        name.append(f" {one_line(each.reason)}", style="yellow")
    difference = each.difference
    figures = (
        "-" if each.source is None else f"{each.source:,}",
        "-" if each.target is None else f"{each.target:,}",
        "-" if difference is None else f"{difference:+,}" if difference else "0",
        f"{each.looks:,}",
        f"{each.differing:,}",
        f"{each.widest:,}",
    )
    return (name, *(Text(figure) for figure in figures))


def _kinds(summary: WatchSummary, console: Console) -> None:
    for each in summary.kinds:
        missed = each.looks - each.done
        parts = [f"{NOUNS[each.kind]}: {counted(each.done, 'look')}"]
        parts += [f"{counted(missed, 'time')} due and not looked at"] if missed else []
        parts += [f"last {moment(each.last)}"] if each.last else []
        parts += [f"received {told}"] if (told := received_text(each.received)) else []
        console.print(Text(", ".join(parts), style="dim"))
    total = received_text(summary.received)
    if total:
        console.print(Text(f"received by all looks: {total}", style="dim"))


def received_text(received: BytesReceived) -> str:
    """65.1 kB of the source, 65.8 kB of the target."""
    sides = (("source", received.source), ("target", received.target))
    return ", ".join(f"{size(amount)} of the {side}" for side, amount in sides if amount is not None)
