"""DDL of schemas, tables, columns, sequences and views."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.names import literal, qualified, quote, split


def create_schema(schema: Schema) -> str:
    """CREATE SCHEMA."""
    return f"CREATE SCHEMA {quote(schema.name)};"


def create_table(table: Table, catalog: Catalog) -> list[str]:
    """The table with its columns; a partition is made by itself and attached, as pg_dump does it."""
    inherits = bool(table.inherits)
    columns = [
        f"    {column_definition(column, catalog)}"
        for column in catalog.columns_by_table.get(table.identity, ())
        if not (inherits and column.inherited)
    ]
    unlogged = "UNLOGGED " if table.persistence == "unlogged" else ""
    text = f"CREATE {unlogged}TABLE {table.identity} (\n" + ",\n".join(columns) + "\n)"
    if inherits:
        text += f" INHERITS ({', '.join(table.inherits)})"
    if table.partition_key:
        text += f" PARTITION BY {table.partition_key}"
    statements = [text + _options(table.options) + ";"]
    if table.partition_of:
        parent, bound = partition_parent(table.partition_of)
        statements.append(f"ALTER TABLE {parent} ATTACH PARTITION {table.identity} {bound};")
    if table.replica_identity in ("full", "nothing"):
        statements.append(f"ALTER TABLE {table.identity} REPLICA IDENTITY {table.replica_identity.upper()};")
    return statements


def partition_parent(partition_of: str) -> tuple[str, str]:
    """The parent's identity and the bound from Table.partition_of."""
    for keyword in (" FOR VALUES ", " DEFAULT"):
        parent, found, rest = partition_of.partition(keyword)
        if found:
            return parent, (found + rest).strip()
    raise ValueError(f"not a partition: {partition_of!r}")


def parents(table: Table) -> tuple[str, ...]:
    """Identities of the tables that it is a partition of or inherits from."""
    return (partition_parent(table.partition_of)[0],) if table.partition_of else table.inherits


def row_security(table: Table) -> list[str]:
    """Row-level security as the table has it."""
    statements = []
    if table.row_security:
        statements.append(f"ALTER TABLE {table.identity} ENABLE ROW LEVEL SECURITY;")
    if table.force_row_security:
        statements.append(f"ALTER TABLE {table.identity} FORCE ROW LEVEL SECURITY;")
    return statements


def column_definition(column: Column, catalog: Catalog, *, taken: Iterable[str] = ()) -> str:
    """A column as CREATE TABLE and ADD COLUMN take it; an identity sequence is not named where its name is `taken`."""
    words = [quote(column.name), column.type]
    if column.collation:
        words.append(f"COLLATE {column.collation}")
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated}) {(column.generated_kind or 'stored').upper()}")
    elif column.identity_kind is not None:
        words.append(f"GENERATED {column.identity_kind.upper()} AS IDENTITY")
        sequence = _sequence(column, catalog)
        if sequence is not None:
            name = "" if sequence.identity in set(taken) else f"SEQUENCE NAME {sequence.identity} "
            words.append(f"({name}{sequence_options(sequence)})")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if column.not_null:
        words.append("NOT NULL")
    return " ".join(words)


def _sequence(column: Column, catalog: Catalog) -> Sequence | None:
    return next((each for each in catalog.sequences if each.owned_by == column.identity), None)


def add_column(column: Column, catalog: Catalog, *, taken: Iterable[str] = ()) -> str:
    """ALTER TABLE … ADD COLUMN."""
    return f"ALTER TABLE {column.table_identity} ADD COLUMN {column_definition(column, catalog, taken=taken)};"


def sequence_options(sequence: Sequence) -> str:
    """The options of a sequence, all of them, in PostgreSQL's words."""
    return (
        f"INCREMENT BY {sequence.increment} MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum}"
        f" START WITH {sequence.start} CACHE {sequence.cache} {'CYCLE' if sequence.cycle else 'NO CYCLE'}"
    )


def create_sequence(sequence: Sequence) -> str:
    """CREATE SEQUENCE; who owns it is said once the column is there."""
    return f"CREATE SEQUENCE {sequence.identity} AS {sequence.type} {sequence_options(sequence)};"


def alter_sequence(sequence: Sequence) -> str:
    """ALTER SEQUENCE to these options; its value stays."""
    return f"ALTER SEQUENCE {sequence.identity} AS {sequence.type} {sequence_options(sequence)};"


def own_sequence(sequence: Sequence) -> str:
    """ALTER SEQUENCE … OWNED BY the column."""
    return f"ALTER SEQUENCE {sequence.identity} OWNED BY {qualified(*split(sequence.owned_by or ''))};"


def create_view(view: View) -> str:
    """CREATE VIEW or CREATE MATERIALIZED VIEW."""
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    return f"CREATE {kind} {view.identity}{_options(view.options)} AS\n{view.definition.strip().rstrip(';')};"


def drop_relation(each: Table | View) -> str:
    """DROP of a table or a view; without CASCADE, so that nothing goes that the plan does not name."""
    if isinstance(each, Table):
        return f"DROP TABLE {each.identity};"
    return f"DROP {'MATERIALIZED VIEW' if each.materialized else 'VIEW'} {each.identity};"


def _options(options: Iterable[str]) -> str:
    words = [f"{quote(name)}={literal(value)}" for name, _, value in (option.partition("=") for option in options)]
    return f" WITH ({', '.join(words)})" if words else ""
