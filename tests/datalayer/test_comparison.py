"""Answers of two backends are compared by value; what is told of a difference is where it is."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.datalayer.methods import Method
from harness.datalayer.switching.comparison import differences

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def envelope(data: object) -> dict[str, object]:
    return {"success": True, "data": data, "error": None}


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        (1, 1.0, ()),
        (1, "1", ("data",)),
        (1, True, ("data",)),
        (0.1, 0.1, ()),
        (float("nan"), float("nan"), ()),
        (None, [], ("data",)),
        ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}], ("data[0].a", "data[1].a")),
        ({"a": None}, {}, ("data.a",)),
        ({"created_at": 1}, {"created_at": 2}, ()),
        ({"raw": {"Анна": 1}}, {"raw": {"Анна": 2}}, ("data.raw",)),
        ({"80005550001": 1}, {"80005550001": 2}, ("data.*",)),
        ([1, 2], [1], ("data.length",)),
    ],
)
def test_answers_are_compared_by_value_and_only_paths_are_told(
    left: object, right: object, paths: tuple[str, ...]
) -> None:
    method = Method(module="m", writes=False, ignore=frozenset({"created_at"}))
    assert differences(envelope(left), envelope(right), method) == paths


@pytest.mark.parametrize("order", list(itertools.permutations([{"a": 1}, {"a": 1.0, "b": None}, {"a": "1"}])))
def test_lists_without_an_order_are_compared_as_multisets(order: tuple[object, ...]) -> None:
    method = Method(module="m", writes=False, ordered=False)
    assert differences(envelope([{"a": 1.0}, {"a": "1"}, {"a": 1, "b": None}]), envelope(list(order)), method) == ()


def test_errors_are_compared_by_kind_and_code_and_not_by_message() -> None:
    method = Method(module="m", writes=False)
    left = {"success": False, "data": None, "error": {"kind": "conflict", "code": "23505", "message": "one"}}
    alike = {**left, "error": {"kind": "conflict", "code": "23505", "message": "other"}}
    unlike = {**left, "error": {"kind": "constraint", "code": "23505", "message": "one"}}
    assert differences(left, alike, method) == ()
    assert differences(left, unlike, method) == ("error.kind",)
    assert differences(left, envelope(None), method) == ("success",)


@given(data=json_values, ordered=st.booleans())
def test_an_answer_does_not_differ_from_itself(data: object, ordered: bool) -> None:
    assert differences(envelope(data), envelope(data), Method(module="m", writes=False, ordered=ordered)) == ()


@given(left=json_values, right=json_values, ordered=st.booleans())
def test_two_answers_differ_whichever_of_them_is_the_primarys(left: object, right: object, ordered: bool) -> None:
    method = Method(module="m", writes=False, ordered=ordered)
    there, back = (differences(envelope(a), envelope(b), method) for a, b in ((left, right), (right, left)))
    assert bool(there) == bool(back)


@given(rows=st.lists(json_values, max_size=6), seed=st.randoms())
def test_the_order_of_a_list_without_one_does_not_matter(rows: list[object], seed: object) -> None:
    method = Method(module="m", writes=False, ordered=False)
    other = list(rows)
    seed.shuffle(other)  # type: ignore[attr-defined]
    assert differences(envelope(rows), envelope(other), method) == ()
