"""Online variants: statements that let writers go on, where PostgreSQL has them; each runs in a transaction of its own.

ALTER TABLE: "Scanning a large table to verify new foreign-key or check constraints can take a long time … The main
purpose of the NOT VALID constraint option is to reduce the impact of adding a constraint on concurrent updates."
"""

from __future__ import annotations

from dataclasses import replace

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, Made, Statement
from harness.core.align.rules import create_constraint, create_index
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.model.rules import Constraint, Index
from harness.core.names import qualified, quote

_PROOF = "pgparity_not_null"


def add_constraint(each: Constraint, catalog: Catalog) -> tuple[Statement, ...]:
    """ADD CONSTRAINT … NOT VALID and VALIDATE CONSTRAINT; keys from an index that was built concurrently.

    Nothing for constraints that have no such way: exclusion constraints, and what is partitioned.
    """
    table = catalog.table_by_identity.get(each.table_identity or "")
    if table is None or table.partition_key is not None or each.attached is not None:
        return ()
    head = f"ALTER TABLE {each.table_identity}"
    if each.type in ("foreign key", "check") and each.validated and each.enforced:
        lock = SHARE_ROW_EXCLUSIVE if each.type == "foreign key" else ACCESS_EXCLUSIVE
        validate = f"{head} VALIDATE CONSTRAINT {quote(each.name)};"
        return (
            _alone(create_constraint(replace(each, validated=False)), lock),
            _alone(validate, SHARE_UPDATE_EXCLUSIVE),
        )
    index = _index_of(each, catalog)
    if index is None or each.type not in ("primary key", "unique"):
        return ()
    words = f"ADD CONSTRAINT {quote(each.name)} {each.type.upper()} USING INDEX {quote(each.name)}"
    if each.deferrable:
        words += " DEFERRABLE INITIALLY DEFERRED" if each.deferred else " DEFERRABLE"
    return (*create_concurrently(replace(index, name=each.name)), _alone(f"{head} {words};", ACCESS_EXCLUSIVE))


def create_concurrently(each: Index) -> tuple[Statement, ...]:
    """CREATE INDEX CONCURRENTLY; nothing for the index of a partitioned table, or of its partitions."""
    if each.partitioned or each.attached is not None:
        return ()
    return (_alone(create_index(each).replace("INDEX ", "INDEX CONCURRENTLY ", 1), SHARE_UPDATE_EXCLUSIVE),)


def drop_concurrently(each: Index) -> tuple[Statement, ...]:
    """DROP INDEX CONCURRENTLY; nothing for the index of a partitioned table, or of its partitions."""
    if each.partitioned or each.attached is not None:
        return ()
    return (_alone(f"DROP INDEX CONCURRENTLY {qualified(each.schema, each.name)};", SHARE_UPDATE_EXCLUSIVE),)


def set_not_null(column: Column) -> tuple[Statement, ...]:
    """SET NOT NULL that needs no scan under a lock, because a validated check proves it (PostgreSQL 12 and later)."""
    head = f"ALTER TABLE {column.table_identity}"
    proof = quote(f"{_PROOF}_{column.name}"[:60])
    return (
        _alone(f"{head} ADD CONSTRAINT {proof} CHECK ({quote(column.name)} IS NOT NULL) NOT VALID;", ACCESS_EXCLUSIVE),
        _alone(f"{head} VALIDATE CONSTRAINT {proof};", SHARE_UPDATE_EXCLUSIVE),
        _alone(f"{head} ALTER COLUMN {quote(column.name)} SET NOT NULL;", ACCESS_EXCLUSIVE),
        _alone(f"{head} DROP CONSTRAINT {proof};", ACCESS_EXCLUSIVE),
    )


def chosen(made: Made) -> Made:
    """The statements with their online variants in place of those that have one."""
    found: Made = []
    for statement in made:
        first, *rest = statement.online or (statement,)
        found += [replace(first, prechecks=statement.prechecks, transactional=False), *rest]
    return found


def _index_of(constraint: Constraint, catalog: Catalog) -> Index | None:
    there = catalog.indexes_by_table.get(constraint.table_identity or "", ())
    return next((index for index in there if index.constraint == constraint.name), None)


def _alone(sql: str, lock: str) -> Statement:
    return Statement(sql=sql, lock=lock, transactional=False)
