"""Invented phone numbers, in the three forms in which people type them."""

from __future__ import annotations

import random

FORMS = ("8000555{0:04d}", "7000555{0:04d}", "+7 (000) 555-{1:02d}-{2:02d}")


def phone(number: int, form: int) -> str:
    """Number 0 to 9999 in form 0 (8000555nnnn), 1 (7000555nnnn) or 2 (+7 (000) 555-nn-nn)."""
    return FORMS[form].format(number, number // 100, number % 100)


def phone_in_some_form(rng: random.Random, number: int) -> str:
    """The number in one of the three forms; most people type the second."""
    return phone(number, rng.choice((0, 1, 1, 1, 2)))
