"""Row filters of a migration: only the rows that a condition chooses move, and only these are compared afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping

from psycopg import sql

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.coverage import Skipped
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection, unknown_name
from harness.errors import ConfigurationError
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import check_filters, expression, relation
from harness.postgres.volatility import refuse_volatile_filters


def conditions(configuration: Configuration, tables: Iterable[str]) -> dict[str, str]:
    """The condition on the rows of each of these tables that has one, by identity on the source."""
    declared = configuration.migrate.tables
    return {table: declared[table].where for table in tables if table in declared}


def check_named(configuration: Configuration, source: Catalog, partitions: Collection[str]) -> None:
    """ConfigurationError where a filter names no table, or a part of one, whose rows move with the others of it."""
    for table in configuration.migrate.tables:
        if table not in source.table_by_identity:
            raise unknown_name("source table", table, source.table_by_identity, f"migrate.tables.{table!r}")
        if table in partitions:
            raise ConfigurationError(
                f"migrate.tables.{table!r}: its rows move with the table that it is a partition of",
                hint="Write the condition for that table.",
            )


def filtered(projections: Mapping[str, TableProjection], configuration: Configuration) -> dict[str, TableProjection]:
    """The projections with the conditions of their tables."""
    chosen = conditions(configuration, projections)
    return {
        table: dataclasses.replace(each, source_where=chosen[table]) if table in chosen else each
        for table, each in projections.items()
    }


def comparing(configuration: Configuration) -> Configuration:
    """The configuration for comparing what was moved: of the source the rows that move, all of the target's."""
    if not configuration.migrate.tables:
        return configuration
    tables = dict(configuration.rows.tables)
    for table, each in configuration.migrate.tables.items():
        rules = tables.get(table, TableRowsSection())
        # A line of its own for each: a condition may end in a comment.
        both = f"({each.where}\n) AND ({rules.source_where}\n)" if rules.source_where else each.where
        tables[table] = rules.model_copy(update={"source_where": both})
    return configuration.model_copy(update={"rows": configuration.rows.model_copy(update={"tables": tables})})


def check_conditions(
    source: tuple[Connection, Endpoint], target: tuple[Connection, Endpoint], projections: Iterable[TableProjection]
) -> None:
    """ConfigurationError where the source cannot evaluate a condition, or chooses other rows each time it is asked."""
    for each in projections:
        try:
            check_filters(source, target, each)
            refuse_volatile_filters(source, target, each)
        except ConfigurationError as error:
            message = error.message.replace("rows.tables.", "migrate.tables.", 1)
            raise ConfigurationError(
                message, hint="Write names of functions and types with their schema: search_path is empty."
            ) from None


def left_out(source: tuple[Connection, Endpoint], projections: Iterable[TableProjection]) -> tuple[Skipped, ...]:
    """How many rows of each table a condition left out."""
    connection, endpoint = source
    found = []
    for each in projections:
        if each.source_where is None:
            continue
        statement = sql.SQL("SELECT pg_catalog.count(*) FROM {} WHERE ({}\n) IS NOT TRUE").format(
            relation(each.source), expression(each.source_where)
        )
        with blaming(endpoint, connection), connection.transaction():
            row = connection.execute(statement).fetchone()
        rows = int(row[0]) if row else 0
        told = f"{rows:,} are left out: only those move where {each.source_where.replace(chr(10), ' ')}"
        found.append(Skipped(item=f"rows of {each.source.identity}", reason=told, decided=True))
    return tuple(found)
