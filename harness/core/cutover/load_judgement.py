"""Judges what a load's writes came to: nothing lost, nothing doubled, nothing half, and who may hold what.

Each row belongs to one writer, which waits for a write before it makes the next one: the order of a row's writes is
the order in which they were begun, and only the last one of a writer can be without an answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.cutover.load_events import Acknowledged, Begun, Event, ReadDone, RowName


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A marked row as a server holds it."""

    name: RowName
    token: str
    """Of the write that it holds"""
    number: int
    """The one that the database gave it"""
    refers: RowName | None = None
    """The row that it cannot be without: a booking's client"""


@dataclass(slots=True)
class _Written:
    """What a row was written with."""

    tokens: list[str] = field(default_factory=list)
    acknowledged: int = -1
    """The last one of `tokens` that was acknowledged"""
    number: int | None = None


def judge(noted: Iterable[Event], primary: Sequence[HeldRow], secondary: Sequence[HeldRow]) -> tuple[str, ...]:
    """What is wrong, a sentence each; nothing where all is as it has to be.

    `primary` is what the server holds that answers now, `secondary` the other one: it may be behind for the rows that
    were written since the turn, and never ahead, for then somebody wrote where nobody may.
    """
    noted = list(noted)
    written = _written(noted)
    wrong = [*_lost(written, primary), *_misplaced(written, primary, "primary"), *_half(primary)]
    wrong += _misplaced(written, secondary, "secondary")
    wrong += _ahead(written, primary, secondary)
    behind = sum(isinstance(each, ReadDone) and each.behind for each in noted)
    if behind:
        wrong.append(f"{behind} reads showed less than what had been acknowledged before them")
    return tuple(wrong)


def unanswered(noted: Iterable[Event]) -> int:
    """How many writes were begun and never acknowledged: at most one of each writer, when the load ended."""
    open_ = Counter[str]()
    for each in noted:
        if isinstance(each, Begun):
            open_[each.token] += 1
        elif isinstance(each, Acknowledged):
            open_[each.token] -= 1
    return sum(count > 0 for count in open_.values())


def _written(noted: Iterable[Event]) -> dict[RowName, _Written]:
    rows: dict[RowName, _Written] = defaultdict(_Written)
    begun: dict[str, Begun] = {}
    for each in noted:
        if isinstance(each, Begun):
            begun[each.token] = each
            for name in each.rows:
                rows[name].tokens.append(each.token)
        elif isinstance(each, Acknowledged):
            for name, number in zip(begun[each.token].rows, each.numbers, strict=True):
                row = rows[name]
                row.acknowledged = row.tokens.index(each.token)
                row.number = number if row.number is None else row.number
    return dict(rows)


def _lost(written: Mapping[RowName, _Written], primary: Sequence[HeldRow]) -> Iterable[str]:
    held = {each.name: each for each in primary}
    for name, row in written.items():
        if row.acknowledged < 0:
            continue
        found = held.get(name)
        if found is None:
            yield f"{name}: acknowledged ({row.tokens[row.acknowledged]}), and not there"
            continue
        if found.token in row.tokens and row.tokens.index(found.token) < row.acknowledged:
            yield f"{name}: holds {found.token}, and {row.tokens[row.acknowledged]} was acknowledged after it"
        if row.number is not None and found.number != row.number:
            yield f"{name}: is the row {found.number}, and was acknowledged as {row.number}"


def _misplaced(written: Mapping[RowName, _Written], rows: Sequence[HeldRow], which: str) -> Iterable[str]:
    """Rows that are there more than once, that nobody wrote, or that hold what was written to another row."""
    for name, count in Counter(each.name for each in rows).items():
        if count > 1:
            yield f"{name}: is there {count} times on the {which}"
    for each in rows:
        if each.name not in written:
            yield f"{each.name}: nobody wrote it, and the {which} has it"
        elif each.token not in written[each.name].tokens:
            yield f"{each.name}: holds {each.token} on the {which}, which was not written to it"


def _half(primary: Sequence[HeldRow]) -> Iterable[str]:
    names = {each.name for each in primary}
    for each in primary:
        if each.refers is not None and each.refers not in names:
            yield f"{each.name}: is there without {each.refers}"


def _ahead(
    written: Mapping[RowName, _Written], primary: Sequence[HeldRow], secondary: Sequence[HeldRow]
) -> Iterable[str]:
    held = {each.name: each for each in primary}
    for each in secondary:
        tokens = written[each.name].tokens if each.name in written else []
        if each.token not in tokens:
            continue
        found = held.get(each.name)
        if found is None:
            yield f"{each.name}: the secondary has it ({each.token}), and the primary does not"
        elif found.token in tokens and tokens.index(found.token) < tokens.index(each.token):
            yield f"{each.name}: the secondary holds {each.token}, which came after the primary's {found.token}"
