"""Writers: what a role needs to fence a database, and who could write to it although the fence stood."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from harness.core.cutover.fence_facts import Writers
from harness.core.cutover.rights import PUBLIC, WRITES_ALL, Right, also_taken, grantees, stranded, taken, writers
from harness.core.record import Side
from harness.postgres import fence_store
from harness.postgres.acting import can_act_as, has_rights_of
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.fence_scope import FenceScope, asking, read_rights, read_scope
from harness.postgres.queries import query


def may_fence(
    endpoint: Endpoint, *, roles: Sequence[str], tables: Sequence[str], hold: bool | None = None
) -> tuple[str, ...]:
    """What stands in the way of fencing, a sentence each; empty: nothing does. It is read only.

    `hold`: of the side that is held as well. Without it, of the side that pgparity goes on writing to. None: the source
    is held, the target is not.
    """
    hold = endpoint.side is Side.SOURCE if hold is None else hold
    with asking(endpoint) as connection:
        scope = read_scope(connection, endpoint, roles=roles, tables=tables)
        rights = read_rights(connection, scope.oids)
        missing = list(lacking(connection, scope, rights))
        create = fence_store.lacks_create(connection)
        if create is not None:
            missing.append(f"{create[0]}: {create[1]}")
        own = _shut_out(scope, rights)
        if own and not hold:
            missing.append(
                f"pgparity's own role {scope.roles.name(scope.roles.current)} would be fenced as well ({own}): let the "
                "application log in as another role, or give pgparity a role of its own"
            )
        if hold:
            missing += _not_held(connection, scope)
    return tuple(missing)


def lacking(connection: Connection, scope: FenceScope, rights: Collection[Right]) -> tuple[str, ...]:
    """What the role lacks to take the rights and to give every one of them back to whom it was, from whom it came."""
    whose = grantees(scope.roles, scope.fenced)
    hanging = also_taken(rights, whose)
    names = {relation.oid: relation.identity for relation in scope.relations}
    gone = (*taken(rights, whose), *hanging)
    owned = has_rights_of(connection, {scope.owners[right.relation] for right in gone})
    usable = can_act_as(connection, {right.grantor for right in gone} - {PUBLIC})
    found: dict[str, None] = dict.fromkeys(_unbound(scope))
    for right in gone:
        owner = scope.owners[right.relation]
        if right.grantor in usable or (right.grantor == owner and owner in owned):
            continue
        grantor = scope.roles.name(right.grantor)
        what = (
            f"owns {names[right.relation]}" if right.grantor == owner else f"granted rights on {names[right.relation]}"
        )
        found[f"the role may not act as {grantor}, which {what}: use {grantor}, a member of it, or a superuser"] = None
    for right in hanging:
        name = scope.roles.name(right.grantee)
        found[
            f"{name} may write to {names[right.relation]} by a grant of {scope.roles.name(right.grantor)}, and no "
            f"longer then: name {name} among the roles as well, or let the owner grant it"
        ] = None
    for right in stranded(rights, whose, scope.owners):
        grantor = scope.roles.name(right.grantor)
        found[
            f"{scope.roles.name(right.grantee)} may write to {names[right.relation]} by a grant of {grantor}, who has "
            "no grant option any more: revoke it (GRANT the option again for that) and let the owner grant it"
        ] = None
    return tuple(found)


def _unbound(scope: FenceScope) -> Iterator[str]:
    """Roles that were asked for and that write with no privilege on any table."""
    roles = scope.roles
    for oid in sorted(scope.fenced):
        for other in (roles.by_oid[each] for each in sorted(roles.reach([oid])) if each in roles.by_oid):
            if other.superuser or other.name == WRITES_ALL:
                through = "" if other.oid == oid else f" as a member of {other.name}"
                what = f"is a superuser{through}" if other.superuser else f"is a member of {other.name}"
                yield f"{roles.name(oid)} {what}, and no REVOKE binds it: let the application be another role"


def _shut_out(scope: FenceScope, rights: Collection[Right]) -> str:
    """The first thing that the session's own role could do before the fence and not under it; empty: none."""
    roles = scope.roles
    reach = roles.reach([roles.current])
    if any((role := roles.by_oid.get(oid)) and (role.superuser or role.name == WRITES_ALL) for oid in reach):
        return ""
    whose = grantees(roles, scope.fenced)
    mine = [right for right in rights if right.grantee in reach or right.grantee == PUBLIC]
    left = {(right.relation, right.column, right.privilege) for right in mine if right.grantee not in whose}
    names = {relation.oid: relation.identity for relation in scope.relations}
    for right in mine:
        if not {(right.relation, 0, right.privilege), (right.relation, right.column, right.privilege)} & left:
            return f"{right.privilege} on {names[right.relation]}"
    return ""


def _not_held(connection: Connection, scope: FenceScope) -> list[str]:
    """Tables whose writes the role could not hold off with a lock, once the fence stands."""
    rows = connection.execute(query("fence_lock_rights"), {"relations": scope.oids})
    may = {oid for oid, allowed in rows if allowed}
    owned = has_rights_of(connection, scope.owners.values())
    whose = grantees(scope.roles, scope.fenced)
    keeps_rights = scope.roles.current not in whose
    found = [
        f"the role may not lock {relation.identity}: GRANT UPDATE ON {relation.identity} TO it, or use the owner"
        for relation in scope.relations
        if relation.lockable and relation.owner not in owned and not (relation.oid in may and keeps_rights)
    ]
    found += [
        f"{relation.identity} is no table that can be locked: a superuser could write to it during the cutover"
        for relation in scope.relations
        if relation.holds_rows and not relation.lockable
    ]
    return found


def writers_besides(endpoint: Endpoint, *, roles: Sequence[str], tables: Sequence[str]) -> Writers:
    """Who can log in and write to these tables once `roles` are fenced. It is read only."""
    with asking(endpoint) as connection:
        scope = read_scope(connection, endpoint, roles=roles, tables=tables)
        rights = read_rights(connection, scope.oids)
        whose = grantees(scope.roles, scope.fenced)
        able, superusers = writers(scope.roles, scope.relations, rights, whose)
        left = {right.grantee for right in rights} - whose
        owners = set(scope.owners.values()) - whose
        strong = [
            role.oid
            for role in scope.roles.by_oid.values()
            if any(
                (other := scope.roles.by_oid.get(oid)) is not None
                and (other.superuser or other.name == WRITES_ALL or oid in left | owners)
                for oid in scope.roles.reach([role.oid])
            )
        ]
        functions = connection.execute(query("fence_functions"), {"owners": strong, "roles": sorted(whose - {PUBLIC})})
        names = tuple(str(name) for (name,) in functions)
        subscriptions = tuple(
            str(name)
            for (name,) in connection.execute(
                "SELECT s.subname::text FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d"
                " ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subenabled ORDER BY 1"
            )
        )
    return Writers(
        roles=able,
        superusers=superusers,
        functions=names,
        subscriptions=subscriptions,
        own=scope.roles.name(scope.roles.current),
    )
