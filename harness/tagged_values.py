"""Values in JSON without loss: what JSON has as it is, PostgreSQL's other types under a tag such as $decimal.

{"$decimal": "1.10"}, {"$timestamp": "2025-01-02T03:04:05+00:00"}; docs/json-rpc.md lists the tags.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import decimal
import enum
import math
import uuid
from collections.abc import Callable, Mapping, Set
from typing import Any, Final

_SAFE_INTEGER: Final = 2**53
"""From here on a reader whose numbers are all floats, as JavaScript's are, loses digits"""


class NoJsonForm(TypeError):
    """A value has no form in JSON; the message names its type."""


class WrongTag(ValueError):
    """A tag is not known, or does not hold what it says; the message holds no value."""


class BigInteger(int):
    """An integer that its program keeps in a type of its own, as JavaScript's BigInt: another type to its callers."""


def tagged(value: Any) -> Any:
    """A value as it is sent: what JSON has as it is, the rest under a tag. NoJsonForm for what has none."""
    if isinstance(value, enum.Enum):
        return tagged(value.value)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= _SAFE_INTEGER else {"$bigint": str(int(value))}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$number": _special(value)}
    if isinstance(value, Mapping):
        fields = {str(key): tagged(each) for key, each in value.items()}
        return {"$object": fields} if any(key.startswith("$") for key in fields) else fields
    if isinstance(value, list | tuple | Set):
        return [tagged(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tagged({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    for kind, tag, text in _WRITTEN:
        if isinstance(value, kind):
            return {tag: text(value)}
    raise NoJsonForm(type(value).__name__)


def untagged(value: Any) -> Any:
    """A value as it was meant. WrongTag for a tag that is not known, or does not hold what it says."""
    if isinstance(value, list):
        return [untagged(each) for each in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "") if len(value) == 1 else ""
    if tag == "$object" and isinstance(value[tag], dict):
        return {key: untagged(each) for key, each in value[tag].items()}
    if not tag.startswith("$"):
        return {key: untagged(each) for key, each in value.items()}
    read = _READ.get(tag)
    try:
        if read is not None and isinstance(value[tag], str):
            return read(value[tag])
    except (ValueError, ArithmeticError, binascii.Error):
        pass
    known = ", ".join([*_READ, "$object"])
    raise WrongTag(
        f"a value under {tag if tag in _READ else 'a key with $'} that it does not stand for (tags are {known})"
    )


def _special(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _bytes_text(value: bytes | bytearray | memoryview) -> str:
    return base64.b64encode(value).decode("ascii")


_WRITTEN: Final[tuple[tuple[Any, str, Callable[[Any], str]], ...]] = (
    (decimal.Decimal, "$decimal", str),
    (dt.datetime, "$timestamp", dt.datetime.isoformat),
    (dt.date, "$date", dt.date.isoformat),
    (dt.time, "$time", dt.time.isoformat),
    (dt.timedelta, "$interval", lambda value: str(value.total_seconds())),
    (uuid.UUID, "$uuid", str),
    (bytes | bytearray | memoryview, "$bytes", _bytes_text),
)
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "$decimal": decimal.Decimal,
    "$number": float,
    "$bigint": BigInteger,
    "$timestamp": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$interval": lambda text: dt.timedelta(seconds=float(text)),
    "$uuid": uuid.UUID,
    "$bytes": lambda text: base64.b64decode(text, validate=True),
}
