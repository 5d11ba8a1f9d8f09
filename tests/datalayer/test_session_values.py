"""The values of a chat session: whatever is written comes back equal, and buffers of both forms come back as bytes."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.datalayer.envelope import InvalidInput
from harness.embedded.server import Server
from harness.reference.session_values import MOST_LEVELS, decoded, encoded
from tests.datalayer.chat_sessions import OWN, Chats, chats, data

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
NAMES = st.sampled_from(["type", "data", "Buffer", "value"]) | TEXTS
LISTED = st.fixed_dictionaries({"type": st.just("Buffer"), "data": st.binary(max_size=8).map(list)})
IN_TEXT = st.fixed_dictionaries(
    {"type": st.just("Buffer"), "data": st.binary(max_size=8).map(lambda one: base64.b64encode(one).decode())}
)
NEARLY = st.fixed_dictionaries(
    {"type": st.sampled_from(["Buffer", "buffer", 1]), "data": st.sampled_from(["~", "A", "ä", 7, None, [256], [True]])}
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers() | st.integers(-(2**200), 2**200),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    NEARLY,
)


def nested(leaves: st.SearchStrategy[Any], names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12
    )


VALUES = nested(PLAIN | st.binary(max_size=40), TEXTS.filter(lambda text: text != "type"))
"""Every nesting in which no object has the form of a buffer."""
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WITH_BUFFERS = nested(PLAIN | st.binary(max_size=8) | LISTED | IN_TEXT, NAMES)


@pytest.fixture(scope="module")
def chats_of_module(server: Server) -> Iterator[Chats]:
    with chats(server) as one:
        yield one


@pytest.fixture
def chat(chats_of_module: Chats) -> Chats:
    chats_of_module.empty()
    return chats_of_module


def forms(document: Any) -> Iterator[str]:
    """The type of `data` of every buffer in a JSON document."""
    match document:
        case {"type": "Buffer", "data": str() | list() as held} if decoded(document) != document:
            yield type(held).__name__
        case dict():
            for one in document.values():
                yield from forms(one)
        case list():
            for one in document:
                yield from forms(one)


@UNHURRIED
@given(VALUES)
def test_a_value_comes_back_from_its_json_as_it_was(value: Any) -> None:
    assert decoded(json.loads(json.dumps(encoded(value)))) == value


@UNHURRIED
@given(WITH_BUFFERS)
@example({"type": "Buffer", "data": []})
@example({"type": "Buffer", "data": ""})
def test_a_buffer_in_either_form_comes_back_as_bytes(value: Any) -> None:
    assert decoded(json.loads(json.dumps(encoded(value)))) == decoded(value)


@UNHURRIED
@given(WITH_BUFFERS)
def test_buffers_are_written_in_one_form(value: Any) -> None:
    assert set(forms(encoded(value))) <= {"str"}
    assert encoded(encoded(value)) == encoded(value)


@UNHURRIED
@given(st.binary(max_size=64))
def test_both_forms_of_a_buffer_are_the_same_bytes(buffer: bytes) -> None:
    in_text = {"type": "Buffer", "data": base64.b64encode(buffer).decode()}
    assert decoded({"deep": [{"type": "Buffer", "data": list(buffer)}]}) == {"deep": [buffer]}
    assert decoded({"deep": [in_text]}) == {"deep": [buffer]}


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Buffer", "data": [256]},
        {"type": "Buffer", "data": [-1]},
        {"type": "Buffer", "data": [True]},
        {"type": "Buffer", "data": [1.0]},
        {"type": "Buffer", "data": "A"},
        {"type": "Buffer", "data": "QUJ~D"},
        {"type": "Buffer", "data": "ä"},
        {"type": "Buffer", "data": None},
        {"type": "Buffer", "data": "QUJD", "more": 1},
        {"type": "buffer", "data": "QUJD"},
        {"type": "Buffer"},
    ],
)
def test_what_only_resembles_a_buffer_stays_an_object(value: dict[str, Any]) -> None:
    assert decoded(value) == value
    assert encoded(value) == value


@pytest.mark.parametrize(
    "value",
    [{1: "a"}, (1, 2), {"a"}, math.nan, math.inf, "a\x00b", "\ud800", {"\x00": 1}, object(), 1j],
    ids=["key", "tuple", "set", "nan", "infinity", "nul", "surrogate", "nul in key", "object", "complex"],
)
def test_a_value_that_would_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        encoded(["in a list", value])


def test_a_value_is_refused_that_is_nested_too_deeply() -> None:
    value: list[Any] = []
    for _ in range(MOST_LEVELS):
        value = [value]
    assert decoded(encoded(value)) == value
    with pytest.raises(InvalidInput):
        encoded([value])


@settings(UNHURRIED, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(VALUES.filter(lambda one: one is not None), min_size=1, max_size=20))
def test_a_value_comes_back_from_the_database_as_it_was(chat: Chats, values: list[Any]) -> None:
    chat.empty()
    chat.pair()
    keys = {f"k{n}": value for n, value in enumerate(values)}
    assert data(chat.store.set_keys(OWN, {"session": keys})) == len(keys)
    assert data(chat.store.get_keys(OWN, "session", list(keys))) == keys
