"""When the next look is due, from the last one alone: what was missed while nobody watched is not made up for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from harness.core.watch.history import History, Kind, moment

_STEP_BACK: Final = 0.1
"""Of an interval: a clock that is set back by more makes the next look due at once"""


def next_due(last: float | None, every: float, now: float) -> float:
    """When a look is due that is taken every so many seconds, and was due at `last` before; seconds since 1970.

    Due times lie on one grid. Of those that have passed only the latest counts. A clock that was set back does not put
    the next look off by as much: it is due at once then, where its time would else not come for long.
    """
    if last is None or last - now > _STEP_BACK * every:
        return now
    return last + max(1, math.floor((now - last) / every)) * every


def due_times(history: History, intervals: Mapping[Kind, float], now: float) -> dict[Kind, float]:
    """When each kind of look is due next, in seconds since 1970."""
    return {kind: next_due(_last(history, kind), every, now) for kind, every in intervals.items()}


def _last(history: History, kind: Kind) -> float | None:
    look = history.last_of(kind)
    return None if look is None else moment(look.due).timestamp()
