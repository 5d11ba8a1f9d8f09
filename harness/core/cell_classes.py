"""Cell classes: the names of the kinds of difference that two values of one cell may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

CellKind = Literal["text", "number", "timestamp", "time", "interval", "json", "array", "bytes", "other"]
"""What a cell's text is read as; timestamp: dates too"""

REPRESENTATION: Final = "representation drift"
TYPE: Final = "type drift"
SIGN_OF_ZERO: Final = "sign of zero"
NULL_EMPTY: Final = "NULL against empty"
NULL_VALUE: Final = "NULL against a value"
WHITE_SPACE: Final = "white space"
NORMALISATION: Final = "unicode normalisation"
LOOK_ALIKE: Final = "look-alike letters"
CASE: Final = "case"
ENCODING: Final = "encoding damage"
ZONE: Final = "zone shift"
ROUNDING: Final = "rounding or scale"
STALE: Final = "stale row"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class CellClass:
    """The class of a difference; drift: the values are equal and only their representation or type is not."""

    name: str
    drift: bool = False


def truncation(length: int, unit: str = "characters") -> str:
    """The class of a value that is cut at `length`."""
    return f"truncation at {length} {unit}"
