"""Durations as people write them: 90s, 15m, 1h, 7d."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)\Z")


def seconds_of(text: str) -> float:
    """The seconds of a duration. ValueError: it is none, or no time at all."""
    match = _DURATION.match(text.strip().lower())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds > 0:
        raise ValueError("write a number with its unit: 90s, 15m, 1h or 7d")
    return seconds


def duration_text(seconds: float) -> str:
    """A duration in its largest whole unit."""
    for unit in ("d", "h", "m"):
        if seconds >= _UNITS[unit] and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:.0f}{unit}"
    return f"{seconds:g}s"
