"""Single values: what is equal, what is drift, what is different."""

from __future__ import annotations

import datetime as dt
import ipaddress
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from harness.core.values import compare_values

NOON = dt.datetime(2024, 2, 29, 9, 34, 56, 123000, tzinfo=dt.UTC)
MOSCOW = dt.timezone(dt.timedelta(hours=3))
ID = uuid.UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")


class Mood(Enum):
    HAPPY = "happy"


@dataclass
class Range:
    """As psycopg's: bounds and their kinds."""

    lower: Any
    upper: Any
    bounds: str = "[)"
    isempty: bool = False


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (1, 1),
        ("a", "a"),
        (None, None),
        (1.1, 1.1),
        (float("nan"), float("nan")),
        (Decimal("1.10"), Decimal("1.10")),
        (NOON, NOON),
        (b"\xde\xad", bytearray(b"\xde\xad")),
        (Mood.HAPPY, "happy"),
        (Range(1, 5), Range(1, 5)),
    ],
)
def test_a_value_is_equal_to_itself_in_its_own_type(source: object, target: object) -> None:
    assert compare_values(source, target) is None


@pytest.mark.parametrize(
    ("source", "target", "cls"),
    [
        (1.1, Decimal("1.10"), "type"),
        (1, 1.0, "type"),
        ("5", 5, "type"),
        ("1.1", Decimal("1.10"), "type"),
        (0.1234567890123456, Decimal("0.12345678901234560001"), "precision"),
        (Decimal("1.1"), Decimal("1.10"), "scale"),
        ("NaN", float("nan"), "type"),
        ("-Infinity", float("-inf"), "type"),
        (True, 1, "type"),
        ("t", True, "type"),
        ("2024-02-29T09:34:56.123+00:00", NOON, "type"),
        ("2024-02-29 12:34:56.123+03", NOON, "type"),
        ("2024-02-29T09:34:56.123000Z", "2024-02-29T09:34:56.123+00:00", "format"),
        ("2024-02-29T09:34:56.123+00:00", "2024-02-29T12:34:56.123+03:00", "zone"),
        (NOON, NOON.astimezone(MOSCOW), "zone"),
        (NOON, NOON.replace(tzinfo=None), "zone"),
        ("2024-02-29", dt.date(2024, 2, 29), "type"),
        (dt.date(2024, 2, 29), dt.datetime(2024, 2, 29), "type"),
        ("09:34:56", dt.time(9, 34, 56), "type"),
        (str(ID), ID, "type"),
        (str(ID).upper(), str(ID), "format"),
        ("\\xdead", b"\xde\xad", "type"),
        ("1 day 02:03:04.5", dt.timedelta(days=1, hours=2, minutes=3, seconds=4.5), "type"),
        ("1 year 2 mons", dt.timedelta(days=425), "type"),
        ("[1,5)", Range(1, 5), "type"),
        ("empty", Range(None, None, isempty=True), "type"),
        ("10.0.0.1", ipaddress.ip_interface("10.0.0.1/32"), "type"),
    ],
)
def test_an_equal_value_in_another_form_is_drift(source: object, target: object, cls: str) -> None:
    for one, other in ((source, target), (target, source)):
        found = compare_values(one, other)
        assert found is not None
        assert (found.drift, found.cls) == (True, cls)


@pytest.mark.parametrize(
    ("source", "target", "cls"),
    [
        (1, 2, "value"),
        (1.1, Decimal("1.11"), "value"),
        (2**53, 2**53 + 1, "value"),
        ("5", 6, "value"),
        ("five", 5, "type"),
        (None, "", "null"),
        (None, 0, "null"),
        (False, None, "null"),
        (float("nan"), 1.0, "value"),
        ("Anna", "anna", "case"),
        ("a b", "a  b ", "white space"),
        ("é", "e\u0301", "unicode form"),
        ("Anna Maria", "Anna", "truncated"),
        ("0800", "800", "value"),
        ("1.10", "1.1", "truncated"),
        (NOON, NOON + dt.timedelta(microseconds=1), "value"),
        ("2024-02-29T09:34:56+00:00", "2024-02-29T09:34:56+03:00", "value"),
        (str(ID), uuid.uuid4(), "value"),
        ("\\xde", b"\xad", "value"),
        (b"\x00", "not hexadecimal", "type"),
        (dt.date(2024, 2, 29), 5, "type"),
        (Range(1, 5), Range(1, 6), "value"),
    ],
)
def test_another_value_is_different(source: object, target: object, cls: str) -> None:
    found = compare_values(source, target)
    assert found is not None
    assert (found.drift, found.cls) == (False, cls)
