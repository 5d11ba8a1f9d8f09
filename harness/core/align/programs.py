"""DDL of enum types and extensions."""

from __future__ import annotations

from harness.core.model.programs import Extension
from harness.core.model.types import Enum
from harness.core.names import literal, quote


def create_enum(enum: Enum) -> str:
    """CREATE TYPE … AS ENUM."""
    return f"CREATE TYPE {enum.identity} AS ENUM ({', '.join(literal(label) for label in enum.labels)});"


def add_labels(source: Enum, target: Enum) -> list[str] | None:
    """ALTER TYPE … ADD VALUE for each label that the target lacks; None where that does not make them equal.

    A label cannot be taken away or moved, and a new one is not usable before the transaction that adds it has ended.
    """
    if [label for label in source.labels if label in target.labels] != list(target.labels):
        return None
    statements: list[str] = []
    for place, label in enumerate(source.labels):
        if label not in target.labels:
            where = f" AFTER {literal(source.labels[place - 1])}" if place else _first(target)
            statements.append(f"ALTER TYPE {source.identity} ADD VALUE {literal(label)}{where};")
    return statements


def _first(target: Enum) -> str:
    return f" BEFORE {literal(target.labels[0])}" if target.labels else ""


def create_extension(extension: Extension) -> str:
    """CREATE EXTENSION in its schema, of the version that the target's server installs."""
    return f"CREATE EXTENSION IF NOT EXISTS {quote(extension.name)} WITH SCHEMA {quote(extension.schema)};"
