"""Clones in place: made on a database's own server by CREATE DATABASE … TEMPLATE; it is not written itself."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import conninfo

from harness.core.record import Side
from harness.errors import CloneFailed, PgparityError
from harness.postgres.clones import Template, create_from_template, drop_database
from harness.postgres.connect import CONNECT_SECONDS, Connection, Endpoint, session, system_identifier, translated
from harness.postgres.copying import Copy, Origin, read_origin, settings_to_give
from harness.postgres.even_templates import shuffle_rows
from harness.postgres.queries import query
from harness.postgres.scratch import session_options
from harness.postgres.transfer import told

MARK = "A clone of pgparity methods --clone-in-place: dropped at the end of the run that made it."
"""The comment on every clone; with its name it proves whose it is"""
_PREFIX = "pgparity_clone_"
_LOCK = 1_885_434_979
"""First half of the advisory lock that a living run holds; the second is the first seven digits of its token"""
_SMALL = 64 * 1024 * 1024
"""Bytes up to which a clone goes through the write-ahead log; above, files are copied between two checkpoints"""
_WITHOUT = "Run without --clone-in-place: the clones are made on this machine then."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnServer:
    """The server of the database itself, and the role of its DSN there."""

    side: Side
    dsn: str = field(repr=False)
    """With the one host and port that answered"""
    host: str
    """A name or an address; with a leading / the folder of a socket"""
    port: int
    system_identifier: str
    maintenance: str
    """The database that sessions are opened in which create and drop others"""
    encrypted: bool
    statement_timeout: int
    """Seconds"""

    @property
    def address(self) -> str:
        """host:port, for people."""
        return f"{self.host}:{self.port}"

    def connect(self, database: str = "", *, purpose: str) -> Connection:
        """A session in autocommit mode on a clone; without a name: one to make clones in."""
        return psycopg.connect(
            conninfo.make_conninfo(self.dsn, dbname=database or self.maintenance),
            connect_timeout=CONNECT_SECONDS,
            application_name=f"pgparity {purpose}",
            client_encoding="utf8",
            prepare_threshold=None,
            options=session_options(self.statement_timeout),
            autocommit=True,
        )

    def login(self, user: str, password: str, database: str) -> str:
        """A DSN by which a role reaches a clone, with no settings but the server's."""
        return conninfo.make_conninfo(self.dsn, user=user, password=password, dbname=database, options="")


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """A server on which clones can be made now."""

    server: OwnServer
    copy: Copy
    prefix: str
    """Of the names of all its clones"""
    ahead: dt.timedelta
    """By how much the server's clock is ahead of this machine's"""
    remarks: tuple[str, ...]
    """What became of clones that killed runs had left"""


@dataclass(frozen=True, slots=True)
class _Facts:
    """The row of clone_in_place.sql."""

    database: str
    backend: int
    in_recovery: bool
    superuser: bool
    may_create: bool
    may_copy: bool
    owner: str
    size: int
    foreign_servers: int
    clock: dt.datetime


@contextlib.contextmanager
def cloned_in_place(origin: Endpoint, *, schemas: Sequence[str], shuffle: float) -> Iterator[InPlace]:
    """Copy the database beside itself, and make that copy ready to be a template; at the end all clones are dropped.

    Nobody can connect to the database while CREATE DATABASE copies it, and it has to be without other sessions at that
    moment; afterwards it is not needed. CloneFailed where the server or the role does not allow it: nothing is left.
    """
    with session(origin, purpose="clone") as connection:
        facts, ahead = _facts(connection, origin)
        server = _server(connection, origin, facts)
        known = read_origin(connection)
        password = connection.info.password or ""
    token = secrets.token_hex(6)
    prefix = _PREFIX + token
    server, admin = _maintaining(server, origin)
    try:
        admin.execute("SELECT pg_catalog.pg_advisory_lock(%s::int, %s::int)", (_LOCK, int(token[:7], 16)))
        remarks = _without_leftovers(admin)
        template = Template(
            database=f"{prefix}_template",
            owner=facts.owner,
            user=known.database.role,
            password=password,
            strategy="wal_log" if facts.size <= _SMALL else "file_copy",
            mark=MARK,
        )
        try:
            _copy(admin, facts, template)
            if facts.superuser:
                # Others may not rewrite rows without waking triggers; the other side's rows are in disorder anyway.
                _disorder(server, template.database, schemas, shuffle)
            copy = Copy(template=_with_settings(server, template, known), lacking=(), notes=())
            yield InPlace(server=server, copy=copy, prefix=prefix, ahead=ahead, remarks=remarks)
        finally:
            _drop_all(server, prefix)
    finally:
        admin.close()


def _facts(connection: Connection, origin: Endpoint) -> tuple[_Facts, dt.timedelta]:
    before = dt.datetime.now(dt.UTC)
    row = connection.execute(query("clone_in_place")).fetchone()
    after = dt.datetime.now(dt.UTC)
    if row is None:
        raise CloneFailed(f"the {origin.side} server does not know its own database")
    facts = _Facts(*row)
    # The process that a server's greeting names is not the one that answers: a pooler stands between.
    if connection.info.backend_pid != facts.backend:
        raise CloneFailed(
            f"clones cannot be made in place: the {origin.side} DSN leads to a pooler",
            hint="Use the direct host, or run without --clone-in-place.",
        )
    refusal = _refusal(facts)
    if refusal:
        raise CloneFailed(f"clones cannot be made in place: {refusal}", hint=_WITHOUT)
    return facts, facts.clock - (before + (after - before) / 2)


def _refusal(facts: _Facts) -> str:
    if facts.in_recovery:
        return "the server is a standby"
    if not facts.may_create:
        return "the role has neither CREATEDB nor SUPERUSER"
    if not facts.may_copy:
        return "the role is not the owner of the database, which alone may copy it"
    if facts.foreign_servers:
        return "the database has foreign servers, which what is written to a clone would reach"
    return ""


def _server(connection: Connection, origin: Endpoint, facts: _Facts) -> OwnServer:
    info = connection.info
    dsn = conninfo.make_conninfo(origin.dsn, host=info.host, port=info.port)
    if "hostaddr" in origin.parameters():
        dsn = conninfo.make_conninfo(dsn, hostaddr=info.hostaddr)
    return OwnServer(
        side=origin.side,
        dsn=dsn,
        host=info.host,
        port=info.port,
        system_identifier=system_identifier(connection) or "not told",
        maintenance=facts.database,
        encrypted=bool(connection.pgconn.ssl_in_use),
        statement_timeout=origin.statement_timeout,
    )


def _maintaining(server: OwnServer, origin: Endpoint) -> tuple[OwnServer, Connection]:
    """The session that makes the first clone: in `postgres`, else in the database itself.

    One's own session does not keep a database from being copied; it is the only one at that moment.
    """
    elsewhere = replace(server, maintenance="postgres")
    with contextlib.suppress(psycopg.Error):
        return elsewhere, elsewhere.connect(purpose="clones")
    try:
        return server, server.connect(purpose="clones")
    except psycopg.Error as error:
        raise translated(error, origin) from None


def _copy(admin: Connection, facts: _Facts, template: Template) -> None:
    try:
        create_from_template(admin, template, template.database, of=facts.database)
    except psycopg.errors.ObjectInUse:
        row = admin.execute(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_catalog.pg_backend_pid() AND usesysid IS NOT NULL",
            (facts.database,),
        ).fetchone()
        number = int(row[0]) if row else 0
        others = f"{number} other sessions are" if number > 1 else "another session is"
        raise CloneFailed(
            f"clones cannot be made in place: {others} connected to the database,"
            " which CREATE DATABASE … TEMPLATE does not allow",
            hint="End them, or run without --clone-in-place: nobody's session is ended for a comparison.",
        ) from None
    except psycopg.Error as error:
        reason = told(error.diag.message_primary or "no reason was given")
        raise CloneFailed(
            f"clones cannot be made in place: {reason} (SQLSTATE {error.sqlstate or 'unknown'})", hint=_WITHOUT
        ) from None


def _disorder(server: OwnServer, database: str, schemas: Sequence[str], seed: float) -> None:
    with contextlib.closing(server.connect(database, purpose="clone")) as clone:
        if shuffle_rows(clone, schemas, seed):
            clone.execute("VACUUM (FREEZE, ANALYZE)")


def _with_settings(server: OwnServer, template: Template, known: Origin) -> Template:
    """CREATE DATABASE copies no settings of the database, and the DSN's own ones do not pass the relay."""
    with psycopg.connect(server.login(template.user, template.password, template.database), autocommit=True) as plain:
        return replace(template, settings=settings_to_give(plain, known))


def _without_leftovers(admin: Connection) -> tuple[str, ...]:
    """Drop the clones of runs that were killed, where they are provably such; name the others.

    Proof: the name, the comment, a role that owns it, and a run that holds its lock no more and has no session there.
    """
    rows = admin.execute(query("clone_leftovers"), {"mark": MARK, "lock": _LOCK}).fetchall()
    living = {token for token, *_, busy, alive in rows if busy or alive}
    dropped, left = 0, []
    for token, name, marked, ours, *_ in rows:
        if token in living:
            continue
        if marked and ours:
            with contextlib.suppress(psycopg.Error):
                drop_database(admin, name)
                dropped += 1
                continue
        left.append(str(name))
    remarks = [f"databases that a killed run had left on the server were dropped: {dropped}"] if dropped else []
    remarks += [f"{name} looks like a clone that a killed run left: drop it by hand" for name in left]
    return tuple(remarks)


def _drop_all(server: OwnServer, prefix: str) -> None:
    """Drop every database of this run that is still there. CloneFailed names those that cannot be dropped."""
    left: Sequence[str] = (f"{prefix}…",)
    try:
        with contextlib.closing(server.connect(purpose="clones")) as admin:
            names = admin.execute(
                "SELECT datname::text FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname::text, %s)",
                (prefix,),
            ).fetchall()
            left = [str(name) for (name,) in names if not _dropped(admin, str(name))]
    except psycopg.Error as error:
        state = error.sqlstate or "no connection"
        raise _remaining(left, state) from None
    if left:
        raise _remaining(left, "others are connected to them")


def _dropped(admin: Connection, name: str) -> bool:
    try:
        drop_database(admin, name)
    except psycopg.Error:
        return False
    return True


def _remaining(names: Sequence[str], reason: str) -> PgparityError:
    return CloneFailed(
        f"clones are left on the target's server: {', '.join(names)} ({reason})",
        hint="Run again, which drops them, or DROP DATABASE … WITH (FORCE).",
    )
