"""What is seen of one call, told without what it holds."""

from __future__ import annotations

from typing import Any

from harness.core.observations import shape_of


def test_an_answer_that_holds_itself_has_a_shape() -> None:
    answer: list[Any] = []
    answer.append(answer)
    assert shape_of(answer) == "list of 1 list"


def test_an_answer_of_thousands_of_levels_has_a_shape() -> None:
    answer: list[Any] = []
    for _ in range(5_000):
        answer = [answer]
    assert shape_of(answer) == "list of 1 list"
