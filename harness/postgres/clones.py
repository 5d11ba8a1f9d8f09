"""Clones: databases on a scratch server, made from a template in milliseconds, that a data layer may write to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import psycopg
from psycopg import sql

from harness.errors import CloneFailed
from harness.postgres.connect import Connection
from harness.postgres.queries import query
from harness.postgres.standing_query import StandingQuery

_STRATEGIES_SINCE = 150_000
_POLL_SECONDS = 0.001
_LONGEST_WAIT_SECONDS = 10.0
_NOT_BY_ITSELF = 1 << 30
"""Executions after which psycopg prepares a statement that it was not asked to"""
_POSITION = query("clone_position")
_WRITERS = query("clone_writers")


class CloneServer(Protocol):
    """A server on which databases may be made and dropped: one of our own, or that of the database itself."""

    @property
    def host(self) -> str:
        """A name or an address; with a leading / the folder of a socket."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def address(self) -> str:
        """host:port, for people."""

    @property
    def system_identifier(self) -> str:
        """The cluster's."""

    def connect(self, database: str = ..., *, purpose: str) -> Connection:
        """A session in autocommit mode; without a name: one in which others are created and dropped."""

    def login(self, user: str, password: str, database: str) -> str:
        """A DSN by which a role reaches a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A copied database that clones are made of, and the login that data layers get on them."""

    database: str
    owner: str
    user: str
    password: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of sessions in the original that a clone has to be given: CREATE DATABASE does not copy them"""
    strategy: str = "file_copy"
    """https://www.postgresql.org/docs/current/sql-createdatabase.html, since PostgreSQL 15"""
    mark: str = ""
    """On a server that is not our own: a comment that tells whose the clone is; nobody else may connect to it"""


class CloneSlot:
    """A clone with a fixed name that can be put back into the state of its template.

    With `spare`, the next clone is made in the background while the present one is used: putting back is then no more
    than a change of names.
    """

    def __init__(self, server: CloneServer, template: Template, name: str, *, spare: bool = True) -> None:
        self.server = server
        self.template = template
        self.name = name
        self._admin: Connection = server.connect(purpose="clones")
        self._admin.prepare_threshold = _NOT_BY_ITSELF
        self._position = StandingQuery(self._admin, "pgparity_position", _POSITION)
        self._builder: Connection | None = server.connect(purpose="spare clones") if spare else None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spare clone")
        self._spare: Future[None] | None = None
        self.resets = 0
        self.reset_seconds = 0.0

    def reset(self) -> None:
        """Make the clone anew: its sessions are ended, whatever was written to it is gone."""
        started = time.perf_counter()
        try:
            self._position.settle()
            if self._spare is None:
                drop_database(self._admin, self.name)
                create_from_template(self._admin, self.template, self.name)
            else:
                self._spare.result()
                end_sessions(self._admin, self.name)
                rename_database(self._admin, self.name, self._used_name)
                rename_database(self._admin, self._spare_name, self.name)
            if self._builder is not None:
                self._spare = self._executor.submit(self._prepare, self._builder)
        except psycopg.Error as error:
            raise CloneFailed(f"the clone {self.name} could not be made (SQLSTATE {error.sqlstate})") from None
        self.resets += 1
        self.reset_seconds += time.perf_counter() - started

    @property
    def _spare_name(self) -> str:
        return f"{self.name}_spare"

    @property
    def _used_name(self) -> str:
        return f"{self.name}_used"

    def _prepare(self, builder: Connection) -> None:
        drop_database(builder, self._used_name)
        drop_database(builder, self._spare_name)
        create_from_template(builder, self.template, self._spare_name)

    def ask_position(self) -> None:
        """Ask for `position` before it is wanted; it or `reset` has to come next."""
        self._position.ask()

    def position(self) -> tuple[str, int]:
        """A mark that moves whenever anything is written, and the number of open transactions that write.

        The mark is the server's next transaction id: transactions that only read have none. It moves, too, while a
        spare clone is made, and by whatever else happens on a server that is not our own; where it did not move,
        nothing was written. Sessions are looked through only where some transaction of the server has an id and is not
        over: nearly always none is, and this is asked twice a call.
        """
        mark, quiet = self._position.row()
        return mark, 0 if quiet == "t" else self._writers()

    def _writers(self) -> int:
        row = self._admin.execute(_WRITERS, (self.name,), prepare=True).fetchone()
        return int(row[0]) if row else 0

    def settle(self) -> None:
        """Wait for the spare clone: until it is made, the server answers more slowly."""
        if self._spare is not None:
            self._spare.result()

    def drop(self) -> None:
        """Remove the clones and close the slot's own connections."""
        self._executor.shutdown(wait=True)
        try:
            self._position.settle()
            for name in (self.name, self._used_name, self._spare_name):
                drop_database(self._admin, name)
        finally:
            self._admin.close()
            if self._builder is not None:
                self._builder.close()


def end_sessions(admin: Connection, name: str) -> None:
    """End all sessions of a database, and return when they are gone.

    DROP DATABASE (FORCE) and a change of the name wait in steps of 100 ms for sessions to end: here it is 1 ms. They
    end autovacuum by themselves, whose processes have no user and are nobody's to end.
    """
    admin.execute(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
        " WHERE datname = %s AND usesysid IS NOT NULL",
        (name,),
    )
    give_up = time.monotonic() + _LONGEST_WAIT_SECONDS
    while time.monotonic() < give_up:
        row = admin.execute(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = %s AND usesysid IS NOT NULL", (name,)
        ).fetchone()
        if not row or not row[0]:
            return
        time.sleep(_POLL_SECONDS)


def drop_database(admin: Connection, name: str) -> None:
    """Drop a database, if it is there, with its sessions."""
    end_sessions(admin, name)
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def rename_database(admin: Connection, name: str, new_name: str) -> None:
    """Give a database without sessions another name."""
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new_name)))


def create_from_template(admin: Connection, template: Template, name: str, *, of: str | None = None) -> None:
    """Create a database as a copy of the template, or of another database, with the template's settings and owner."""
    has_strategies = admin.info.server_version >= _STRATEGIES_SINCE
    strategy = sql.SQL(" STRATEGY {}").format(sql.Identifier(template.strategy)) if has_strategies else sql.SQL("")
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
            sql.Identifier(name), sql.Identifier(of or template.database), sql.Identifier(template.owner)
        )
        + strategy
    )
    if template.mark:
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(template.mark)))
    for setting, value in template.settings.items():
        admin.execute(
            sql.SQL("ALTER DATABASE {} SET {} TO {}").format(
                sql.Identifier(name), sql.Identifier(setting), setting_value(setting, value)
            )
        )


def setting_value(name: str, value: str) -> sql.Composable:
    """A setting's value for SET: search_path is a list of names, everything else one text."""
    if name != "search_path":
        return sql.Literal(value)
    names = [each.strip().strip('"') for each in value.split(",") if each.strip()]
    return sql.SQL(", ").join(sql.Literal(each) for each in names) if names else sql.Literal("")
