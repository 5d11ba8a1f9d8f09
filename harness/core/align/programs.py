"""DDL of routines, enum types and extensions, and the comment of any object."""

from __future__ import annotations

from harness.core.model.objects import CatalogObject, TablePart
from harness.core.model.programs import Enum, Extension, Routine
from harness.core.model.relations import Column, View
from harness.core.names import literal, qualified, quote


def create_routine(routine: Routine) -> str:
    """CREATE OR REPLACE FUNCTION or PROCEDURE, as PostgreSQL deparses it."""
    return routine.definition.rstrip() + ";"


def drop_routine(routine: Routine) -> str:
    """DROP FUNCTION or PROCEDURE."""
    return f"DROP {'PROCEDURE' if routine.type == 'procedure' else 'FUNCTION'} {routine.identity};"


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


def comment_on(each: CatalogObject) -> list[str]:
    """COMMENT ON the object, where it has one."""
    text = getattr(each, "comment", None)
    if text is None:
        return []
    if isinstance(each, Column):
        name = f"COLUMN {each.identity}"
    elif isinstance(each, TablePart):
        name = f"{each.kind.upper()} {quote(each.name)} ON {each.table_identity}"
        if each.kind == "index":
            name = f"INDEX {qualified(each.schema, each.name)}"
    elif isinstance(each, Routine):
        name = f"{'PROCEDURE' if each.type == 'procedure' else 'FUNCTION'} {each.identity}"
    elif isinstance(each, Enum):
        name = f"TYPE {each.identity}"
    elif isinstance(each, View) and each.materialized:
        name = f"MATERIALIZED VIEW {each.identity}"
    else:
        name = f"{each.kind.upper()} {each.identity}"
    return [f"COMMENT ON {name} IS {literal(text)};"]
