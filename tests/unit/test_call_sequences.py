"""Values that go from one call of a sequence to the next: the same row's on both sides, or none."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.call_sequences import arguments_from
from harness.core.outcomes import Case

CASE = Case(id="leave", method="leave", kwargs={"stay": 24, "clinic": 900100, "patient_id": 7})
ONE = {"id": 1, "clinic": 900100, "name": "Anna"}
OTHER = {"id": 2, "clinic": 900200, "name": "Boris"}


def test_one_object_gives_its_values() -> None:
    taken = {"stay": 24, "clinic": 900200, "patient_id": 2}
    assert arguments_from(CASE, OTHER) == arguments_from(CASE, [OTHER]) == taken


@pytest.mark.parametrize("answer", [[ONE, OTHER], [OTHER, ONE]])
def test_objects_that_may_come_in_any_order_give_nothing_that_depends_on_it(answer: list[Any]) -> None:
    assert arguments_from(CASE, answer) == CASE.kwargs


def test_several_objects_give_what_they_have_in_common() -> None:
    answer = [OTHER, OTHER | {"id": 3}]
    assert arguments_from(CASE, answer) == {"stay": 24, "clinic": 900200, "patient_id": 7}


@pytest.mark.parametrize("answer", [None, [], [1, 2], "text", [ONE, 1]])
def test_other_answers_give_nothing(answer: Any) -> None:
    assert arguments_from(CASE, answer) == CASE.kwargs
