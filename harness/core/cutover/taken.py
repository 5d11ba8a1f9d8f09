"""Taken: a right that a fence took, with the names that it had then, as it is recorded and found again; pure."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.core.cutover.rights import PUBLIC, Relation, Right, Roles
from harness.core.names import qualified, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One right that was taken. Numbers are those of the database that it was taken in; names last longer."""

    right: Right
    schema: str
    name: str
    owner: int
    column_name: str
    """Empty: the whole relation"""
    grantor_name: str
    grantee_name: str
    """PUBLIC for everybody"""

    @property
    def identity(self) -> str:
        """The relation's name."""
        return qualified(self.schema, self.name)

    def __str__(self) -> str:
        what = f"{self.right.privilege} ({quote(self.column_name)})" if self.column_name else self.right.privilege
        option = " WITH GRANT OPTION" if self.right.grantable else ""
        return f"{what} on {self.identity} to {self.grantee_name}{option}, granted by {self.grantor_name}"

    def to_data(self) -> dict[str, object]:
        """For the database."""
        data = {**dataclasses.asdict(self.right), **dataclasses.asdict(self)}
        del data["right"]
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Taken:
        """Back."""
        names = {each.name for each in dataclasses.fields(Right)}
        right = Right(**{key: value for key, value in data.items() if key in names})  # type: ignore[arg-type]
        return cls(right=right, **{key: value for key, value in data.items() if key not in names})  # type: ignore[arg-type]


def named(
    rights: Iterable[Right],
    relations: Mapping[int, Relation],
    columns: Mapping[tuple[int, int], str],
    roles: Roles,
) -> tuple[Taken, ...]:
    """Rights with the names that everything has now."""
    return tuple(
        Taken(
            right=right,
            schema=relations[right.relation].schema,
            name=relations[right.relation].name,
            owner=relations[right.relation].owner,
            column_name=columns[right.relation, right.column] if right.column else "",
            grantor_name=roles.name(right.grantor),
            grantee_name=roles.name(right.grantee),
        )
        for right in rights
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One statement that gives rights back."""

    relations: tuple[int, ...]
    grantee: int
    grantable: bool
    acting: int | None
    """The role to act as; None: the session's own, which grants as the owner"""
    privileges: tuple[tuple[str, tuple[int, ...]], ...]
    """Privilege to the columns that it is for; no columns: the whole relation"""
    rights: tuple[Right, ...]


def grants(rights: Iterable[Right], acting: Mapping[Right, int | None]) -> Iterator[Grant]:
    """Few statements for rights that can be granted in any order."""
    whole: dict[tuple[int | None, int, bool, int], list[Right]] = defaultdict(list)
    parts: dict[tuple[int | None, int, bool, int], list[Right]] = defaultdict(list)
    for right in rights:
        key = (acting[right], right.grantee, right.grantable, right.relation)
        (parts if right.column else whole)[key].append(right)
    alike: dict[tuple[int | None, int, bool, tuple[str, ...]], list[Right]] = defaultdict(list)
    for (role, grantee, grantable, _), several in whole.items():
        alike[role, grantee, grantable, tuple(sorted(right.privilege for right in several))] += several
    for (role, grantee, grantable, privileges), several in alike.items():
        yield Grant(
            relations=tuple(dict.fromkeys(right.relation for right in several)),
            grantee=grantee,
            grantable=grantable,
            acting=role,
            privileges=tuple((privilege, ()) for privilege in privileges),
            rights=tuple(several),
        )
    for (role, grantee, grantable, relation), several in parts.items():
        columns: dict[str, list[int]] = defaultdict(list)
        for right in several:
            columns[right.privilege].append(right.column)
        yield Grant(
            relations=(relation,),
            grantee=grantee,
            grantable=grantable,
            acting=role,
            privileges=tuple((privilege, tuple(numbers)) for privilege, numbers in columns.items()),
            rights=tuple(several),
        )


def by_hand(taken: Iterable[Taken]) -> tuple[str, ...]:
    """The statements that a person would give the rights back with, in an order that works when they are `waves`."""
    lines: list[str] = []
    for each in taken:
        what = f"{each.right.privilege} ({quote(each.column_name)})" if each.column_name else each.right.privilege
        grantee = "PUBLIC" if each.right.grantee == PUBLIC else quote(each.grantee_name)
        option = " WITH GRANT OPTION" if each.right.grantable else ""
        grant = f"GRANT {what} ON TABLE {each.identity} TO {grantee}{option};"
        if each.right.grantor != each.owner:
            grant = f"SET ROLE {quote(each.grantor_name)}; {grant} RESET ROLE;"
        lines.append(grant)
    return tuple(lines)
