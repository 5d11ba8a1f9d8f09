"""Two answers that are one to the last type are told by their bytes; nothing else is."""

from __future__ import annotations

from array import array
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.answers import compare_answers
from harness.core.same_answers import identical

ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@settings(deadline=None)
@given(ANSWERS, ANSWERS)
def test_answers_are_identical_where_their_notation_is(one: Any, other: Any) -> None:
    assert identical(one, other) == (repr(one) == repr(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"x", bytearray(b"x")),
        (array("h", [1, 0]), array("i", [1])),
        ({b"x": 1}, {"x": 1}),
        (1, True),
        (1, 1.0),
        (-0.0, 0.0),
        ((1,), [1]),
    ],
)
def test_values_that_are_of_two_types_are_not_identical_however_deep(one: object, other: object) -> None:
    assert not identical({"data": [{"a": "s", "b": one}]}, {"data": [{"a": "s", "b": other}]})


@pytest.mark.parametrize("value", [b"x", 2**64, {1: "a"}, "\ud800"])
def test_equal_values_that_are_no_json_are_no_difference(value: object) -> None:
    assert list(compare_answers({"data": [value]}, {"data": [value]})) == []
