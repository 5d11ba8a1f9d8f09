"""Compares the answers of two backends: the paths of the fields that differ, and never a value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from harness.datalayer.methods import Method

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}", re.ASCII)
_PATHS_KEPT: Final = 20
_MISSING: Final = object()


class NotAnEnvelope(Exception):
    """What a backend answered is not `{success, data, error}`."""


def differences(primary: object, secondary: object, method: Method) -> tuple[str, ...]:
    """The paths at which two envelopes differ, at most 20; empty where they are equal.

    Numbers are compared by value (1 is 1.0), texts are not numbers, and a boolean is neither. The order of lists counts
    unless `method` says otherwise; the fields that it ignores are left out. Errors are compared by kind and code. Below
    a column of a row only the column is named: the names in a JSON value may be data.
    """
    left, right = _checked(primary), _checked(secondary)
    if bool(left["success"]) != bool(right["success"]):
        return ("success",)
    if not left["success"]:
        return tuple(f"error.{name}" for name in ("kind", "code") if _word(left, name) != _word(right, name))
    found = _different("data", left["data"], right["data"], method)
    return tuple(islice(_once(found), _PATHS_KEPT))


def _once(paths: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        if path not in seen:
            seen.add(path)
            yield path


def _checked(envelope: object) -> Mapping[str, Any]:
    if not isinstance(envelope, Mapping) or not {"success", "data", "error"} <= envelope.keys():
        raise NotAnEnvelope
    return envelope


def _word(envelope: Mapping[str, Any], name: str) -> object:
    error = envelope["error"]
    return error.get(name) if isinstance(error, Mapping) else None


def _different(path: str, left: object, right: object, method: Method) -> Iterator[str]:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in [*left, *(name for name in right if name not in left)]:
            if name not in method.ignore:
                values = left.get(name, _MISSING), right.get(name, _MISSING)
                yield from _different(_below(path, name), *values, method)
    elif _is_list(left) and _is_list(right):
        pair = _lists(left, right, method)
        if len(pair[0]) != len(pair[1]):
            yield f"{path}.length"
        for number, (one, other) in enumerate(zip(*pair, strict=False)):
            yield from _different(f"{path}[{number}]" if path == "data" else path, one, other, method)
    elif not _equal(left, right):
        yield path


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _lists(left: Any, right: Any, method: Method) -> tuple[list[Any], list[Any]]:
    if method.ordered:
        return list(left), list(right)
    return (
        sorted(left, key=lambda value: _sortable(value, method)),
        sorted(right, key=lambda value: _sortable(value, method)),
    )


def _sortable(value: object, method: Method) -> str:
    return json.dumps(_canonical(value, method), sort_keys=True, default=str)


def _canonical(value: object, method: Method) -> object:
    if isinstance(value, Mapping):
        return {str(name): _canonical(one, method) for name, one in value.items() if name not in method.ignore}
    if _is_list(value):
        return [_canonical(one, method) for one in value]  # type: ignore[attr-defined]
    number = _number(value)
    return value if number is None else ["number", str(number.normalize())]


def _below(path: str, name: object) -> str:
    """A row's column has a name; deeper than that the path ends at the column."""
    if path.count(".") >= 1:
        return path
    return f"{path}.{name if isinstance(name, str) and _PLAIN_NAME.fullmatch(name) else '*'}"


def _equal(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1] or (numbers[0].is_nan() and numbers[1].is_nan())
    return type(left) is type(right) and bool(left == right)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else Decimal(str(value))
    return Decimal(value)
