"""Sampled: the tables that cases are made for: what their columns take, and rows that are there, as JSON values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column

Family = Literal[
    "integer", "number", "decimal", "text", "boolean", "date", "datetime", "time", "interval", "uuid", "bytes",
    "json", "array", "other",
]  # fmt: skip

Row = Mapping[str, Any]
"""A row as to_jsonb writes it, with numbers that are not integers as Decimal"""

_FAMILIES: dict[str, Family] = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "real": "number",
    "double precision": "number",
    "numeric": "decimal",
    "text": "text",
    "character varying": "text",
    "character": "text",
    "citext": "text",
    "name": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "datetime",
    "timestamp with time zone": "datetime",
    "time without time zone": "time",
    "time with time zone": "time",
    "interval": "interval",
    "uuid": "uuid",
    "bytea": "bytes",
    "json": "json",
    "jsonb": "json",
}
_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
_INFINITE = frozenset({"date", "timestamp without time zone", "timestamp with time zone", "real", "double precision"})
_INFINITE_NUMERIC = 140_000
"""Version since which numeric knows infinity too: https://www.postgresql.org/docs/14/release-14.html"""
_MODIFIER = re.compile(r"\(([0-9]+)(?:,(-?[0-9]+))?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledColumn:
    """What one column takes."""

    name: str
    type: str
    family: Family
    not_null: bool = False
    filled: bool = False
    """It has a default, is an identity or generated: it may be left out"""
    generated: bool = False
    """It may not be given"""
    length: int | None = None
    """Characters of varchar(n) and char(n)"""
    precision: int | None = None
    """Digits of numeric(p, s) in all"""
    scale: int | None = None
    """Digits after the point of numeric(p, s)"""
    infinite: bool = False
    """Its type knows infinity"""
    labels: tuple[str, ...] = ()
    """Of an enum"""
    element_type: str = ""
    """Of an array of a domain: what that is made of"""
    element_labels: tuple[str, ...] = ()
    """Of an array of an enum"""
    references: tuple[str, str] | None = None
    """Identity of a table and the column of it that a foreign key points to"""

    @property
    def bits(self) -> int:
        """Of an integer type, without the sign."""
        return _BITS.get(self.type, 63)

    @property
    def element(self) -> SampledColumn | None:
        """What one element of an array takes; None of a column that holds no arrays."""
        if self.family != "array":
            return None
        type_ = self.element_type or self.type.removesuffix("[]")
        family: Family = "text" if self.element_labels else _FAMILIES.get(type_, "other")
        return SampledColumn(name=self.name, type=type_, family=family, labels=self.element_labels)


@dataclass(frozen=True)
class SampledTable:
    """A table. `keys` are the columns of its unique keys, the primary key's first."""

    identity: str
    columns: tuple[SampledColumn, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    rows: tuple[Row, ...] = field(default=(), repr=False)

    @cached_property
    def by_name(self) -> dict[str, SampledColumn]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def name(self) -> str:
        """Without the schema."""
        return self.identity.rpartition(".")[2].strip('"')

    @cached_property
    def key_columns(self) -> frozenset[str]:
        """Every column of a unique key."""
        return frozenset(name for key in self.keys for name in key)

    @cached_property
    def _distinct(self) -> dict[str, tuple[Any, ...]]:
        return {}

    def distinct(self, column: str) -> tuple[Any, ...]:
        """The values of a column that are there, without NULL, in the order of the rows."""
        if column not in self._distinct:
            found = {repr(row[column]): row[column] for row in self.rows if row.get(column) is not None}
            self._distinct[column] = tuple(found.values())
        return self._distinct[column]


@dataclass(frozen=True)
class Sampled:
    """The tables in scope, by identity."""

    tables: Mapping[str, SampledTable] = field(default_factory=dict)


def described(catalog: Catalog, identity: str, rows: Iterable[Row] = ()) -> SampledTable:
    """A table of the catalog, with these rows of it."""
    constraints = catalog.constraints_by_table.get(identity, ())
    references = {
        column: (each.references, other)
        for each in constraints
        if each.type == "foreign key" and each.references is not None
        for column, other in zip(each.columns, each.references_columns, strict=False)
    }
    keys = [each.columns for each in constraints if each.type == "primary key"]
    keys += [each.columns for each in constraints if each.type == "unique"]
    keys += [
        each.columns
        for each in catalog.indexes
        if each.unique and f"{each.schema}.{each.table}" == identity and not any("(" in name for name in each.columns)
    ]
    labels = {each.identity: each.labels for each in catalog.enums}
    labels |= {name.rpartition(".")[2]: value for name, value in labels.items()}
    domains = {each.identity: each.type for each in catalog.domains}
    domains |= {name.rpartition(".")[2]: value for name, value in domains.items()}
    return SampledTable(
        identity,
        tuple(
            _column(each, references, labels, domains, catalog.server.version_number)
            for each in catalog.columns_by_table.get(identity, ())
        ),
        tuple(dict.fromkeys(key for key in keys if key)),
        tuple(rows),
    )


def _column(
    column: Column,
    references: Mapping[str, tuple[str, str]],
    labels: Mapping[str, Sequence[str]],
    domains: Mapping[str, str],
    version: int,
) -> SampledColumn:
    type_ = column.base_type or column.type
    modifier = _MODIFIER.search(type_)
    plain = _MODIFIER.sub("", type_)
    family: Family = "array" if type_.endswith("[]") else _FAMILIES.get(plain, "other")
    own = tuple(labels.get(type_, ()))
    element = type_.removesuffix("[]") if family == "array" else ""
    seen: set[str] = set()
    while element in domains and element not in seen:
        seen.add(element)
        element = domains[element]
    return SampledColumn(
        name=column.name,
        type=plain,
        family="text" if own else family,
        not_null=column.not_null,
        filled=column.default is not None or column.identity_kind is not None or column.generated is not None,
        generated=column.generated is not None or column.identity_kind == "always",
        length=int(modifier[1]) if modifier and family == "text" else None,
        precision=int(modifier[1]) if modifier and family == "decimal" else None,
        scale=int(modifier[2]) if modifier and modifier[2] and family == "decimal" else None,
        infinite=plain in _INFINITE or (plain == "numeric" and version >= _INFINITE_NUMERIC),
        labels=own,
        element_type=_MODIFIER.sub("", element) if seen else "",
        element_labels=tuple(labels.get(element, ())),
        references=references.get(column.name),
    )
