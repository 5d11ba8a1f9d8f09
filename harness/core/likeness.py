"""What makes two values alike: a hashable form that is the same where they are equal but for type or representation."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any

from harness.core.call_moments import CallWindow, place_of, unstamped
from harness.core.readings import instant, moment_of, number_of, uuid_of

WITHOUT_FORM = frozenset(
    {str, int, bool, float, type(None), bytes, decimal.Decimal, dt.date, dt.datetime, dt.time, uuid.UUID}
)
"""Most values by far are of these types, and no protocol has to be asked for to know what they are"""


def opened(value: Any) -> tuple[str, Any]:
    """A container's form and its content as dict or list; anything else as it is, without a form.

    Objects of classes (dataclasses, pydantic models, named tuples) are containers too: an application that gets one
    instead of a dict notices, and their fields can still be compared.
    """
    kind = type(value)
    if kind in WITHOUT_FORM:
        return "", value
    if kind is dict:
        return "object", value
    if kind is list:
        return "list", value
    if isinstance(value, Mapping):
        return "object", dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if hasattr(value, "model_dump") and not isinstance(value, type):
        return type(value).__name__, dict(value.model_dump())
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return type(value).__name__, dict(value._asdict())
    if isinstance(value, Set):
        return "set", sorted(value, key=lambda each: repr(likeness(each)))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return type(value).__name__, list(value)
    return "", value


def likeness(
    value: Any, *, ordered: bool = True, ignore: Collection[str] = (), window: CallWindow | None = None
) -> Any:
    """A hashable form that is the same for values that are equal but for drift; all moments of the call are alike."""
    form, value = opened(value)
    if isinstance(value, dict):
        return (
            "object",
            frozenset(
                (
                    str(key),
                    None if str(key) in ignore else likeness(each, ordered=ordered, ignore=ignore, window=window),
                )
                for key, each in value.items()
            ),
        )
    if isinstance(value, list):
        parts = [likeness(each, ordered=ordered, ignore=ignore, window=window) for each in value]
        return ("list", tuple(parts)) if ordered and form != "set" else ("list", frozenset(Counter(parts).items()))
    return _single_likeness(value, window)


def _single_likeness(value: Any, window: CallWindow | None) -> Any:
    if window is not None and place_of(value, window):
        return ("moment of the call",)
    if isinstance(value, str):
        moment, number = moment_of(value), number_of(value)
        if moment is not None:
            value = moment
        elif number is not None:
            value = number
        else:
            value = uuid_of(value) or unstamped(value, window)
    if isinstance(value, float):
        value = decimal.Decimal(repr(value))
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    if isinstance(value, dt.datetime):
        return "moment", instant(value)
    if isinstance(value, int):
        return "number", int(value)
    if isinstance(value, decimal.Decimal):
        whole = value.is_finite() and value == value.to_integral_value()
        return "number", int(value) if whole else str(float(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return "text", "\\x" + bytes(value).hex()
    return ("null", None) if value is None else ("text", str(value))
