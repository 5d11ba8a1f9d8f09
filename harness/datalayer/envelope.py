"""The one form in which a data layer answers, `{success, data, error}`, and the one table of its error kinds."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Coroutine
from time import perf_counter
from typing import Any, Final, Literal, NotRequired, ParamSpec, TypedDict

from harness.datalayer.observation import failed_calls
from harness.datalayer.observation.message_forms import known_message

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
    """What went wrong: the kind to act on, the code to look up, a message with no row's value in it.

    `constraint` is there where a constraint or unique index with a name refused the row.
    """

    kind: ErrorKind
    code: str
    message: str
    constraint: NotRequired[str]


class Envelope(TypedDict):
    """Every answer of a data layer. A missing row is a success with `data` None."""

    success: bool
    data: Any
    error: ErrorBody | None


class CallFailed(Exception):
    """A call that cannot be answered; `answered` turns it into an envelope.

    `code` is a SQLSTATE where there is one, for either backend, else a word of this module's own.
    `constraint` is the name of the constraint or unique index that refused a row, None where none did.
    """

    def __init__(self, kind: ErrorKind, code: str, message: str, *, constraint: str | None = None) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind
        self.code = code
        self.message = message
        self.constraint = constraint


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
    "408": ("timeout", "408"),
    "413": ("invalid_input", "413"),
    "414": ("invalid_input", "414"),
    "429": ("connection", "429"),
    "431": ("invalid_input", "431"),
    "500": ("connection", "500"),
    "502": ("connection", "502"),
    "503": ("connection", "503"),
    "504": ("timeout", "504"),
    # what a content delivery network answers where it has no answer of the server behind it
    "520": ("connection", "520"),
    "521": ("connection", "521"),
    "522": ("timeout", "522"),
    "523": ("connection", "523"),
    "524": ("timeout", "524"),
    "525": ("connection", "525"),
    "526": ("connection", "526"),
    "530": ("connection", "530"),
    "540": ("connection", "540"),
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
    "name resolution failed": ("connection", "503"),
    "failure to get a peer from the ring-balancer": ("connection", "503"),
    "An invalid response was received from the upstream server": ("connection", "502"),
    "The upstream server is timing out": ("timeout", "504"),
}
_SQLSTATE_LENGTH: Final = 5
_CLASSES_WHOSE_MESSAGE_HOLDS_NO_VALUE: Final = ("08", "21", "25", "40", "42", "53", "55", "57", "PG")
_CODES_WHOSE_MESSAGE_REPEATS_THE_REQUEST: Final = ("PGRST100", "PGRST102")
_CONSTRAINT_REFUSES: Final = re.compile(
    r'(?:(?:duplicate|conflicting) key value violates (?:unique|exclusion) constraint "(?P<unique>.+?)"'
    r'|(?:insert or update|update or delete) on table ".+?" violates'
    r' (?:foreign key constraint|RESTRICT setting of foreign key constraint) "(?P<foreign>.+?)"(?: on table ".+?")?'
    r'|(?:new row for relation|value for domain) .+? violates check constraint "(?P<check>.+?)"'
    r'|null value in column ".+?" of relation ".+?" violates not-null constraint)',
    re.DOTALL,
)
"""PostgreSQL's own words for a refused row; a trigger that raises may have written anything else."""


def failure(code: str | None, message: str | None, *, constraint: str | None = None) -> CallFailed:
    """The failure that a backend's code means: SQLSTATE, PostgREST code or HTTP status.

    `message` is kept only where its text repeats no value of a row or an argument. `constraint` is the name that the
    driver gives; without one it is read from PostgreSQL's own words, which is all that a REST answer has.
    """
    if not code:
        kind, canonical = _OF_MESSAGE_WITHOUT_CODE.get(message or "", ("internal", "internal"))
        return CallFailed(kind, canonical, f"The backend refused the call without an error code ({canonical}).")
    kind, canonical = _OF_CODE.get(code, ("internal", code))
    if code not in _OF_CODE and len(code) == _SQLSTATE_LENGTH:
        kind = _OF_SQLSTATE_CLASS.get(code[:2], "internal")
    told = message if message and _repeats_no_value(code, message) else None
    return CallFailed(
        kind,
        canonical,
        told or f"The database refused the call ({canonical}).",
        constraint=constraint or _constraint_in(code, message),
    )


def _repeats_no_value(code: str, message: str) -> bool:
    if code.startswith("23"):
        return _CONSTRAINT_REFUSES.fullmatch(message) is not None
    if not code.startswith("PGRST") and known_message(message) is None:
        return False  # a trigger may raise any text under any SQLSTATE
    return code[:2] in _CLASSES_WHOSE_MESSAGE_HOLDS_NO_VALUE and code not in _CODES_WHOSE_MESSAGE_REPEATS_THE_REQUEST


def _constraint_in(code: str, message: str | None) -> str | None:
    found = _CONSTRAINT_REFUSES.fullmatch(message) if message and code.startswith("23") else None
    return next((name for name in found.groups() if name), None) if found else None


def too_many_rows(table: str) -> CallFailed:
    """The failure of a call that wants one row and finds several."""
    return CallFailed("conflict", TOO_MANY_ROWS, f"More than one row of {table} matches.")


def not_written(table: str) -> CallFailed:
    """The failure of a write that the database neither refused nor did."""
    return CallFailed("internal", "not_written", f"A trigger or a rule kept the row out of {table}.")


def truncated(table: str, limit: int) -> CallFailed:
    """The failure of a read that would leave rows out without saying so."""
    return CallFailed("truncated", "truncated", f"More than {limit} rows of {table} match; ask for fewer.")


def answered(method: Callable[P, object]) -> Callable[P, Envelope]:
    """Make a data layer's method answer with an envelope, whatever happens in it."""

    @functools.wraps(method)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Envelope:
        started = perf_counter()
        try:
            return {"success": True, "data": method(*args, **kwargs), "error": None}
        except Exception as error:  # noqa: BLE001 - the contract: a data layer answers, it never raises
            failed_calls.tell(args, method.__name__, error, perf_counter() - started)
            return _failed(as_failure(error))

    return answer


def answered_async(method: Callable[P, Awaitable[object]]) -> Callable[P, Coroutine[Any, Any, Envelope]]:
    """Make a method of an asynchronous data layer answer with an envelope; only a cancellation is let through."""

    @functools.wraps(method)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Envelope:
        started = perf_counter()
        try:
            return {"success": True, "data": await method(*args, **kwargs), "error": None}
        except Exception as error:  # noqa: BLE001 - the contract: a data layer answers, it never raises
            failed_calls.tell(args, method.__name__, error, perf_counter() - started)
            return _failed(as_failure(error))

    return answer


def as_failure(error: Exception) -> CallFailed:
    """The failure that an exception is told as; of one that nobody foresaw only the name of its class."""
    if isinstance(error, CallFailed):
        return error
    name = type(error).__name__
    return CallFailed("internal", name, f"The data layer itself failed ({name}).")


def _failed(failed: CallFailed) -> Envelope:
    error: ErrorBody = {"kind": failed.kind, "code": failed.code, "message": failed.message}
    if failed.constraint is not None:
        error["constraint"] = failed.constraint
    return {"success": False, "data": None, "error": error}
