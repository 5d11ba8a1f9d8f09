"""Checks of recorded sides: the same hashing, the same filter; what a file brings along is compared and never run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.digest import DigestedTable, Hashing
from harness.core.record import Side
from harness.errors import DocumentError, PgparityError
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.digested import DIGESTS, answers, digested_column
from harness.postgres.failures import StatementFailed
from harness.stages.rows_scan import Busy


def ensure_same_hashing(
    connection: Connection, endpoint: Endpoint, hashing: Hashing, tables: tuple[DigestedTable, ...]
) -> None:
    """DocumentError where this server, or this version of pgparity, computes other hashes than were recorded."""
    if hashing.digest not in DIGESTS:
        raise DocumentError(
            "the recorded side was hashed in a way that this version of pgparity does not know",
            hint="Use one version of pgparity at both places.",
        )
    columns = [column for table in tables for column in table.columns]
    for column in columns:
        if column != digested_column(column.name, column.described, as_text=hashing.as_text):
            raise DocumentError(
                f"columns of type {column.sql} were recorded in a form that this version of pgparity does not use",
                hint="Use one version of pgparity at both places.",
            )
    found = answers(connection, endpoint, hashing, columns)
    unlike = sorted(name for name, answer in found.items() if hashing.answers.get(name) != answer)
    if unlike:
        raise DocumentError(
            f"the {endpoint.side} server hashes values of {', '.join(unlike)} otherwise than the recorded one",
            hint="Record the side again with --as-text: texts are hashed alike everywhere.",
        )


def rules_of(configuration: Configuration, side: Side, table: str) -> TableRowsSection:
    """What [rows.tables] says of one side's table, with the names that its columns have there. `table`: its identity on
    that side.
    """
    mapping = configuration.mapping
    for identity, rules in configuration.rows.tables.items():
        if table == (identity if side is Side.SOURCE else mapping.target_of(identity)):
            if side is Side.TARGET:
                return rules
            columns = mapping.table(identity).columns
            own = {name: each.source for name, each in columns.items() if each.source is not None}
            key, chosen = (tuple(own.get(name, name) for name in names) for names in (rules.key, rules.columns))
            return rules.model_copy(update={"key": key, "columns": chosen})
    return TableRowsSection()


def condition(configuration: Configuration, side: Side, table: str) -> str | None:
    """The filter of one side's table, as [rows.tables] has it. `table` is an identity on that side."""
    rules = rules_of(configuration, side, table)
    own = rules.source_where if side is Side.SOURCE else rules.target_where
    # A line of its own for each: a condition may end in a comment.
    return " AND ".join(f"({each}\n)" for each in (rules.where, own) if each) or None


def ensure_same_condition(table: DigestedTable, configured: str | None) -> None:
    """DocumentError where other rows were recorded than the configuration asks for: a file never brings SQL along."""
    if table.where != configured:
        raise DocumentError(
            f"{table.table} was recorded with a filter that is not configured here"
            if table.where
            else f"{table.table} was recorded without the filter that is configured here",
            hint=f'Give both commands the same [rows.tables."{table.table}"].',
        )


@contextlib.contextmanager
def naming(table: str) -> Iterator[None]:
    """PgparityError with the table's name where a statement inside fails, or the server is busy for too long."""
    try:
        yield
    except StatementFailed as failure:
        raise PgparityError(
            f"{table} cannot be hashed: on the {failure.side}: {failure.reason}",
            hint="Is it still what it was? Leave it out under [scope.exclude], or record again.",
        ) from None
    except Busy as busy:
        raise PgparityError(
            f"{table} is not hashed: {busy}", hint="Try again when the server is less busy, or raise that limit."
        ) from None
