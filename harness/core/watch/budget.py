"""The read budget: bytes that looks may receive from a side in so many days, by what the history says they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.record import Side
from harness.core.watch.history import BytesReceived, History, Kind, moment

RESERVED: Final = 0.1
"""Share of the budget that is kept for counts: digests and schemas end before it is used up"""
_MEASURED: Final = 5
"""Looks that the next one's bytes are judged by, the latest ones: it is taken to need as much as the largest"""
_CHEAPEST_FIRST: Final[tuple[Kind, ...]] = ("counts", "schema", "digests")


@dataclass(frozen=True, slots=True)
class Affordable:
    """What can be looked at within the budget, and why the rest cannot."""

    kinds: tuple[Kind, ...]
    put_off: tuple[tuple[Kind, str], ...] = ()


def spent(history: History, side: Side, now: float, days: float) -> int:
    """Bytes received from a side in the days before now; looks of a clock that was ahead count, too."""
    since = now - days * 86400
    return sum(_of(look.received, side) or 0 for look in history.looks if moment(look.at).timestamp() > since)


def expected(history: History, kind: Kind, side: Side) -> int | None:
    """Bytes that the next look of a kind is taken to receive; None where none was measured."""
    measured = [
        amount
        for look in reversed(history.looks)
        if kind in look.received_by and (amount := _of(look.received_by[kind], side)) is not None
    ]
    return max(measured[:_MEASURED], default=None)


def affordable(history: History, due: Sequence[Kind], *, budget: int | None, days: float, now: float) -> Affordable:
    """What of that which is due fits a budget of bytes a side: counts first, and what was never measured is tried."""
    if budget is None:
        return Affordable(tuple(due))
    left = {side: budget - spent(history, side, now, days) for side in Side}
    kinds: list[Kind] = []
    put_off: list[tuple[Kind, str]] = []
    for kind in sorted(due, key=_CHEAPEST_FIRST.index):
        reserved = 0 if kind == "counts" else round(budget * RESERVED)
        needs = {side: expected(history, kind, side) or 0 for side in Side}
        short = next((side for side in Side if left[side] - reserved < max(needs[side], 1)), None)
        if short is None:
            kinds.append(kind)
            left = {side: left[side] - needs[side] for side in Side}
            continue
        used = f"{budget - left[short]:,} of {budget:,} bytes that may be read of the {short} in {days:g} days are used"
        kept = f", {reserved:,} are kept for counts" if reserved else ""
        put_off.append((kind, f"{used}{kept}, and this look takes about {needs[short]:,}"))
    return Affordable(tuple(kind for kind in due if kind in kinds), tuple(put_off))


def _of(received: BytesReceived, side: Side) -> int | None:
    return received.source if side is Side.SOURCE else received.target
