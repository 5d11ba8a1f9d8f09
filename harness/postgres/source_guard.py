"""Guard: how busy a server is, asked on a session that is about to read much."""

from __future__ import annotations

import time

from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming


def latency(connection: Connection, endpoint: Endpoint) -> float:
    """Milliseconds that SELECT 1 takes there and back."""
    with blaming(endpoint, connection):
        started = time.perf_counter()
        connection.execute("SELECT 1").fetchone()
    return (time.perf_counter() - started) * 1000


def active(connection: Connection, endpoint: Endpoint) -> int:
    """Sessions of others that are running a statement now; a transaction would go on seeing its first answer."""
    with blaming(endpoint, connection):
        connection.execute("SELECT pg_catalog.pg_stat_clear_snapshot()")
        row = connection.execute(
            "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active'"
            " AND backend_type = 'client backend' AND application_name NOT LIKE 'pgparity %'"
        ).fetchone()
    return int(row[0]) if row else 0
