"""Volatility: whether SQL that the configuration gives chooses other rows each time it is asked."""

from __future__ import annotations

from typing import Any, Final

from psycopg import sql

from harness.core.clock_words import clock_word
from harness.core.model.relations import Table
from harness.core.projection import TableProjection
from harness.core.row_checks import without_end
from harness.errors import ConfigurationError
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.projected import expression, relation

_ONCE: Final = "pgparity_once"
_PLAN: Final = sql.SQL("EXPLAIN (COSTS OFF, FORMAT JSON) SELECT FROM (SELECT ({}\n) AS c{}) AS {} WHERE c")
_HINT: Final = (
    "Choose rows by what is stored in them. A function of your own that is not volatile can be declared STABLE or "
    "IMMUTABLE."
)
_CLOCK: Final = "Write the moment itself, as timestamptz '2026-01-31 00:00Z'."


def is_volatile(connection: Connection, condition: sql.Composable, table: Table | None = None) -> bool:
    """Whether the planner takes a condition, on the rows of a table or on its own, for volatile.

    Nothing is evaluated. A subquery of which a column is volatile is the one that PostgreSQL never merges with the
    statement around it (is_simple_subquery in prepjointree.c): it stays a node of the plan. So functions, operators,
    casts and subqueries of the condition are seen, as the server resolves them.
    """
    rows = sql.SQL(" FROM {}").format(relation(table)) if table is not None else sql.SQL("")
    row = connection.execute(_PLAN.format(condition, rows, sql.Identifier(_ONCE))).fetchone()
    return row is not None and _kept_apart(row[0])


def _kept_apart(plan: Any) -> bool:
    if isinstance(plan, list):
        return any(map(_kept_apart, plan))
    if not isinstance(plan, dict):
        return False
    return (plan.get("Node Type"), plan.get("Alias")) == ("Subquery Scan", _ONCE) or any(
        map(_kept_apart, plan.values())
    )


def refuse_volatile_filters(
    source: tuple[Connection, Endpoint], target: tuple[Connection, Endpoint], projection: TableProjection
) -> None:
    """ConfigurationError where a side's condition on its rows is volatile, or reads the clock."""
    place = f"rows.tables.{projection.source.identity!r}"
    for (connection, endpoint), table, where in (
        (source, projection.source, projection.source_where),
        (target, projection.target, projection.target_where),
    ):
        if where is None:
            continue
        _refuse_clock(where, f"{place}: the condition on the {endpoint.side}'s rows")
        with blaming(endpoint, connection), connection.transaction():
            volatile = is_volatile(connection, expression(where), table)
        if volatile:
            raise ConfigurationError(
                f"{place}: the condition on the {endpoint.side}'s rows is volatile: it chooses others each time it is"
                " asked, and both sides and all sessions ask",
                hint=_HINT,
            )


def refuse_volatile_check(side: tuple[Connection, Endpoint], name: str, text: str) -> None:
    """ConfigurationError where a check's SELECT is volatile on a side, or reads the clock; one that this server cannot
    answer is left to those who ask it.
    """
    connection, endpoint = side
    _refuse_clock(text, f"rows.checks {name!r}: the SELECT")
    asked = sql.SQL("EXISTS ({}\n)").format(expression(without_end(text)))
    try:
        with blaming(endpoint, connection), connection.transaction():
            volatile = is_volatile(connection, asked)
    except StatementFailed:
        return
    if volatile:
        raise ConfigurationError(
            f"rows.checks {name!r}: the SELECT is volatile on the {endpoint.side}: it has another answer each time",
            hint=_HINT,
        )


def _refuse_clock(text: str, what: str) -> None:
    word = clock_word(text)
    if word is not None:
        raise ConfigurationError(
            f"{what} reads the clock ({word}): each side and session has another moment, and so other rows", hint=_CLOCK
        )
