"""When a figure of a database or a pool is a warning or worse, and whether the targets are met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, get_args

from harness.core.health.documents import DatabaseState, PoolHealth, ServerBudget, Standing, Target

_WORST_LAST: Final[tuple[Standing, ...]] = get_args(Standing)
POOL_WARNING_ABOVE: Final = 0.8
MEAN_MS, P95_MS, P99_MS = 10.0, 20.0, 50.0
ERROR_RATE: Final = 0.001
POOL_USE_PERCENT: Final = 80.0


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """Seconds after which no answer is an answer too, and milliseconds above which an answer is slow."""

    seconds: float = 2.0
    slow_ms: float = 100.0


def worst(standings: Iterable[Standing]) -> Standing:
    """The worst of some, ok of none."""
    return max(standings, key=_WORST_LAST.index, default="ok")


def pool_health(name: str, *, max_size: int, total: int, idle: int, in_use: int, waiting: int) -> PoolHealth:
    """A pool is a warning above 80 % use. That it is used up shows in the database that gives no connection in time."""
    use = in_use / max_size if max_size else 0.0
    return PoolHealth(
        name=name,
        status="warning" if use > POOL_WARNING_ABOVE or waiting else "ok",
        max_size=max_size,
        open=total,
        idle=idle,
        in_use=in_use,
        waiting=waiting,
        use_percent=round(use * 100, 1),
    )


def answered(name: str, milliseconds: float, budget: ServerBudget | None, limits: HealthLimits) -> DatabaseState:
    """A database that gave an answer: slow is degraded, no room for connections a warning."""
    standings: list[Standing] = ["ok"]
    reasons = []
    if milliseconds > limits.slow_ms:
        standings.append("degraded")
        reasons.append(f"a round trip took {milliseconds:.0f} ms, more than {limits.slow_ms:g}")
    if budget is not None and budget.fits is False:
        standings.append("warning")
        reasons.append(f"the services want {budget.wanted} connections, the server leaves {budget.left}")
    elif budget is not None and budget.left == 0:
        standings.append("warning")
        reasons.append("the server has no connection left for the services")
    return DatabaseState(
        name=name,
        status=worst(standings),
        reasons=tuple(reasons),
        round_trip_ms=round(milliseconds, 3),
        connections=budget,
    )


def silent(name: str, reason: str) -> DatabaseState:
    """A database that gave none."""
    return DatabaseState(name=name, status="unavailable", reasons=(reason,))


def targets(
    *,
    mean_ms: float | None,
    p95_ms: float | None,
    p99_ms: float | None,
    error_rate: float | None,
    pool_use_percent: float | None,
) -> tuple[Target, ...]:
    """What was asked for of the data layer: `measured` beside each limit. None is what was not measured."""
    figures = (
        ("mean", "< 10 ms", mean_ms, MEAN_MS),
        ("p95", "< 20 ms", p95_ms, P95_MS),
        ("p99", "< 50 ms", p99_ms, P99_MS),
        ("error rate", "< 0.1 %", error_rate, ERROR_RATE),
        ("pool use", "< 80 %", pool_use_percent, POOL_USE_PERCENT),
    )
    return tuple(
        Target(
            name=name,
            limit=limit,
            measured=None if measured is None else round(measured, 4),
            met=None if measured is None else measured < bound,
        )
        for name, limit, measured, bound in figures
    )
