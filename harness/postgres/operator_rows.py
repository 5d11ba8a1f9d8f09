"""Rows of casts, operators, languages and text search objects: their parts become identities and clauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.core.names import qualified, quote

Row = dict[str, Any]

_OPTION = re.compile(r"""\s*((?:"(?:[^"]|"")+"|\w+)\s*=\s*(?:E?'(?:[^'\\]|''|\\.)*'|[^,\s]+))\s*(?:,|\Z)""")


def _identity(parts: Iterable[str | None] | None) -> str | None:
    """schema.name, where there is one."""
    if parts is None:
        return None
    names = [part for part in parts if part is not None]
    return qualified(*names) if names else None


def _identities(*labels: str) -> Callable[[list[Row]], Iterator[Row]]:
    """Rows with identities in place of the parts under these labels."""

    def change(rows: list[Row]) -> Iterator[Row]:
        for row in rows:
            yield row | {label: _identity(row[label]) for label in labels}

    return change


def _casts(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        name, arguments = _identity(row.pop("routine")), row.pop("routine_arguments")
        yield row | {"function": None if name is None else f"{name}({arguments})"}


def _operators(members: Iterable[Any] | None) -> tuple[str, ...]:
    """OPERATOR clauses."""
    found: list[str] = []
    for strategy, schema, name, left, right, family_schema, family in members or ():
        purpose = "" if family is None else f" FOR ORDER BY {qualified(family_schema, family)}"
        found.append(f"OPERATOR {strategy} {quote(schema)}.{name} ({left}, {right}){purpose}")
    return tuple(found)


def _functions(members: Iterable[Any] | None) -> tuple[str, ...]:
    """FUNCTION clauses."""
    return tuple(
        f"FUNCTION {number} ({left}, {right}) {qualified(schema, name)}({arguments})"
        for number, schema, name, left, right, arguments in members or ()
    )


def _classes(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {
            "family": _identity(row["family"]),
            "operator": _operators(row["operator"]),
            "function": _functions(row.pop("functions")),
        }


def _families(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {"members": (*_operators(row.pop("operators")), *_functions(row.pop("functions")))}


def _configurations(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {
            "parser": _identity(row["parser"]),
            "mapping": tuple(
                f"{quote(token)} WITH {', '.join(qualified(*parts) for parts in dictionaries)}"
                for token, dictionaries in row["mapping"] or ()
            ),
        }


def _dictionaries(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        options = tuple(_OPTION.findall("".join(row["options"])))
        yield row | {"template": _identity(row["template"]), "options": options}


PREPARED: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "casts": _casts,
    "operators": _identities("commutator", "negator", "restrict", "join"),
    "operator_classes": _classes,
    "operator_families": _families,
    "access_methods": _identities("handler"),
    "languages": _identities("handler", "inline", "validator"),
    "transforms": _identities("from_sql", "to_sql"),
    "text_search_configurations": _configurations,
    "text_search_dictionaries": _dictionaries,
    "text_search_parsers": _identities("start", "gettoken", "end", "headline", "lextypes"),
    "text_search_templates": _identities("init", "lexize"),
}
"""Field of a catalog, and what becomes of the rows of its query"""
