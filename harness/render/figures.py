"""Figures in words: counts, times and bytes as people read them, the same in every output."""

from __future__ import annotations

from datetime import UTC, datetime


def count(number: float) -> str:
    """1490 -> 1,490"""
    return f"{number:,.0f}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """2, "row" -> 2 rows"""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Seconds as 4 ms, 0.84 s, 8.2 s, 2 min 05 s or 1 h 02 min."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{count(hours)} h {minutes:02d} min"


def milliseconds(value: float) -> str:
    """6.31 -> 6.3 ms"""
    return f"{value:,.1f} ms" if value < 100 else f"{value:,.0f} ms"


def size(number: int) -> str:
    """Bytes in powers of 1,000: 683000000 -> 683 MB"""
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:,.0f} {unit}" if unit == "B" or value >= 100 else f"{value:,.1f} {unit}"


def clock(text: str) -> str:
    """An ISO 8601 time as its time of day in UTC, 09:12:03; what is none, as it is."""
    shown = moment(text)
    return shown.removesuffix(" UTC").split(" ", 1)[1] if shown != text else text


def moment(text: str) -> str:
    """An ISO 8601 time as 2026-07-14 09:12:03 UTC; what is none, as it is."""
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            return f"{when:%Y-%m-%d %H:%M:%S}"
        return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return text
