"""What the ledger has of large objects: which were moved, from which database, and what they held."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.large_objects import AT_ONCE, Content, Noted, pieces_of, together
from harness.postgres import large_objects
from harness.postgres.connect import Connection
from harness.postgres.queries import query

_FETCHED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """An object that this or another migration from the same database wrote."""

    oid: int
    bytes: int | None
    digest: str | None
    """None: not all of it is there"""

    @property
    def noted(self) -> Noted:
        """How far it came."""
        return "begun" if self.digest is None else "whole"


def exists(connection: Connection) -> bool:
    """Whether the ledger knows of large objects."""
    row = connection.execute("SELECT pg_catalog.to_regclass('pgparity.large_object') IS NOT NULL").fetchone()
    return bool(row and row[0])


def create(connection: Connection) -> None:
    """Make the place for them in a ledger that is there and has none, and commit it."""
    if exists(connection):
        return
    connection.execute(query("ledger_large_objects_create"))
    connection.commit()


def begin(connection: Connection, migration: str, origin: str) -> None:
    """Note that this migration moves large objects; a second note changes nothing."""
    connection.execute(
        "INSERT INTO pgparity.large_objects (migration, origin) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (migration, origin),
    )


def finish(connection: Connection, migration: str) -> None:
    """Note that all of them were moved."""
    connection.execute(
        "UPDATE pgparity.large_objects SET finished_at = pg_catalog.clock_timestamp()"
        " WHERE migration = %s AND finished_at IS NULL",
        (migration,),
    )


def finished(connection: Connection, migration: str) -> bool:
    """Whether an earlier run of this migration moved all of them."""
    if not exists(connection):
        return False
    row = connection.execute(
        "SELECT finished_at IS NOT NULL FROM pgparity.large_objects WHERE migration = %s", (migration,)
    ).fetchone()
    return bool(row and row[0])


def lines(connection: Connection, origin: str, oids: Sequence[int]) -> dict[int, Line]:
    """The lines of these objects."""
    found = connection.execute(
        "SELECT oid, bytes, digest FROM pgparity.large_object WHERE origin = %s AND oid = ANY (%s::pg_catalog.oid[])",
        (origin, list(oids)),
    )
    return {oid: Line(oid, size, digest) for oid, size, digest in found}


def of_others(connection: Connection, origin: str, oids: array[int]) -> int:
    """How many of these numbers the target has objects under that the ledger knows nothing of."""
    known = (
        " AND NOT EXISTS (SELECT FROM pgparity.large_object line WHERE line.origin = %(origin)s AND line.oid = m.oid)"
    )
    statement = (
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata m"
        " WHERE m.oid = ANY (%(oids)s::pg_catalog.oid[])"
    )
    whole = sql.SQL(statement + known if exists(connection) else statement)
    count = 0
    for start in range(0, len(oids), _FETCHED):
        parameters = {"origin": origin, "oids": list(oids[start : start + _FETCHED])}
        row = connection.execute(whole, parameters).fetchone()
        count += int(row[0]) if row else 0
    return count


def all_lines(connection: Connection, origin: str) -> Iterator[list[Line]]:
    """All objects that were moved from a database, some at a time, by number."""
    after = 0
    while True:
        found = connection.execute(
            "SELECT oid, bytes, digest FROM pgparity.large_object"
            " WHERE origin = %s AND oid > %s::pg_catalog.oid ORDER BY oid LIMIT %s",
            (origin, after, _FETCHED),
        ).fetchall()
        if not found:
            return
        yield [Line(oid, size, digest) for oid, size, digest in found]
        after = found[-1][0]


def begun(connection: Connection, origin: str, snapshot: str, oids: Sequence[int]) -> None:
    """Note that objects are written to, in the transaction that does so: not all of each is there."""
    parameters = {"origin": origin, "snapshot": snapshot, "oids": list(oids)}
    connection.execute(query("ledger_large_objects_begun"), parameters)


def whole(connection: Connection, origin: str, found: Sequence[tuple[int, int, str]]) -> None:
    """Note that all bytes of objects are there: number, bytes and digest of each."""
    parameters = {
        "origin": origin,
        "oids": [oid for oid, _, _ in found],
        "sizes": [size for _, size, _ in found],
        "digests": [digest for _, _, digest in found],
    }
    connection.execute(query("ledger_large_objects_whole"), parameters)


def as_moved(connection: Connection, line: Line, size: int | None, check: Callable[[], None] = lambda: None) -> bool:
    """Whether the target's object, of so many bytes, holds what was written to it: nobody else wrote to it since.

    `size` is None where the role may not read it. What is not whole is of an interrupted run, and as it left it.
    `check` is called between pieces, and raises where the work is to end.
    """
    if line.digest is None:
        return True
    if size is None or size != line.bytes:
        return False
    content = Content()
    for group in together(pieces_of(line.oid, size), AT_ONCE):
        check()
        for digest in large_objects.digests(connection, group):
            content.add(digest)
    return content.digest == line.digest


def drop(connection: Connection, origin: str, oids: Sequence[int]) -> None:
    """Forget objects, in the transaction that removes them."""
    connection.execute(
        "DELETE FROM pgparity.large_object WHERE origin = %s AND oid = ANY (%s::pg_catalog.oid[])",
        (origin, list(oids)),
    )
