"""Paths, methods, bodies and arguments (docs: "URL grammar", Functions as RPC, "Insert", "Bulk Insert")."""

from __future__ import annotations

import pytest

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action, Comparison, Field, Filter, Payload, Placed
from harness.core.postgrest.parse import parse


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", "/t", Action.READ),
        ("HEAD", "/t", Action.READ),
        ("POST", "/t", Action.INSERT),
        ("PUT", "/t", Action.REPLACE),
        ("PATCH", "/t", Action.UPDATE),
        ("DELETE", "/t", Action.DELETE),
        ("OPTIONS", "/t", Action.OPTIONS),
        ("GET", "/rpc/f", Action.CALL),
        ("POST", "/rpc/f", Action.CALL),
        ("GET", "/", Action.DESCRIBE),
    ],
)
def test_method_and_path_say_what_is_done(method: str, path: str, action: Action) -> None:
    assert parse(method, path, body=b"{}").action is action


def test_a_name_in_the_path_is_decoded() -> None:
    assert parse("GET", "/%D0%B8%D0%BC%D1%8F%2Fx").target == "имя/x"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PATCH", "/rpc/f", 405, "PGRST101"),
        ("TRACE", "/t", 405, "PGRST117"),
        ("POST", "/", 405, "PGRST117"),
        ("GET", "/a/b", 404, "PGRST125"),
    ],
)
def test_what_cannot_be_done_there_is_refused(method: str, path: str, status: int, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(method, path)
    assert (caught.value.status, caught.value.code) == (status, code)


def test_a_body_keeps_its_bytes_and_tells_its_keys() -> None:
    payload = parse("POST", "/t", body=b' [{"b": 1.10, "a": 2}, {"a": 3, "b": 4}]').payload
    assert payload is not None
    assert payload.raw == b' [{"b": 1.10, "a": 2}, {"a": 3, "b": 4}]'
    assert (payload.columns, payload.is_object) == (("a", "b"), False)


def test_with_columns_the_body_is_not_read_at_all() -> None:
    payload = parse("POST", "/t", 'columns="a","b c"', body=b"[{not json").payload
    assert payload is not None
    assert payload.columns == ("a", "b c")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Empty or invalid json"),
        (b"{", "Empty or invalid json"),
        (b'{"a": NaN}', "Empty or invalid json"),
        (b"\xff", "Empty or invalid json"),
        (b"[" * 100_000, "Empty or invalid json"),
        (b'[{"a": 1}, {"b": 2}]', "All object keys must match"),
        (b'[{"a": 1}, 2]', "All object keys must match"),
    ],
)
def test_a_body_that_is_no_rows_is_pgrst102(body: bytes, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse("POST", "/t", body=body)
    assert (caught.value.status, caught.value.code, caught.value.message) == (400, "PGRST102", message)


def test_a_call_without_a_body_has_no_arguments() -> None:
    payload = parse("POST", "/rpc/f").payload
    assert payload is not None
    assert (payload.raw, payload.columns, payload.is_object) == (b"{}", (), True)


def test_in_a_call_with_get_what_is_no_filter_is_an_argument() -> None:
    query = parse("GET", "/rpc/f", "a=1&b=two&id=gt.5&select=id&limit=1").query
    assert query.arguments == (("a", "1"), ("b", "two"))
    assert query.conditions == (Placed((), Filter(Field("id"), Comparison("gt", "5"))),)


@pytest.mark.parametrize("value", ["in.x", "is.maybe", "not.there"])
def test_an_argument_that_starts_like_a_filter_is_taken_for_one(value: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse("GET", "/rpc/f", f"a={value}")
    assert caught.value.code == "PGRST100"


def test_a_plus_is_a_blank_and_a_key_without_value_is_dropped() -> None:
    query = parse("GET", "/t", "name=eq.a+b&lonely").query
    assert query.conditions == (Placed((), Filter(Field("name"), Comparison("eq", "a b"))),)


@pytest.mark.parametrize(
    ("content_type", "body", "payload"),
    [
        ("text/csv", b"b,a\n1,NULL\n", Payload(b'[{"b": "1", "a": null}]', ("a", "b"))),
        ("application/x-www-form-urlencoded", b"b=1&a=+", Payload(b'{"b": "1", "a": " "}', ("a", "b"), is_object=True)),
    ],
)
def test_csv_and_forms_become_json(content_type: str, body: bytes, payload: Payload) -> None:
    fields = [("content-type", content_type)]
    assert parse("POST", "/t", "columns=a", header_fields=fields, body=body).payload == payload


def test_the_fields_of_a_form_are_the_arguments_of_a_call() -> None:
    fields = [("content-type", "application/x-www-form-urlencoded")]
    payload = parse("POST", "/rpc/f", header_fields=fields, body=b"b=1&a=2&b=3").payload
    assert payload == Payload(b"b=1&a=2&b=3", ("a", "b"), arguments=(("b", "1"), ("a", "2"), ("b", "3")))


@pytest.mark.parametrize("number", ["1" * 5000, "1" * 5000 + ".5", "-1e" + "9" * 400])
def test_numbers_of_any_length_are_json(number: str) -> None:
    payload = parse("POST", "/t", body=f'{{"a": {number}}}'.encode()).payload
    assert payload is not None
    assert payload.columns == ("a",)


def test_an_unknown_content_type_is_pgrst102() -> None:
    with pytest.raises(RequestError) as caught:
        parse("POST", "/t", header_fields=[("content-type", "image/png")], body=b"a")
    assert (caught.value.status, caught.value.code) == (400, "PGRST102")
