"""Fence hold: transactions that began to write before the fence are waited for, then a lock keeps all writes off."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import pq, sql

from harness.core.cutover.fence_facts import Busy, Drained
from harness.core.cutover.rights import Relation
from harness.errors import ConnectionFailed, PgparityError
from harness.postgres.connect import Connection, Endpoint, fencing_session, table_name
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.fence_scope import asking, read_relations
from harness.postgres.lending import lent, owned
from harness.postgres.queries import query

POLL_SECONDS: Final = 0.05
HOLD_SECONDS: Final = 30.0
WAIT_SECONDS: Final = 3
"""How long one table's lock is waited for in one go: a second after that began the server ends an autovacuum of it"""
HOLDING_SECONDS: Final = 0.5
"""How long, at most, while others are held"""
_NOT_HAD: Final = ("55P03", "40P01")
_TIMEOUTS: Final = ("idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout")
_KEEPALIVE: Final = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


def drained(endpoint: Endpoint, *, tables: Sequence[str], seconds: float) -> Drained:
    """Wait until every transaction that holds a lock to write these tables now has ended, so long at most.

    Asked after the fence was committed, these are all that it did not stop: a statement takes its lock before its
    rights are looked at, and whoever takes a lock later sees what was revoked. Prepared transactions count as well.
    """
    begun = time.monotonic()
    with asking(endpoint) as connection:
        relations = {relation.oid: relation for relation in read_relations(connection, endpoint, tables)}
        waited = set(_busy(connection, relations))
        while True:
            busy = {key: each for key, each in _busy(connection, relations).items() if key in waited}
            past = time.monotonic() - begun
            if not busy or past >= seconds:
                return Drained(seconds=past, in_the_way=tuple(busy.values()))
            connection.rollback()
            time.sleep(min(POLL_SECONDS, max(seconds - past, 0.001)))


def _busy(connection: Connection, relations: Mapping[int, Relation]) -> dict[str, Busy]:
    found = connection.execute(query("fence_busy"), {"relations": list(relations)})
    return {
        key: Busy(
            pid=pid,
            name=name,
            role=role,
            seconds=None if seconds is None else max(float(seconds), 0.0),
            tables=tuple(sorted(relations[oid].identity for oid in oids)),
        )
        for key, pid, name, role, seconds, oids in found
    }


@dataclass(slots=True)
class Held:
    """The lock, while its session lives."""

    connection: Connection = field(repr=False)
    relations: tuple[Relation, ...]
    seconds: float
    """How long it took to get"""

    @property
    def tables(self) -> tuple[str, ...]:
        """What nobody can write now."""
        return tuple(relation.identity for relation in self.relations)

    def still_held(self) -> bool:
        """Ask the server whether this session has its lock on every table; False too where the session was lost."""
        if self.connection.closed:
            return False
        try:
            row = self.connection.execute(
                "SELECT pg_catalog.count(DISTINCT relation) FROM pg_catalog.pg_locks"
                " WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND mode = 'ShareLock' AND granted"
                " AND relation = ANY (%s::oid[])",
                ([relation.oid for relation in self.relations],),
            ).fetchone()
        except psycopg.Error:
            return False
        return row is not None and int(row[0]) == len(self.relations)


@contextlib.contextmanager
def held(endpoint: Endpoint, *, tables: Sequence[str], seconds: float = HOLD_SECONDS, consent: bool) -> Iterator[Held]:
    """Hold SHARE locks on these tables and their partitions: nobody writes them meanwhile, no superuser either.

    Taken after `drained`, and so that nobody fails by a deadlock with it: while it has locks it waits for another one
    no longer than half of what the server waits before it looks for deadlocks, then lets go of all and begins anew.
    What has no lock, as foreign tables, is not in `Held.tables`. ConnectionFailed where it is not had in time, with who
    is in the way; PrivilegeMissing where the role may not.
    """
    begun = time.monotonic()
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                keep_alive(connection)
                found = read_relations(connection, endpoint, tables)
                relations = tuple(relation for relation in found if relation.lockable)
                connection.commit()
                with lent(endpoint, _to_lend(connection, relations), [sql.SQL("TRUNCATE")], consent=consent):
                    _lock_all(connection, endpoint, relations, begun + seconds)
        except StatementFailed as failure:
            raise PgparityError(
                f"writes of the {endpoint.side} could not be held off: {failure.reason}", hint="Run again."
            ) from None
        try:
            yield Held(connection, relations, time.monotonic() - begun)
        finally:
            # Awaited: a session that is only closed lets go some time later, when rights may have been given back.
            with contextlib.suppress(psycopg.Error):
                connection.rollback()


def keep_alive(connection: Connection) -> None:
    """Nothing may end the session while it waits; parameters that this server does not know are left out."""
    wanted = {**dict.fromkeys(_TIMEOUTS, "0"), **_KEEPALIVE}
    connection.execute(
        "SELECT pg_catalog.set_config(s.name, w.value, false) FROM pg_catalog.pg_settings AS s"
        " JOIN ROWS FROM (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) AS w (name, value)"
        " ON w.name = s.name",
        (list(wanted), list(wanted.values())),
    )
    connection.commit()


def _lock_all(connection: Connection, endpoint: Endpoint, relations: Sequence[Relation], deadline: float) -> None:
    if not relations:
        return
    row = connection.execute(
        "SELECT extract(epoch FROM pg_catalog.current_setting('deadlock_timeout')::interval)::double precision"
    ).fetchone()
    holding = min(HOLDING_SECONDS, float(row[0]) / 2 if row else HOLDING_SECONDS)
    waiting: Relation | None = None
    while True:
        waiting = _try_all(connection, relations, waiting, deadline, holding)
        if waiting is None:
            return
        if time.monotonic() >= deadline:
            busy = tuple(_busy(connection, {waiting.oid: waiting}).values())
            connection.rollback()
            who = f": {busy[0]}" if busy else ""
            raise ConnectionFailed(
                f"another session of the {endpoint.side} keeps writing to {waiting.identity}{who}",
                hint="End it, or name its role in [cutover], and run again.",
            )


def _try_all(
    connection: Connection, relations: Sequence[Relation], first: Relation | None, deadline: float, holding: float
) -> Relation | None:
    """Lock all in one transaction, the longest wait first. The one that was not had: nothing is locked then."""
    ordered = [*([first] if first else []), *(relation for relation in relations if relation is not first)]
    for number, relation in enumerate(ordered):
        try:
            if number < 2:
                wait = holding if number or first is None else WAIT_SECONDS
                milliseconds = int(max(min(wait, deadline - time.monotonic()), 0.01) * 1000)
                connection.execute("SELECT pg_catalog.set_config('lock_timeout', %s, true)", (f"{milliseconds}ms",))
            name = table_name(relation.schema, relation.name)
            connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(name))
        except psycopg.OperationalError as error:
            if error.sqlstate not in _NOT_HAD or connection.info.transaction_status is pq.TransactionStatus.UNKNOWN:
                raise
            connection.rollback()
            return relation
    return None


def _to_lend(connection: Connection, relations: Sequence[Relation]) -> tuple[Relation, ...]:
    """An owner whose own rights the fence took may not lock either."""
    rows = connection.execute(query("fence_lock_rights"), {"relations": [relation.oid for relation in relations]})
    found = owned(connection, relations, {oid for oid, may in rows if not may})
    connection.commit()
    return found
