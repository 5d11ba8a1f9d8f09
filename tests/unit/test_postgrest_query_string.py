"""Query strings: their parameters, and their canonical form (docs: "URL Grammar"; the header Content-Location)."""

from __future__ import annotations

import pytest

from harness.core.postgrest.query_string import canonical, parameters


def test_parameters_are_decoded_and_a_plus_is_a_blank() -> None:
    assert parameters("a=1+2&%D0%B0=%2B&b=x=y") == [("a", "1 2"), ("а", "+"), ("b", "x=y")]


def test_a_key_without_a_value_is_no_parameter_but_an_empty_value_is() -> None:
    assert parameters("a&b=&;c=1") == [("b", ""), ("c", "1")]


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert parameters("a=%FF") == [("a", "\ufffd")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("id=gt.1&a=x&id=lt.5", "a=x&id=gt.1,lt.5"),
        ("b&a=1", "a=1&b="),
        ("a=1&&b=2", "=&a=1&b=2"),
        ("a=b+c%2C(d)*", "a=b%20c%2C%28d%29%2A"),
        ("a=%D0%B0", "a=%C3%90%C2%B0"),
    ],
)
def test_the_canonical_form_has_its_keys_in_order(query: str, expected: str) -> None:
    assert canonical(query) == expected
