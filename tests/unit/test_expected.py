"""Expected differences: left out by method, path and code until their day, and named when it is past."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from harness.core.configuration import ExpectedDifference
from harness.core.expected import matches, unused_expectations, without_expected
from harness.core.outcomes import AnswerDelta
from harness.core.pairs import Comparison

TODAY = date(2027, 1, 15)


def expected(**more: Any) -> ExpectedDifference:
    return ExpectedDifference.model_validate({"reason": "known", "expires": date(2027, 1, 31), **more})


def delta(path: str, *, drift: bool = False) -> AnswerDelta:
    return AnswerDelta.model_validate({"path": path, "class": "value", "drift": drift})


FOUND = Comparison(
    codes=frozenset({"MET001", "MET002"}), deltas=(delta("data[3].name"), delta("data[3].n", drift=True))
)


@pytest.mark.parametrize(
    ("pattern", "path", "answer"),
    [
        ("data[*].name", "data[12].name", True),
        ("data[*].name", "data[12].names", False),
        ("data[*].name", "data.x[1].name", False),
        ("*.name", "data[12].name", True),
        ("public.clients(*).phone", "public.clients(id=7).phone", True),
        ("*", "(answer)", True),
    ],
)
def test_a_path_matches_any_index_any_row_or_anything(pattern: str, path: str, answer: bool) -> None:
    assert matches(expected(path=pattern), "get", path, "MET001") is answer


def test_what_is_expected_is_left_out_and_what_remains_decides() -> None:
    rest, used = without_expected("get", FOUND, [expected(path="data[*].name", code="MET001")], TODAY)
    assert [each.path for each in rest.deltas] == ["data[3].n"]
    assert set(rest.codes) == {"MET002"}
    assert rest.verdict == "drift"
    assert rest.notes == ("expected until 2027-01-31: known",)
    assert len(used) == 1


def test_another_method_path_or_code_is_not_excused() -> None:
    others = [expected(method="put*"), expected(path="data[*].other"), expected(code="MET006")]
    assert without_expected("get", FOUND, others, TODAY) == (FOUND, ())
    assert len(unused_expectations(others, ())) == 3


def test_the_last_day_counts_and_the_day_after_names_the_expectation() -> None:
    one = expected()
    assert without_expected("get", FOUND, [one], one.expires)[0].verdict == "equal"
    late, _ = without_expected("get", FOUND, [one], date(2027, 2, 1))
    assert (late.deltas, late.codes) == (FOUND.deltas, FOUND.codes | {"MET018"})


def test_an_error_is_expected_only_by_its_code() -> None:
    failed = Comparison(codes=frozenset({"MET004"}))
    assert without_expected("get", failed, [expected()], TODAY)[0].verdict == "different"
    assert without_expected("get", failed, [expected(code="MET004")], TODAY)[0].verdict == "equal"
