"""Errors as PostgREST answers them: PostgreSQL's with the HTTP status of their SQLSTATE, its own with theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

from harness.core.postgrest.errors import RequestError

# https://docs.postgrest.org/en/v16/references/errors.html#http-status-codes; the longest matching prefix counts
_STATUS: Mapping[str, int] = {
    "08": 503,
    "09": 500,
    "0L": 403,
    "0P": 403,
    "21000": 500,
    "23503": 409,
    "23505": 409,
    "25": 500,
    "25006": 405,
    "28": 403,
    "2D": 500,
    "38": 500,
    "39": 500,
    "3B": 500,
    "40": 500,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "53": 503,
    "53400": 500,
    "54": 500,
    "55": 500,
    "57": 500,
    "57P01": 503,
    "58": 500,
    "F0": 500,
    "HV": 500,
    "P0": 500,
    "P0001": 400,
    "XX": 500,
}
_MESSAGE_HINT = (
    "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'."
)
_DETAIL_HINT = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'."


@dataclass(frozen=True, slots=True)
class Failure:
    """An error answer: the body's fields, the status, and headers of its own."""

    status: int
    code: str
    message: str
    details: object = None
    hint: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())

    def body(self, *, minimal: bool = False) -> bytes:
        """The JSON body, with PostgREST's keys in its order; `minimal` leaves out details and hint."""
        fields = {"code": self.code, "details": self.details, "hint": self.hint, "message": self.message}
        if minimal:
            fields = {"code": self.code, "message": self.message}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


def of_request(error: RequestError) -> Failure:
    """The answer to a request that never reached PostgreSQL."""
    headers: tuple[tuple[str, str], ...] = ()
    if error.code in ("PGRST301", "PGRST303"):
        description = json.dumps(error.message)
        headers = (("WWW-Authenticate", f'Bearer error="invalid_token", error_description={description}'),)
    elif error.code == "PGRST302":
        headers = (("WWW-Authenticate", "Bearer"),)
    return Failure(error.status, error.code, error.message, error.details, error.hint, headers)


def _status(code: str, message: str, *, anonymous: bool) -> int:
    if code == "42501":
        return 401 if anonymous else 403
    if code == "21000" and message.endswith("requires a WHERE clause"):
        return 400
    if code == "22023" and message.startswith("role") and message.endswith("does not exist"):
        return 401
    if code == "42883" and message.startswith("function xmlagg("):
        return 406
    if code.startswith("PT"):
        digits = code[2:]
        return int(digits) if digits.isascii() and digits.isdigit() and 100 <= int(digits) <= 599 else 500
    return _STATUS.get(code, _STATUS.get(code[:2], 400))


def of_postgres(error: psycopg.Error, *, anonymous: bool) -> Failure:
    """The answer to an error that PostgreSQL raised, or to a connection that broke."""
    code, message = error.sqlstate, error.diag.message_primary
    if code is None or message is None:
        return unreachable("Database client error. Retrying the connection.", "PGRST001")
    if code == "PGRST":
        return _raised(message, error.diag.message_detail)
    status = _status(code, message, anonymous=anonymous)
    headers = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Failure(status, code, message, error.diag.message_detail, error.diag.message_hint, headers)


def unreachable(message: str, code: str, status: int = 503) -> Failure:
    """The answer while the database cannot be reached; libpq's own words may hold a password, so they are left out."""
    return Failure(status, code, message)


def _json_object(text: str | None) -> dict[str, object] | None:
    try:
        value = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _said(text: str) -> tuple[str, str, str | None, str | None] | None:
    """Code, message, details and hint of a MESSAGE, or None where it is not of that form."""
    found = _json_object(text) or {}
    code, message, details, hint = (found.get(key) for key in ("code", "message", "details", "hint"))
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    if not (details is None or isinstance(details, str)) or not (hint is None or isinstance(hint, str)):
        return None
    return code, message, details, hint


def _ordered(text: str) -> tuple[int, tuple[tuple[str, str], ...]] | None:
    """Status and headers of a DETAIL, or None where it is not of that form."""
    found = _json_object(text) or {}
    status, headers = found.get("status"), found.get("headers")
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        return None
    if not isinstance(headers, dict) or not _is_text(found.get("status_text")):
        return None
    own = tuple((name, value) for name, value in headers.items() if isinstance(value, str) and name.isascii())
    return (status, own) if len(own) == len(headers) else None


def _raised(message: str, detail: str | None) -> Failure:
    """RAISE SQLSTATE 'PGRST': MESSAGE and DETAIL are JSON and say the whole answer."""
    body = _said(message)
    if body is None:
        return _unreadable(f"Invalid JSON value for MESSAGE: '{message}'", _MESSAGE_HINT)
    if detail is None:
        return _unreadable("DETAIL is missing in the RAISE statement", _DETAIL_HINT)
    rest = _ordered(detail)
    if rest is None:
        return _unreadable(f"Invalid JSON value for DETAIL: '{detail}'", _DETAIL_HINT)
    return Failure(rest[0], *body, rest[1])


def _unreadable(details: str, hint: str) -> Failure:
    wrong = "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"
    return Failure(500, "PGRST121", wrong, details, hint)
