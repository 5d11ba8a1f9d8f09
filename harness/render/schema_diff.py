"""Renders a comparison of two schemas for people: by object, worst first, then what was found beside, and the sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from harness.core.change import Change, RenameSuggestion, tally
from harness.core.column_order import ColumnOrder
from harness.core.findings import Finding
from harness.core.model.privileges import Privilege
from harness.core.nouns import NOUNS
from harness.core.platform_dependency import PlatformDependency
from harness.core.record import Consequence
from harness.core.word_difference import Piece
from harness.render.schema_beside import dependency_lines, finding_lines, left_lines, rename_lines
from harness.render.schema_changes import LEGEND, change_lines
from harness.render.schema_lines import PLAIN, STYLES, Line, blank, heading, marked, print_lines
from harness.render.visible import visible

OVERVIEW_FROM = 30
"""Changes from which an overview of the objects comes first"""
ALONE = 4
"""Objects that the target has alone, and no statement notices, from which on they are only named"""


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


def print_diff(diff: SchemaDiff, console: Console, *, wrapped: bool) -> None:
    """Print it; on a terminal lines are wrapped below their beginning."""
    print_lines(_lines(diff), console, wrapped=wrapped)


def _lines(diff: SchemaDiff) -> Iterator[Line]:
    yield Line(Text(f"{visible(diff.names[0])} -> {visible(diff.names[1])}", style="dim"), hang=4)
    groups = _grouped(diff)
    yield from _legend(diff)
    told, alone = _apart(groups, diff)
    if len(diff.changes) >= OVERVIEW_FROM:
        yield from _overview(told)
    orders = {each.table: each for each in diff.column_order}
    for name, changes in told:
        order = orders.pop(name.partition(" ")[2], None)
        yield blank()
        yield heading(name, f"  {tally(changes)}" if len(changes) > 1 else "")
        yield from change_lines(changes, order, diff.fixes, full=diff.full)
    for order in orders.values():
        yield blank()
        yield heading(f"table {order.table}")
        yield from change_lines((), order, {}, full=diff.full)
    if alone:
        yield blank()
        yield heading(f"{len(alone)} objects exist on the target only, and no statement notices")
        yield from (Line(Text(visible(name)), indent=2, hang=2) for name in alone)
    yield from rename_lines(diff.renames)
    yield from dependency_lines(diff.dependencies)
    yield from finding_lines(diff.findings, full=diff.full)
    yield from left_lines(diff.unmodelled, diff.filtered)
    yield blank()
    yield from _summary(diff)


def _legend(diff: SchemaDiff) -> Iterator[Line]:
    if any(change.change == "altered" for change in diff.changes):
        legend = Text("in texts: ")
        legend.append_text(
            marked([Piece("source", "only on the source"), Piece("same", " "), Piece("target", "only on the target")])
        )
        yield Line(legend, hang=4)
    if diff.fixes:
        yield Line(Text(LEGEND), hang=4)


def _apart(
    groups: Sequence[tuple[str, list[Change]]], diff: SchemaDiff
) -> tuple[list[tuple[str, list[Change]]], list[str]]:
    """The objects that have something to tell, and the names of those that the target merely has as well."""
    alone = [
        name
        for name, changes in groups
        if all(each.change == "added" and each.consequence is Consequence.COSMETIC for each in changes)
    ]
    if diff.full or len(alone) < ALONE:
        return list(groups), []
    named = {*alone}
    return [group for group in groups if group[0] not in named], sorted(named)


def _grouped(diff: SchemaDiff) -> list[tuple[str, list[Change]]]:
    """Changes by the object that people think of: a table with its parts, else the object itself."""
    groups: dict[str, list[Change]] = {}
    for change in diff.changes:
        groups.setdefault(_object_of(change), []).append(change)
    worst = list(Consequence)
    for changes in groups.values():
        changes.sort(key=lambda each: (worst.index(each.consequence), each.kind, each.identity, each.attribute or ""))
    return sorted(groups.items(), key=lambda group: (worst.index(group[1][0].consequence), -len(group[1]), group[0]))


def _object_of(change: Change) -> str:
    if change.table:
        return f"table {change.table}"
    if change.kind == Privilege.kind:
        kind, _, identity = change.identity.rsplit(" ", 2)[0].partition(" ")
        return f"{NOUNS.get(kind, kind)} {identity}"
    return f"{NOUNS.get(change.kind, change.kind)} {change.identity}"


def _overview(groups: Sequence[tuple[str, list[Change]]]) -> Iterator[Line]:
    yield blank()
    yield Line(Text(f"{len(groups)} objects differ, the worst first:", style="bold"))
    told = groups[:20]
    width = max((len(tally(changes)) for _, changes in told), default=0)
    for name, changes in told:
        line = Text(f"{tally(changes):<{width}}  ", style=STYLES[changes[0].severity])
        line.append(visible(name), style=PLAIN)
        yield Line(line, indent=2, hang=width + 2)
    if len(groups) > len(told):
        yield Line(Text(f"and {len(groups) - len(told)} more, below", style="dim"), indent=2)


def _summary(diff: SchemaDiff) -> Iterator[Line]:
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
    yield Line(line)
    if diff.next_step and (number or needed):
        yield Line(Text(f"next: {diff.next_step}"), hang=6)
