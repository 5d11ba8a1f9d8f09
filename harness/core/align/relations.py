"""DDL of schemas, tables, columns and sequences."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.align.parameters import with_clause
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.names import qualified, quote, split

_CALL = re.compile(r"[\w\"]\(")
_STABLE = re.compile(r"(?:now|statement_timestamp|transaction_timestamp|current_setting)\(")


def create_schema(schema: Schema) -> str:
    """CREATE SCHEMA."""
    return f"CREATE SCHEMA {quote(schema.name)};"


def create_table(table: Table, catalog: Catalog) -> list[str]:
    """The table with its columns: a partition, an heir, a typed table or one of its own.

    A partition whose columns are not as its parent's is made by itself and attached, as pg_dump does it.
    """
    columns = catalog.columns_by_table.get(table.identity, ())
    unlogged = "UNLOGGED " if table.persistence == "unlogged" else ""
    head = f"CREATE {unlogged}TABLE {table.identity}"
    attached = None
    if table.partition_of:
        parent, bound = partition_parent(table.partition_of)
        if _same_columns(columns, catalog.columns_by_table.get(parent, ())):
            head += f" PARTITION OF {parent} {bound}"
        else:
            head += _columns(columns, catalog)
            attached = partition_attached(table.identity, table.partition_of)
    elif table.of:
        said = [f"    {words}" for column in columns if (words := _typed_column(column))]
        head += f" OF {table.of}" + (" (\n" + ",\n".join(said) + "\n)" if said else "")
    else:
        head += _columns([column for column in columns if not (table.inherits and column.inherited)], catalog)
    if table.inherits:
        head += f" INHERITS ({', '.join(table.inherits)})"
    if table.partition_key:
        head += f" PARTITION BY {table.partition_key}"
    if table.access_method:
        head += f" USING {quote(table.access_method)}"
    head += with_clause(table.options)
    if table.tablespace:
        head += f" TABLESPACE {quote(table.tablespace)}"
    statements = [f"{head};"]
    if attached:
        statements.append(attached)
    if table.replica_identity in ("full", "nothing"):
        statements.append(replica_identity(table))
    return statements


def _columns(columns: Iterable[Column], catalog: Catalog) -> str:
    said = [f"    {column_definition(column, catalog)}" for column in columns]
    return " (\n" + ",\n".join(said) + "\n)" if said else " ()"


def _same_columns(columns: Iterable[Column], others: Iterable[Column]) -> bool:
    """Whether CREATE TABLE … PARTITION OF makes these columns of the parent's."""
    columns, others = list(columns), list(others)
    return [column.name for column in columns] == [other.name for other in others] and all(
        other.not_null_called is None or column.not_null_called == other.not_null_called
        for column, other in zip(columns, others, strict=True)
    )


def _typed_column(column: Column) -> str:
    """What a typed table says of a column by itself; nothing where the type says it all."""
    words = []
    if column.generated is not None:
        words.append(f"GENERATED ALWAYS AS ({column.generated}) {(column.generated_kind or 'stored').upper()}")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if column.not_null and column.not_null_validated:
        words.append(not_null(column))
    return f"{quote(column.name)} WITH OPTIONS {' '.join(words)}" if words else ""


def partition_parent(partition_of: str) -> tuple[str, str]:
    """The parent's identity and the bound from Table.partition_of."""
    for keyword in (" FOR VALUES ", " DEFAULT"):
        parent, found, rest = partition_of.partition(keyword)
        if found:
            return parent, (found + rest).strip()
    raise ValueError(f"not a partition: {partition_of!r}")


def ancestors(table: Table, catalog: Catalog) -> list[str]:
    """The partitioned tables that it is a partition of, nearest first."""
    found: list[str] = []
    each: Table | None = table
    while each is not None and each.partition_of:
        found.append(partition_parent(each.partition_of)[0])
        each = catalog.table_by_identity.get(found[-1])
    return found


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
        sequence = sequence_of(column, catalog)
        if sequence is not None:
            name = "" if sequence.identity in set(taken) else f"SEQUENCE NAME {sequence.identity} "
            words.append(f"({name}{sequence_options(sequence)})")
    elif column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if column.not_null and column.not_null_validated:
        table = catalog.table_by_identity.get(column.table_identity or "")
        # The partitions of a table that is made again may hold the names that PostgreSQL would give.
        words.append(not_null(column, named=table is not None and table.partition_key is not None))
    return " ".join(words)


def not_null(column: Column, *, named: bool = False) -> str:
    """NOT NULL as a column's constraint, named where its name is not the one that PostgreSQL gives."""
    words = ["NOT NULL"]
    usual = f"{column.table}_{column.name}_not_null"
    if column.not_null_called is not None and (named or column.not_null_called != usual):
        words.insert(0, f"CONSTRAINT {quote(column.not_null_called or '')}")
    if column.not_null_no_inherit:
        words.append("NO INHERIT")
    return " ".join(words)


def sequence_of(column: Column, catalog: Catalog) -> Sequence | None:
    return next((each for each in catalog.sequences if each.owned_by == column.identity), None)


def add_column(column: Column, catalog: Catalog, *, taken: Iterable[str] = ()) -> str:
    """ALTER TABLE … ADD COLUMN."""
    return f"ALTER TABLE {column.table_identity} ADD COLUMN {column_definition(column, catalog, taken=taken)};"


def adding_rewrites(column: Column) -> bool:
    """Whether adding the column rewrites the table: a value that is computed for every row.

    A constant default, and one that is stable within a statement, is stored once (ALTER TABLE, Notes).
    """
    if column.generated is not None:
        return column.generated_kind != "virtual"
    if column.identity_kind is not None:
        return True
    return column.default is not None and len(_CALL.findall(column.default)) > len(_STABLE.findall(column.default))


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


def drop_table(table: Table) -> str:
    """DROP TABLE; without CASCADE, so that nothing goes that the plan does not name."""
    return f"DROP TABLE {table.identity};"


def partition_attached(identity: str, partition_of: str) -> str:
    """ALTER TABLE … ATTACH PARTITION; `partition_of` as Table and ForeignTable have it."""
    parent, bound = partition_parent(partition_of)
    return f"ALTER TABLE ONLY {parent} ATTACH PARTITION {identity} {bound};"


def partition_detached(identity: str, partition_of: str) -> str:
    """ALTER TABLE … DETACH PARTITION."""
    return f"ALTER TABLE {partition_parent(partition_of)[0]} DETACH PARTITION {identity};"


def replica_identity(each: Table | View) -> str:
    """ALTER TABLE … REPLICA IDENTITY as the table or materialised view has it."""
    kind, _, index = each.replica_identity.partition(" ")
    words = f"USING INDEX {quote(index)}" if kind == "index" else kind.upper()
    return f"ALTER TABLE {each.identity} REPLICA IDENTITY {words};"
