"""PostgreSQL's types and defaults in the words of OpenAPI 2.0."""

from __future__ import annotations

import json
from typing import NoReturn

_TYPES = {
    "character varying": "string",
    "character": "string",
    "text": "string",
    "boolean": "boolean",
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "number",
    "real": "number",
    "double precision": "number",
}
# the formats that OpenAPI has itself; any other type goes by PostgreSQL's name
_FORMATS = {"smallint": "int32", "integer": "int32", "bigint": "int64"}
_ANY = frozenset({"json", "jsonb"})


def swagger_type(type_: str) -> str | None:
    """The type's name in OpenAPI; None for JSON, which may be anything."""
    if type_ in _ANY:
        return None
    return _TYPES.get(type_, "array" if type_.endswith("[]") else "string")


def swagger_format(type_: str) -> str:
    """The format of a type: OpenAPI's own for integers, otherwise the type's name."""
    return _FORMATS.get(type_, type_)


def element_type(array: str) -> str:
    """The type of an array's elements."""
    return array[:-2]


def typed(type_: str) -> dict[str, object]:
    """`format`, `type` and, of an array, `items`."""
    found: dict[str, object] = {"format": swagger_format(type_)}
    kind = swagger_type(type_)
    if kind is not None:
        found["type"] = kind
    if kind == "array":
        element = swagger_type(element_type(type_))
        found["items"] = {} if element is None else {"type": element}
    return found


def _not_json(_: str) -> NoReturn:
    raise ValueError


def default_value(type_: str, expression: str) -> tuple[object, ...]:
    """The default as a JSON value, alone in a tuple; nothing where the expression is none.

    What a string defaults to is shown even where it is an expression, such as `now()`.
    """
    text = expression
    if swagger_type(type_) == "string":
        plain = text.removesuffix(f"::{type_}")
        text = f'"{plain.strip(chr(39)) if plain != text else plain}"'
    try:
        return (json.loads(text, parse_constant=_not_json),)
    except ValueError:
        return ()
