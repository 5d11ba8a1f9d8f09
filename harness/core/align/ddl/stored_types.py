"""Where values of a type are stored: in columns, also inside of other types."""

from __future__ import annotations

from harness.core.model.catalog import Catalog, address_of
from harness.core.model.types import Type

_AROUND = frozenset({"domain", "composite type", "range type"})
"""Kinds through which a column can hold values of the type"""


def stored(each: Type, catalog: Catalog) -> bool:
    """Whether rows hold values of the type."""
    return bool(_holders(each, catalog)[0])


def wrapped(each: Type, catalog: Catalog) -> bool:
    """Whether rows hold values of the type inside of others: of arrays, of composite and range types."""
    columns, types = _holders(each, catalog)
    inside = any(kind != "domain" for kind, _ in types)
    arrays = {column.identity for column in catalog.columns if column.type.endswith("[]")}
    return bool(columns) and (inside or bool(columns & arrays))


def _holders(each: Type, catalog: Catalog) -> tuple[set[str], set[tuple[str, str]]]:
    """Columns and materialized views that hold it, and the types between."""
    materialized = {view.identity for view in catalog.views if view.materialized}
    columns: set[str] = set()
    types: set[tuple[str, str]] = set()
    waiting = [each.address]
    while waiting:
        address = waiting.pop()
        for need in catalog.dependencies:
            if address_of(need.on_kind, need.on_identity) != address:
                continue
            if need.kind == "column" or (need.kind == "view" and need.identity in materialized):
                columns.add(need.identity)
            elif need.kind in _AROUND and (need.kind, need.identity) not in types:
                types.add((need.kind, need.identity))
                waiting.append(address_of(need.kind, need.identity))
    return columns, types
