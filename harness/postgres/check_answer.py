"""Check answer: what one server answers to a SELECT of the configuration."""

from __future__ import annotations

from typing import Final

from psycopg import sql

from harness.core.check_answers import Answer
from harness.core.row_checks import without_end
from harness.postgres.column_types import described_types
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression

_CURSOR: Final = sql.SQL("DECLARE pgparity_check NO SCROLL CURSOR FOR {}")
"""A cursor takes nothing but a query, and the server stops where it has given what was asked for."""


def answer(connection: Connection, endpoint: Endpoint, text: str, most: int) -> Answer:
    """The answer's first `most` rows, in the transaction's snapshot. StatementFailed, PrivilegeMissing."""
    with blaming(endpoint, connection), connection.transaction():
        connection.execute(_CURSOR.format(expression(without_end(text))))
        cursor = connection.execute(sql.SQL("FETCH FORWARD {} FROM pgparity_check").format(sql.Literal(most)))
        columns, result = cursor.description or (), cursor.pgresult
        rows = tuple(
            tuple(_text(result.get_value(row, column)) for column in range(len(columns)))
            for row in range(result.ntuples if result else 0)
            if result
        )
        connection.execute("CLOSE pgparity_check")
        types = described_types(connection, [column.type_code for column in columns])
    return Answer(columns=tuple(column.name for column in columns), types=types, rows=rows)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8")
