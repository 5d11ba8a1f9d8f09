"""The gateway's metrics in Prometheus' text format, under PostgREST's names.

See https://docs.postgrest.org/en/v16/references/observability.html#metrics.
"""

from __future__ import annotations

from harness.gateway.gateway import Gateway

_Sample = tuple[str, float]


def _family(name: str, kind: str, about: str, *samples: _Sample) -> list[str]:
    lines = [f"{name}{labels} {value:g}" for labels, value in samples]
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}", *lines]


def metrics(gateway: Gateway) -> str:
    """All metrics, as of now."""
    pool, loads, tokens = gateway.connections, gateway.loads, gateway.authenticator
    most = gateway.settings.db_pool
    lines = [
        *_family(
            "pgrst_schema_cache_query_time_seconds",
            "gauge",
            "The query time in seconds of the last schema cache load",
            ("", loads.seconds),
        ),
        *_family(
            "pgrst_schema_cache_loads_total",
            "counter",
            "The total number of times the schema cache was loaded",
            ('{status="SUCCESS"}', loads.succeeded),
            ('{status="FAIL"}', loads.failed),
        ),
        *_family("pgrst_db_pool_max", "gauge", "Max pool connections", ("", most)),
        *_family("pgrst_db_pool_waiting", "gauge", "Requests waiting to acquire a pool connection", ("", pool.waiting)),
        *_family("pgrst_db_pool_available", "gauge", "Available connections in the pool", ("", most - pool.used)),
        *_family(
            "pgrst_db_pool_timeouts_total",
            "counter",
            "The total number of pool connection timeouts",
            ("", pool.timeouts),
        ),
        *_family(
            "pgrst_jwt_cache_requests_total", "counter", "The total number of JWT cache lookups", ("", tokens.asked)
        ),
        *_family(
            "pgrst_jwt_cache_hits_total", "counter", "The total number of JWT cache hits", ("", tokens.remembered)
        ),
        *_family(
            "pgrst_jwt_cache_evictions_total",
            "counter",
            "The total number of JWT cache evictions",
            ("", tokens.forgotten),
        ),
    ]
    return "\n".join(lines) + "\n"
