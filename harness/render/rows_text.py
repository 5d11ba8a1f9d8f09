"""The comparison of rows on one screen: the worst table first, what differs where, the first keys, what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from harness.core.deltas import Cell, ClassCount, RowDelta, Slice, TableRows
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.record import JsonValue, Severity
from harness.core.unchecked import decisions, gaps
from harness.core.verdict import Status
from harness.render.conclusion import tally
from harness.render.figures import count, counted, duration, size
from harness.render.visible import clipped, one_line

TABLES_SHOWN = 12
"""Tables that are not identical, each in lines of its own"""
KEYS_SHOWN = 5
CLASSES_SHOWN = 6
GAPS_SHOWN = 6
NAMES_SHOWN = 20
_LONGEST = 240
_WIDTH = 78
_LABEL = 12

_STYLES = {Status.GO: "bold green", Status.NO_GO: "bold red", Status.INCOMPLETE: "bold yellow"}
_VERDICTS = {
    Status.GO: "the rows are the same on both sides",
    Status.NO_GO: "the rows are not the same on both sides",
    Status.INCOMPLETE: "not proved: something that was asked for was not compared",
}
_ORDER = ("differs", "incomplete", "drift", "identical")
_TABLE_STYLES = {"differs": "red", "incomplete": "yellow", "drift": "yellow", "identical": "green"}
_KINDS = {
    "missing_on_target": "missing on the target",
    "missing_on_source": "on the target only",
    "different": "",
}


def print_rows(document: RunDocument, console: Console) -> None:
    """Print it. Values reach rich as Text only, never as markup."""
    status = document.verdict.status
    _line(console, Text.assemble((str(status), _STYLES[status]), f"  {_VERDICTS[status]}"))
    stage = document.stage("rows")
    summary = one_line(stage.summary) if stage else ""
    _wrapped(console, f"{summary}; {duration(document.seconds)}")
    for side in (document.source, document.target):
        name = "source" if side is document.source else "target"
        text = one_line(f"{name}: {side.database} at {side.address}, PostgreSQL {side.version}")
        _line(console, Text(text, style="dim"))
    tables = sorted(document.rows, key=_worst_first)
    told = [each for each in tables if each.status != "identical"]
    for table in told[:TABLES_SHOWN]:
        _line(console, Text())
        _table(table, document, console)
    if len(told) > TABLES_SHOWN:
        names = (each.table for each in told[TABLES_SHOWN:])
        _line(console, Text())
        _named(console, f"{counted(len(told) - TABLES_SHOWN, 'more table')}", names)
    identical = [each for each in tables if each.status == "identical"]
    if identical:
        _line(console, Text())
        _named(console, f"identical: {counted(len(identical), 'table')}", (_counts_of(each) for each in identical))
    _line(console, Text())
    _beside(document, console)
    _line(console, Text(f"Findings: {tally(document)}", style="bold"))
    _unchecked(document, console)
    _wrapped(console, f"next: {_next(document)}", rest="      ")


def _next(document: RunDocument) -> str:
    """What to do now, in one sentence."""
    match document.verdict.status:
        case Status.GO:
            return "rows of a live source go on changing: compare again right before the cutover."
        case Status.INCOMPLETE:
            return "close the gaps: nothing is known of what they name."
        case Status.NO_GO:
            if any(each.status == "differs" for each in document.rows):
                return (
                    "`pgparity data repair` with the same options shows what would make the target equal; what changed "
                    "since a migration, `pgparity migrate --catch-up` brings over."
                )
            return "mend what the findings name, or pass --allow-drift where no reader can tell the difference."


def _table(table: TableRows, document: RunDocument, console: Console) -> None:
    name = table.table if table.table == table.target_table else f"{table.table} → {table.target_table}"
    style = _TABLE_STYLES[table.status]
    _line(console, Text.assemble((f"{table.status:<{_LABEL}}", style), (one_line(name), "bold")))
    if table.source_rows or table.target_rows or table.reason is None:
        _labelled(
            console, "rows", f"{count(table.source_rows)} on the source, {count(table.target_rows)} on the target"
        )
    if table.reason is not None:
        _labelled(console, "why", table.reason)
    kinds = "; ".join(_kinds(table))
    if kinds:
        _labelled(console, "differ", kinds)
    if table.type_drift:
        _labelled(console, "types", f"equal values of another type: {', '.join(table.type_drift)}")
    for number, text in enumerate(_classes(table)):
        _labelled(console, "cells" if number == 0 else "", text)
    for number, each in enumerate(table.slices[:3]):
        _labelled(console, "where" if number == 0 else "", _slice(each))
    # What drifts only comes last: it must not hide the rows that differ.
    first = sorted(table.differences, key=lambda delta: bool(delta.cells) and all(cell.drift for cell in delta.cells))
    for number, delta in enumerate(first[:KEYS_SHOWN]):
        _labelled(console, "first" if number == 0 else "", _delta(delta))
    found = table.missing_on_source + table.missing_on_target + table.different + table.drifting
    if (rest := found - min(len(table.differences), KEYS_SHOWN)) > 0:
        listed = f"the first {count(len(table.differences))}" if table.truncated else "all of them"
        _labelled(console, "", f"and {count(rest)} more: --format json lists {listed}")
    if table.method:
        read = f"; {size(table.read_bytes)} read" if table.read_bytes else ""
        _labelled(console, "how", f"{table.method}; {duration(table.seconds)}{read}", style="dim")
    if (query := _query(table, document)) is not None:
        # Not wrapped: it is there to be copied.
        console.print(Text(f"  {'show':<{_LABEL - 2}}{clipped(one_line(query), 2000)}", style="dim"), soft_wrap=True)


def _kinds(table: TableRows) -> Iterator[str]:
    for number, what in (
        (table.missing_on_target, "missing on the target"),
        (table.missing_on_source, "on the target only"),
        (table.different, "with other values"),
        (table.drifting, "with another representation of equal values"),
        (table.tolerated, "within the tolerances (no difference)"),
        (table.settled, "alike when read again (no difference)"),
        (table.moving, "written again each time they were read"),
    ):
        if number:
            yield f"{counted(number, 'row')} {what}"


def _classes(table: TableRows) -> Iterator[str]:
    by_column: dict[str, list[ClassCount]] = {}
    for each in table.classes:
        by_column.setdefault(each.column, []).append(each)
    columns = sorted(by_column.items(), key=lambda item: -sum(each.rows for each in item[1]))
    for column, classes in columns[:CLASSES_SHOWN]:
        text = ", ".join(f"{each.cls}{' (drift)' if each.drift else ''} {count(each.rows)}" for each in classes)
        yield f"{column}: {text}"
    if len(columns) > CLASSES_SHOWN:
        yield f"and {counted(len(columns) - CLASSES_SHOWN, 'more column')}"
    if table.classified is not None:
        yield f"(of the {counted(table.classified, 'row')} whose cells were looked at)"


def _slice(each: Slice) -> str:
    text = f"{each.share:.0%} of them have {each.column} {_value(each.value)}"
    return text if each.share_of_rows is None else f"{text}, which holds {each.share_of_rows:.0%} of the rows"


def _delta(delta: RowDelta) -> str:
    key = ", ".join(f"{name} = {_value(value)}" for name, value in delta.key.items())
    return f"{key}: {_KINDS[delta.status] or ', '.join(_cell(cell) for cell in delta.cells)}"


def _cell(cell: Cell) -> str:
    text = f"{cell.column} ({cell.cls}{f', older on the {cell.older}' if cell.older else ''}{_at(cell)})"
    if cell.source is None and cell.target is None:
        return text
    return f"{text} {cell.source or 'NULL'} | {cell.target or 'NULL'}"


def _at(cell: Cell) -> str:
    return f" at {cell.at}" if cell.at else ""


def _value(value: JsonValue) -> str:
    return "NULL" if value is None else str(value)


def _query(table: TableRows, document: RunDocument) -> str | None:
    """The first finding's SELECT of the rows in question."""
    return next((each.query for each in document.findings if each.table == table.table and each.query), None)


def _beside(document: RunDocument, console: Console) -> None:
    """Findings that no table's lines tell: of checks, of an empty source."""
    tables = {each.table for each in document.rows}
    told: list[Finding] = [each for each in document.findings if each.table not in tables]
    for finding in told[:GAPS_SHOWN]:
        style = {Severity.BLOCKER: "red", Severity.RISK: "yellow"}.get(finding.severity, "dim")
        head = f"{finding.code} {finding.severity}"
        _line(console, Text.assemble((head, style), f"  {clipped(one_line(finding.title), _LONGEST)}"))
    if len(told) > GAPS_SHOWN:
        _line(console, Text(f"and {count(len(told) - GAPS_SHOWN)} more: --format json lists them all", style="dim"))


def _unchecked(document: RunDocument, console: Console) -> None:
    missing = gaps(document)
    _line(console, Text(f"Not compared: {counted(len(missing), 'gap') if missing else 'no gap'}", style="bold"))
    for gap in missing[:GAPS_SHOWN]:
        _wrapped(console, f"{gap.item}: {gap.reason}", first="  - ", rest="    ")
    if len(missing) > GAPS_SHOWN:
        _line(
            console, Text(f"  and {count(len(missing) - GAPS_SHOWN)} more: --format json lists them all", style="dim")
        )
    decided = decisions(document)
    if decided:
        _line(console, Text(f"Left out by decision: {count(len(decided))}", style="bold"))
    for decision in decided[:GAPS_SHOWN]:
        _wrapped(console, f"{decision.item}: {decision.reason}", first="  - ", rest="    ")
    if len(decided) > GAPS_SHOWN:
        _line(
            console, Text(f"  and {count(len(decided) - GAPS_SHOWN)} more: --format json lists them all", style="dim")
        )


def _counts_of(table: TableRows) -> str:
    """Its name, and the rows that it was proved with."""
    tolerated = f", {count(table.tolerated)} within tolerances" if table.tolerated else ""
    settled = f", {count(table.settled)} alike when read again" if table.settled else ""
    return f"{table.table} ({counted(table.source_rows, 'row')}{tolerated}{settled})"


def _named(console: Console, head: str, names: Iterator[str]) -> None:
    every = list(names)
    shown = ", ".join(every[:NAMES_SHOWN])
    more = f" and {count(len(every) - NAMES_SHOWN)} more" if len(every) > NAMES_SHOWN else ""
    _wrapped(console, f"{head}: {shown}{more}", rest="  ")


def _labelled(console: Console, label: str, text: str, style: str = "") -> None:
    _wrapped(console, text, first=f"  {label:<{_LABEL - 2}}", rest=" " * _LABEL, style=style)


def _wrapped(console: Console, text: str, first: str = "", rest: str = "", style: str = "") -> None:
    """Wrapped with its indent: at the terminal's width, and no wider than is read with ease."""
    width = max(40, min(_WIDTH, console.width - 1))
    lines = textwrap.wrap(
        clipped(one_line(text), 4 * _LONGEST),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
    for line in lines or [first.rstrip()]:
        _line(console, Text(line, style=style))


def _worst_first(table: TableRows) -> tuple[int, int, str]:
    found = table.missing_on_source + table.missing_on_target + table.different
    return _ORDER.index(table.status), -found or -table.drifting, table.table


def _line(console: Console, text: Text) -> None:
    console.print(text, overflow="fold", soft_wrap=False)
