"""Shown floats: what the text of a floating-point number tells of how many of its digits were shown.

PostgreSQL writes the shortest text that reads as the same value where extra_float_digits is 1 or more, its default;
below that it rounds to 15 digits (6 for real), and values that differ behind them look alike.
https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT
"""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = {"double precision": 15, "real": 6}
"""What of each type is never rounded away"""
_MADE_OF_DOUBLES: Final = frozenset({"point", "line", "lseg", "box", "path", "polygon", "circle"})
_NUMBER: Final = re.compile(r"[0-9.]*[0-9][0-9.]*(?:e[+-]?\d+)?")


def digits_of(type_name: str) -> int | None:
    """How many digits a rounded number has that is, or is inside, a value of this type; None: it holds none."""
    element = type_name.removesuffix("[]")
    return 15 if element in _MADE_OF_DOUBLES else _DIGITS.get(element)


def is_one_number(type_name: str) -> bool:
    """Whether a value of this type is one floating-point number."""
    return type_name in _DIGITS


def shows_more(text: str, digits: int) -> bool:
    """Whether any number of a value's text has more digits than a rounded one can have."""
    return any(_significant(number) > digits for number in _NUMBER.findall(text))


def _significant(number: str) -> int:
    mantissa = number.partition("e")[0].replace(".", "")
    return len(mantissa.strip("0"))
