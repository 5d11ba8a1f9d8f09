"""Execution plans instead of answers: EXPLAIN of the one statement of a request
(https://docs.postgrest.org/en/v16/references/observability.html#execution-plan).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, LiteralString

from psycopg.sql import SQL, Composed

from harness.core.postgrest.model import Explained, MediaType
from harness.gateway.cache.media_handlers import ResolvedHandler
from harness.gateway.queries.statements import Statement

_FORMATS: Mapping[str, LiteralString] = {"text": "FORMAT TEXT", "json": "FORMAT JSON"}
_OPTIONS: Mapping[str, LiteralString] = {
    "analyze": "ANALYZE",
    "verbose": "VERBOSE",
    "settings": "SETTINGS",
    "buffers": "BUFFERS",
    "wal": "WAL",
}


def explaining(handler: ResolvedHandler, wanted: MediaType) -> ResolvedHandler:
    """The handler whose work is explained, under the media type of the plan."""
    return replace(handler, media=replace(handler.media, text=wanted.text, explained=wanted.explained))


def explained_statement(statement: Statement, explained: Explained) -> Statement:
    """EXPLAIN of a statement; with ANALYZE it is executed as well."""
    words = SQL(", ").join([SQL(_FORMATS[explained.format]), *(SQL(_OPTIONS[option]) for option in explained.options)])
    prefix = SQL("EXPLAIN ({}) ").format(words)
    if isinstance(statement.query, bytes):
        return Statement(prefix.as_bytes() + statement.query, statement.values)
    return Statement(Composed([prefix, statement.query]), statement.values)


def plan_text(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """The plan as it is sent: a line a row, JSON in one row."""
    lines = (line if isinstance(line, bytes) else str(line).encode() for (line,) in rows)
    return b"".join(line + b"\n" for line in lines)
