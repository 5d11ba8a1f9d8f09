"""The fence: writes of the application's roles are revoked, and what was revoked is recorded by the same transaction.

What a cutover asks of a database stands here and in its siblings: unfence.py gives back, fence_hold.py waits and holds,
writers.py tells who can write all the same, sentinel.py writes the last row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from psycopg import sql

from harness.core.cutover.fence_facts import Busy as Busy
from harness.core.cutover.fence_facts import Drained as Drained
from harness.core.cutover.fence_facts import Fenced, FenceRecord
from harness.core.cutover.fence_facts import Sentinel as Sentinel
from harness.core.cutover.fence_facts import Unfenced as Unfenced
from harness.core.cutover.fence_facts import Writers as Writers
from harness.core.cutover.rights import WRITES, WRITES_ALL, Right, grantees, taken, waves
from harness.core.cutover.taken import Taken, named
from harness.errors import PgparityError, PlanRefused, PrivilegeMissing
from harness.postgres import fence_store
from harness.postgres.acting import act_as, act_as_oneself, again, grantee, has_rights_of
from harness.postgres.connect import Connection, Endpoint, fencing_session, table_name
from harness.postgres.failures import StatementFailed
from harness.postgres.fence_hold import Held as Held
from harness.postgres.fence_hold import drained as drained
from harness.postgres.fence_hold import held as held
from harness.postgres.fence_scope import FenceScope, asking, column_names, read_rights, read_scope
from harness.postgres.sentinel import check_sentinel as check_sentinel
from harness.postgres.sentinel import write_sentinel as write_sentinel
from harness.postgres.unfence import unfence as unfence
from harness.postgres.writers import lacking, may_fence
from harness.postgres.writers import writers_besides as writers_besides

__all__ = [
    "Busy",
    "Drained",
    "FenceRecord",
    "Fenced",
    "Held",
    "Sentinel",
    "Unfenced",
    "Writers",
    "breaches",
    "check_sentinel",
    "drained",
    "fence",
    "fence_record",
    "held",
    "may_fence",
    "may_write",
    "unfence",
    "write_sentinel",
    "writers_besides",
]


def fence(endpoint: Endpoint, *, cutover: str, roles: Sequence[str], tables: Sequence[str], consent: bool) -> Fenced:
    """Revoke every right to change rows of these tables from these roles, in one transaction with its record.

    Rights go on the tables, their partitions and children, and on what writes to them (fence_relations.sql); from the
    roles, from the roles that they act as, and from PUBLIC. The same cutover once more takes what was granted since.
    ConfigurationError: a role or table is not there; PlanRefused: another cutover's fence stands; PrivilegeMissing: the
    role may not revoke, or could not give back.
    """
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            return again(endpoint, connection, lambda: _fence(connection, endpoint, cutover, roles, tables))
        except StatementFailed as failure:
            raise PgparityError(
                f"the {endpoint.side} was not fenced: {failure.reason}", hint="Nothing was revoked: run again."
            ) from None


def _fence(
    connection: Connection, endpoint: Endpoint, cutover: str, roles: Sequence[str], tables: Sequence[str]
) -> Fenced:
    fence_store.alone(connection)
    earlier = fence_store.stored(connection)
    if earlier is not None and earlier.record.cutover != cutover:
        raise PlanRefused(
            f"the {endpoint.side} is fenced by the cutover {earlier.record.cutover} since {earlier.record.at}",
            hint="Go on with that one, or go back: pgparity cutover rollback.",
        )
    if earlier is None:
        fence_store.require_create(connection, endpoint)
    scope = read_scope(connection, endpoint, roles=roles, tables=tables)
    gone = _taken(connection, endpoint, scope)
    asked = {"roles": tuple(roles), "tables": tuple(tables)}
    if earlier is not None and not gone and asked == {"roles": earlier.record.roles, "tables": earlier.record.tables}:
        connection.rollback()
        return Fenced(record=earlier.record, new_rights=0, committed_at=earlier.record.at)
    whose = grantees(scope.roles, scope.fenced) | {right.grantee for right in gone}
    if earlier is not None:
        asked = {name: tuple(dict.fromkeys((*getattr(earlier.record, name), *asked[name]))) for name in asked}
    described = {
        **asked,
        "grantees": tuple(sorted(scope.roles.name(oid) for oid in whose)),
        "relations": tuple(relation.identity for relation in scope.relations),
    }
    schema_made = fence_store.make(connection) if earlier is None else earlier.schema_made
    known = earlier.taken if earlier is not None else ()
    joined = _joined(known, _named(connection, scope, gone))
    fence_store.write(connection, cutover, described, joined, schema_made=schema_made)
    written = fence_store.stored(connection)
    connection.commit()
    if written is None:
        raise PgparityError("the fence's record is not there", hint="This is a defect of pgparity: please report it.")
    return Fenced(record=written.record, new_rights=len(gone), committed_at=written.record.at)


def _taken(connection: Connection, endpoint: Endpoint, scope: FenceScope) -> frozenset[Right]:
    """Take the rights; PrivilegeMissing where some would stay, or could not be given back."""
    before = read_rights(connection, scope.oids)
    whose = grantees(scope.roles, scope.fenced)
    missing = lacking(connection, scope, before)
    if missing:
        raise PrivilegeMissing(
            f"the {endpoint.side} cannot be fenced: {missing[0]}", hint="pgparity cutover without --yes tells all."
        )
    after = _revoke(connection, scope, before, whose)
    left = taken(after, whose)
    if left:
        raise PrivilegeMissing(
            f"the {endpoint.side} cannot be fenced: {_told(left[0], scope)} stays",
            hint="Use a role that owns the tables.",
        )
    return frozenset(before) - frozenset(after)


def _named(connection: Connection, scope: FenceScope, gone: Collection[Right]) -> tuple[Taken, ...]:
    ordered = sorted(gone, key=lambda each: (each.relation, each.column, each.grantee, each.privilege))
    return named(
        [right for wave in waves(ordered, scope.owners) for right in wave],
        {relation.oid: relation for relation in scope.relations},
        column_names(connection, scope.oids),
        scope.roles,
    )


def _joined(known: Sequence[Taken], now: Sequence[Taken]) -> tuple[Taken, ...]:
    there = {each.right for each in known}
    return (*known, *(each for each in now if each.right not in there))


def fence_record(endpoint: Endpoint) -> FenceRecord | None:
    """The fence that stands in this database, as it is recorded there; it is read only."""
    with asking(endpoint) as connection:
        found = fence_store.stored(connection)
    return found.record if found is not None else None


def breaches(endpoint: Endpoint) -> tuple[str, ...]:
    """What fenced roles may write although the fence stands, a sentence each; empty: nothing, and a fence is there.

    A right that somebody granted since, a membership, a table or partition that was made since, superuser.
    """
    with asking(endpoint) as connection:
        found = fence_store.stored(connection)
        if found is None:
            return (f"the {endpoint.side} is not fenced",)
        return _may_write(connection, endpoint, found.record.roles, found.record.tables)


def may_write(endpoint: Endpoint, *, roles: Sequence[str], tables: Sequence[str]) -> tuple[str, ...]:
    """What these roles may write of these tables now, a sentence each, whoever was to keep them from it."""
    with asking(endpoint) as connection:
        return _may_write(connection, endpoint, roles, tables)


def _may_write(
    connection: Connection, endpoint: Endpoint, roles: Sequence[str], tables: Sequence[str]
) -> tuple[str, ...]:
    scope = read_scope(connection, endpoint, roles=roles, tables=tables)
    whose = grantees(scope.roles, scope.fenced)
    left = taken(read_rights(connection, scope.oids), whose)
    there = [role for oid in sorted(whose) if (role := scope.roles.by_oid.get(oid)) is not None]
    return (
        *(f"{role.name} is a superuser, whom no privilege binds" for role in there if role.superuser),
        *(f"a fenced role is a member of {role.name}" for role in there if role.name == WRITES_ALL),
        *(_told(right, scope).rstrip(",") for right in left),
    )


def _revoke(
    connection: Connection, scope: FenceScope, rights: tuple[Right, ...], whose: Collection[int]
) -> tuple[Right, ...]:
    """Revoke; what was granted with a grant option before that option: nobody could take it back without."""
    for wave in reversed(list(waves(taken(rights, whose), scope.owners))):
        by_grantor: dict[tuple[int, bool], set[Right]] = defaultdict(set)
        for right in wave:
            by_grantor[right.grantor, right.grantor == scope.owners[right.relation]].add(right)
        for (grantor, own), several in by_grantor.items():
            acts = not (own and has_rights_of(connection, [grantor]))
            if acts:
                act_as(connection, scope.roles.name(grantor))
            connection.execute(_statement(scope, several))
            if acts:
                act_as_oneself(connection)
    return read_rights(connection, scope.oids)


def _statement(scope: FenceScope, rights: Collection[Right]) -> sql.Composed:
    """Revoking what was never granted is no error, so one statement serves all relations."""
    relations = {relation.oid: relation for relation in scope.relations}
    return sql.SQL("REVOKE {} ON TABLE {} FROM {} CASCADE").format(
        sql.SQL(", ").join(map(sql.SQL, WRITES)),
        sql.SQL(", ").join(
            table_name(relations[oid].schema, relations[oid].name) for oid in sorted({each.relation for each in rights})
        ),
        sql.SQL(", ").join(grantee(scope.roles.name(oid), oid) for oid in sorted({each.grantee for each in rights})),
    )


def _told(right: Right, scope: FenceScope) -> str:
    names = {relation.oid: relation.identity for relation in scope.relations}
    by = scope.roles.name(right.grantor)
    return f"{right.privilege} on {names[right.relation]} to {scope.roles.name(right.grantee)}, granted by {by},"
