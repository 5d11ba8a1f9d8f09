"""The OpenAPI description, as far as it is words alone: types, defaults, comments, the address of a proxy."""

from __future__ import annotations

import pytest

from harness.gateway.openapi.description import first_line_and_rest
from harness.gateway.openapi.document import ServerAddress, proxy_address
from harness.gateway.openapi.swagger_types import default_value, typed


@pytest.mark.parametrize(
    ("type_", "expression", "expected"),
    [
        ("text", "'a'::text", ("a",)),
        ("text", "''::text", ("",)),
        ("character varying", "'a'::character varying", ("a",)),
        ("timestamp with time zone", "now()", ("now()",)),
        ("api.mood", "'calm'::api.mood", ("calm",)),
        ("integer", "7", (7,)),
        ("numeric", "4.50", (4.5,)),
        ("boolean", "true", (True,)),
        ("jsonb", "null", (None,)),
    ],
)
def test_a_default_that_json_can_say_is_said(type_: str, expression: str, expected: tuple[object, ...]) -> None:
    assert default_value(type_, expression) == expected


@pytest.mark.parametrize(
    ("type_", "expression"),
    [
        ("integer", "'-1'::integer"),
        ("integer", "nextval('s'::regclass)"),
        ("numeric", "NaN"),
        ("jsonb", "'{}'::jsonb"),
        ("text[]", "'{}'::text[]"),
        ("text", "'say \"hi\"'::text"),
    ],
)
def test_a_default_that_is_no_json_is_left_out(type_: str, expression: str) -> None:
    assert default_value(type_, expression) == ()


def test_an_array_is_an_array_of_its_elements() -> None:
    assert typed("integer[]") == {"format": "integer[]", "type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("comment", "expected"),
    [("one", ("one", "")), ("one\ntwo", ("one", "two")), ("one\n\n\ntwo\nthree\n", ("one", "two\nthree\n"))],
)
def test_a_comment_is_its_first_line_and_the_rest(comment: str, expected: tuple[str, str]) -> None:
    assert first_line_and_rest(comment) == expected


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://salon.example", ServerAddress("http", "salon.example:80", "/")),
        ("https://salon.example/api/v1", ServerAddress("https", "salon.example:443", "/api/v1")),
        ("https://salon.example:8443/", ServerAddress("https", "salon.example:8443", "/")),
    ],
)
def test_a_proxy_uri_says_scheme_host_and_path(uri: str, expected: ServerAddress) -> None:
    assert proxy_address(uri) == expected


@pytest.mark.parametrize("uri", [None, "", "salon.example", "ftp://salon.example", "http://", "http://a:port/"])
def test_what_is_no_proxy_uri_says_nothing(uri: str | None) -> None:
    assert proxy_address(uri) is None
