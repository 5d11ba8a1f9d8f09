"""What a program says over JSON-RPC: its methods as signatures, its values with their types, and what is no answer."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.described_methods import described_methods
from harness.core.generation.parameter_types import (
    ANYTHING,
    BYTES,
    DATETIME,
    DECIMAL,
    INTEGER,
    NUMBER,
    TEXT,
    UUID_VALUE,
    Choice,
    Either,
    Field,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
)
from harness.core.json_rpc import Failure, ProtocolBroken, request, response
from harness.core.personal_tokens import PersonalToken, read_arguments, replaced, tokens_in
from harness.core.values import compare_values
from harness.datalayer.recorded_arguments import WrittenArguments, personal_digest
from harness.tagged_values import NoJsonForm, WrongTag, tagged, untagged


def described(type_: Any, **more: Any) -> ParameterType:
    """The type of a parameter that is described so."""
    methods = described_methods([{"name": "m", "parameters": [{"name": "p", "type": type_, **more}]}])
    return methods["m"].parameters[0].type


@pytest.mark.parametrize(
    ("type_", "meant"),
    [
        ("any", ANYTHING),
        ("string", TEXT),
        ("integer?", OptionalOf(INTEGER)),
        ("uuid[]", ListOf(UUID_VALUE)),
        ("integer?[]", ListOf(OptionalOf(INTEGER))),
        (["integer", "null"], OptionalOf(INTEGER)),
        ({"type": ["string", "null"], "format": "date-time"}, OptionalOf(DATETIME)),
        ({"type": "string", "format": "email"}, TEXT),
        ({"type": "string", "format": "decimal"}, DECIMAL),
        ({"type": "string", "contentEncoding": "base64"}, BYTES),
        ({"enum": ["a", "b"]}, Choice(("a", "b"))),
        ({"enum": ["a", None]}, OptionalOf(Choice(("a",)))),
        ({"type": "array", "items": {"type": "number"}}, ListOf(NUMBER)),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}, OptionalOf(Either((INTEGER, TEXT)))),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, RecordOf(values=INTEGER)),
        (
            {"type": "object", "properties": {"a": "integer", "b": {"type": "string"}}, "required": ["a"]},
            RecordOf((Field("a", INTEGER), Field("b", TEXT, required=False))),
        ),
    ],
)
def test_a_type_is_a_name_or_a_fragment_of_json_schema(type_: Any, meant: ParameterType) -> None:
    assert described(type_) == meant


def test_a_parameter_with_a_default_need_not_be_given() -> None:
    parameters = [{"name": "a"}, {"name": "b", "default": {"$decimal": "1.0"}}, {"name": "c", "required": False}]
    (signature,) = described_methods([{"name": "m", "parameters": parameters}]).values()
    assert [(each.required, each.default) for each in signature.parameters] == [
        (True, None),
        (False, decimal.Decimal("1.0")),
        (False, None),
    ]


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (None, "without a list of methods"),
        ([{"parameters": []}], "a method without a name"),
        ([{"name": "m"}, {"name": "m"}], "the method m twice"),
        ([{"name": "m", "parameters": {}}], "parameters of m that are no list"),
        ([{"name": "m", "parameters": [{"type": "text"}]}], "a parameter of m without a name"),
        ([{"name": "m", "parameters": [{"name": "p", "type": "txet"}]}], "the parameter p of m with an unknown type"),
        ([{"name": "m", "parameters": [{"name": "p", "type": 1}]}], "neither a name nor a JSON Schema"),
        ([{"name": "m", "parameters": [{"name": "p", "required": "yes"}]}], "'required' that is not true or false"),
    ],
)
def test_a_description_that_cannot_be_read_says_where(methods: Any, message: str) -> None:
    with pytest.raises(ProtocolBroken, match=message):
        described_methods(methods)


def line(**facts: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, **facts}).encode()


def test_a_request_is_one_line_whatever_is_in_it() -> None:
    said = request(1, "call", {"text": "a\nb\u2028\u0085"})
    assert said.count(b"\n") == 1
    assert json.loads(said)["params"] == {"text": "a\nb\u2028\u0085"}


def test_a_response_is_a_result_or_a_failure_without_its_text() -> None:
    assert response(line(result={"answer": 1}), 1) == {"answer": 1}
    assert response(line(error={"code": -32601, "message": "secret"}), 1) == Failure(-32601)
    assert response(line(id=None, error={}), 1) == Failure(0)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"ready", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no answer of JSON-RPC 2.0"),
        (b'{"id": 1, "result": {}}', "no answer of JSON-RPC 2.0"),
        (line(result={}, id=2), "an answer to another request"),
        (line(result={}, id=True), "an answer to another request"),
        (line(result=7), "a result that is no object"),
    ],
)
def test_what_is_no_answer_is_named_without_what_it_holds(said: bytes, message: str) -> None:
    with pytest.raises(ProtocolBroken, match=message):
        response(said, 1)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.none() | st.just(dt.UTC))
    | st.dates()
    | st.times()
    | st.uuids()
    | st.binary()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "$date", "$"]), inner)
)


@given(values)
def test_every_value_comes_back_with_its_type(value: Any) -> None:
    back = untagged(json.loads(json.dumps(tagged(value))))
    assert back == value
    assert isinstance(back, type(value))


def test_values_of_python_alone_are_given_as_what_they_hold() -> None:
    class Mood(enum.Enum):
        GOOD = "good"

    assert tagged([Mood.GOOD, {2, 1} & {1}, (b"",)]) == ["good", [1], [{"$bytes": ""}]]
    with pytest.raises(NoJsonForm, match="object"):
        tagged({"a": [object()]})


@pytest.mark.parametrize("value", [{"$date": "nope"}, {"$decimal": 1}, {"$unknown": "1"}, {"$bytes": "?"}])
def test_a_tag_that_holds_something_else_is_named_without_it(value: Any) -> None:
    with pytest.raises(WrongTag, match="that it does not stand for") as wrong:
        untagged(value)
    assert "nope" not in str(wrong.value)


def test_a_bigint_of_javascript_beside_its_number_is_drift() -> None:
    difference = compare_values(7, untagged({"$bigint": "7"}))
    assert difference is not None
    assert (difference.cls, difference.drift) == ("type", True)
    assert compare_values(untagged({"$bigint": "7"}), untagged({"$bigint": "7"})) is None


def test_personal_tokens_are_read_found_and_replaced_however_deep() -> None:
    token = {"$personal": {"hash": "ab", "column": "clients.phone", "argument": "phone", "as": "integer"}}
    read = read_arguments({"rows": [{"phone": token, "day": {"$date": "2025-01-02"}}], "odd": {"$object": {"$a": 1}}})
    (found,) = tokens_in(read)
    assert found == PersonalToken("ab", "clients.phone", "phone", "integer")
    assert replaced(read, lambda each: each.value("80005550001")) == {
        "rows": [{"phone": 80005550001, "day": dt.date(2025, 1, 2)}],
        "odd": {"$a": 1},
    }
    assert found.placeholder == 0


@given(scalars.filter(lambda value: value is not None and not isinstance(value, bool)))
def test_every_value_that_was_left_out_of_a_recording_can_be_put_in_again(value: Any) -> None:
    arguments = WrittenArguments(b"key", {"who": ""}, frozenset()).written({"who": value})
    (token,) = tokens_in(read_arguments(arguments))
    written = tagged(value)
    text = next(iter(written.values())) if isinstance(written, dict) else str(value)
    assert token.hash == personal_digest(b"key", text)
    assert token.value(text) == value
    assert isinstance(token.placeholder, type(value))


@pytest.mark.parametrize("facts", [{}, {"hash": 1}, {"hash": "ab", "as": "$nothing"}])
def test_a_token_that_is_none_is_refused(facts: Any) -> None:
    with pytest.raises(WrongTag):
        read_arguments({"$personal": facts})
