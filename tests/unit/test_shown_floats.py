"""What a shown number tells of how many of its digits were shown."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from harness.core.shown_floats import digits_of, is_one_number, shows_more


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_that_is_rounded_to_fifteen_digits_never_shows_more(value: float) -> None:
    assert not shows_more(f"{value:.15g}", 15)
    if float(f"{value:.15g}") != value:
        assert shows_more(repr(value), 15), "its shortest text has more than 15 digits"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_real_that_is_rounded_to_six_digits_never_shows_more(value: float) -> None:
    shown = f"{value:.6g}"
    assert not shows_more(shown, 6)
    assert struct.pack("f", value) == struct.pack("f", float(f"{value:.9g}")), "nine digits are always enough"


def test_each_number_of_a_value_is_looked_at_by_itself() -> None:
    assert shows_more("(0.5,0.30000000000000004)", 15)
    assert not shows_more("{123456789012,-123456789.5,NaN,1.5e-300}", 15)


def test_zeros_that_only_fill_up_are_no_digits() -> None:
    assert not shows_more("100000000000000000000", 15)
    assert not shows_more("0.000000000000000000015", 15)


def test_types_that_hold_such_numbers_are_known() -> None:
    assert [digits_of(each) for each in ("real", "double precision[]", "point", "numeric")] == [6, 15, 15, None]
    assert [is_one_number(each) for each in ("real", "real[]", "box")] == [True, False, False]
