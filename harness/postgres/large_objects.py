"""Large objects as a server has them: which there are, how large, what they hold; and how they are written."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql

from harness.core.large_objects import TOGETHER, Piece
from harness.core.projection import TableProjection
from harness.postgres.connect import Connection
from harness.postgres.projected import expression, relation
from harness.postgres.queries import query

_FETCHED: Final = 10_000
"""Numbers that come in one answer"""
_ASKED: Final = 10_000
"""Numbers that are asked about at once"""


@dataclass(frozen=True, slots=True)
class Rights:
    """What belongs to a large object beside its bytes."""

    oid: int
    owner: str
    comment: str | None
    granted: tuple[tuple[str, str, bool], ...]
    """Role ('' is PUBLIC), privilege, and whether it may be granted on; not those of the owner"""


def referring_columns(
    connection: Connection, projections: Iterable[TableProjection]
) -> list[tuple[TableProjection, str]]:
    """Columns of these tables of the source that can hold numbers of large objects: oid, and domains over it."""
    known = {(each.source.schema, each.source.name): each for each in projections}
    names = {"schemas": [schema for schema, _ in known], "tables": [name for _, name in known]}
    found = connection.execute(query("large_object_columns"), names).fetchall()
    return [(known[schema, table], column) for schema, table, column in found]


def numbers(connection: Connection, columns: Sequence[tuple[TableProjection, str]] | None) -> array[int]:
    """The numbers of all large objects, or of those that `columns` of rows that move refer to, ascending.

    4 bytes each. The transaction has to be open: it is read through a cursor of the server.
    """
    if columns is not None and not columns:
        return array("I")
    statement: sql.Composable = sql.SQL("SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m")
    if columns is not None:
        held = [
            sql.SQL("SELECT {} FROM {} WHERE ({}\n)").format(
                sql.Identifier(column),
                relation(projection.source),
                expression(projection.source_where or "true"),
            )
            for projection, column in columns
        ]
        statement += sql.SQL(" WHERE m.oid IN ({})").format(sql.SQL(" UNION ALL ").join(held))
    found = array("I")
    with connection.cursor(name="pgparity_large_objects") as cursor:
        cursor.itersize = _FETCHED
        cursor.execute(statement + sql.SQL(" ORDER BY m.oid"))
        for (oid,) in cursor:
            found.append(oid)
    return found


def any_there(connection: Connection) -> bool:
    """Whether the database has a large object."""
    row = connection.execute("SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)").fetchone()
    return bool(row and row[0])


def stored_bytes(connection: Connection) -> int:
    """Bytes of the pages of all large objects of the database."""
    row = connection.execute("SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')").fetchone()
    return int(row[0]) if row else 0


def unreadable(connection: Connection, oids: array[int]) -> tuple[int, int | None]:
    """How many of these the role may not read, and the first of them."""
    count, first = 0, None
    for start in range(0, len(oids), _ASKED):
        row = connection.execute(
            query("large_object_unreadable"), {"oids": list(oids[start : start + _ASKED])}
        ).fetchone()
        if row and row[0]:
            count += int(row[0])
            first = int(row[1]) if first is None else first
    return count, first


def sizes(connection: Connection, oids: Sequence[int]) -> dict[int, int | None]:
    """Bytes of those of these objects that are there; None: the role may not read it."""
    return {oid: size for oid, size, _ in connection.execute(query("large_object_sizes"), {"oids": list(oids)})}


def gone(connection: Connection, oids: Sequence[int]) -> set[int]:
    """The numbers among these that no large object has."""
    return {oid for (oid,) in connection.execute(query("large_object_gone"), {"oids": list(oids)})}


def contents(connection: Connection, pieces: Sequence[Piece]) -> list[tuple[bytes, bytes]]:
    """Of each piece the digest that the server makes, and its bytes."""
    found = connection.execute(query("large_object_pieces"), _parameters(pieces), binary=True).fetchall()
    return [(digest, data) for _, digest, data in sorted(found)]


def digests(connection: Connection, pieces: Sequence[Piece]) -> list[bytes]:
    """The digest of each piece that the server makes."""
    if not pieces:
        return []
    found = connection.execute(query("large_object_digests"), _parameters(pieces), binary=True).fetchall()
    return [digest for _, digest in sorted(found)]


def create(connection: Connection, oids: Sequence[int]) -> None:
    """Make empty objects of these numbers."""
    connection.execute("SELECT pg_catalog.lo_create(oid) FROM unnest(%s::pg_catalog.oid[]) AS oid", (list(oids),))


def put(connection: Connection, pieces: Sequence[tuple[Piece, bytes]]) -> None:
    """Write pieces where they belong."""
    parameters = {
        "oids": [each.oid for each, _ in pieces],
        "offsets": [each.offset for each, _ in pieces],
        "data": [data for _, data in pieces],
    }
    connection.execute(query("large_object_put"), parameters)


def resize(connection: Connection, wanted: dict[int, int]) -> None:
    """Cut objects, or lengthen them by zeros that take no room, to so many bytes."""
    connection.execute(query("large_object_resize"), {"oids": list(wanted), "sizes": list(wanted.values())})


def unlink(connection: Connection, oids: Sequence[int]) -> None:
    """Remove objects, in the transaction that is open: TOGETHER of them at most, for each takes a lock."""
    if len(oids) > TOGETHER:
        raise ValueError(f"{len(oids)} large objects in one transaction")
    connection.execute("SELECT pg_catalog.lo_unlink(oid) FROM unnest(%s::pg_catalog.oid[]) AS oid", (list(oids),))


def rights(connection: Connection, oids: Sequence[int]) -> list[Rights]:
    """Owner, comment and privileges of each of these objects."""
    return [
        Rights(
            oid, owner, comment, tuple((role, right, grantable == "true") for role, right, grantable in granted or ())
        )
        for oid, owner, comment, granted in connection.execute(query("large_object_rights"), {"oids": list(oids)})
    ]


def roles(connection: Connection) -> dict[str, bool]:
    """The roles of a server, and whether the session's role may give an object to each."""
    found = connection.execute(query("large_object_roles"))
    return dict(found.fetchall())


def give(connection: Connection, wanted: Iterable[Rights], known: dict[str, bool]) -> set[str]:
    """Make owners, comments and privileges what they are on the source, as far as the target's roles allow it.

    `known` is what `roles` found. Returns the roles that are not there, or to whom the session's role may give nothing.
    """
    missing: set[str] = set()
    statements: list[sql.Composable] = []
    row = connection.execute("SELECT current_user::text").fetchone()
    me = row[0] if row else ""
    for each in wanted:
        number = sql.SQL(str(each.oid))
        if each.comment is not None:
            statements.append(sql.SQL("COMMENT ON LARGE OBJECT {} IS {}").format(number, sql.Literal(each.comment)))
        for role, right, grantable in each.granted:
            if role and role not in known:
                missing.add(role)
                continue
            to = sql.Identifier(role) if role else sql.SQL("PUBLIC")
            option = sql.SQL(" WITH GRANT OPTION" if grantable else "")
            grant = sql.SQL("GRANT {} ON LARGE OBJECT {} TO {}{}")
            statements.append(grant.format(sql.SQL(right), number, to, option))
        if each.owner != me:
            if known.get(each.owner):
                change = sql.SQL("ALTER LARGE OBJECT {} OWNER TO {}")
                statements.append(change.format(number, sql.Identifier(each.owner)))
            else:
                missing.add(each.owner)
    if statements:
        connection.execute(sql.SQL("; ").join(statements))
    return missing


def _parameters(pieces: Sequence[Piece]) -> dict[str, list[int]]:
    return {
        "oids": [each.oid for each in pieces],
        "offsets": [each.offset for each in pieces],
        "lengths": [each.length for each in pieces],
    }
