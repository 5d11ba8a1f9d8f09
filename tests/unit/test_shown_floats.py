"""What a shown number tells of how many of its digits were shown."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.row_types import DescribedType
from harness.core.shown_floats import holds_floats, holds_no_floats, is_float, shows_all, whole_digits

FLOAT8 = DescribedType(oid=701, schema="pg_catalog", name="float8", sql="double precision")
TEXT = DescribedType(oid=25, schema="pg_catalog", name="text", sql="text")


def of_users(kind: str, *parts: DescribedType) -> DescribedType:
    made = tuple((f"p{number}", part) for number, part in enumerate(parts))
    return DescribedType(oid=20_000, schema="public", name="made", sql="public.made", kind=kind, parts=made)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([15, 16]))
def test_a_double_that_is_rounded_never_shows_all_digits(value: float, digits: int) -> None:
    assert not shows_all(f"{value:.{digits}g}", 17)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_that_needs_seventeen_digits_shows_them(value: float) -> None:
    digits = re.sub(r"e.*|[^0-9]", "", repr(value)).strip("0")
    assert shows_all(repr(value), 17) == (len(digits) >= 17)


@settings(deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from([6, 7, 8]))
def test_a_real_that_is_rounded_never_shows_all_digits(value: float, digits: int) -> None:
    assert not shows_all(f"{value:.{digits}g}", 9)


def test_each_number_of_a_value_is_looked_at_by_itself() -> None:
    assert shows_all("(0.5,0.30000000000000004)", 17)
    assert not shows_all("{123456789012,-123456789.5,NaN,1.5e-300}", 17)


def test_zeros_that_only_fill_up_are_no_digits() -> None:
    assert not shows_all("100000000000000000000", 17)
    assert not shows_all("0.000000000000000000015", 17)


def test_only_types_that_hold_nothing_else_prove_anything() -> None:
    found = [whole_digits(each) for each in ("real", "double precision[]", "point", "numeric", "bigint", "public.made")]
    assert found == [9, 17, 17, None, None, None]
    assert [holds_no_floats(each) for each in ("numeric(9,2)", "text[]", "public.made", "real")] == [
        True,
        True,
        False,
        False,
    ]


def test_numbers_are_found_inside_types_of_users() -> None:
    composite = of_users("composite", TEXT, of_users("range", FLOAT8))
    assert holds_floats(composite)
    assert not is_float(composite)
    assert is_float(of_users("domain", FLOAT8))
    assert not holds_floats(of_users("composite", TEXT))
