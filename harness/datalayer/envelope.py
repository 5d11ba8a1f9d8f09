"""The one form in which a data layer answers, `{success, data, error}`, and the one table of its error kinds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, Literal, ParamSpec, TypedDict

P = ParamSpec("P")

ErrorKind = Literal[
    "not_found",
    "conflict",
    "invalid_input",
    "constraint",
    "timeout",
    "connection",
    "permission",
    "truncated",
    "internal",
]


class ErrorBody(TypedDict):
    """What went wrong: the kind to act on, the code to look up, a message with no row's value in it."""

    kind: ErrorKind
    code: str
    message: str


class Envelope(TypedDict):
    """Every answer of a data layer. A missing row is a success with `data` None."""

    success: bool
    data: Any
    error: ErrorBody | None


class CallFailed(Exception):
    """A call that cannot be answered; `answered` turns it into an envelope.

    `code` is a SQLSTATE where there is one, for either backend, else a word of this module's own.
    """

    def __init__(self, kind: ErrorKind, code: str, message: str) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.code = code
        self.message = message


class InvalidInput(CallFailed):
    """An argument that no query is sent for. The message names the argument, never its value."""

    def __init__(self, message: str) -> None:
        super().__init__("invalid_input", "invalid_input", message)


TOO_MANY_ROWS: Final = "P0003"
"""More than one row where at most one was asked for (PL/pgSQL's too_many_rows)."""

_OF_CODE: Final[dict[str, tuple[ErrorKind, str]]] = {
    # PostgREST: https://docs.postgrest.org/en/stable/references/errors.html
    "PGRST000": ("connection", "08000"),
    "PGRST001": ("connection", "08000"),
    "PGRST002": ("connection", "08000"),
    "PGRST003": ("timeout", "timeout"),
    "PGRST100": ("invalid_input", "PGRST100"),
    "PGRST102": ("invalid_input", "PGRST102"),
    "PGRST103": ("invalid_input", "PGRST103"),
    "PGRST116": ("conflict", TOO_MANY_ROWS),
    "PGRST202": ("internal", "42883"),
    "PGRST204": ("internal", "42703"),
    "PGRST205": ("internal", "42P01"),
    "PGRST300": ("permission", "PGRST300"),
    "PGRST301": ("permission", "PGRST301"),
    "PGRST302": ("permission", "PGRST302"),
    "PGRST303": ("permission", "PGRST303"),
    # HTTP statuses, which supabase-py gives as the code of an answer that is not PostgREST's
    "401": ("permission", "401"),
    "403": ("permission", "403"),
    "406": ("conflict", TOO_MANY_ROWS),
    "414": ("invalid_input", "414"),
    "431": ("invalid_input", "431"),
    "502": ("connection", "502"),
    "503": ("connection", "503"),
    "504": ("timeout", "504"),
    # SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
    "21000": ("conflict", "21000"),
    "23505": ("conflict", "23505"),
    "23P01": ("conflict", "23P01"),
    "25006": ("permission", "25006"),
    "42501": ("permission", "42501"),
    "53300": ("connection", "53300"),
    "55P03": ("timeout", "55P03"),
    "57014": ("timeout", "57014"),
    TOO_MANY_ROWS: ("conflict", TOO_MANY_ROWS),
}
_OF_SQLSTATE_CLASS: Final[dict[str, ErrorKind]] = {
    "08": "connection",
    "22": "invalid_input",
    "23": "constraint",
    "28": "permission",
    "40": "conflict",
    "57": "connection",
}
_OF_MESSAGE_WITHOUT_CODE: Final[dict[str, tuple[ErrorKind, str]]] = {
    # What stands in front of a hosted project's PostgREST refuses keys in bodies that have no code.
    "Invalid API key": ("permission", "401"),
    "No API key found in request": ("permission", "401"),
}
_SQLSTATE_LENGTH: Final = 5
_CLASSES_WHOSE_MESSAGE_HOLDS_NO_VALUE: Final = ("08", "21", "23", "25", "40", "42", "53", "55", "57", "PG")


def failure(code: str | None, message: str | None) -> CallFailed:
    """The failure that a backend's code means: SQLSTATE, PostgREST code or HTTP status.

    `message` is kept only for classes of errors whose message text repeats no value of a row or an argument.
    """
    if not code:
        kind, canonical = _OF_MESSAGE_WITHOUT_CODE.get(message or "", ("internal", "internal"))
        return CallFailed(kind, canonical, f"The backend refused the call without an error code ({canonical}).")
    kind, canonical = _OF_CODE.get(code, ("internal", code))
    if code not in _OF_CODE and len(code) == _SQLSTATE_LENGTH:
        kind = _OF_SQLSTATE_CLASS.get(code[:2], "internal")
    told = message if message and code[:2] in _CLASSES_WHOSE_MESSAGE_HOLDS_NO_VALUE else None
    return CallFailed(kind, canonical, told or f"The database refused the call ({canonical}).")


def too_many_rows(table: str) -> CallFailed:
    """The failure of a call that wants one row and finds several."""
    return CallFailed("conflict", TOO_MANY_ROWS, f"More than one row of {table} matches.")


def truncated(table: str, limit: int) -> CallFailed:
    """The failure of a read that would leave rows out without saying so."""
    return CallFailed("truncated", "truncated", f"More than {limit} rows of {table} match; ask for fewer.")


def answered(method: Callable[P, object]) -> Callable[P, Envelope]:
    """Make a data layer's method answer with an envelope, whatever happens in it."""

    @functools.wraps(method)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Envelope:
        try:
            return {"success": True, "data": method(*args, **kwargs), "error": None}
        except CallFailed as failed:
            return _failed(failed)
        except Exception as error:  # noqa: BLE001 - the contract: a data layer answers, it never raises
            name = type(error).__name__
            return _failed(CallFailed("internal", name, f"The data layer itself failed ({name})."))

    return answer


def _failed(failed: CallFailed) -> Envelope:
    error: ErrorBody = {"kind": failed.kind, "code": failed.code, "message": failed.message}
    return {"success": False, "data": None, "error": error}
