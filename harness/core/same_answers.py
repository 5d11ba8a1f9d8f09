"""Same answers: two answers that are one to the last type, which their bytes tell before anything looks at values."""

from __future__ import annotations

import marshal
from typing import Any

import orjson


def identical(source: Any, target: Any) -> bool:
    """Whether two answers of Python's own types are the same to the last type: most are, and nothing is to be said.

    1, 1.0 and True are equal to Python; their bytes are not. Version 2 of the format knows no references: equal values
    have equal bytes, whichever of them are one object. It takes a bytearray and an array for bytes: answers that are no
    JSON are looked at one by one.
    """
    try:
        return marshal.dumps(source, 2) == marshal.dumps(target, 2) and _is_json(source)
    except ValueError:
        return False


def _is_json(value: Any) -> bool:
    """Whether nothing in a value may be written as bytes; then nothing is in another one that is written alike."""
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
