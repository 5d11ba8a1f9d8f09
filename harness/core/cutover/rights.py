"""Rights: who may write to which relation, by whose grant and through which memberships, and what follows; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.core.names import qualified

WRITES: Final = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
"""The privileges that change rows (ddl-priv.html)"""
PUBLIC: Final = 0
"""The grantee that stands for everybody"""
WRITES_ALL: Final = "pg_write_all_data"
"""The predefined role whose members write everywhere (PostgreSQL 14)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table, view or foreign table that the fence takes rights on."""

    oid: int
    schema: str
    name: str
    kind: str
    """pg_class.relkind: r, p, v or f"""
    owner: int
    holds_rows: bool
    """It was asked for, or is a partition or child of one that was; the others only lead to such tables"""

    @property
    def identity(self) -> str:
        """schema.name"""
        return qualified(self.schema, self.name)

    @property
    def lockable(self) -> bool:
        """Whether LOCK TABLE on it keeps its rows from being written: it takes no foreign table (sql-lock.html)."""
        return self.holds_rows and self.kind in "rp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One privilege as aclexplode() gives it. Roles by OID; grantee 0: PUBLIC."""

    relation: int
    column: int
    """pg_attribute.attnum; 0: the whole relation"""
    privilege: str
    grantor: int
    grantee: int
    grantable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of the server."""

    oid: int
    name: str
    login: bool
    superuser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """All roles of a server, and who acts as whom."""

    by_oid: Mapping[int, Role]
    memberships: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Member to the roles whose rights it inherits or that it may SET ROLE to"""
    current: int = 0
    """The role that asks"""

    def named(self, name: str) -> Role | None:
        """The role of a name."""
        return next((role for role in self.by_oid.values() if role.name == name), None)

    def name(self, oid: int) -> str:
        """Its name; PUBLIC; a number where there is no such role."""
        if oid == PUBLIC:
            return "PUBLIC"
        role = self.by_oid.get(oid)
        return role.name if role is not None else f"role {oid}"

    def reach(self, oids: Iterable[int]) -> frozenset[int]:
        """These roles and every role whose rights they have or can take on, however indirectly."""
        reached: set[int] = set()
        waiting = list(oids)
        while waiting:
            oid = waiting.pop()
            if oid not in reached:
                reached.add(oid)
                waiting += self.memberships.get(oid, ())
        return frozenset(reached)

    def acts_for(self, member: int, role: int) -> bool:
        """Whether a role has another one's rights or can take them on; a superuser those of all."""
        found = self.by_oid.get(member)
        return role in self.reach([member]) or bool(found and found.superuser)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A role that can write all the same."""

    role: str
    login: bool
    reasons: tuple[str, ...]
    """Why, each a few words"""

    def __str__(self) -> str:
        return f"{self.role}: {'; '.join(self.reasons)}"


def grantees(roles: Roles, fenced: Iterable[int]) -> frozenset[int]:
    """Whose rights have to go so that these roles cannot write: theirs, those of roles they act as, PUBLIC's."""
    return roles.reach(fenced) | {PUBLIC}


def taken(rights: Iterable[Right], whose: Collection[int]) -> tuple[Right, ...]:
    """The rights to revoke. What hangs on their grant options goes with them and is not among these."""
    return tuple(right for right in rights if right.grantee in whose)


def stranded(rights: Collection[Right], whose: Collection[int], owners: Mapping[int, int]) -> tuple[Right, ...]:
    """Rights to take whose grantor has no grant option any more, by which it could take them back or give them again.

    PostgreSQL leaves rights on columns as they are when the grant option on the table goes.
    """
    options = {(each.relation, each.grantee, each.privilege, each.column) for each in rights if each.grantable}
    return tuple(
        right
        for right in taken(rights, whose)
        if right.grantor != owners.get(right.relation)
        and not {(right.relation, right.grantor, right.privilege, column) for column in (0, right.column)} & options
    )


def also_taken(rights: Collection[Right], whose: Collection[int]) -> tuple[Right, ...]:
    """Rights of others that were granted with a right of these roles, and that PostgreSQL takes away with it."""
    gone = set(taken(rights, whose))
    grantable = [right for right in rights if right.grantable]
    found: list[Right] = []
    while True:
        more = [right for right in rights if right not in gone and _hangs(right, grantable, gone)]
        if not more:
            return tuple(found)
        gone.update(more)
        found += more


def _hangs(right: Right, grantable: Iterable[Right], gone: Collection[Right]) -> bool:
    """Whether the grantor had the grant option by what is gone, and no longer has it by what stays."""
    given_by = [
        other
        for other in grantable
        if other.grantee == right.grantor
        and other.privilege == right.privilege
        and other.relation == right.relation
        and other.column in (0, right.column)
    ]
    return bool(given_by) and all(other in gone for other in given_by)


def waves(rights: Iterable[Right], owners: Mapping[int, int]) -> Iterator[tuple[Right, ...]]:
    """Rights in an order in which they can be granted: grant options before what was granted with them."""
    waiting = list(rights)
    while waiting:
        options = {(each.relation, each.grantee, each.privilege, each.column) for each in waiting if each.grantable}
        ready = [
            right
            for right in waiting
            if right.grantor == owners.get(right.relation)
            or not {(right.relation, right.grantor, right.privilege, column) for column in (0, right.column)} & options
        ]
        # Grant options that go round in a ring are nothing that PostgreSQL lets anybody make.
        chosen = ready or waiting
        yield tuple(chosen)
        done = set(chosen)
        waiting = [right for right in waiting if right not in done]


def writers(
    roles: Roles, relations: Collection[Relation], rights: Iterable[Right], fenced: Collection[int]
) -> tuple[tuple[Writer, ...], tuple[str, ...]]:
    """Who can log in and write once `fenced` (grantees()) have lost their rights, and the superusers apart."""
    left: dict[int, set[str]] = {}
    names = {relation.oid: relation.identity for relation in relations}
    for right in rights:
        if right.grantee not in fenced:
            left.setdefault(right.grantee, set()).add(names[right.relation])
    owned: dict[int, set[str]] = {}
    for relation in relations:
        if relation.owner not in fenced:
            owned.setdefault(relation.owner, set()).add(relation.identity)
    found: list[Writer] = []
    superusers: list[str] = []
    for role in sorted(roles.by_oid.values(), key=lambda each: each.name):
        if not role.login:
            continue
        if role.superuser:
            superusers.append(role.name)
            continue
        reasons = tuple(_reasons(roles, role, left, owned))
        if reasons:
            found.append(Writer(role=role.name, login=True, reasons=reasons))
    return tuple(found), tuple(superusers)


def _reasons(
    roles: Roles, role: Role, left: Mapping[int, Collection[str]], owned: Mapping[int, Collection[str]]
) -> Iterator[str]:
    for oid in sorted(roles.reach([role.oid]), key=lambda each: (each != role.oid, roles.name(each))):
        other = roles.by_oid.get(oid)
        if other is None:
            continue
        through = "" if oid == role.oid else f" as a member of {other.name}"
        if other.superuser:
            yield f"becomes a superuser{through}"
        elif other.name == WRITES_ALL:
            yield f"member of {WRITES_ALL}"
        elif oid in owned:
            yield f"owns {_few(owned[oid])}{through}"
        elif oid in left:
            yield f"may write to {_few(left[oid])}{through}"


def _few(names: Collection[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:3]) + (f" and {len(ordered) - 3} more" if len(ordered) > 3 else "")
