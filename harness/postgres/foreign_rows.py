"""Rows of foreign data: the parts become identities, and secret values of options become marks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.core.model.foreign import MASK, secret_name
from harness.core.names import qualified

Row = dict[str, Any]


def masked(options: Iterable[str]) -> tuple[str, ...]:
    """Options with marks in place of secret values: two values are told apart, and neither is read."""
    return tuple(sorted(_masked(each) for each in options))


def _masked(option: str) -> str:
    name, _, value = option.partition("=")
    if not secret_name(name):
        return option
    # So short that it serves to see a difference, and not to try passwords.
    return f"{name}={MASK}{hashlib.sha256(value.encode()).hexdigest()[:4]}"


def _identity(parts: tuple[str | None, ...]) -> str | None:
    names = [part for part in parts if part is not None]
    return qualified(*names) if names else None


def _wrappers(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {
            "handler": _identity(row["handler"]),
            "validator": _identity(row["validator"]),
            "options": masked(row["options"]),
        }


def _servers(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {"options": masked(row["options"])}


def _mappings(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        readable = row.pop("readable")
        yield row | {"user": row["user"] or "", "options": masked(row["options"]) if readable else None}


def _tables(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        parent, bound = row.pop("partition_parent"), row.pop("partition_bound")
        told = row | {"options": masked(row["options"])}
        if parent:
            told["partition_of"] = f"{qualified(*parent[0])} {bound}"
        yield told


PREPARED: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
    "foreign_data_wrappers": _wrappers,
    "foreign_servers": _servers,
    "user_mappings": _mappings,
    "foreign_tables": _tables,
}
"""Field of a catalog, and what becomes of the rows of its query"""
