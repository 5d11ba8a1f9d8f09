"""Fence scope: the relations that a fence stands around, who has rights on them, and who is who, as a server has it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.core.cutover.rights import WRITES, Relation, Right, Role, Roles
from harness.core.names import split
from harness.errors import ConfigurationError, PgparityError
from harness.postgres.connect import FENCING, Connection, Endpoint, session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.queries import query


@contextlib.contextmanager
def asking(endpoint: Endpoint) -> Iterator[Connection]:
    """A session that reads what is fenced; PgparityError where a statement fails."""
    with session(endpoint, purpose=FENCING) as connection:
        try:
            with blaming(endpoint, connection):
                yield connection
        except StatementFailed as failure:
            raise PgparityError(
                f"the {endpoint.side} could not be asked about its fence: {failure.reason}", hint="Run again."
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceScope:
    """Where a fence stands, or would stand."""

    relations: tuple[Relation, ...]
    roles: Roles
    fenced: frozenset[int]
    """The roles that were asked for"""

    @property
    def oids(self) -> list[int]:
        """Of all relations."""
        return [relation.oid for relation in self.relations]

    @property
    def owners(self) -> dict[int, int]:
        """Relation to the role that owns it."""
        return {relation.oid: relation.owner for relation in self.relations}


def read_scope(
    connection: Connection, endpoint: Endpoint, *, roles: Sequence[str], tables: Sequence[str]
) -> FenceScope:
    """The scope of a fence. ConfigurationError where a role or a table is not there."""
    known = read_roles(connection)
    missing = [name for name in roles if known.named(name) is None]
    if missing:
        raise ConfigurationError(
            f"the {endpoint.side} has no role {', '.join(missing)}",
            hint="Name the roles that the application logs in as, as pg_roles has them: [cutover] in pgparity.toml.",
        )
    return FenceScope(
        relations=read_relations(connection, endpoint, tables),
        roles=known,
        fenced=frozenset(role.oid for role in known.by_oid.values() if role.name in roles),
    )


def read_relations(connection: Connection, endpoint: Endpoint, tables: Sequence[str]) -> tuple[Relation, ...]:
    """Tables, what belongs to them and what writes to them. ConfigurationError where a table is not there."""
    names = [split(identity) for identity in tables]
    found = connection.execute(
        query("fence_relations"), {"schemas": [each[0] for each in names], "names": [each[-1] for each in names]}
    )
    relations = tuple(
        Relation(oid=oid, schema=schema, name=name, kind=kind, owner=owner, holds_rows=holds)
        for oid, schema, name, kind, owner, holds in found
    )
    there = {(relation.schema, relation.name) for relation in relations}
    missing = [identity for identity, name in zip(tables, names, strict=True) if (name[0], name[-1]) not in there]
    if missing:
        raise ConfigurationError(
            f"the {endpoint.side} has no table {', '.join(missing)} to fence",
            hint="Compare the schemas again: pgparity schema diff.",
        )
    return relations


def read_roles(connection: Connection) -> Roles:
    """All roles and their memberships."""
    by_oid: dict[int, Role] = {}
    memberships: dict[int, frozenset[int]] = {}
    current = 0
    for oid, name, login, superuser, asks, others in connection.execute(query("fence_roles")):
        by_oid[oid] = Role(oid=oid, name=name, login=login, superuser=superuser)
        memberships[oid] = frozenset(others)
        current = oid if asks else current
    return Roles(by_oid=by_oid, memberships=memberships, current=current)


def read_rights(connection: Connection, relations: Collection[int]) -> tuple[Right, ...]:
    """Every right to change rows of relations."""
    found = connection.execute(query("fence_rights"), {"relations": list(relations), "privileges": list(WRITES)})
    return tuple(
        Right(
            relation=relation, column=column, privilege=privilege, grantor=grantor, grantee=grantee, grantable=grantable
        )
        for relation, column, privilege, grantor, grantee, grantable in found
    )


def column_names(connection: Connection, relations: Iterable[int]) -> dict[tuple[int, int], str]:
    """(relation, attnum) to the name of a column that is still there."""
    found = connection.execute(
        "SELECT attrelid::bigint, attnum, attname::text FROM pg_catalog.pg_attribute"
        " WHERE attrelid = ANY (%s::oid[]) AND attnum > 0 AND NOT attisdropped",
        (list(relations),),
    )
    return {(relation, number): name for relation, number, name in found}
