"""What pg_stat_statements of a server has of this database's statements: times, and texts without any value."""

from __future__ import annotations

from importlib import resources
from typing import Final

from psycopg import sql

from harness.core.health.documents import ServerStatement, ServerStatements
from harness.core.health.statement_text import told
from harness.datalayer.envelope import CallFailed
from harness.datalayer.postgres.statements import Statement
from harness.service.databases import LookedAt

_SLOWEST: Final = 50
_MOST_READ: Final = 20_001
"""Characters of a text that are read: a longer one has none to show"""
_HIDDEN: Final = "<insufficient privilege>"
_NOT_LOADED: Final = "55000"


def server_statements(name: str, database: LookedAt) -> ServerStatements:
    """The slowest statements of the database since the last reset; where they cannot be had, the reason."""
    try:
        schemas = database.rows(_statement_of("schema"))
        if not schemas:
            return _none(name, "the extension pg_stat_statements is not in this database")
        view = sql.Identifier(schemas[0]["schema"], "pg_stat_statements")
        in_all = database.rows(_statement_of("totals", view=view))[0]
        most = {"longest": sql.Literal(_MOST_READ), "most": sql.Literal(_SLOWEST)}
        slowest = database.rows(_statement_of("slowest", view=view, **most))
    except CallFailed as failed:
        if failed.code == _NOT_LOADED:
            return _none(name, "pg_stat_statements is not in shared_preload_libraries")
        return _none(name, f"pg_stat_statements cannot be read ({failed.kind}, {failed.code})")
    return ServerStatements(
        database=name,
        available=True,
        calls=in_all["calls"],
        mean_ms=_rounded(in_all["mean_ms"]),
        slowest=tuple(_told(row) for row in slowest),
    )


def _statement_of(name: str, **names: sql.Composable) -> Statement:
    file = resources.files("harness.service").joinpath("sql", f"statement_statistics_{name}.sql")
    return Statement(sql.SQL(file.read_text(encoding="utf-8")).format(**names), ())


def _none(name: str, reason: str) -> ServerStatements:
    return ServerStatements(database=name, available=False, reason=reason)


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 3)


def _told(row: dict[str, object]) -> ServerStatement:
    query = str(row["query"])
    kind, text = ("hidden", None) if query == _HIDDEN else told(query)
    return ServerStatement.model_validate(
        {
            "kind": kind,
            "text": text,
            "query_id": row["query_id"],
            "calls": row["calls"],
            "mean_ms": round(float(str(row["mean_ms"])), 3),
            "max_ms": round(float(str(row["max_ms"])), 3),
        }
    )
