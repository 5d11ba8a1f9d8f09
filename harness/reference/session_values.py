"""The values of a chat session as JSON: binary buffers are read from both of their forms and written in one.

The chat library is written for Node.js, whose `Buffer.toJSON` gives `{"type": "Buffer", "data": [1, 2]}`; the
library's own serialiser gives `{"type": "Buffer", "data": "AQI="}`, which is a third as long and is what is written.
https://nodejs.org/api/buffer.html#buftojson
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any, Final

from harness.datalayer.envelope import InvalidInput

MOST_LEVELS: Final = 100
"""How deep lists and objects may lie in one another: PostgreSQL's parser and Python's stack both have an end."""

_BUFFER_KEYS: Final = frozenset({"type", "data"})
_LARGEST_BYTE: Final = 255
_FLOATS_WITHOUT_FRACTION: Final = 1e16


def encoded(value: object) -> Any:
    """The value as JSON has it: bytes become base64 text in a buffer object, at any depth.

    An object that has the form of a buffer is one, and is written as every other. InvalidInput, with no part of the
    value in it, for what would not come back equal: other types, keys that are no text, NUL characters, NaN.
    """
    return _encoded(value, MOST_LEVELS)


def decoded(value: object) -> Any:
    """The value of a JSON document, with bytes in place of the buffers of both forms, at any depth.

    What only resembles a buffer (another member beside the two, no base64, a number above 255) stays an object.
    """
    match value:
        case dict():
            buffer = _buffer(value)
            return {key: decoded(one) for key, one in value.items()} if buffer is None else buffer
        case list():
            return [decoded(one) for one in value]
    return value


def _encoded(value: object, levels: int) -> Any:
    if levels < 0:
        raise InvalidInput(f"A value has to have at most {MOST_LEVELS} levels.")
    match value:
        case None | bool() | int():
            return value
        case str():
            return _text(value)
        case float() if math.isfinite(value):
            # jsonb writes 1e23 as digits, which every reader takes for a whole number: it has to be the same number.
            return value if abs(value) < _FLOATS_WITHOUT_FRACTION else int(value)
        case bytes() | bytearray() | memoryview():
            return _as_text(bytes(value))
        case list():
            return [_encoded(one, levels - 1) for one in value]
        case dict():
            buffer = _buffer(value)
            if buffer is not None:
                return _as_text(buffer)
            return {_key(key): _encoded(one, levels - 1) for key, one in value.items()}
    raise InvalidInput("A value has to be made of bytes, text, finite numbers, booleans, null, lists and objects.")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise InvalidInput("A value's objects have to have texts as keys.")
    return _text(key)


def _text(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput("A value's texts have to be valid Unicode without NUL characters.")
    return text


def _as_text(buffer: bytes) -> dict[str, str]:
    return {"type": "Buffer", "data": base64.b64encode(buffer).decode("ascii")}


def _buffer(value: dict[Any, Any]) -> bytes | None:
    """The bytes of an object that is a buffer; None of any other."""
    if value.keys() != _BUFFER_KEYS or value["type"] != "Buffer":
        return None
    match value["data"]:
        case str(text):
            try:
                return base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                return None
        case list(numbers) if all(type(one) is int and 0 <= one <= _LARGEST_BYTE for one in numbers):
            return bytes(numbers)
    return None
