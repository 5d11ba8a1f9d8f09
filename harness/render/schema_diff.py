"""Renders a comparison of two schemas for people: by object, worst first, with words that differ and what mends it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from harness.core.change import Change, RenameSuggestion, tally
from harness.core.column_order import ColumnOrder
from harness.core.findings import Finding
from harness.core.platform_needs import PlatformDependency
from harness.core.record import Consequence, Severity
from harness.core.schema_findings import NOUNS, shown, title
from harness.core.word_difference import Piece, line_difference, word_difference
from harness.render.visible import clipped, visible

LINES_OF_A_TEXT = 14
LINES_OF_A_STATEMENT = 6
LONGEST_LINE = 400
OVERVIEW_FROM = 30
"""Changes from which an overview of the objects comes first"""

_STYLES = {Severity.BLOCKER: "bold red", Severity.RISK: "bold yellow", Severity.COSMETIC: "dim"}
_MARKS = {"source": ("[-", "-]", "red"), "target": ("{+", "+}", "green")}
_WORDS = {
    Consequence.DATA_LOSS: "data loss: rows or values do not survive the move",
    Consequence.EXPOSURE: "exposure: more roles may read or do it than before",
    Consequence.WRITES_FAIL: "writes fail: statements that the source takes are refused",
    Consequence.WRONG_RESULTS: "wrong results: statements answer or act otherwise",
    Consequence.PERFORMANCE: "performance: the same answers, slower",
    Consequence.COSMETIC: "cosmetic: no statement notices",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDiff:
    """What is shown."""

    names: tuple[str, str]
    """The sides, with their versions"""
    changes: Sequence[Change] = ()
    renames: Sequence[RenameSuggestion] = ()
    column_order: Sequence[ColumnOrder] = ()
    unmodelled: Sequence[str] = ()
    filtered: Mapping[str, int]
    dependencies: Sequence[PlatformDependency] = ()
    findings: Sequence[Finding] = ()
    """Beside the changes: of the databases, of sequences"""
    fixes: Mapping[tuple[str, str], str]
    """Statements on the target, by kind and identity"""
    next_step: str = ""
    full: bool = False
    """Whole texts and statements, not their beginnings"""


@dataclass(frozen=True, slots=True)
class _Line:
    text: Text
    indent: int = 0
    hang: int = 0


def print_diff(diff: SchemaDiff, console: Console, *, wrapped: bool) -> None:
    """Print it; on a terminal lines are wrapped below their beginning."""
    for line in _lines(diff):
        room = console.width - line.indent - line.hang
        if not wrapped or room < 20:
            console.print(Text(" " * line.indent) + line.text, soft_wrap=True)
            continue
        for number, part in enumerate(line.text.wrap(console, room, overflow="fold")):
            part.rstrip()
            console.print(Text(" " * (line.indent + (line.hang if number else 0))) + part, soft_wrap=True)


def _lines(diff: SchemaDiff) -> Iterator[_Line]:
    yield _Line(Text(f"{visible(diff.names[0])} -> {visible(diff.names[1])}", style="dim"), hang=4)
    groups = _grouped(diff)
    differing = any(change.change == "altered" for change in diff.changes)
    if differing:
        legend = Text("in texts: ")
        legend.append_text(
            _marked([Piece("source", "only on the source"), Piece("same", " "), Piece("target", "only on the target")])
        )
        yield _Line(legend)
    if len(diff.changes) >= OVERVIEW_FROM:
        yield from _overview(groups)
    orders = {each.table: each for each in diff.column_order}
    for name, changes in groups:
        yield from _group(name, changes, orders.pop(name.partition(" ")[2], None), diff)
    for order in orders.values():
        yield _blank()
        yield _head(f"table {order.table}")
        yield from _order(order)
    yield from _renames(diff.renames)
    yield from _dependencies(diff.dependencies)
    yield from _beside(diff)
    yield _blank()
    yield from _summary(diff)


def _grouped(diff: SchemaDiff) -> list[tuple[str, list[Change]]]:
    """Changes by the object that people think of: a table with its parts, else the object itself."""
    groups: dict[str, list[Change]] = {}
    for change in diff.changes:
        name = f"table {change.table}" if change.table else f"{NOUNS.get(change.kind, change.kind)} {change.identity}"
        groups.setdefault(name, []).append(change)
    worst = list(Consequence)
    for changes in groups.values():
        changes.sort(key=lambda each: (worst.index(each.consequence), each.kind, each.identity, each.attribute or ""))
    return sorted(groups.items(), key=lambda group: (worst.index(group[1][0].consequence), -len(group[1]), group[0]))


def _overview(groups: Sequence[tuple[str, list[Change]]]) -> Iterator[_Line]:
    yield _blank()
    yield _Line(Text(f"{len(groups)} objects differ, the worst first:", style="bold"))
    told = groups[:20]
    width = max(len(tally(changes)) for _, changes in told)
    for name, changes in told:
        line = Text(f"{tally(changes):<{width}}  ", style=_STYLES[changes[0].severity])
        line.append(visible(name), style="default")
        yield _Line(line, indent=2, hang=width + 2)
    if len(groups) > len(told):
        yield _Line(Text(f"and {len(groups) - len(told)} more, below", style="dim"), indent=2)


def _group(name: str, changes: list[Change], order: ColumnOrder | None, diff: SchemaDiff) -> Iterator[_Line]:
    yield _blank()
    yield _head(name, f"  {tally(changes)}" if len(changes) > 1 else "")
    shown_fixes: set[tuple[str, str]] = set()
    last = {(change.kind, change.identity): number for number, change in enumerate(changes)}
    for number, change in enumerate(changes):
        yield from _change(change, diff)
        key = (change.kind, change.identity)
        fix = diff.fixes.get(key)
        told = diff.full or change.severity is not Severity.COSMETIC
        if fix and told and number == last[key] and key not in shown_fixes and change.equivalence is None:
            shown_fixes.add(key)
            yield from _fix(change, fix, diff)
    if order is not None:
        yield from _order(order)


def _change(change: Change, diff: SchemaDiff) -> Iterator[_Line]:
    line = Text(f"{change.severity:<9}", style=_STYLES[change.severity])
    line.append(visible(title(change)), style="default")
    yield _Line(line, indent=2, hang=9)
    if change.severity is Severity.COSMETIC and not diff.full:
        if change.change == "altered" and change.attribute != "name" and change.equivalence is None:
            yield from _texts(change, diff)
        return
    yield _Line(Text(_WORDS[change.consequence]), indent=11)
    # The statement that makes a missing object says what it is.
    if change.change != "removed" or (change.kind, change.identity) not in diff.fixes:
        yield from _texts(change, diff)
    if change.dependents:
        told = ", ".join(change.dependents[:8]) + (" …" if len(change.dependents) > 8 else "")
        yield _Line(Text(f"depends on it: {visible(told)}"), indent=11, hang=4)


def _texts(change: Change, diff: SchemaDiff) -> Iterator[_Line]:
    source, target = shown(change, change.source), shown(change, change.target)
    if change.change == "altered" and source is not None and target is not None:
        source, target = source.strip("\n"), target.strip("\n")
        many = "\n" in source or "\n" in target
        lines = list(line_difference(source, target)) if many else [word_difference(source, target)]
        limit = len(lines) if diff.full else LINES_OF_A_TEXT
        for pieces in lines[:limit]:
            yield _Line(Text("⋮", style="dim") if pieces is None else _marked(pieces), indent=11, hang=4)
        yield from _cut(len(lines) - limit)
        return
    text = source if source is not None else target
    if text and text != "exists":
        yield from _block(text, 11, LINES_OF_A_STATEMENT, diff.full, "dim")


def _fix(change: Change, sql: str, diff: SchemaDiff) -> Iterator[_Line]:
    words = "mends it, on the target:"
    if change.change == "added":
        words = "only where the target must equal the source:"
    yield _Line(Text(words, style="dim"), indent=11)
    yield from _block(sql, 13, LINES_OF_A_STATEMENT, diff.full, "cyan")


def _block(text: str, indent: int, limit: int, full: bool, style: str) -> Iterator[_Line]:
    lines = textwrap.dedent(text.strip("\n")).splitlines()
    for line in lines if full else lines[:limit]:
        yield _Line(Text(visible(line if full else clipped(line, LONGEST_LINE)), style=style), indent=indent, hang=4)
    if not full:
        yield from _cut(len(lines) - limit, indent)


def _cut(number: int, indent: int = 11) -> Iterator[_Line]:
    if number > 0:
        many = "1 more line" if number == 1 else f"{number} more lines"
        yield _Line(Text(f"… {many} (--full shows all)", style="dim"), indent=indent)


def _marked(pieces: Iterable[Piece]) -> Text:
    """Never by colour alone: marks stay where there is none."""
    line = Text()
    for piece in pieces:
        text = visible(piece.text).replace("\n", " ")
        if piece.kind == "same":
            line.append(clipped(text, LONGEST_LINE))
        else:
            begin, end, colour = _MARKS[piece.kind]
            line.append(f"{begin}{clipped(text, LONGEST_LINE)}{end}", style=f"bold {colour}")
    return line


def _order(order: ColumnOrder) -> Iterator[_Line]:
    line = Text(f"{'cosmetic':<9}", style=_STYLES[Severity.COSMETIC])
    line.append(
        "its columns stand in another order: INSERT and COPY without names write other columns", style="default"
    )
    yield _Line(line, indent=2, hang=9)
    yield _Line(Text(f"source: {visible(', '.join(order.source))}"), indent=11, hang=8)
    yield _Line(Text(f"target: {visible(', '.join(order.target))}"), indent=11, hang=8)


def _renames(renames: Sequence[RenameSuggestion]) -> Iterator[_Line]:
    if not renames:
        return
    yield _blank()
    yield _head("Renames, perhaps: declare under [schema.renames] what is one")
    for each in renames:
        name = f'{each.kind} "{each.source}" = "{each.target}"'
        yield _Line(Text(visible(f"{name}  ({each.confidence:.0%})")), indent=2, hang=4)
        yield _Line(Text(visible("; ".join(each.evidence)), style="dim"), indent=4, hang=2)


def _dependencies(found: Sequence[PlatformDependency]) -> Iterator[_Line]:
    """What is needed, once, with all that needs it."""
    if not found:
        return
    groups: dict[tuple[str, str], list[PlatformDependency]] = {}
    for each in found:
        groups.setdefault((each.code, each.needs), []).append(each)
    yield _blank()
    yield _head(
        f"Needed from the platform: {len(groups)} things, by {len({(e.kind, e.identity) for e in found})} objects"
    )
    for (code, needs), group in groups.items():
        first = group[0]
        there = {True: "the target has it", False: "the target has it not", None: "not looked at on the target"}
        line = Text(f"{first.severity:<9}", style=_STYLES[first.severity])
        line.append(visible(f"{code} {needs}: {there[first.on_target]}"), style="default")
        yield _Line(line, indent=2, hang=9)
        for each in group[:8]:
            yield _Line(Text(visible(f"{each.kind} {each.identity}: {each.how}")), indent=11, hang=4)
        if len(group) > 8:
            yield _Line(Text(f"and {len(group) - 8} more (--format json lists them)", style="dim"), indent=11)
        if first.on_target:
            continue
        yield _Line(Text(visible(f"without it: {first.breaks}")), indent=11, hang=4)
        for way in first.ways_out:
            yield _Line(Text(visible(f"- {way}")), indent=11, hang=2)


def _beside(diff: SchemaDiff) -> Iterator[_Line]:
    if diff.findings:
        yield _blank()
        yield _head("Beside the objects")
    for each in diff.findings:
        line = Text(f"{each.severity:<9}", style=_STYLES[each.severity])
        line.append(visible(each.title), style="default")
        yield _Line(line, indent=2, hang=9)
        for evidence in each.evidence:
            pair = [evidence.source, evidence.target]
            told = evidence.text or " -> ".join(value or "none" for value in pair)
            yield _Line(
                Text(visible(clipped(f"{evidence.label}: {told}", LONGEST_LINE)), style="dim"), indent=11, hang=4
            )
        if each.fix is not None and each.fix.sql:
            yield from _block(each.fix.sql, 13, LINES_OF_A_STATEMENT, diff.full, "cyan")
    if diff.unmodelled:
        yield _blank()
        yield _head("Not compared by this version")
        for name in diff.unmodelled:
            yield _Line(Text(visible(f"unknown  {name}")), indent=2, hang=9)
    if diff.filtered:
        yield _blank()
        yield _head("Left out by decision")
        for reason, count in diff.filtered.items():
            yield _Line(
                Text(visible(f"{count:>5} {'change' if count == 1 else 'changes'}: {reason}")), indent=2, hang=7
            )


def _summary(diff: SchemaDiff) -> Iterator[_Line]:
    number = len(diff.changes)
    if number:
        line = Text(f"{number} change{'s' if number > 1 else ''}: {tally(diff.changes)}", style="bold")
    else:
        line = Text("no change: the schemas are the same", style="bold")
        if diff.unmodelled:
            line = Text("no change in what was compared", style="bold")
    needed = len({each.needs for each in diff.dependencies if not each.on_target})
    if needed:
        line.append(
            f"; {needed} thing{'s' if needed > 1 else ''} of the platform {'are' if needed > 1 else 'is'} missing"
        )
    yield _Line(line)
    if diff.next_step and (number or needed):
        yield _Line(Text(f"next: {diff.next_step}"), hang=6)


def _head(text: str, beside: str = "") -> _Line:
    line = Text(visible(text), style="bold")
    line.append(beside, style="not bold dim")
    return _Line(line, hang=4)


def _blank() -> _Line:
    return _Line(Text(""))
