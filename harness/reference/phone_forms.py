"""The forms in which one phone number stands in the data: as people typed it over the years."""

from __future__ import annotations

from typing import Final

_DIGITS_WITH_COUNTRY: Final = 11


def phone_forms(digits: str) -> list[str]:
    """Every form of a phone given as digits: 8000555nnnn, 7000555nnnn, +7 (000) 555-nn-nn.

    A number of another country has one form, its digits.
    """
    if len(digits) == _DIGITS_WITH_COUNTRY - 1:
        digits = "7" + digits
    if len(digits) != _DIGITS_WITH_COUNTRY or digits[0] not in "78":
        return [digits]
    rest = digits[1:]
    spaced = f"+7 ({rest[:3]}) {rest[3:6]}-{rest[6:8]}-{rest[8:]}"
    return [f"8{rest}", f"7{rest}", spaced]
