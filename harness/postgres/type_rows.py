"""Rows of the queries for types: names are spelled here, since what quote_ident quotes depends on the version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from harness.core.names import qualified, quote

Row = dict[str, Any]

_FUNCTIONS = (
    "canonical", "subtype_diff", "subtype_opclass", "input", "output", "receive", "send", "typmod_in", "typmod_out",
    "analyze", "subscript",
)  # fmt: skip


def _composite_type(row: Row) -> Row:
    row["members"] = tuple(
        f"{quote(name)} {type_name}" + (f" COLLATE {qualified(schema, collation)}" if collation else "")
        for name, type_name, schema, collation in row["members"]
    )
    return row


def _domain(row: Row) -> Row:
    row["check"] = tuple(f"CONSTRAINT {quote(name)} {definition}" for name, definition in row["check"] or ())
    return row


def _with_functions(row: Row) -> Row:
    row["functions"] = tuple(
        f"{qualified(schema, name)}({arguments})" for schema, name, arguments in row["functions"] or ()
    )
    return row | {label: qualified(*row[label]) for label in _FUNCTIONS if row.get(label)}


def _each(spelled: Callable[[Row], Row]) -> Callable[[list[Row]], Iterable[Row]]:
    return lambda rows: map(spelled, rows)


PREPARED: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "composite_types": _each(_composite_type),
    "domains": _each(_domain),
    "range_types": _each(_with_functions),
    "base_types": _each(_with_functions),
}
"""Field of Catalog and how its rows become the fields of objects"""
