"""What may be shown of an argument or a key: numbers, dates and lengths as they are, texts and personal data never."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import re
import uuid
from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any

from harness.core.record import JsonValue

_SHAPE_SHOWN = 40
_PERSONAL_HASH = re.compile(r"#[0-9a-f]{10}\Z", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z", re.ASCII)


def personal_hash(value: object) -> str:
    """A personal value as # and ten hexadecimal digits: the same value is recognised, and not read."""
    return "#" + hashlib.sha256(str(value).encode("utf-8", "backslashreplace")).hexdigest()[:10]


def is_personal_hash(text: str) -> bool:
    """Whether a text is what personal_hash gives."""
    return _PERSONAL_HASH.match(text) is not None


def masked(value: Any) -> JsonValue:
    """A value as it may be shown: text(5), list(20), object(3); numbers, dates and UUIDs as they are."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, decimal.Decimal | dt.date | dt.time | dt.timedelta | uuid.UUID):
        return str(value)
    if isinstance(value, str):
        return f"text({len(value)})"
    if isinstance(value, bytes | bytearray | memoryview):
        return f"bytes({len(value)})"
    if isinstance(value, Mapping):
        return f"object({len(value)})"
    if isinstance(value, Sequence | Set):
        return f"list({len(value)})"
    return type(value).__name__


def shown_value(value: Any) -> str:
    """A value beside its type, for --show-values: numbers and dates as they are, a text's shape: Aaaa-99, 12 long."""
    if not isinstance(value, str):
        return str(masked(value))
    shape = "".join(_shape_of(each) for each in value[:_SHAPE_SHOWN])
    rest = "\u2026" if len(value) > _SHAPE_SHOWN else ""
    return f"'{shape}{rest}' ({len(value)} long)"


def _shape_of(character: str) -> str:
    if character.isdecimal():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character


def masked_arguments(arguments: Mapping[str, Any], personal: Collection[str] = ()) -> dict[str, JsonValue]:
    """The arguments of a call as they may be shown; those whose name is a personal column's appear as a hash."""
    return {
        name: personal_hash(value) if name in personal and value is not None else masked(value)
        for name, value in arguments.items()
    }


def shown_key(key: object) -> str:
    """A key of an object within a path: a name stays, anything that could be data appears as a hash."""
    text = str(key)
    return text if _PLAIN_KEY.match(text) else personal_hash(text)
