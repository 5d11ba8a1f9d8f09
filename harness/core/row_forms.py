"""Row forms: how a column of either side is written for hashing, for matching and for showing; pure SQL text."""

from __future__ import annotations

import dataclasses
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from harness.core.cell_classes import CellKind
from harness.core.equal_forms import DRIFTING, IN_C, equal_form, native_form

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

_WHOLE_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
_FLOATS: Final = frozenset({"float4", "float8"})
_NUMBERS: Final = _WHOLE_NUMBERS | _FLOATS | {"numeric"}
_STRINGS: Final = frozenset({"text", "varchar", "bpchar", "name", "char"})
_MOMENTS: Final = frozenset({"timestamp", "timestamptz", "date"})
_DOCUMENTS: Final = frozenset({"json", "jsonb"})

_KINDS: Final[dict[str, CellKind]] = {
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(_STRINGS, "text"),
    **dict.fromkeys(_DOCUMENTS, "json"),
    **dict.fromkeys(_MOMENTS, "timestamp"),
    "time": "time",
    "timetz": "time",
    "interval": "interval",
    "bytea": "bytes",
    "citext": "text",
    "xml": "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedType:
    """The type of an expression as its server describes it; of a domain, its base type."""

    oid: int
    schema: str
    name: str
    """pg_type.typname: _int4 for integer[]"""
    sql: str
    """As format_type gives it without a modifier"""
    element: str | None = None
    """typname of the elements of an array"""

    @property
    def builtin(self) -> bool:
        """Whether it has the same OID in every database."""
        return self.oid < FIRST_USER_OID

    @property
    def portable(self) -> bool:
        """Whether its binary form is the same on every server, as far as is known before asking them."""
        return self.builtin and (self.element or self.name) in PORTABLE_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class SideForm:
    """A column on one side. Each is SQL in which {} stands for the column."""

    exact: str
    """What is hashed: its bytes are equal where representation and value are equal, on both sides"""
    key: str
    """What rows are matched by: its bytes are equal where values are equal by ="""
    text: str | None = None
    """What is fetched and classified; None: the value by its own output function"""
    native: str | None = None
    """Parts of a record whose hash (hash_record_extended, since 14) says what `exact` says, and sooner; None: no
    function hashes them as they are, and `exact` is hashed by its bytes there too"""
    native_key: str | None = None
    """The same of `key`"""

    @property
    def parts(self) -> str:
        """`exact` for the hash of a record."""
        return self.native or _bytes(self.exact)

    @property
    def key_parts(self) -> str:
        """`key` for the hash of a record."""
        return self.native_key or _bytes(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellForm:
    """A column on both sides."""

    source: SideForm
    target: SideForm
    kind: CellKind
    settled_as: str | None = None
    """The type whose = decides whether two texts are one value; None: there is nothing to settle"""
    type_drift: bool = False
    """The types differ: equal values are drift"""


def cell_form(
    source: DescribedType, target: DescribedType, *, portable: Set[str] = frozenset(PORTABLE_TYPES)
) -> CellForm:
    """The form of a pair of columns. `portable` are the type names whose binary form both servers agree on."""
    if source.oid == target.oid and source.builtin and (source.element or source.name) in portable:
        return _same_type(source)
    user_type = not source.builtin and not target.builtin
    same = source.name == target.name if user_type else source.oid == target.oid
    names = {source.name, target.name}
    kind: CellKind = "array" if source.element and target.element else "other"
    if same:
        form = dataclasses.replace(_text("({})::text"), text=None)
        return CellForm(source=form, target=form, kind=_KINDS.get(source.name, kind))
    if names <= _NUMBERS:
        return CellForm(source=_number(source), target=_number(target), kind="number", type_drift=True)
    if names <= _MOMENTS:
        # The session's zone is UTC: a time without a zone is read as UTC, as the load reads it.
        form, kind = _text("({})::timestamp::text"), "timestamp"
    elif names <= _DOCUMENTS:
        form, kind = _text("({})::jsonb::text"), "json"
    else:
        form, kind = _text("({})::text"), "text" if names & _STRINGS else kind
    return CellForm(source=form, target=form, kind=kind, type_drift=True)


def _same_type(described: DescribedType) -> CellForm:
    # The cast takes a domain to its base type, whose OID is the same everywhere; on the type itself it does nothing.
    # The quoted name matters: bit and character without a length would mean a length of 1.
    value = f'({{}})::pg_catalog."{described.name}"'
    settled = (described.element or described.name) in DRIFTING
    kind: CellKind = "array" if described.element else _KINDS.get(described.name, "other")
    key = equal_form(described.name, described.element, value)
    native = native_form(described.name, described.element, value)
    of_key = native if key == value and described.element is None else None
    if described.name == "numeric":
        of_key = f"pg_catalog.numeric_send({key})"
    form = SideForm(exact=value, key=key, native=native, native_key=of_key)
    as_type = f'pg_catalog."{described.name}"' if settled else None
    return CellForm(source=form, target=form, kind=kind, settled_as=as_type)


def _bytes(item: str) -> str:
    return f"pg_catalog.record_send(ROW({item}))"


def _number(described: DescribedType) -> SideForm:
    if described.name in _FLOATS:
        # By the shortest text that reads back as the same float: the cast to numeric would round to 15 digits.
        return _text(
            "CASE WHEN ({})::text IN ('Infinity', '-Infinity') THEN ({})::text"
            " ELSE pg_catalog.trim_scale(({})::text::numeric)::text END"
        )
    return _text("pg_catalog.trim_scale(({})::numeric)::text")


def _text(template: str) -> SideForm:
    native = f"({template} {IN_C})"
    return SideForm(exact=template, key=template, text=template, native=native, native_key=native)


def written(template: str, column: str) -> str:
    """A form with its column in place."""
    return template.replace("{}", column)
