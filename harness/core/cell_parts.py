"""Cell parts: what json, arrays, composite values and ranges are made of, so that each part is compared for itself."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, NamedTuple

_OPENING: Final = frozenset("{[(")
_ESCAPES: Final = frozenset('"\\')


class Part(NamedTuple):
    """One value at one place of both sides, as text; None is NULL."""

    source: str | None
    target: str | None


def same_json(source: str, target: str) -> bool:
    """Whether two json texts hold one value. A key that occurs twice keeps both of its values, in their order."""
    try:
        return bool(_json(source) == _json(target))
    except (ValueError, RecursionError):
        return False


def json_parts(source: str, target: str) -> list[Part] | None:
    """The strings, numbers and nulls that differ, each pair at one path and of one type; None: the shapes differ."""
    found: list[Part] = []
    try:
        alike = _walk(_json(source), _json(target), found)
    except (ValueError, RecursionError):
        return None
    return found if alike else None


def _json(text: str) -> Any:
    # Tags keep true apart from 1, and an object's pairs from a list's; numbers are equal by value: 1, 1.0 and 1e0.
    return json.loads(
        text,
        parse_int=lambda number: ("number", Decimal(number)),
        parse_float=lambda number: ("number", Decimal(number)),
        object_pairs_hook=lambda pairs: ("object", tuple(sorted(pairs, key=lambda pair: pair[0]))),
    )


def _walk(source: Any, target: Any, found: list[Part]) -> bool:
    if type(source) is type(target) and source == target:
        return True
    if isinstance(source, list) and isinstance(target, list) and len(source) == len(target):
        return all(_walk(one, other, found) for one, other in zip(source, target, strict=True))
    if isinstance(source, tuple) and isinstance(target, tuple) and source[0] == target[0]:
        if source[0] == "number":
            found.append(Part(str(source[1]), str(target[1])))
            return True
        keys, others = [key for key, _ in source[1]], [key for key, _ in target[1]]
        return keys == others and all(
            _walk(one, other, found) for (_, one), (_, other) in zip(source[1], target[1], strict=True)
        )
    one, other = _leaf(source), _leaf(target)
    if one is None or other is None or (source is not None and target is not None and type(source) is not type(target)):
        return False
    found.append(Part(one if source is not None else None, other if target is not None else None))
    return not isinstance(source, bool) and not isinstance(target, bool)


def _leaf(value: Any) -> str | None:
    """A scalar as text; "" for null, which only needs to be told from a list or an object."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, tuple) and value[0] == "number":
        return str(value[1])
    return str(value) if isinstance(value, bool) else None


def record_parts(source: str, target: str) -> list[Part] | None:
    """The parts that differ of two arrays, composite values, ranges or points; None: they are none, or not of one
    shape.
    """
    left, right = _read(source), _read(target)
    if left is None or right is None:
        return None
    shape, values = left
    other_shape, other_values = right
    if shape != other_shape or len(values) != len(other_values):
        return None
    return [Part(one, other) for one, other in zip(values, other_values, strict=True) if one != other]


def _read(text: str) -> tuple[str, list[str | None]] | None:
    """Everything outside of values (brackets, bounds of an array, separators), and the values."""
    bounds = ""
    if text.startswith("[") and "]={" in text:
        bounds, _, rest = text.partition("=")
        text = rest
    if text[:1] not in _OPENING or len(text) <= 1:
        return None
    array = text[0] == "{"
    shape: list[str] = [bounds]
    values: list[str | None] = []
    word: list[str] = []
    quoted = closed = False
    at = 0
    while at < len(text):
        letter = text[at]
        if quoted:
            if letter == "\\" and text[at + 1 : at + 2] in _ESCAPES:
                word.append(text[at + 1])
                at += 1
            elif letter == '"' and text[at + 1 : at + 2] == '"' and not array:
                word.append('"')
                at += 1
            elif letter == '"':
                quoted = False
            else:
                word.append(letter)
        elif letter == '"':
            quoted = closed = True
        elif letter in "{}[](),;":
            after_value = letter in ")}],;" and shape[-1] not in (")", "}", "]")
            if after_value:
                _end(values, word, quoted=closed, array=array)
            word, closed = [], False
            shape.append(letter)
        else:
            word.append(letter)
        at += 1
    return None if quoted or word else ("".join(shape), values)


def _end(values: list[str | None], word: list[str], *, quoted: bool, array: bool) -> None:
    text = "".join(word)
    if quoted:
        values.append(text)
        return
    text = text.strip() if array else text
    values.append(None if (text.upper() == "NULL" if array else text == "") else text)
