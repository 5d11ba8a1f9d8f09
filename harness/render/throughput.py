"""The throughput of a migration: rows a second over time, and when each table's chunks moved, as geometry for SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.core.ledger import Chunk, Ledger

WIDTH, HEIGHT = 600, 100
BINS = 60
LANES = 30
"""Tables that get a line of their own"""
SPANS = 400
"""Rectangles of a line at most: more of them are narrower than the screen's points"""


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where something went on."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """The chunks of one table, those that follow each other at once drawn as one."""

    table: str
    chunks: int
    rows: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Throughput:
    """The curve is the path of an SVG of WIDTH by HEIGHT; `peak` is its highest value in rows a second."""

    curve: str
    peak: float
    mean: float
    seconds: float
    lanes: tuple[Lane, ...]
    lanes_cut: int
    resumed: int
    """Chunks of an earlier run, which are not drawn"""
    undated: int
    """Chunks that do not say when they ended, which are not drawn"""


@dataclass(frozen=True, slots=True)
class _Moved:
    begin: float
    end: float
    chunk: Chunk


def throughput(ledger: Ledger | None) -> Throughput | None:
    """The throughput of this run's chunks; None where fewer than two of them say when they ended.

    The rows of a chunk count evenly over its time: what happened inside a chunk was not seen.
    """
    fresh = [chunk for chunk in ledger.chunks if not chunk.resumed] if ledger else []
    moved = [each for each in map(_dated, fresh) if each is not None]
    if ledger is None or len(moved) < 2:
        return None
    start, end = min(each.begin for each in moved), max(each.end for each in moved)
    if end <= start:
        return None
    rates = _rates(moved, start, end)
    peak = max(rates)
    if peak <= 0:
        return None
    tables = list(dict.fromkeys(each.chunk.table for each in moved))
    return Throughput(
        curve=_curve(rates, peak),
        peak=peak,
        mean=sum(each.chunk.rows for each in moved) / (end - start),
        seconds=end - start,
        lanes=tuple(_lane(table, moved, start, end) for table in tables[:LANES]),
        lanes_cut=max(len(tables) - LANES, 0),
        resumed=len(ledger.chunks) - len(fresh),
        undated=len(fresh) - len(moved),
    )


def _dated(chunk: Chunk) -> _Moved | None:
    try:
        finished = datetime.fromisoformat(chunk.finished_at or "")
        end = (finished if finished.tzinfo else finished.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return _Moved(end - chunk.seconds, end, chunk)


def _rates(moved: Sequence[_Moved], start: float, end: float) -> list[float]:
    """Rows a second in each of BINS equal pieces of the time."""
    width = (end - start) / BINS
    rows = [0.0] * BINS
    for each in moved:
        first = min(int((each.begin - start) / width), BINS - 1)
        last = min(int((each.end - start) / width), BINS - 1)
        took = each.end - each.begin
        for place in range(first, last + 1):
            if took <= 0:
                part = 1.0 if place == first else 0.0
            else:
                begin, stop = start + place * width, start + (place + 1) * width
                part = max(min(each.end, stop) - max(each.begin, begin), 0.0) / took
            rows[place] += each.chunk.rows * part
    return [number / width for number in rows]


def _curve(rates: Sequence[float], peak: float) -> str:
    """Steps, not a line from point to point: each piece is a mean, and nothing is known between."""
    step = WIDTH / len(rates)
    path = [f"M0 {HEIGHT}"]
    for place, rate in enumerate(rates):
        path.append(f"V{round(HEIGHT * (1 - rate / peak), 1):g}H{round((place + 1) * step, 1):g}")
    return "".join([*path, f"V{HEIGHT}Z"])


def _lane(table: str, moved: Sequence[_Moved], start: float, end: float) -> Lane:
    here = sorted((each for each in moved if each.chunk.table == table), key=lambda each: each.begin)
    scale = WIDTH / (end - start)
    spans: list[tuple[float, float]] = []
    for each in here:
        begin, stop = (each.begin - start) * scale, (each.end - start) * scale
        if spans and begin <= spans[-1][1] + WIDTH / SPANS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], stop))
        else:
            spans.append((begin, stop))
    return Lane(
        table=table,
        chunks=len(here),
        rows=sum(each.chunk.rows for each in here),
        spans=tuple(Span(round(begin, 1), round(max(stop - begin, 1.5), 1)) for begin, stop in spans),
    )
