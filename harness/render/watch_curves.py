"""The curves of a watch as geometry for SVG: rows of each table on both sides, their difference, bytes received."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from harness.core.watch.history import History, Look, TableCount, moment
from harness.render.figures import counted

WIDTH: Final = 600
HEIGHT: Final = 56
"""Of the curves of both sides"""
STRIP: Final = 20
"""Height of the strip below them, for the difference"""
RECEIVED: Final = 48
"""Height of the columns of bytes"""
COLUMNS: Final = 150
"""Places in time that are told apart; of the looks that share one, that with the greatest difference is drawn"""
_GAP: Final = 2.5
"""Times the usual distance of two looks, from which on nothing is drawn between them: nobody looked"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A difference, or bytes, of one look. Heights are from the lower edge."""

    x: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Span:
    """How long an alert was open."""

    x: float
    width: float
    says: str


@dataclass(frozen=True, slots=True)
class TableCurve:
    """The course of one table. Lines are points for a polyline each: a break means that nobody counted meanwhile."""

    table: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    low: int
    high: int
    """Rows at the lower and the upper edge"""
    bars: tuple[Bar, ...]
    """Looks at which the sides differed; the strip's height stands for `widest`"""
    widest: int
    """The greatest difference"""
    alerts: tuple[Span, ...]
    last: TableCount
    alert: str
    """What holds now, where an alert is open; else empty"""

    @property
    def says(self) -> str:
        """The drawing in words."""
        rows = f"{self.low:,} to {self.high:,} rows"
        differing = f"{counted(len(self.bars), 'look')} with a difference, the greatest {counted(self.widest, 'row')}"
        return f"{rows}; {differing}" if self.bars else f"{rows}; never a difference"


@dataclass(frozen=True, slots=True)
class ReceivedCurve:
    """What looks received of one side."""

    side: str
    bars: tuple[Bar, ...]
    most: int
    total: int


@dataclass(frozen=True, slots=True)
class WatchCurves:
    """All that is drawn of a watch. Times are those at the left and the right edge; None where it has not looked."""

    tables: tuple[TableCurve, ...]
    """Those with an open alert first, then by name"""
    received: tuple[ReceivedCurve, ...]
    first: datetime | None
    last: datetime | None


def curves(history: History) -> WatchCurves:
    """The curves of all looks in a history; tables that are no longer watched are drawn, too."""
    looks = history.looks
    if not looks:
        return WatchCurves((), (), None, None)
    scale = _Scale(_seconds(looks[0].at), _seconds(looks[-1].at))
    by_table: dict[str, list[tuple[Look, TableCount]]] = {}
    for look in looks:
        for count in look.counts:
            by_table.setdefault(count.table, []).append((look, count))
    open_now = {each.key: each.title for each in history.open_alerts}
    spans = _spans(looks, scale)
    tables = [_table(table, given, scale, spans, open_now) for table, given in by_table.items()]
    tables.sort(key=lambda each: (not each.alert, each.table))
    received = [_received(side, looks, scale) for side in ("source", "target")]
    return WatchCurves(
        tuple(tables), tuple(each for each in received if each.bars), moment(looks[0].at), moment(looks[-1].at)
    )


@functools.lru_cache(maxsize=16_384)
def _seconds(at: str) -> float:
    return moment(at).timestamp()


@dataclass(slots=True)
class _Scale:
    """Time from the left edge to the right."""

    first: float
    last: float
    _known: dict[str, float] = field(default_factory=dict)
    """Every table has the moments of all looks: each is placed once"""

    def x(self, at: str) -> float:
        place = self._known.get(at)
        if place is None:
            whole = self.last - self.first
            # A clock that was set back may give looks before the first one.
            share = (_seconds(at) - self.first) / whole if whole > 0 else 0.5
            place = self._known[at] = round(min(max(share, 0), 1) * WIDTH, 1)
        return place

    def column(self, at: str) -> int:
        return min(int(self.x(at) / WIDTH * COLUMNS), COLUMNS - 1)


def _table(
    table: str,
    given: Sequence[tuple[Look, TableCount]],
    scale: _Scale,
    spans: dict[str, tuple[Span, ...]],
    open_now: dict[str, str],
) -> TableCurve:
    rows = [each for _, count in given for each in (count.source, count.target) if each is not None]
    low, high = min(rows, default=0), max(rows, default=0)
    drawn = _thinned(given, scale)
    widest = max((abs(count.difference or 0) for _, count in given), default=0)
    of_table = tuple(span for prefix in ("counts", "digests") for span in spans.get(f"{prefix} {table}", ()))
    return TableCurve(
        table=table,
        source=_lines([(look.at, count.source) for look, count in drawn], scale, low, high),
        target=_lines([(look.at, count.target) for look, count in drawn], scale, low, high),
        low=low,
        high=high,
        bars=tuple(_bar(look, count, scale, widest) for look, count in drawn if count.difference),
        widest=widest,
        alerts=of_table,
        last=given[-1][1],
        alert="; ".join(open_now[key] for prefix in ("counts", "digests") if (key := f"{prefix} {table}") in open_now),
    )


def _thinned(given: Sequence[tuple[Look, TableCount]], scale: _Scale) -> list[tuple[Look, TableCount]]:
    """One look a column at the most: that with the greatest difference, else the last one."""
    if len(given) <= COLUMNS:
        return list(given)
    chosen: dict[int, tuple[Look, TableCount]] = {}
    for each in given:
        column = scale.column(each[0].at)
        known = chosen.get(column)
        if known is None or abs(each[1].difference or 0) >= abs(known[1].difference or 0):
            chosen[column] = each
    return [chosen[column] for column in sorted(chosen)]


def _lines(points: Sequence[tuple[str, int | None]], scale: _Scale, low: int, high: int) -> tuple[str, ...]:
    times = [_seconds(at) for at, _ in points]
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(times) if later > earlier)
    usual = steps[len(steps) // 2] if steps else 0.0
    stretches: list[list[str]] = [[]]
    before: float | None = None
    for (at, rows), seconds in zip(points, times, strict=True):
        broken = before is not None and (seconds < before or seconds - before > _GAP * usual)
        if rows is None or broken:
            stretches.append([])
        if rows is not None:
            share = (rows - low) / (high - low) if high > low else 0.5
            stretches[-1].append(f"{scale.x(at):g},{round(HEIGHT - 3 - share * (HEIGHT - 6), 1):g}")
            before = seconds
        else:
            before = None
    # A point alone would not be seen: it becomes a short line.
    return tuple(_seen(stretch) for stretch in stretches if stretch)


def _seen(stretch: list[str]) -> str:
    if len(stretch) > 1:
        return " ".join(stretch)
    x, y = stretch[0].split(",")
    return f"{max(float(x) - 2, 0):g},{y} {min(float(x) + 2, WIDTH):g},{y}"


def _bar(look: Look, count: TableCount, scale: _Scale, widest: int) -> Bar:
    difference = count.difference or 0
    height = max(round(abs(difference) / widest * (STRIP - 2), 1), 2.0) if widest else 0.0
    width = max(round(WIDTH / COLUMNS, 1), 1)
    says = f"{look.at[:16]}: {abs(difference):,} {'more' if difference > 0 else 'fewer'} on the target"
    return Bar(x=min(scale.x(look.at), WIDTH - width), width=width, height=height, says=says)


def _spans(looks: Sequence[Look], scale: _Scale) -> dict[str, tuple[Span, ...]]:
    """When alerts were open, by their key."""
    found: dict[str, list[Span]] = {}
    begun: dict[str, tuple[str, str]] = {}

    def close(key: str, at: str, until: str) -> None:
        since, title = begun.pop(key)
        x = scale.x(since)
        width = max(round(scale.x(at) - x, 1), 2.0)
        x = min(x, WIDTH - width)
        found.setdefault(key, []).append(Span(x, width, f"alert from {since[:16]} {until}: {title}"))

    for look in looks:
        if look.open is None:
            continue
        for each in look.open:
            begun.setdefault(each.key, (each.since, each.title))
        still = {each.key for each in look.open}
        for key in [key for key in begun if key not in still]:
            close(key, look.at, f"to {look.at[:16]}")
    for key in list(begun):
        close(key, looks[-1].at, "on")
    return {key: tuple(spans) for key, spans in found.items()}


def _received(side: str, looks: Sequence[Look], scale: _Scale) -> ReceivedCurve:
    amounts: list[tuple[Look, int]] = []
    for look in looks:
        amount = getattr(look.received, side)
        if amount is not None:
            amounts.append((look, amount))
    total = sum(amount for _, amount in amounts)
    columns: dict[int, int] = {}
    times: dict[int, str] = {}
    for look, amount in amounts:
        column = scale.column(look.at)
        columns[column] = columns.get(column, 0) + amount
        times[column] = look.at
    most = max(columns.values(), default=0)
    width = round(WIDTH / COLUMNS, 1)
    bars = (
        Bar(
            x=round(column * width, 1),
            width=width,
            height=max(round(amount / most * (RECEIVED - 2), 1), 1.0) if most else 0.0,
            says=f"{times[column][:16]}: {amount:,} bytes",
        )
        for column, amount in sorted(columns.items())
    )
    return ReceivedCurve(side, tuple(bars), most, total)
