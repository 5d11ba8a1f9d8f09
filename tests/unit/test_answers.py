"""Whole answers: where they differ, and that nothing of what they hold is told."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.core.answers import compare_answers


def told(source: Any, target: Any, **rule: Any) -> list[tuple[str, str]]:
    """(path, class) of each delta; drift in parentheses."""
    return [
        (delta.path, f"({delta.cls})" if delta.drift else delta.cls)
        for delta in compare_answers(source, target, **rule)
    ]


def test_equal_answers_have_no_deltas() -> None:
    answer = {"success": True, "data": [{"id": 1, "tags": ["a", None], "more": {"x": 1.5}}], "error": None}
    assert told(answer, answer) == []


def test_a_delta_names_its_place_and_types_and_never_a_value() -> None:
    (delta,) = compare_answers({"data": [{"name": "Anna"}]}, {"data": [{"name": "Berta"}]})
    assert (delta.path, delta.cls, delta.source, delta.target) == ("data[0].name", "value", "str", "str")


def test_a_key_that_could_be_data_appears_as_a_hash() -> None:
    (delta,) = compare_answers({"+7 (000) 555-01-01": 1}, {"+7 (000) 555-01-01": 2})
    assert "555" not in delta.path


def test_missing_and_extra_keys_are_told_apart() -> None:
    assert told({"a": 1, "b": None}, {"a": 1, "c": 2}) == [("b", "missing key"), ("c", "extra key")]


def test_an_ignored_field_may_have_another_value_at_any_depth_but_must_be_there() -> None:
    source = {"data": [{"id": 1, "updated_at": "x"}, {"id": 2, "updated_at": "x"}]}
    target = {"data": [{"id": 1, "updated_at": "y"}, {"id": 2}]}
    assert told(source, target, ignore=["updated_at"]) == [("data[1].updated_at", "missing key")]


def test_lists_of_other_lengths_differ_once() -> None:
    assert told([1, 2, 3], [1, 2]) == [("(answer)", "length")]


def test_the_same_elements_in_another_order_are_one_delta() -> None:
    rows = [{"id": number, "name": f"n{number}"} for number in range(4)]
    assert told(rows, rows[::-1]) == [("(answer)", "order")]


def test_another_order_does_not_hide_drift_of_the_elements() -> None:
    source = [{"id": 1, "price": 1.1}, {"id": 2, "price": 2.2}]
    target = [{"id": 2, "price": Decimal("2.20")}, {"id": 1, "price": Decimal("1.10")}]
    assert told(source, target) == [("(answer)", "order"), ("[0].price", "(type)"), ("[1].price", "(type)")]


def test_other_rows_are_told_as_such_and_not_field_by_field() -> None:
    source = [{"id": 1, "name": "a", "phone": "b", "email": "c"}]
    target = [{"id": 2, "name": "x", "phone": "y", "email": "c"}]
    assert told(source, target) == [("[0]", "other element")]


def test_without_order_lists_are_multisets() -> None:
    assert told([1, 2, 2], [2, 1, 2], ordered=False) == []
    assert told([1, 2, 2], [2, 1, 1], ordered=False) == [("[2]", "missing element"), ("[2]", "extra element")]


def test_without_order_lists_within_elements_have_none_either() -> None:
    source = [{"id": 1, "children": [1, 2]}, {"id": 2, "children": []}]
    target = [{"id": 2, "children": []}, {"id": 1, "children": [2, 1]}]
    assert told(source, target, ordered=False) == []


def test_what_is_left_over_of_a_multiset_is_paired_by_likeness() -> None:
    source = [{"id": 1, "name": "a", "age": 5}, {"id": 2, "name": "b", "age": 6}]
    target = [{"id": 2, "name": "b", "age": 6}, {"id": 1, "name": "a", "age": 7}]
    assert told(source, target, ordered=False) == [("[0].age", "value")]


def test_texts_that_are_only_alike_as_numbers_are_not_swapped() -> None:
    source = [{"phone": "007"}, {"phone": "7"}]
    assert told(source, source[::-1], ordered=False) == []


def test_a_multiset_keeps_drift_apart_from_difference() -> None:
    source = [{"id": "1", "at": "2024-01-01T00:00:00+00:00"}, {"id": "2", "at": None}]
    target = [{"id": 2, "at": None}, {"id": 1, "at": "2024-01-01T00:00:00Z"}]
    assert told(source, target, ordered=False) == [("[0].id", "(type)"), ("[0].at", "(format)"), ("[1].id", "(type)")]


def test_json_that_came_back_as_text_is_drift_of_its_own() -> None:
    assert told({"raw": {"a": [1, 2]}}, {"raw": '{"a": [1, 2]}'}) == [("raw", "(json text)")]
    assert told({"raw": {"a": 1}}, {"raw": '{"a": 2}'}) == [("raw", "type"), ("raw.a", "value")]


def test_a_tuple_a_data_class_and_a_named_tuple_are_drift_and_their_fields_are_compared() -> None:
    row = namedtuple("row", "id name")

    @dataclass
    class Client:
        id: int
        name: str

    assert told([1, 2], (1, 2)) == [("(answer)", "(type)")]
    assert told({"id": 1, "name": "a"}, Client(1, "a")) == [("(answer)", "(type)")]
    assert told({"id": 1, "name": "a"}, row(1, "b")) == [("(answer)", "(type)"), ("name", "value")]


def test_keys_of_another_type_are_drift() -> None:
    assert [cls for _, cls in told({"a": 1, "1": "a"}, {"a": 1, 1: "a"})] == ["(key type)"]


def test_an_object_instead_of_a_list_is_another_type() -> None:
    assert told({"data": []}, {"data": {}}) == [("data", "type")]
    assert told({"data": None}, {"data": []}) == [("data", "null")]
