"""Prechecks: questions to the rows of the target that must be answered with zero before a step can succeed."""

# ruff: noqa: S608 -- every name and constant goes through core.names or is a deparsed expression

from __future__ import annotations

from collections.abc import Iterable

from harness.core.model.programs import Extension
from harness.core.model.relations import Column
from harness.core.model.rules import Constraint, Index, Policy
from harness.core.names import literal, quote
from harness.core.plan import Precheck

SHOWN = 5
"""Rows of which a sample tells the place"""
NewColumns = dict[str, Column]
"""Columns that the plan itself adds to the table before the step, by name"""


def for_column(column: Column) -> list[Precheck]:
    """A NOT NULL column without a value of its own can be added to an empty table only."""
    if not column.not_null or column.default or column.identity_kind or column.generated:
        return []
    return [
        Precheck(
            text=f"rows in {column.table_identity}, which have no value for {quote(column.name)}",
            sql=f"SELECT count(*) FROM {column.table_identity}",
            sample_sql=sample(f"FROM {column.table_identity}"),
        )
    ]


def for_not_null(column: Column) -> list[Precheck]:
    """Rows that have no value where the column is to have one in every row."""
    empty = f"{column.table_identity} WHERE {quote(column.name)} IS NULL"
    return [
        Precheck(
            text=f"rows of {column.table_identity} without a {quote(column.name)}",
            sql=f"SELECT count(*) FROM {empty}",
            sample_sql=sample(f"FROM {empty}"),
        )
    ]


def for_constraint(constraint: Constraint, new: NewColumns, new_referenced: Iterable[str] | None) -> list[Precheck]:
    """What would refuse the constraint.

    `new_referenced` holds the columns of the referenced table that the plan adds; None: the table is new or emptied.
    """
    if not constraint.validated or not constraint.enforced:
        return []
    match constraint.type:
        case "primary key":
            nulls = [column for column in constraint.columns if column not in new]
            return [*_nulls(constraint, nulls), *_duplicates(constraint, constraint.columns, new)]
        case "unique":
            same_nulls = constraint.definition.startswith("UNIQUE NULLS NOT DISTINCT")
            return _duplicates(constraint, constraint.columns, new, same_nulls=same_nulls)
        case "foreign key":
            return _orphans(constraint, new, new_referenced)
        case "check":
            return _failing(constraint, new)
    return []


def for_index(index: Index, new: NewColumns) -> list[Precheck]:
    """Duplicates, where the index is unique."""
    if not index.unique or (new and any(column.startswith("(") for column in index.columns)):
        return []
    return _duplicates(index, index.columns, new, same_nulls=index.nulls_not_distinct, predicate=index.predicate)


def for_policy(policy: Policy) -> list[Precheck]:
    """Roles that do not exist."""
    names = [role for role in policy.roles if role != "public"]
    if not names:
        return []
    return [
        Precheck(
            text=f"roles of the policy that do not exist: {', '.join(names)}",
            sql=f"SELECT count(*) FROM unnest(ARRAY[{', '.join(literal(name) for name in names)}]) AS wanted (name)"
            " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name)",
        )
    ]


def for_extension(extension: Extension) -> list[Precheck]:
    """The server does not offer it."""
    return [
        Precheck(
            text=f"extension {extension.name}, which the server does not offer",
            sql=f"SELECT 1 - count(*) FROM pg_catalog.pg_available_extensions WHERE name = {literal(extension.name)}",
        )
    ]


def _nulls(constraint: Constraint, columns: list[str]) -> list[Precheck]:
    if not columns:
        return []
    empty = " OR ".join(f"{quote(column)} IS NULL" for column in columns)
    return [
        Precheck(
            text=f"rows of {constraint.table_identity} with NULL in the key ({', '.join(columns)})",
            sql=f"SELECT count(*) FROM {constraint.table_identity} WHERE {empty}",
            sample_sql=sample(f"FROM {constraint.table_identity} WHERE {empty}"),
        )
    ]


def _duplicates(
    rule: Constraint | Index,
    columns: tuple[str, ...],
    new: NewColumns,
    *,
    same_nulls: bool = False,
    predicate: str | None = None,
) -> list[Precheck]:
    """Keys that stand more than once. A column that the plan adds holds one value everywhere: NULL or its default."""
    added = [new[column] for column in columns if column in new]
    if any(column.identity_kind or column.generated or _varies(column) for column in added):
        return []
    if any(column.default is None for column in added) and not same_nulls:
        return []
    there = [column if column.startswith("(") else quote(column) for column in columns if column not in new]
    conditions = [] if same_nulls else [f"{column} IS NOT NULL" for column in there]
    if predicate:
        conditions.append(f"({predicate})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    grouped = f" GROUP BY {', '.join(there)}" if there else ""
    return [
        Precheck(
            text=f"keys ({', '.join(columns)}) that stand more than once in {rule.table_identity}",
            sql=f"SELECT count(*) FROM (SELECT 1 FROM {rule.table_identity}{where}{grouped}"
            " HAVING count(*) > 1) AS duplicates",
            sample_sql=f"SELECT min(tableoid::pg_catalog.regclass::text || ' ' || ctid::text)"
            f" FROM {rule.table_identity}{where}{grouped} HAVING count(*) > 1 LIMIT {SHOWN}",
        )
    ]


def sample(rows: str, alias: str = "") -> str:
    """Where some of the rows are: a value could be personal, a place is not."""
    return f"SELECT {alias}tableoid::pg_catalog.regclass::text || ' ' || {alias}ctid::text {rows} LIMIT {SHOWN}"


def _varies(column: Column) -> bool:
    """A default that calls something may give every row another value."""
    return "(" in (column.default or "")


def _orphans(constraint: Constraint, new: NewColumns, new_referenced: Iterable[str] | None) -> list[Precheck]:
    if any(column in new for column in constraint.columns):
        # NULL refers to nothing; a default is the same in every row and is left to the constraint itself.
        return []
    own = [quote(column) for column in constraint.columns]
    filled = " AND ".join(f"child.{column} IS NOT NULL" for column in own)
    missing = ""
    if new_referenced is not None and not set(constraint.references_columns) & set(new_referenced):
        matches = " AND ".join(
            f"parent.{quote(there)} = child.{here}"
            for there, here in zip(constraint.references_columns, own, strict=True)
        )
        missing = f" AND NOT EXISTS (SELECT FROM {constraint.references} AS parent WHERE {matches})"
    return [
        Precheck(
            text=f"rows of {constraint.table_identity} that refer to no row of {constraint.references}",
            sql=f"SELECT count(*) FROM {constraint.table_identity} AS child WHERE {filled}{missing}",
            sample_sql=sample(f"FROM {constraint.table_identity} AS child WHERE {filled}{missing}", "child."),
        )
    ]


def _failing(constraint: Constraint, new: NewColumns) -> list[Precheck]:
    if any(column in new for column in constraint.columns):
        return []
    condition = constraint.definition.removeprefix("CHECK ").removesuffix(" NO INHERIT")
    return [
        Precheck(
            text=f"rows of {constraint.table_identity} that fail {condition}",
            sql=f"SELECT count(*) FROM {constraint.table_identity} WHERE NOT {condition}",
            sample_sql=sample(f"FROM {constraint.table_identity} WHERE NOT {condition}"),
        )
    ]
