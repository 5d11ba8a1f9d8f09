"""Connections: the one place that connects to a side; sessions are set up here, and errors leave without secrets."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import psycopg
from psycopg import pq, sql
from psycopg.rows import TupleRow

from harness.core.document import ServerFacts
from harness.core.pooler import POOLER_PORT
from harness.core.record import Side
from harness.errors import ConfigurationError, ConnectionFailed, PgparityError, SameDatabase
from harness.postgres.endpoint import Endpoint as Endpoint
from harness.postgres.endpoint import address as address
from harness.postgres.endpoint import translated as translated
from harness.postgres.kept_sessions import KEPT_AFTER, kept

Connection = psycopg.Connection[TupleRow]
CONNECT_SECONDS = 10
FENCING = "cutover"
"""What sessions are for that put up a fence, hold it and take it down; their application_name says it"""

_OPEN: ContextVar[tuple[tuple[Endpoint, Connection], ...]] = ContextVar("_OPEN", default=())
"""The sessions that are open around a statement, the innermost last: two sides are nested in one another"""


@contextlib.contextmanager
def session(
    endpoint: Endpoint, *, purpose: str, writable: bool = False, opened: Callable[[], Connection] | None = None
) -> Iterator[Connection]:
    """A session for one stage: UTC, a statement timeout, a telling application_name, row_security off.

    It is read only unless `writable`, which the source refuses: rule 1, the source is never written. The connection is
    not in autocommit mode; it is closed at the end and rolled back where it was not committed. `opened` gives it where
    it is being opened already.
    """
    if writable and endpoint.side is Side.SOURCE:
        raise PgparityError("the source is read only", hint="This is a defect of pgparity: please report it.")
    endpoint.parameters()
    keeper = kept()
    left = keeper.take(endpoint.dsn) if keeper is not None and opened is None else None
    if left is not None and _taken_over(left, purpose):
        connection = left
    else:
        connection = opened() if opened is not None else _connected(endpoint, purpose)
    keep = False
    if endpoint.observer is not None:
        endpoint.observer.opened(connection)
    try:
        with _translating(endpoint, connection):
            prepare(connection, writable=writable, statement_timeout=endpoint.statement_timeout)
            yield connection
            if not connection.closed:
                connection.rollback()
                keep = purpose in KEPT_AFTER and not writable
    finally:
        if endpoint.observer is not None:
            endpoint.observer.ended(connection)
        if not (keep and keeper is not None and keeper.keep(endpoint.dsn, connection)):
            connection.close()


@contextlib.contextmanager
def fencing_session(endpoint: Endpoint, *, consent: bool) -> Iterator[Connection]:
    """A session that may write to either side, the source too: for the fence of a cutover and what goes back (rule 1).

    PgparityError without `consent`, which a person gave for this cutover; ConfigurationError through a pooler that
    keeps no session. As `session` in all else: what is not committed is rolled back.
    """
    if not consent:
        raise PgparityError(
            f"writes of the {endpoint.side} are fenced with consent only", hint="Give --yes, or a yes at the terminal."
        )
    ensure_session_kept(endpoint)
    connection = _connected(endpoint, FENCING)
    try:
        with _translating(endpoint, connection):
            prepare(connection, writable=True, statement_timeout=endpoint.statement_timeout)
            yield connection
            if not connection.closed:
                connection.rollback()
    finally:
        connection.close()


@contextlib.contextmanager
def new_sessions(source: Endpoint, target: Endpoint, *, purpose: str) -> Iterator[tuple[Connection, Connection]]:
    """A session of each side, both opened at the same time. What is wrong with the source is told first."""
    keeper = kept()
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(max_workers=1) as executor:
        if keeper is not None and keeper.has(target.dsn):
            left = stack.enter_context(session(source, purpose=purpose))
            yield left, stack.enter_context(session(target, purpose=purpose))
            return
        other = executor.submit(_connected, target, purpose)
        try:
            left = stack.enter_context(session(source, purpose=purpose))
        except BaseException:
            with contextlib.suppress(PgparityError):
                other.result().close()
            raise
        yield left, stack.enter_context(session(target, purpose=purpose, opened=other.result))


def _connected(endpoint: Endpoint, purpose: str) -> Connection:
    try:
        return psycopg.connect(
            endpoint.dsn,
            connect_timeout=CONNECT_SECONDS,
            application_name=f"pgparity {purpose}",
            client_encoding="utf8",
            prepare_threshold=None,
        )
    except psycopg.Error as error:
        raise translated(error, endpoint) from None


def _taken_over(connection: Connection, purpose: str) -> bool:
    """Whether a kept session is still there; it is called by what it is for now."""
    try:
        connection.execute("SELECT pg_catalog.set_config('application_name', %s, false)", (f"pgparity {purpose}",))
        connection.commit()
    except psycopg.Error:
        connection.close()
        return False
    return True


def prepare(connection: Connection, *, writable: bool, statement_timeout: int) -> None:
    """Set a session up; it works through a pooler in session mode, and on any role."""
    settings = {
        "default_transaction_read_only": "off" if writable else "on",
        "row_security": "off",
        "TimeZone": "UTC",
        "DateStyle": "ISO, YMD",
        "IntervalStyle": "postgres",
        "extra_float_digits": "1",
        "bytea_output": "hex",
        "statement_timeout": f"{statement_timeout}s",
        "lock_timeout": "10s",
        # Compiling a statement that hashes a piece of a table takes longer than it saves.
        "jit": "off",
        "search_path": "",
    }
    # One statement for all: a comparison opens some ten sessions, and each statement is a round trip.
    each = sql.SQL("pg_catalog.set_config({}, {}, false)")
    items = [each.format(sql.Literal(name), sql.Literal(value)) for name, value in settings.items()]
    connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(items)))
    connection.commit()


@contextlib.contextmanager
def snapshot(connection: Connection) -> Iterator[str]:
    """One repeatable-read transaction, exported: other sessions may SET TRANSACTION SNAPSHOT to its name."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") if connection.autocommit else (
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    )
    row = connection.execute("SELECT pg_catalog.pg_export_snapshot()").fetchone()
    yield str(row[0]) if row else ""
    connection.rollback()


@contextlib.contextmanager
def _translating(endpoint: Endpoint, connection: Connection) -> Iterator[None]:
    known = _OPEN.get()
    _OPEN.set((*known, (endpoint, connection)))
    try:
        yield
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
        raise translated(error, _failing(endpoint)) from None
    finally:
        _OPEN.set(known)


def _failing(endpoint: Endpoint) -> Endpoint:
    """Whose error it is: that of the session, among those that are open around it, which an error has ended or whose
    transaction it has; else of the innermost one.
    """
    for owner, connection in reversed(_OPEN.get()):
        if connection.closed or connection.info.transaction_status is pq.TransactionStatus.INERROR:
            return owner
    return endpoint


def server_facts(connection: Connection, endpoint: Endpoint, *, snapshot_name: str | None = None) -> ServerFacts:
    """Which server this is. The system identifier is null where the role may not read it."""
    row = connection.execute(
        "SELECT pg_catalog.current_database(), current_user::text, pg_catalog.current_setting('server_version'),"
        " pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate"
        " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
    ).fetchone()
    if row is None:
        raise ConnectionFailed(f"the {endpoint.side} server does not know its own database")
    database, role, version, encoding, collation = (str(value) for value in row)
    return ServerFacts(
        label=endpoint.name,
        address=address(endpoint),
        database=database,
        role=role,
        version=version.split(" ")[0],
        system_identifier=system_identifier(connection),
        encoding=encoding,
        collation=collation,
        snapshot=snapshot_name,
    )


def system_identifier(connection: Connection) -> str | None:
    """The cluster's identifier; None where the role may not read it (pg_control_system, since 9.6)."""
    allowed = connection.execute(
        "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
    ).fetchone()
    if not allowed or not allowed[0]:
        return None
    row = connection.execute("SELECT system_identifier::text FROM pg_catalog.pg_control_system()").fetchone()
    return str(row[0]) if row else None


def ensure_comparable(source: Endpoint, target: Endpoint) -> None:
    """Refuse a pair that cannot be compared: a side without sessions of its own, or one database twice."""
    for endpoint in (source, target):
        ensure_session_kept(endpoint)
    ensure_distinct(source, target)


def ensure_session_kept(endpoint: Endpoint) -> None:
    """Refuse a pooler in transaction mode."""
    if POOLER_PORT in endpoint.parameters().get("port", "").split(","):
        raise ConfigurationError(
            f"the {endpoint.side} port {POOLER_PORT} is a pooler in transaction mode, which keeps no session",
            hint="Use the pooler in session mode (the same host, port 5432) or the direct host.",
        )


def ensure_distinct(source: Endpoint, target: Endpoint) -> None:
    """Refuse a pair that is one database: a random advisory lock of the target must not show on the source.

    Identifiers alone would refuse a promoted physical copy, and equal addresses can be told apart in too many ways.
    """
    high, low = secrets.randbits(31), secrets.randbits(31)
    with new_sessions(source, target, purpose="identity") as (looking, locking):
        locking.execute("SELECT pg_catalog.pg_advisory_xact_lock(%s::int, %s::int)", (high, low))
        row = looking.execute(
            "SELECT count(*) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND l.classid = %s::oid AND l.objid = %s::oid"
            " AND d.datname = pg_catalog.current_database()",
            (high, low),
        ).fetchone()
    if row and row[0]:
        raise SameDatabase(
            "source and target are the same database",
            hint="Give two databases: comparing one with itself proves nothing.",
        )


def table_name(schema: str, name: str) -> sql.Composed:
    """A qualified table for a composed statement."""
    return sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(name))
