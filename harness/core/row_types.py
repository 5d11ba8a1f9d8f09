"""Row types: the types of columns as their servers describe them, and which types of two servers count as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from harness.core.names import literal, quote

FIRST_USER_OID: Final = 16384
"""FirstNormalObjectId: types from here on have other OIDs in every database, and binary forms that may hold them."""

PORTABLE_TYPES: Final = {
    "bool": "'t'::bool",
    "int2": "'-2'::int2",
    "int4": "'123456789'::int4",
    "int8": "'-1234567890123456789'::int8",
    "float4": "'0.1'::float4",
    "float8": "'-0.30000000000000004'::float8",
    "numeric": "'-1234567.8900'::numeric",
    "money": "(12.5::numeric)::money",
    "text": "U&'\\0416 z\\00E9'::text",
    "varchar": "U&'\\0416 z\\00E9'::varchar",
    "bpchar": "U&'\\0416 z '::bpchar",
    "name": "'z'::name",
    "bytea": "'\\x00ff10'::bytea",
    "date": "'2024-02-29'::date",
    "time": "'12:34:56.123456'::time",
    "timetz": "'12:34:56.123456+03'::timetz",
    "timestamp": "'2024-02-29 12:34:56.123456'::timestamp",
    "timestamptz": "'2024-02-29 12:34:56.123456+00'::timestamptz",
    "interval": "'1 year 2 mons 3 days 04:05:06.5'::interval",
    "uuid": "'0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e6f'::uuid",
    "json": '\'{"b": [1.0, null], "a": ""}\'::json',
    "jsonb": '\'{"b": [1.0, null], "a": ""}\'::jsonb',
    "inet": "'192.0.2.1/24'::inet",
    "cidr": "'192.0.2.0/24'::cidr",
    "macaddr": "'08:00:2b:01:02:03'::macaddr",
    "macaddr8": "'08:00:2b:01:02:03:04:05'::macaddr8",
    "bit": "B'101'::pg_catalog.\"bit\"",
    "varbit": "B'101'::varbit",
    "point": "'(1.5,-2)'::point",
    "line": "'{1,2,3}'::line",
    "lseg": "'[(0,0),(1,1)]'::lseg",
    "box": "'(1,1),(0,0)'::box",
    "path": "'((0,0),(1,1),(2,0))'::path",
    "polygon": "'((0,0),(1,1),(2,0))'::polygon",
    "circle": "'<(1,2),3>'::circle",
    "tsvector": "'a:1 z:2,3B'::tsvector",
    "tsquery": "'a & !z:*'::tsquery",
    "int4range": "'[1,5)'::int4range",
    "int8range": "'[1,5)'::int8range",
    "numrange": "'[1.0,5.50]'::numrange",
    "daterange": "'[2024-01-01,2024-02-29]'::daterange",
    "tsrange": "'[2024-01-01,2024-02-29)'::tsrange",
    "tstzrange": "'[2024-01-01,2024-02-29)'::tstzrange",
    "int4multirange": "'{[1,5)}'::int4multirange",
    "int8multirange": "'{[1,5)}'::int8multirange",
    "nummultirange": "'{[1.0,5.50]}'::nummultirange",
    "datemultirange": "'{[2024-01-01,2024-02-29]}'::datemultirange",
    "tsmultirange": "'{[2024-01-01,2024-02-29)}'::tsmultirange",
    "tstzmultirange": "'{[2024-01-01,2024-02-29)}'::tstzmultirange",
}
"""Types of pg_catalog whose send function says the same on every server, and a value of each to prove it with.

Left out are those whose binary form holds OIDs (regclass and its kind), belongs to a cluster (xid, pg_lsn) or is
optional (xml): they are compared by their text.
"""

WHOLE_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
_KNOWN_BY_NAME: Final = frozenset({"citext"})

TypeKind = Literal["base", "array", "enum", "composite", "range", "multirange", "domain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedType:
    """The type of an expression as its server describes it; of a domain, its base type.

    `kind`, `labels`, `parts` and `unwrapped` say what a type of users is made of; two descriptions are equal without
    them, for a server has one type of an OID.
    """

    oid: int
    schema: str
    name: str
    """pg_type.typname: _int4 for integer[]"""
    sql: str
    """As format_type gives it without a modifier"""
    element: str | None = None
    """typname of the elements of an array"""
    kind: TypeKind = field(default="base", compare=False)
    labels: tuple[str, ...] = field(default=(), compare=False)
    """Of an enum, in its order"""
    parts: tuple[tuple[str, DescribedType], ...] = field(default=(), compare=False)
    """The fields of a composite type by name; one part without a name: an array's elements, a range's bounds, what a
    domain is made of"""
    recorded: str | None = field(default=None, compare=False)
    """Its definition as another server's was recorded, whose parts are not known here; '': not recorded either"""
    unwrapped: DescribedType | None = field(default=None, compare=False)
    """Of an array of a domain over a type of pg_catalog: the array of that type, which it can be cast to"""

    @property
    def builtin(self) -> bool:
        """Whether it has the same OID in every database."""
        return self.oid < FIRST_USER_OID

    @property
    def portable(self) -> bool:
        """Whether its binary form is the same on every server, as far as is known before asking them."""
        return self.builtin and (self.element or self.name) in PORTABLE_TYPES

    @property
    def known_name(self) -> str:
        """The name, where it says what the values are; '' for types of users, one of which may be called int4."""
        return self.name if self.builtin or self.name in _KNOWN_BY_NAME else ""


def unwrapped(described: DescribedType) -> DescribedType:
    """What a type counts as: a domain as the type that it is made of, also where it is the element of an array."""
    while described.kind == "domain" and described.parts:
        described = described.parts[0][1]
    return described.unwrapped or described


def same_type(source: DescribedType, target: DescribedType) -> bool:
    """Whether two types count as one: those of pg_catalog by OID; those of users by their names, their schemas aside,
    and by what they are: the labels of an enum in their order, the fields of a composite type, the bounds of a range.
    """
    source, target = unwrapped(source), unwrapped(target)
    if source.builtin or target.builtin:
        return source.oid == target.oid
    if "" in (source.recorded, target.recorded):
        return source.name == target.name
    return _written(source) == _written(target)


def fields_in_another_order(source: DescribedType, target: DescribedType) -> bool:
    """Whether two types are, or hold at one place, composite types whose fields have the same names in another order:
    their texts say nothing of each other.
    """
    source, target = unwrapped(source), unwrapped(target)
    if source.kind != target.kind:
        return False
    names, others = ([name for name, _ in each.parts] for each in (source, target))
    if names != others and sorted(names) == sorted(others):
        return True
    pairs = zip(source.parts, target.parts, strict=False)
    return any(fields_in_another_order(one, other) for (_, one), (_, other) in pairs)


def definition(described: DescribedType) -> str:
    """What a type is made of, with the names of types and without those of schemas; the same for types that count as
    one.
    """
    return _written(unwrapped(described))


def _written(described: DescribedType) -> str:
    described = unwrapped(described)
    if described.recorded:
        return described.recorded
    if described.builtin or described.kind == "base" or (not described.parts and not described.labels):
        return described.name
    if described.kind == "array":
        # Its own name may have been made unlike: _mood, or __mood where that was taken.
        return f"{_written(described.parts[0][1])}[]"
    inner = [literal(label) for label in described.labels]
    inner += [f"{quote(name)} {_written(part)}" if name else _written(part) for name, part in described.parts]
    return f"{quote(described.name)} {described.kind}({', '.join(inner)})"
