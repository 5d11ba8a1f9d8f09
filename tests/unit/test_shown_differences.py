"""--show-values: what differs can be told from its shape, and cannot be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from harness.core.answers import compare_answers
from harness.core.masking import shown_value
from harness.core.shown_differences import with_values


def shown(source: Any, target: Any, **more: Any) -> dict[str, tuple[str | None, str | None]]:
    rules: dict[str, Any] = {"ordered": True, "ignore": (), "personal": ()} | more
    deltas = compare_answers(source, target, ordered=rules["ordered"], ignore=rules["ignore"])
    return {each.path: (each.source, each.target) for each in with_values(deltas, source, target, **rules)}


def test_numbers_stand_beside_their_types() -> None:
    assert shown({"data": [{"n": 7}]}, {"data": [{"n": 8}]}) == {"data[0].n": ("int 7", "int 8")}
    assert shown({"n": 1.1}, {"n": Decimal("1.10")}) == {"n": ("float 1.1", "Decimal 1.10")}


def test_of_a_text_case_blanks_and_length_can_be_seen_and_nothing_else() -> None:
    found = shown({"name": "\u0410\u043d\u043d\u0430 7 "}, {"name": "\u0410\u041d\u041d\u0410 7"})
    assert found == {"name": ("str 'Aaaa 9 ' (7 long)", "str 'AAAA 9' (6 long)")}


def test_a_personal_field_is_a_hash() -> None:
    ((source, target),) = shown({"phone": "80005550001"}, {"phone": "80005550002"}, personal=("phone",)).values()
    assert source != target
    assert source is not None
    assert source.startswith("str #")


def test_the_values_of_a_row_that_moved_are_those_of_that_row() -> None:
    source = [{"k": 1, "v": 5, "w": 1}, {"k": 2, "v": 6, "w": 1}]
    target = [{"k": 2, "v": 6, "w": 1}, {"k": 1, "v": 5.0, "w": 1}]
    assert shown(source, target)["[0].v"] == ("int 5", "float 5.0")


@pytest.mark.parametrize("value", [None, True, "", "x" * 90, b"abc", [1, 2], {"a": 1}])
def test_anything_has_a_form_in_which_it_may_be_shown(value: object) -> None:
    assert len(shown_value(value)) < 70
