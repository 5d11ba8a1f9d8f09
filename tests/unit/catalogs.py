"""Small catalogs for tests of what follows from them."""

from __future__ import annotations

from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint, Index

SERVER = ServerInfo(
    version="16.0",
    version_number=160000,
    database="d",
    encoding="UTF8",
    collate="C",
    ctype="C",
    locale_provider="libc",
    timezone="UTC",
)


def catalog(
    tables: dict[str, list[Column]], constraints: list[Constraint] | None = None, indexes: list[Index] | None = None
) -> Catalog:
    """A catalog of tables of the schema public; columns get their positions in order."""
    return Catalog(
        server=SERVER,
        tables=tuple(Table(schema="public", name=name) for name in tables),
        columns=tuple(column for columns in tables.values() for column in columns),
        constraints=tuple(constraints or ()),
        indexes=tuple(indexes or ()),
    )


def columns(table: str, **types: str) -> list[Column]:
    """Columns by name and type; a type that ends in ! is NOT NULL, in ? generated, in = with a default."""
    return [
        Column(
            schema="public",
            table=table,
            name=name,
            type=text.rstrip("!?="),
            not_null="!" in text,
            generated="1" if "?" in text else None,
            default="1" if "=" in text else None,
            position=number,
        )
        for number, (name, text) in enumerate(types.items(), start=1)
    ]


def primary_key(table: str, *names: str, deferrable: bool = False) -> Constraint:
    return Constraint(
        schema="public", table=table, name=f"{table}_pkey", type="primary key",
        definition=f"PRIMARY KEY ({', '.join(names)})", columns=names, deferrable=deferrable,
    )  # fmt: skip


def unique(table: str, *names: str) -> Constraint:
    return Constraint(
        schema="public", table=table, name=f"{table}_{'_'.join(names)}_key", type="unique",
        definition=f"UNIQUE ({', '.join(names)})", columns=names,
    )  # fmt: skip


def foreign_key(table: str, references: str, *, deferrable: bool = False, enforced: bool = True) -> Constraint:
    definition = f"FOREIGN KEY ({references}_id) REFERENCES public.{references}(id)"
    return Constraint(
        schema="public", table=table, name=f"{table}_{references}_fkey", type="foreign key",
        definition=definition if enforced else f"{definition} NOT ENFORCED", deferrable=deferrable,
        columns=(f"{references}_id",), references=f"public.{references}", references_columns=("id",),
    )  # fmt: skip
