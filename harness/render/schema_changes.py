"""Renders the changes of one object: by consequence, with the words that differ and what mends it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from harness.core.change import Change
from harness.core.column_order import ColumnOrder
from harness.core.record import Consequence
from harness.core.schema_findings import shown, title
from harness.core.word_difference import line_difference, word_difference
from harness.render.schema_lines import PLAIN, STYLES, Line, block, cut, marked
from harness.render.visible import visible

LINES_OF_A_TEXT = 14
DEPENDENTS = 8
"""Names of dependents that are told"""

_WORDS = {
    Consequence.DATA_LOSS: "rows or values do not survive the move",
    Consequence.EXPOSURE: "more roles may read or do it than before",
    Consequence.WRITES_FAIL: "statements that the source takes are refused",
    Consequence.WRONG_RESULTS: "statements answer or act otherwise",
    Consequence.PERFORMANCE: "the same answers, slower",
    Consequence.COSMETIC: "no statement notices",
}
_MEND, _REMOVE = "mend: ", "drop: "
LEGEND = f"{_MEND}brings it to the target; {_REMOVE}only where the target must equal the source"

Fixes = Mapping[tuple[str, str], str]
"""Statements on the target, by kind and identity"""


def change_lines(changes: Sequence[Change], order: ColumnOrder | None, fixes: Fixes, *, full: bool) -> Iterator[Line]:
    """The changes of one object, sorted by consequence, and the order of its columns."""
    mended: set[tuple[str, str]] = set()
    for consequence, alike in itertools.groupby(changes, key=lambda each: each.consequence):
        yield _consequence(consequence)
        listed = list(alike)
        last = {(each.kind, each.identity): number for number, each in enumerate(listed)}
        for number, change in enumerate(listed):
            key = (change.kind, change.identity)
            yield from _change(change, key in fixes, full=full)
            wanted = (full or consequence is not Consequence.COSMETIC) and change.equivalence is None
            if key in fixes and wanted and number == last[key] and key not in mended:
                mended.add(key)
                label = _REMOVE if change.change == "added" else _MEND
                yield from block(fixes[key], 6, full=full, style="cyan", label=label)
    if order is not None:
        if not changes or changes[-1].consequence is not Consequence.COSMETIC:
            yield _consequence(Consequence.COSMETIC)
        yield Line(Text("its columns stand in another order: INSERT and COPY without names write other columns"), 4, 2)
        yield Line(Text(f"source: {visible(', '.join(order.source))}"), 6, 8)
        yield Line(Text(f"target: {visible(', '.join(order.target))}"), 6, 8)


def _consequence(each: Consequence) -> Line:
    name = each.severity if each is Consequence.COSMETIC else f"{each.severity}, {each}"
    line = Text(name, style=STYLES[each.severity])
    line.append(f": {_WORDS[each]}", style=PLAIN)
    return Line(line, indent=2, hang=2)


def _change(change: Change, mendable: bool, *, full: bool) -> Iterator[Line]:
    yield Line(Text(visible(title(change))), indent=4, hang=2)
    if change.consequence is Consequence.COSMETIC and not full:
        if change.change == "altered" and change.attribute != "name" and change.equivalence is None:
            yield from _texts(change, full=full)
        return
    # The statement that makes a missing object says what it is.
    if change.change != "removed" or not mendable:
        yield from _texts(change, full=full)
    if change.dependents:
        told = ", ".join(change.dependents[:DEPENDENTS]) + (" …" if len(change.dependents) > DEPENDENTS else "")
        yield Line(Text(f"depends on it: {visible(told)}"), indent=6, hang=4)


def _texts(change: Change, *, full: bool) -> Iterator[Line]:
    if isinstance(change.source, bool) and isinstance(change.target, bool):
        return
    source, target = shown(change, change.source), shown(change, change.target)
    if change.change == "altered" and source is not None and target is not None:
        source, target = source.strip("\n"), target.strip("\n")
        many = "\n" in source or "\n" in target
        lines = list(line_difference(source, target)) if many else [word_difference(source, target)]
        limit = len(lines) if full else LINES_OF_A_TEXT
        for pieces in lines[:limit]:
            yield Line(Text("⋮", style="dim") if pieces is None else marked(pieces), indent=6, hang=4)
        yield from cut(len(lines) - limit, 6)
        return
    text = source if source is not None else target
    if text and text != "exists":
        yield from block(text, 6, full=full, style="dim")
