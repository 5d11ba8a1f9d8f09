"""Small catalogs, made by hand, for checks that need no server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.core.model.catalog import Catalog, ServerInfo, Unmodelled
from harness.core.model.programs import Routine
from harness.core.model.relations import Column, Schema, Table, View
from harness.core.model.rules import Constraint, Index

SERVER = ServerInfo(
    version="16.14",
    version_number=160014,
    database="sample",
    encoding="UTF8",
    collate="C.UTF-8",
    ctype="C.UTF-8",
    locale_provider="libc",
    timezone="UTC",
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table with its columns, indexes and constraints."""

    table: Table
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    constraints: tuple[Constraint, ...] = ()


def table(name: str, columns: str, *rules: Index | Constraint) -> Part:
    """A table of public; `columns` are names with an optional type after a colon; rules get its name."""
    placed = [replace(rule, schema="public", table=name) for rule in rules]
    indexes = [rule for rule in placed if isinstance(rule, Index)]
    constraints = [rule for rule in placed if isinstance(rule, Constraint)]
    for constraint in constraints:
        if constraint.type in ("primary key", "unique"):
            own = unique(*constraint.columns, name=constraint.name, immediate=not constraint.deferrable)
            indexes.append(replace(own, schema="public", table=name, constraint=constraint.name))
    return Part(
        table=Table(schema="public", name=name),
        columns=tuple(
            Column(schema="public", table=name, name=each, type=kind or "text", position=number)
            for number, (each, _, kind) in enumerate((column.partition(":") for column in columns.split()), start=1)
        ),
        indexes=tuple(indexes),
        constraints=tuple(constraints),
    )


def unique(
    *keys: str,
    name: str | None = None,
    predicate: str | None = None,
    valid: bool = True,
    immediate: bool = True,
    is_unique: bool = True,
) -> Index:
    """An index; a key in parentheses is an expression."""
    where = f" WHERE {predicate}" if predicate else ""
    word = "UNIQUE INDEX" if is_unique else "INDEX"
    return Index(
        schema="",
        table="",
        name=name or "_".join(keys),
        definition=f"CREATE {word} ON public.t USING btree ({', '.join(keys)}){where}",
        unique=is_unique,
        valid=valid,
        immediate=immediate,
        columns=keys,
        predicate=predicate,
    )


def constraint(kind: str, *columns: str, name: str, deferrable: bool = False) -> Constraint:
    """A constraint; its index comes with it."""
    return Constraint(
        schema="",
        table="",
        name=name,
        type=kind,
        definition=f"{kind.upper()} ({', '.join(columns)})",
        deferrable=deferrable,
        columns=columns,
    )


def catalog(
    *parts: Part,
    views: Sequence[View] = (),
    functions: Sequence[Routine] = (),
    unmodelled: Sequence[Unmodelled] = (),
) -> Catalog:
    """A catalog of the schema public."""
    return Catalog(
        server=SERVER,
        schemas=(Schema(name="public"),),
        tables=tuple(part.table for part in parts),
        columns=tuple(column for part in parts for column in part.columns),
        indexes=tuple(index for part in parts for index in part.indexes),
        constraints=tuple(constraint for part in parts for constraint in part.constraints),
        views=tuple(views),
        routines=tuple(functions),
        unmodelled=tuple(unmodelled),
    )


def function(name: str, arguments: str = "") -> Routine:
    """A function of public."""
    return Routine(
        schema="public",
        name=name,
        arguments=arguments,
        definition=f"CREATE FUNCTION public.{name}({arguments}) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    )
