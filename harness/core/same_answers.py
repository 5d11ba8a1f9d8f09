"""Same answers: two answers that are one to the last type, which their bytes tell before anything looks at values."""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from typing import Any, Final

_NEVER_BYTES: Final = frozenset({str, int, float, bool, type(None)})


def identical(source: Any, target: Any) -> bool:
    """Whether two answers of Python's own types are the same to the last type: most are, and nothing is to be said.

    1, 1.0 and True are equal to Python; their bytes are not. Version 2 of the format knows no references: equal values
    have equal bytes, whichever of them are one object. It takes a bytearray and an array for bytes: answers with bytes
    are looked at one by one.
    """
    try:
        return marshal.dumps(source, 2) == marshal.dumps(target, 2) and _without_bytes(source)
    except ValueError:
        return False


def _without_bytes(value: Any) -> bool:
    """Whether nothing in a value may be written as bytes; then nothing is in another one that is written alike."""
    if type(value) is dict:
        parts: Iterable[Any] = value.values()
        if not _NEVER_BYTES.issuperset(map(type, value)):
            return False
    elif type(value) in (list, tuple):
        parts = value
    else:
        return type(value) in _NEVER_BYTES
    return _NEVER_BYTES.issuperset(map(type, parts)) or all(map(_without_bytes, parts))
