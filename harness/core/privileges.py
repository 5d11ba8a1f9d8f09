"""Privileges of two catalogs made comparable: built-in defaults, privileges of one version alone, owners, roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.core.differences import Difference
from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog
from harness.core.model.database import RoleSetting
from harness.core.model.privileges import COLUMN, PUBLIC, DefaultPrivilege, Privilege
from harness.core.model.rules import Policy
from harness.core.owners import comparable_owners, exists, owner_in_plan

ABSENT_ROLE = "absent-role"
"""A privilege, policy or setting of roles that the target's server lacks, so that nobody could have it there."""
PLATFORM = "platform"
"""A privilege of a managed platform's role, on a target where no role of the platform has any."""

_MAINTAIN_SINCE = 170000
_PUBLIC_CREATE_UNTIL = 150000
_EVERYBODY_CREATES = ("schema", "public", PUBLIC, "CREATE")
Key = tuple[str, ...]


def comparable_privileges(source: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """Both catalogs with privileges that compare one by one, and with what a plan has to know of the other side.

    A default that one side took away or widened is listed on the other, which has it. MAINTAIN exists since PostgreSQL
    17, and everybody creates in the schema public until 14: neither counts between servers that differ in it.
    """
    ours, theirs = _of_both_versions(source, target), _of_both_versions(target, source)
    theirs = list(_under_source_names(theirs, source, target))
    ours, theirs = (
        [*ours, *_counterparts(theirs, ours, source, target)],
        [*theirs, *_counterparts(ours, theirs, target, source)],
    )
    theirs = list(_with_restored(theirs, ours, source, target))
    ours = [_addressed(each, source, target) for each in ours]
    mine, its = list(source.default_privileges), list(target.default_privileges)
    mine, its = [*mine, *_default_counterparts(its, mine)], [*its, *_default_counterparts(mine, its)]
    mine = [replace(each, absent=True) if _missing(each, target) else each for each in mine]
    settings = tuple(
        each if exists(each.role, target.server) else replace(each, absent=True) for each in source.role_settings
    )
    name = target.server.database
    return (
        replace(
            source,
            privileges=tuple(ours),
            default_privileges=tuple(mine),
            role_settings=settings,
            databases=tuple(replace(each, name=name) for each in source.databases),
            security_labels=tuple(
                replace(each, database=name) if each.database else each for each in source.security_labels
            ),
        ),
        replace(target, privileges=tuple(theirs), default_privileges=tuple(its)),
    )


def settled_access(found: Iterable[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """The differences without owners that are the same, and without what an owner holds beside.

    What a role holds as a grant on the target and as the owner on the source becomes the owner's, who is given no grant
    option by itself; not so on a column, of which an owner holds nothing by itself.
    """
    owned = _owned_on(source, target, found := comparable_owners(found, source, target))
    settled: list[Difference] = []
    for each in found:
        held = each.target
        if not isinstance(held, Privilege) or each.source is not None or not _is_of(held, owned):
            settled.append(each)
        elif held.with_grant_option:
            settled.append(
                Difference(
                    source=replace(held, with_grant_option=False, built_in=True, grantors=(), restored=()),
                    target=held,
                    attribute="with_grant_option",
                    source_value=False,
                    target_value=True,
                )
            )
    return settled


def told_access(found: Iterable[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """The differences as people want them told, those of roles that nobody is in on the target recognised as such.

    What a role holds as a grant on one side and as the owner on the other is told by the owner.
    """
    owned = _owned_on(target, source, found := list(found))
    to_own = _owned_on(source, target, found)
    left = platform_left(target)
    told: list[Difference] = []
    for each in found:
        mine = each.source
        if isinstance(mine, Privilege) and each.target is None and _is_of(mine, owned):
            continue
        if isinstance(mine, Privilege) and mine.built_in and _is_of(mine, to_own):
            continue
        if each.change != "removed" or each.equivalence is not None:
            told.append(each)
        elif _nobody(mine, target):
            told.append(each.as_equivalent(ABSENT_ROLE))
        elif (
            isinstance(mine, Privilege | DefaultPrivilege)
            and left
            and {mine.grantee, getattr(mine, "creator", mine.grantee)} & set(PLATFORM_ROLES)
        ):
            told.append(each.as_equivalent(PLATFORM))
        else:
            told.append(each)
    return told


def _nobody(mine: object, target: Catalog) -> bool:
    """Whether the target's server lacks every role that it is about."""
    match mine:
        case Privilege():
            return mine.role == ""
        case DefaultPrivilege() | RoleSetting():
            return mine.absent
        case Policy():
            return bool(mine.roles) and not any(role == "public" or exists(role, target.server) for role in mine.roles)
    return False


def platform_left(target: Catalog) -> bool:
    """Whether no role of the platform has a privilege on the target."""
    return not any(each.grantee in PLATFORM_ROLES for each in target.privileges if not each.revoked)


def _of_both_versions(here: Catalog, there: Catalog) -> list[Privilege]:
    """The privileges without those that only one of both servers knows."""
    mine, its = here.server.version_number, there.server.version_number
    kept: Iterable[Privilege] = here.privileges
    if min(mine, its) < _MAINTAIN_SINCE <= max(mine, its):
        kept = [each for each in kept if each.privilege != "MAINTAIN"]
    if min(mine, its) < _PUBLIC_CREATE_UNTIL <= max(mine, its):
        taken = any(each.key == _EVERYBODY_CREATES and each.revoked for each in (*here.privileges, *there.privileges))
        # Taken away on the older server it is as on the newer one; given on the newer it is as on the older.
        kept = [each for each in kept if each.key != _EVERYBODY_CREATES or (taken and not each.revoked)]
    return list(kept)


def _under_source_names(theirs: Iterable[Privilege], source: Catalog, target: Catalog) -> Iterator[Privilege]:
    """The target's privileges; the sequence of a column is the same under another name."""
    ours = {each.owned_by: each.identity for each in source.sequences if each.owned_by is not None}
    renamed = {
        each.identity: ours[each.owned_by]
        for each in target.sequences
        if each.owned_by in ours and ours[each.owned_by] != each.identity
    }
    for each in theirs:
        if renamed and each.object_kind == "sequence" and each.object in renamed:
            yield replace(each, object=renamed[each.object])
        else:
            yield each


def _counterparts(
    theirs: Iterable[Privilege], ours: Iterable[Privilege], here: Catalog, there: Catalog
) -> Iterator[Privilege]:
    """What this side has by itself, where the other one took it away or widened it."""
    special = [each for each in theirs if each.built_in]
    if not special:
        return
    known = {each.key for each in ours}
    for each in special:
        on = each.part_of[0]
        if each.key in known or (on in there.addresses and on not in here.addresses):
            continue
        grantee = each.grantee
        if not each.holder:
            grantee = here.owners.get(on, grantee)
        yield replace(
            each, grantee=grantee, with_grant_option=False, revoked=False, built_in=True, grantors=(), recipient=None
        )


def _addressed(each: Privilege, source: Catalog, target: Catalog) -> Privilege:
    """The source's privilege with the role that a plan has to name on the target."""
    if each.holder:
        return each if exists(each.grantee, target.server) else replace(each, recipient="")
    if (role := owner_in_plan(each.grantee, source, target)) == each.grantee:
        return each
    if role is None:
        role = target.owners.get(each.part_of[0], "")
    return replace(each, recipient=role)


def _with_restored(
    theirs: Iterable[Privilege], ours: Iterable[Privilege], source: Catalog, target: Catalog
) -> Iterator[Privilege]:
    """The target's privileges; those that go know what has to come back.

    REVOKE on a table takes the same privilege on its columns along, and one with a grant option takes what was granted
    by virtue of it.
    """
    wanted = {each.key: each for each in ours if not each.revoked}
    on_columns: dict[tuple[str, str, str], list[Privilege]] = defaultdict(list)
    on_object: dict[tuple[str, str, str], list[Privilege]] = defaultdict(list)
    for each in wanted.values():
        if each.object_kind == COLUMN:
            on_columns[each.relation, each.holder, each.privilege].append(each)
        on_object[each.object_kind, each.object, each.privilege].append(each)
    for each in theirs:
        kept = wanted.get(each.key)
        if each.revoked or (kept is not None and kept.with_grant_option >= each.with_grant_option):
            yield each
            continue
        back = [
            (one.object, role, one.with_grant_option)
            for one in on_columns[each.object, each.holder, each.privilege]
            if (role := _addressed(one, source, target).role)
        ]
        if each.with_grant_option:
            back += [
                ("", role, one.with_grant_option)
                for one in on_object[each.object_kind, each.object, each.privilege]
                if one.key != each.key and (role := _addressed(one, source, target).role)
            ]
        recipient = each.recipient
        if not each.holder:
            recipient = owner_in_plan(source.owners.get(each.part_of[0], ""), source, target)
        yield replace(each, restored=tuple(back), recipient=recipient) if back or recipient else each


def _owned_on(here: Catalog, there: Catalog, found: list[Difference]) -> set[tuple[str, str, str]]:
    """(kind, identity, owner here) of objects with privileges that differ, where the other side has another owner."""
    owned: set[tuple[str, str, str]] = set()
    for each in found:
        told = each.object
        if isinstance(told, Privilege):
            owner = here.owners.get(told.part_of[0], "")
            if owner and there.owners.get(told.part_of[0], "") not in ("", owner):
                owned.add((told.object_kind, told.object, owner))
    return owned


def _is_of(held: Privilege, owned: set[tuple[str, str, str]]) -> bool:
    return held.object_kind != COLUMN and (held.object_kind, held.object, held.holder) in owned


def _default_counterparts(
    theirs: Iterable[DefaultPrivilege], ours: Iterable[DefaultPrivilege]
) -> Iterator[DefaultPrivilege]:
    known = {each.key for each in ours}
    for each in theirs:
        if each.built_in and each.key not in known:
            yield replace(each, with_grant_option=False, revoked=False)


def _missing(each: DefaultPrivilege, target: Catalog) -> bool:
    return not exists(each.creator, target.server) or not exists(each.grantee, target.server)
