"""What an error of psycopg or of its pool means to a caller."""

from __future__ import annotations

import psycopg

from harness.datalayer.envelope import CallFailed, failure
from harness.datalayer.postgres.connections import AnswerOverdue

SERIALIZATION_FAILURES = ("40001", "40P01")
"""serialization_failure and deadlock_detected: the same transaction may succeed when it is tried again."""


REFUSALS = (psycopg.Error, ValueError, TypeError, RecursionError)
"""What psycopg raises for a statement: its own errors, and Python's where a value cannot be encoded or decoded."""


def failure_of(error: Exception) -> CallFailed:
    """The failure that an error of the driver means, with no text of the driver in it that may hold a value."""
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return failure(error.sqlstate, error.diag.message_primary, constraint=error.diag.constraint_name)
    if isinstance(error, AnswerOverdue):
        return CallFailed("timeout", "timeout", "The database did not answer in time; the connection was closed.")
    if isinstance(error, psycopg.OperationalError):
        return CallFailed("connection", "connection", "The connection to the database failed or was lost.")
    name = type(error).__name__
    if isinstance(error, psycopg.DataError | UnicodeError):
        return CallFailed("invalid_input", "invalid_input", "A value cannot be sent to PostgreSQL.")
    return CallFailed("internal", name, f"The driver refused the statement or its values ({name}).")


def no_connection(*, unreachable: bool) -> CallFailed:
    """The failure of a call that got no connection in time: none can be made, or all are in use."""
    if unreachable:
        return CallFailed("connection", "connection", "No connection to the database can be made.")
    return CallFailed("timeout", "timeout", "No connection of the pool became free in time.")


def failure_of_commit(error: psycopg.Error, *, lost: bool) -> CallFailed:
    """The failure of a COMMIT: refused by PostgreSQL, or nobody knows, because the connection was lost under way."""
    if error.sqlstate and not lost:
        return failure_of(error)
    return CallFailed(
        "connection", "commit_unknown", "The connection was lost during COMMIT: look whether the transaction is there."
    )


def nested_transaction() -> CallFailed:
    """The failure of a transaction that is begun inside another one of the same database."""
    return CallFailed(
        "internal", "nested_transaction", "A transaction cannot be begun inside another one: use the one that is open."
    )


def transaction_over() -> CallFailed:
    """The failure of a call on the database of a transaction that has ended."""
    return CallFailed("internal", "transaction_over", "The transaction that this database belonged to has ended.")


def forked() -> CallFailed:
    """The failure of a call in a process that was forked after the database was opened: two would share a socket."""
    return CallFailed("internal", "forked", "The database was opened before this process was forked; open one in each.")


def closed() -> CallFailed:
    """The failure of a call on a database that was closed."""
    return CallFailed("internal", "closed", "The database was closed.")
