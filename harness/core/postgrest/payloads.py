"""The body of a write or a call: which columns it sets; JSON stays as it came, CSV and forms become JSON."""

from __future__ import annotations

import json
import re
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from harness.core.postgrest import csv_bodies
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import MediaType, Payload

_JSON_BLANKS = b" \t\n\r"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_NO_ROWS = Payload(b"[]", (), is_object=False)
# an array, its objects, and the values of their keys
_DEPTH_OF_VALUES = 2


def _refuse(message: str) -> RequestError:
    return RequestError(400, "PGRST102", message)


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _without_depth(text: str) -> str:
    """The document with null for everything that is nested deeper than the values of columns."""
    kept: list[str] = []
    depth = start = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in ("[", "{"):
            if depth == _DEPTH_OF_VALUES:
                kept += [text[start : token.start()], "null"]
            depth += 1
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == _DEPTH_OF_VALUES:
                start = token.end()
    return "".join([*kept, text[start:]]) if depth == 0 else ""


def _loads(text: str) -> object:
    # numbers stay text: Python refuses to read those of thousands of digits
    return json.loads(text, parse_constant=_not_json, parse_int=str, parse_float=str)


def _document(raw: bytes) -> object:
    """The document as far as its keys matter.

    :raises RequestError: PGRST102 for what is no JSON, or has half a character in it.
    """
    try:
        text = raw.decode("utf-8")
        try:
            value = _loads(text)
        except RecursionError:
            # PostgreSQL will read the rest, or find it too deep
            value = _loads(_without_depth(text))
        if _SURROGATE.search(raw):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise _refuse("Empty or invalid json") from None
    return value


def _uniform(raw: bytes, value: object, message: str = "All object keys must match") -> Payload:
    """A payload whose columns are the keys that all its objects share.

    :raises RequestError: PGRST102 with the message, where they do not.
    """
    if isinstance(value, dict):
        return Payload(raw, tuple(sorted(value)), is_object=True)
    if not isinstance(value, list) or not value:
        # a scalar is no row: as PostgREST, take it for an array without any
        return _NO_ROWS
    first = value[0]
    if not isinstance(first, dict) or any(not isinstance(row, dict) or row.keys() != first.keys() for row in value):
        raise _refuse(message)
    return Payload(raw, tuple(sorted(first)), is_object=False)


def _json_payload(raw: bytes, columns: tuple[str, ...] | None, *, is_call: bool) -> Payload:
    """A JSON body. With `columns=` it is taken as it is: PostgreSQL will read it, and nothing else does."""
    if columns is not None:
        return Payload(raw, tuple(sorted(set(columns))), raw.lstrip(_JSON_BLANKS).startswith(b"{"))
    if is_call and not raw:
        raw = b"{}"
    return _uniform(raw, _document(raw))


def _csv_payload(raw: bytes) -> Payload:
    try:
        rows = csv_bodies.rows(raw)
    except csv_bodies.NotCsv as error:
        raise _refuse(str(error)) from None
    encoded = json.dumps(rows, ensure_ascii=False).encode("utf-8")
    return _uniform(encoded, rows, "All lines must have same number of fields")


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text).decode("utf-8")


def form_fields(raw: bytes) -> list[tuple[str, str]]:
    """The fields of a form, decoded; one without `=` is empty.

    :raises RequestError: PGRST102 where they are not UTF-8.
    """
    # what follows the last separator is a field only where there is something
    parts = raw.removeprefix(b"?").replace(b";", b"&").removesuffix(b"&").split(b"&") if raw else []
    pairs = (part.replace(b"+", b" ").partition(b"=") for part in parts)
    try:
        return [(_decoded(key), _decoded(value)) for key, _, value in pairs]
    except UnicodeDecodeError:
        raise _refuse("The body is not UTF-8") from None


def _form_payload(raw: bytes, *, is_call: bool) -> Payload:
    fields = form_fields(raw)
    names = tuple(sorted({key for key, _ in fields}))
    if is_call:
        return Payload(raw, names, arguments=tuple(fields))
    return Payload(json.dumps(dict(fields), ensure_ascii=False).encode("utf-8"), names, is_object=True)


def read(raw: bytes, media: MediaType, columns: tuple[str, ...] | None, *, is_call: bool) -> Payload:
    """The body of a request, by its content type.

    :param columns: of the query parameter `columns`, which only JSON heeds.
    :raises RequestError: PGRST102 for an unknown content type, and for a body that is not what its type says.
    """
    if media.kind == "json":
        return _json_payload(raw, columns, is_call=is_call)
    if media.kind == "csv":
        return _csv_payload(raw)
    if media.kind == "form":
        return _form_payload(raw, is_call=is_call)
    if is_call and media.text in ("text/plain", "text/xml", "application/octet-stream"):
        return Payload(raw)
    raise _refuse(f"Content-Type not acceptable: {media.text}")
