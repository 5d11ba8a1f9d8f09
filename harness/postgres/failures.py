"""Failures: an error of a statement as a SQLSTATE and what it means, on the side where it happened, without values."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import psycopg

from harness.core.record import Side
from harness.postgres.connect import Connection, Endpoint, translated

_MEANINGS: Final = {
    "21000": "two rows of one batch have the same key",
    "22001": "a text is longer than its column takes",
    "22003": "a number is outside the range of its column's type",
    "22007": "a value is no date or time",
    "22008": "a date or time is outside the range of its column's type",
    "22012": "an expression divides by zero",
    "22021": "a byte sequence is not valid in the encoding",
    "22P02": "a value does not read as its column's type",
    "22P03": "the binary forms of a type are not the same on both servers",
    "22P05": "a character does not exist in the encoding",
    "23502": "NULL in column {column}, which takes none",
    "23503": "a row points to one that is not there (foreign key {constraint})",
    "23505": "another row has the same key (unique constraint {constraint})",
    "23514": "a row breaks the check {constraint}",
    "23P01": "a row conflicts with another (exclusion constraint {constraint})",
    "25006": "the session or the server is read only",
    "40001": "the transaction collided with another one",
    "40P01": "deadlock with another session",
    "42501": "the role may not do this",
    "428C9": "a generated column cannot be written",
    "53100": "the server's disk is full",
    "53200": "the server is out of memory",
    "54000": "a row is larger than the server can handle",
    "55P03": "another session holds a lock on the table",
    "57014": "the statement took longer than the statement timeout (run.statement_timeout)",
    "P0001": "a trigger or function refused a row",
    "XX001": "the server's data is corrupted",
    "XX002": "an index of the server is corrupted",
}
_CLASSES: Final = {
    "0A": "the server does not support this",
    "08": "the connection was lost",
    "22": "a value does not fit",
    "23": "a row breaks a constraint",
    "40": "the transaction was rolled back",
    "53": "the server has not enough resources",
    "55": "an object is not in a state for this",
    "57": "the server ended the statement",
    "58": "the server met an error of its system",
    "XX": "the server met an internal error",
}


class StatementFailed(Exception):
    """A statement failed and its session lives on: the stage decides what that means for its work."""

    def __init__(self, side: Side, sqlstate: str, reason: str) -> None:
        super().__init__(reason)
        self.side = side
        self.sqlstate = sqlstate
        self.reason = reason
        """SQLSTATE and what it means; no value of a row"""


@contextlib.contextmanager
def blaming(endpoint: Endpoint, connection: Connection) -> Iterator[None]:
    """Errors inside happened on this side: PgparityError where the session is lost or has no right, else
    StatementFailed.

    Sessions of both sides are open at once, and only the place where a statement runs knows whose error it is.
    """
    try:
        yield
    except psycopg.Error as error:
        gone = connection.closed or error.sqlstate is None
        if gone or error.sqlstate == "42501" or (error.sqlstate or "").startswith("57P"):
            raise translated(error, endpoint) from None
        raise StatementFailed(endpoint.side, error.sqlstate or "", meaning(error)) from None


def meaning(error: psycopg.Error) -> str:
    """SQLSTATE and what it means. The server's DETAIL holds values of rows and is never shown; nor is the message, but
    for class 42, which speaks of names alone.
    """
    state = error.sqlstate or "?????"
    diag = error.diag
    text = _MEANINGS.get(state)
    if text is None and state.startswith("42"):
        text = diag.message_primary or "the statement is not valid"
    if text is None:
        text = _CLASSES.get(state[:2], "the statement failed")
    named = text.format(constraint=diag.constraint_name or "?", column=diag.column_name or "?") if "{" in text else text
    return f"{state}: {named}"
