"""Column types: what the OIDs of a statement's columns stand for, and what types of users among them are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.row_types import FIRST_USER_OID, DescribedType, TypeKind
from harness.postgres.connect import Connection
from harness.postgres.queries import query

_KINDS: Final[dict[str, TypeKind]] = {
    "a": "array",
    "c": "composite",
    "d": "domain",
    "e": "enum",
    "m": "multirange",
    "r": "range",
}
"""By pg_type.typtype; a: an array"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A type as the catalogs have it."""

    oid: int
    schema: str
    name: str
    sql: str
    element: str | None
    kind: str
    array: int
    """The OID of the array of this type; 0: there is none"""
    part: int | None
    part_name: str | None
    labels: list[str] | None
    names: list[str] | None
    types: list[int] | None

    @property
    def builtin(self) -> bool:
        return self.oid < FIRST_USER_OID

    def made_of(self) -> set[int]:
        """The types whose description this one's needs. A type of pg_catalog is made of others of pg_catalog, whose
        names say enough."""
        return set() if self.builtin else {*(self.types or ()), *([self.part] if self.part else [])}


def described_types(connection: Connection, oids: Sequence[int]) -> tuple[DescribedType, ...]:
    """The types of some OIDs, in their order. One round trip, and one more for each level of types of users."""
    known: dict[int, _Row] = {}
    wanted = set(oids)
    while wanted:
        rows = [_Row(*row) for row in connection.execute(query("described_types"), (sorted(wanted),))]
        known |= {row.oid: row for row in rows}
        made_of = {each for row in rows for each in row.made_of()}
        # Arrays of a domain are cast to the array of what it is made of.
        made_of |= {known[row.part].array for row in known.values() if row.kind == "d" and row.part in known}
        wanted = made_of - known.keys() - {0}
    return tuple(_described(known, oid) for oid in oids)


def _described(known: dict[int, _Row], oid: int) -> DescribedType:
    row = known[oid]
    return DescribedType(
        oid=row.oid,
        schema=row.schema,
        name=row.name,
        sql=row.sql,
        element=row.element,
        kind=_KINDS.get(row.kind, "base"),
        labels=tuple(row.labels or ()),
        parts=_parts(known, row),
        unwrapped=_unwrapped(known, row),
    )


def _parts(known: dict[int, _Row], row: _Row) -> tuple[tuple[str, DescribedType], ...]:
    if row.builtin:
        if row.part is None or row.part_name is None:
            return ()
        name = row.part_name
        return (("", DescribedType(oid=row.part, schema="pg_catalog", name=name, sql=name)),)
    if row.part is not None:
        return (("", _described(known, row.part)),)
    names, types = row.names or (), row.types or ()
    return tuple((name, _described(known, oid)) for name, oid in zip(names, types, strict=True))


def _unwrapped(known: dict[int, _Row], row: _Row) -> DescribedType | None:
    """Of an array of a domain over a type of pg_catalog: the array of that type."""
    if row.kind != "a" or row.builtin or row.part is None:
        return None
    inner = known[row.part]
    if inner.kind != "d":
        return None
    while inner.kind == "d" and inner.part is not None:
        inner = known[inner.part]
    return _described(known, inner.array) if inner.builtin and inner.array else None
