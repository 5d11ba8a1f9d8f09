"""Laws of comparing answers: an answer equals itself, a comparison mirrors, JSON on the way is never a difference."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.answers import compare_answers
from harness.core.likeness import likeness

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.text(max_size=8),
    st.datetimes(timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=3))])),
    st.dates(),
    st.uuids(),
    st.binary(max_size=4),
)
ANSWERS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(ANSWERS)
def test_an_answer_equals_itself(answer: Any) -> None:
    assert compare_answers(answer, answer) == ()
    assert compare_answers(answer, answer, ordered=False) == ()


@given(ANSWERS, ANSWERS)
@settings(max_examples=150)
def test_comparing_the_other_way_round_finds_a_difference_exactly_when_this_way_does(one: Any, other: Any) -> None:
    there, back = compare_answers(one, other), compare_answers(other, one)
    assert any(not delta.drift for delta in there) == any(not delta.drift for delta in back)
    assert bool(there) == bool(back)


@given(st.lists(ANSWERS, max_size=6), st.randoms())
def test_without_order_a_shuffled_list_equals_itself(elements: list[Any], random: Any) -> None:
    shuffled = list(elements)
    random.shuffle(shuffled)
    assert compare_answers(elements, shuffled, ordered=False) == ()


def through_json(value: Any) -> Any:
    """What a REST interface makes of a value: numbers without a scale, everything else that JSON has not as text."""

    def rendered(other: Any) -> Any:
        if isinstance(other, Decimal):
            return float(other)
        if isinstance(other, bytes):
            return "\\x" + other.hex()
        return other.isoformat() if isinstance(other, dt.date) else str(other)

    return json.loads(json.dumps(value, default=rendered))


JSON_SAFE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.dates(),
    st.uuids(),
    st.binary(max_size=4),
)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), JSON_SAFE, max_size=4), max_size=4))
def test_what_json_does_to_a_value_is_drift_and_never_a_difference(rows: list[dict[str, Any]]) -> None:
    assert [delta for delta in compare_answers(through_json(rows), rows) if not delta.drift] == []
    assert likeness(through_json(rows)) == likeness(rows)


@given(st.uuids(), st.integers(min_value=0, max_value=10**6))
def test_a_difference_deep_inside_is_never_lost(identity: uuid.UUID, number: int) -> None:
    one = {"data": [{"id": identity, "visits": [{"n": number}]}]}
    other = {"data": [{"id": identity, "visits": [{"n": number + 1}]}]}
    assert [delta.path for delta in compare_answers(one, other)] == ["data[0].visits[0].n"]
