"""Shown floats: which types hold floating-point numbers, and what their texts tell of how many digits were shown.

PostgreSQL writes the shortest text that reads as the same value where extra_float_digits is 1 or more, its default;
below that it rounds to 15 digits (6 for real), and values that differ behind them look alike.
https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT
"""

from __future__ import annotations

import re
from typing import Final

from harness.core.row_types import PORTABLE_TYPES, DescribedType

_GEOMETRIC: Final = frozenset({"point", "line", "lseg", "box", "path", "polygon", "circle"})
_WHOLE: Final = {"double precision": 17, "real": 9, **dict.fromkeys(_GEOMETRIC, 17)}
"""Digits that no rounded number has: PostgreSQL 11, which has no shortest text, rounds to fewer unless it shows all"""
_INSIDE: Final = _GEOMETRIC | {"float4", "float8", "cube"}
_SPELLED_OUT: Final = {
    "smallint",
    "integer",
    "bigint",
    "boolean",
    "character",
    "character varying",
    "bit varying",
    "time without time zone",
    "time with time zone",
    "timestamp without time zone",
    "timestamp with time zone",
}
"""What format_type calls types of another name"""
_HOLDS_NONE: Final = (PORTABLE_TYPES.keys() - _INSIDE) | _SPELLED_OUT
_NUMBER: Final = re.compile(r"[0-9.]*[0-9][0-9.]*(?:e[+-]?\d+)?")


def whole_digits(type_name: str) -> int | None:
    """How many digits no rounded number of a value of this type has; None: it is not known to hold such numbers alone.

    `type_name`: as format_type gives it.
    """
    return _WHOLE.get(type_name.removesuffix("[]"))


def holds_no_floats(type_name: str) -> bool:
    """Whether a type is known to hold no floating-point number."""
    return type_name.removesuffix("[]").partition("(")[0] in _HOLDS_NONE


def holds_floats(described: DescribedType) -> bool:
    """Whether a type of the target is a floating-point number or holds one, however deep."""
    if {described.name, described.element} & _INSIDE:
        return True
    inner = [part for _, part in described.parts] + ([described.unwrapped] if described.unwrapped else [])
    return any(holds_floats(part) for part in inner)


def is_float(described: DescribedType) -> bool:
    """Whether a value of this type is one floating-point number."""
    while described.kind == "domain" and described.parts:
        described = described.parts[0][1]
    return described.builtin and described.name in ("float4", "float8")


def shows_all(text: str, digits: int) -> bool:
    """Whether any number of a value's text has so many digits."""
    return any(_significant(number) >= digits for number in _NUMBER.findall(text))


def _significant(number: str) -> int:
    mantissa = number.partition("e")[0].replace(".", "")
    return len(mantissa.strip("0"))
