"""Unfence: the rights that a fence took are given back as they were, looked at, and its record goes with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import sql

from harness.core.cutover.fence_facts import Unfenced
from harness.core.cutover.rights import PUBLIC, WRITES, Relation, Right, Roles, waves
from harness.core.cutover.taken import Grant, Taken, grants
from harness.errors import PgparityError, PlanRefused
from harness.postgres import fence_store
from harness.postgres.acting import act_as, act_as_oneself, again, grantee, has_rights_of
from harness.postgres.connect import Connection, Endpoint, fencing_session, table_name
from harness.postgres.failures import StatementFailed
from harness.postgres.fence_scope import column_names, read_rights, read_roles
from harness.postgres.queries import query
from harness.postgres.sentinel import sentinel_made_schema

_GONE: Final = "the {} is gone"
_KEYWORDS: Final[Mapping[str, sql.Composable]] = {name: sql.SQL(name) for name in WRITES}


@dataclass(slots=True)
class _Found:
    """What was taken, by the numbers that everything has now."""

    relations: dict[int, Relation]
    columns: Mapping[tuple[int, int], str]
    roles: Roles
    wanted: dict[Right, Taken] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    """What cannot be given back, for what it was about is no more"""


def unfence(endpoint: Endpoint, cutover: str | None = None, *, consent: bool) -> Unfenced:
    """Give back what this cutover's fence took, and drop its record, in one transaction; nothing where none stands.

    Whatever somebody dropped meanwhile is told and stops nothing. What the server refuses to give back is told and
    stays recorded, for another try. `cutover` None: whichever fence stands. PlanRefused: it is another cutover's.
    """
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            return again(endpoint, connection, lambda: _unfence(connection, endpoint, cutover))
        except StatementFailed as failure:
            raise PgparityError(
                f"the {endpoint.side} is still fenced: {failure.reason}",
                hint="Nothing was given back: run again. pgparity.fence lists the statements (by_hand).",
            ) from None


def _unfence(connection: Connection, endpoint: Endpoint, cutover: str | None) -> Unfenced:
    fence_store.alone(connection)
    stored = fence_store.stored(connection)
    if stored is None:
        # A cutover whose fence is a program of its own has left its sentinel alone.
        fence_store.drop(connection, endpoint, schema_made=sentinel_made_schema(connection))
        connection.commit()
        return Unfenced(record=None, restored=0)
    if cutover is not None and stored.record.cutover != cutover:
        raise PlanRefused(
            f"the {endpoint.side} is fenced by the cutover {stored.record.cutover} since {stored.record.at}",
            hint="Go on with that one, or go back: pgparity cutover rollback.",
        )
    found = _found(connection, stored)
    refused = _give_back(connection, found)
    there = set(read_rights(connection, found.relations))
    lacking = {right: each for right, each in found.wanted.items() if not _holds(right, there)}
    told = [*found.gone, *(f"{each}: {refused.get(right, 'it is not there')}" for right, each in lacking.items())]
    if lacking:
        kept = {name: getattr(stored.record, name) for name in ("roles", "tables", "grantees", "relations")}
        fence_store.write(
            connection, stored.record.cutover, kept, tuple(lacking.values()), schema_made=stored.schema_made
        )
        # It is no longer the fence that nobody could write behind.
        connection.execute("UPDATE pgparity.fence SET at = pg_catalog.clock_timestamp()")
    else:
        fence_store.drop(connection, endpoint, schema_made=stored.schema_made)
    connection.commit()
    return Unfenced(
        record=stored.record,
        restored=len(found.wanted) - len(lacking),
        told=tuple(told),
        gone=len(found.gone),
    )


def _holds(right: Right, there: Collection[Right]) -> bool:
    return right in there or (not right.grantable and dataclasses.replace(right, grantable=True) in there)


def _found(connection: Connection, stored: fence_store.StoredFence) -> _Found:
    """Tables and roles are looked for by number where the numbers are this database's, else by name."""
    roles = read_roles(connection)
    rows = connection.execute(
        query("fence_found"),
        {
            "oids": [each.right.relation for each in stored.taken] if stored.here else [],
            "schemas": [each.schema for each in stored.taken],
            "names": [each.name for each in stored.taken],
        },
    )
    relations = {
        oid: Relation(oid=oid, schema=schema, name=name, kind=kind, owner=owner, holds_rows=True)
        for oid, schema, name, kind, owner in rows
    }
    found = _Found(relations=relations, columns=column_names(connection, relations), roles=roles)
    by_name = {(relation.schema, relation.name): relation for relation in relations.values()}
    for each in stored.taken:
        here = relations.get(each.right.relation) if stored.here else None
        relation = here or by_name.get((each.schema, each.name))
        if relation is None:
            found.gone.append(f"{each}: {_GONE.format('table')}")
            continue
        right = _now(each, relation, found, here=stored.here)
        if isinstance(right, str):
            found.gone.append(f"{each}: {right}")
        else:
            found.wanted[right] = each
    return found


def _now(each: Taken, relation: Relation, found: _Found, *, here: bool) -> Right | str:
    """A right by the numbers of now; else what it was about that is gone."""
    column = each.right.column
    if column and not (here and (relation.oid, column) in found.columns):
        named = [
            number for (oid, number), name in found.columns.items() if (oid, name) == (relation.oid, each.column_name)
        ]
        if not named:
            return _GONE.format("column")
        column = named[0]
    # Whoever owns the table now has taken over what the owner of then granted (ALTER TABLE OWNER TO).
    grantor = (
        relation.owner
        if each.right.grantor == each.owner
        else _role(found, each.right.grantor, each.grantor_name, here)
    )
    taker: int | None = PUBLIC
    if each.right.grantee == each.owner:
        taker = relation.owner
    elif each.right.grantee != PUBLIC:
        taker = _role(found, each.right.grantee, each.grantee_name, here)
    if grantor is None:
        return _GONE.format("role that granted it")
    if taker is None:
        return _GONE.format("role")
    return dataclasses.replace(each.right, relation=relation.oid, column=column, grantor=grantor, grantee=taker)


def _role(found: _Found, oid: int, name: str, here: bool) -> int | None:
    if here and oid in found.roles.by_oid:
        return oid
    role = found.roles.named(name)
    return role.oid if role is not None else None


def _give_back(connection: Connection, found: _Found) -> dict[Right, str]:
    """Grant what is wanted; what the server refuses, with its reason."""
    owners = {relation.oid: relation.owner for relation in found.relations.values()}
    usable = has_rights_of(connection, set(owners.values()))
    acting = {
        right: None if right.grantor == owners[right.relation] and right.grantor in usable else right.grantor
        for right in found.wanted
    }
    refused: dict[Right, str] = {}
    for wave in waves(found.wanted, owners):
        for grant in grants(wave, acting):
            reason = _granted(connection, found, grant)
            if reason is None:
                continue
            for single in _singly(grant, acting):
                reason = _granted(connection, found, single)
                if reason is not None:
                    refused[single.rights[0]] = reason
    return refused


def _singly(grant: Grant, acting: Mapping[Right, int | None]) -> Iterator[Grant]:
    return (single for right in grant.rights for single in grants([right], acting))


def _granted(connection: Connection, found: _Found, grant: Grant) -> str | None:
    """None, or why the server refuses it. A lost session raises."""
    try:
        with connection.transaction():
            if grant.acting is not None:
                act_as(connection, found.roles.name(grant.acting))
            connection.execute(_statement(found, grant))
            if grant.acting is not None:
                act_as_oneself(connection)
    except psycopg.errors.InsufficientPrivilege:
        return "the role may not grant it"
    except psycopg.Error as error:
        if connection.closed or error.sqlstate in (None, "55P03", "57014"):
            # A lock or the time limit: nothing is half done, the caller tries again.
            raise
        return f"the server refused it with SQLSTATE {error.sqlstate}"
    return None


def _statement(found: _Found, grant: Grant) -> sql.Composed:
    return sql.SQL("GRANT {} ON TABLE {} TO {}{}").format(
        sql.SQL(", ").join(_privileges(found, grant)),
        sql.SQL(", ").join(
            table_name(found.relations[oid].schema, found.relations[oid].name) for oid in grant.relations
        ),
        grantee(found.roles.name(grant.grantee), grant.grantee),
        sql.SQL(" WITH GRANT OPTION" if grant.grantable else ""),
    )


def _privileges(found: _Found, grant: Grant) -> Iterable[sql.Composable]:
    for privilege, columns in grant.privileges:
        if columns:
            names = sql.SQL(", ").join(sql.Identifier(found.columns[grant.relations[0], number]) for number in columns)
            yield sql.SQL("{} ({})").format(_KEYWORDS[privilege], names)
        else:
            yield _KEYWORDS[privilege]
