"""The body of a write or a call: which columns it sets; the body itself stays as it came."""

from __future__ import annotations

import json
from typing import NoReturn

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import MediaType, Payload

_JSON_BLANKS = b" \t\n\r"


def _refuse(message: str) -> RequestError:
    return RequestError(400, "PGRST102", message)


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _keys(raw: bytes) -> tuple[str, ...] | None:
    """The keys that all objects of the body share; None where the body is neither object nor array."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise _refuse("Empty or invalid json") from None
    if isinstance(value, dict):
        return tuple(sorted(value))
    if not isinstance(value, list):
        return None
    if not value:
        return ()
    first = value[0]
    if not isinstance(first, dict) or any(not isinstance(row, dict) or row.keys() != first.keys() for row in value):
        raise _refuse("All object keys must match")
    return tuple(sorted(first))


def _is_object(raw: bytes) -> bool:
    return raw.lstrip(_JSON_BLANKS).startswith(b"{")


def json_payload(raw: bytes, columns: tuple[str, ...] | None, *, is_call: bool) -> Payload:
    """A JSON body. With `columns=` it is taken as it is: PostgreSQL will read it, and nothing else does.

    :raises RequestError: PGRST102, for what is no JSON or an array whose objects have different keys.
    """
    if columns is not None:
        return Payload(raw, tuple(sorted(set(columns))), _is_object(raw))
    if is_call and not raw:
        raw = b"{}"
    keys = _keys(raw)
    if keys is None:
        # a scalar is no row: as PostgREST, take it for an array without any
        return Payload(b"[]", (), is_object=False)
    return Payload(raw, keys, _is_object(raw))


def read(raw: bytes, media: MediaType, columns: tuple[str, ...] | None, *, is_call: bool) -> Payload:
    """The body of a request, by its content type.

    :raises RequestError: PGRST102 for an unknown content type, 501 for those that are left out.
    """
    if media.kind == "json":
        return json_payload(raw, columns, is_call=is_call)
    if is_call and media.text in ("text/plain", "text/xml", "application/octet-stream"):
        return Payload(raw)
    if media.kind in ("csv", "form"):
        raise not_implemented(f"bodies of the type {media.text} are not implemented, send JSON")
    raise _refuse(f"Content-Type not acceptable: {media.text}")
