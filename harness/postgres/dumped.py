"""What a dump has to hold, read in the snapshot that it is made of; and what a database holds that is restored into."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from psycopg import sql

from harness.core.large_objects import AT_ONCE, TOGETHER, pieces_of, together
from harness.core.names import qualified
from harness.errors import ConfigurationError, PrivilegeMissing
from harness.postgres import large_objects
from harness.postgres.connect import Connection, Endpoint, session, table_name
from harness.postgres.queries import query

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


@dataclass(frozen=True, slots=True)
class DumpedTable:
    """A table with rows of its own."""

    oid: int
    schema: str
    name: str
    has_columns: bool

    @property
    def identity(self) -> str:
        """schema.table."""
        return qualified(self.schema, self.name)


@contextlib.contextmanager
def patient_session(endpoint: Endpoint, *, purpose: str) -> Iterator[Connection]:
    """A session that may wait inside its transaction while a program reads: servers end those that idle too long."""
    with session(endpoint, purpose=purpose) as connection:
        connection.execute(
            "SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings"
            " WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')"
        )
        connection.commit()
        yield connection


def log_position(connection: Connection) -> str | None:
    """Where the write-ahead log is; None where the role may not know."""
    row = connection.execute(
        "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
        " ELSE pg_catalog.pg_current_wal_lsn() END::text"
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else None


def locale(connection: Connection) -> tuple[str | None, str | None]:
    """LC_CTYPE of the database, and who provides its locale: libc, icu or builtin; None where the version knows one
    alone.
    """
    row = connection.execute(
        "SELECT d.datctype, pg_catalog.to_jsonb(d) ->> 'datlocprovider'"
        " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
    ).fetchone()
    return (row[0], _PROVIDERS.get(row[1])) if row else (None, None)


def dumped_tables(connection: Connection, *, without: Collection[str] = ()) -> tuple[DumpedTable, ...]:
    """The tables whose rows a dump has to hold, by name; not those of the schemas that it is `without`."""
    found = (DumpedTable(*row) for row in connection.execute(query("backup_tables")))
    return tuple(each for each in found if each.schema not in without)


def ensure_schemas(connection: Connection, endpoint: Endpoint, names: Collection[str]) -> None:
    """ConfigurationError where one of these schemas is not there: a misspelt one would be dumped all the same."""
    there = {name for (name,) in connection.execute("SELECT nspname::text FROM pg_catalog.pg_namespace")}
    for name in names:
        if name not in there:
            raise ConfigurationError(
                f"the {endpoint.side} has no schema {name}, which is not to be dumped",
                hint="Check --exclude-schema, and exclude_schemas under [backup].",
            )


def hold(connection: Connection, tables: tuple[DumpedTable, ...]) -> None:
    """Keep the tables from being rewritten until the transaction ends, as pg_dump does: a snapshot does not."""
    if tables:
        names = [sql.SQL("ONLY {}").format(table_name(each.schema, each.name)) for each in tables]
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(names)))


def row_count(connection: Connection, table: DumpedTable) -> int:
    """Rows of the table itself, not of those that inherit from it."""
    statement = sql.SQL("SELECT pg_catalog.count(*) FROM ONLY {}").format(table_name(table.schema, table.name))
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def large_objects_sum(connection: Connection, endpoint: Endpoint) -> tuple[int, str | None]:
    """How many large objects there are, and a hash over number, length and content of each; None where there is none.

    In the transaction that is open; in constant memory but for their numbers. PrivilegeMissing.
    """
    oids = large_objects.numbers(connection, None)
    if not oids:
        return 0, None
    found = hashlib.sha256()
    for start in range(0, len(oids), TOGETHER):
        some = oids[start : start + TOGETHER]
        sizes = large_objects.sizes(connection, list(some))
        pieces = []
        for oid in some:
            size = sizes.get(oid)
            if size is None:
                raise PrivilegeMissing(
                    f"the {endpoint.side} role may not read large object {oid}",
                    hint="Use the role that owns them, or a superuser.",
                )
            found.update(f"{oid}:{size};".encode())
            pieces += list(pieces_of(oid, size))
        for group in together(pieces, AT_ONCE):
            for digest in large_objects.digests(connection, group):
                found.update(digest)
    return len(oids), found.hexdigest()


def occupied(connection: Connection) -> tuple[str, ...]:
    """A few of the things in a database that are neither PostgreSQL's own nor an extension's; none: it is empty."""
    return tuple(f"{kind} {name}" for kind, name in connection.execute(query("restore_occupied")))
