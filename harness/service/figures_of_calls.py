"""The figures of a data layer's statements as an endpoint tells them: milliseconds, targets, the last slow ones."""

from __future__ import annotations

from harness.core.health.documents import KindOfCall, MetricsHealth, ServerStatements, SlowStatement
from harness.core.health.judging import targets
from harness.datalayer.observation.metrics import MetricsSnapshot


def metrics_health(
    snapshot: MetricsSnapshot,
    statements_of: str,
    pool_use_percent: float | None,
    servers: tuple[ServerStatements, ...] = (),
) -> MetricsHealth:
    """The snapshot in milliseconds, beside what was asked for."""
    last = snapshot.percentiles
    mean = _mean_ms(snapshot)
    return MetricsHealth(
        statements_of=statements_of,
        calls=snapshot.calls,
        errors=snapshot.errors,
        error_rate=round(snapshot.error_rate, 6),
        of_last=last.of_last,
        p50_ms=_ms(last.p50),
        p95_ms=_ms(last.p95),
        p99_ms=_ms(last.p99),
        mean_ms=mean,
        kinds=tuple(
            KindOfCall(kind=name, calls=each.calls, errors=each.errors, mean_ms=round(each.mean_seconds * 1000, 3))
            for name, each in snapshot.kinds.items()
        ),
        targets=targets(
            mean_ms=mean,
            p95_ms=_ms(last.p95),
            p99_ms=_ms(last.p99),
            error_rate=snapshot.error_rate if snapshot.calls else None,
            pool_use_percent=pool_use_percent,
        ),
        slow_limit_ms=snapshot.slow_seconds * 1000,
        slow_calls=snapshot.slow_calls,
        slow=tuple(
            SlowStatement(
                kind=each.kind,
                table=each.table,
                ms=round(each.seconds * 1000, 3),
                at=each.ended_at,
                failed=each.error_kind is not None,
            )
            for each in snapshot.last_slow
        ),
        servers=servers,
    )


def _mean_ms(snapshot: MetricsSnapshot) -> float | None:
    """Over all kinds but whole transactions, whose time is that of their statements."""
    if not snapshot.calls:
        return None
    seconds = sum(each.mean_seconds * each.calls for name, each in snapshot.kinds.items() if name != "transaction")
    return round(seconds / snapshot.calls * 1000, 3)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
