"""CORS (https://docs.postgrest.org/en/v16/references/api/cors.html).

Sections: CORS (every origin is allowed), server-cors-allowed-origins (some are).
"""

from __future__ import annotations

import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = "CREATE TABLE rooms AS SELECT 1 AS number"
METHODS = "GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD"
EXPOSED = (
    "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding,"
    " Range-Unit"
)
OURS, OTHERS = "http://salon.example", "http://elsewhere.example"


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL)


@pytest.fixture(scope="module")
def picky(serve: Serve) -> Served:
    return serve(DDL, server_cors_allowed_origins=(OURS, "http://second.example"))


def _asks(origin: str, *, method: str = "POST", headers: str | None = None) -> dict[str, str]:
    named = {} if headers is None else {"Access-Control-Request-Headers": headers}
    return {"Origin": origin, "Access-Control-Request-Method": method, **named}


# CORS


def test_a_preflight_request_is_answered_for_every_origin(served: Served) -> None:
    answer = served.http.request("OPTIONS", "/", headers=_asks(OURS, headers="Foo,Bar"))
    assert (answer.status_code, answer.content) == (200, b"")
    found = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert found == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": "Authorization, Foo, Bar, Accept, Accept-Language, Content-Language",
        "access-control-max-age": "86400",
    }


def test_a_preflight_request_needs_no_key_no_token_and_no_relation(serve: Serve) -> None:
    closed = serve(DDL, db_anon_role=None, anon_key="a-key")
    for path in ("/nowhere", "/rest/v1/rooms"):
        answer = closed.http.request("OPTIONS", path, headers=_asks(OURS))
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-methods"] == METHODS
        assert "access-control-allow-headers" not in answer.headers


def test_a_regular_answer_says_which_headers_may_be_seen(served: Served) -> None:
    answer = served.http.get("/rooms", headers={"Origin": OURS})
    assert answer.json() == [{"number": 1}]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert "access-control-allow-credentials" not in answer.headers


def test_an_error_may_be_seen_as_well(served: Served) -> None:
    answer = served.http.get("/nowhere", headers={"Origin": OURS})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"


def test_without_an_origin_nothing_is_said(served: Served) -> None:
    assert not [name for name in served.http.get("/rooms").headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OURS, "Accept": "text/csv, */*; q=0.01"},
        {"Accept": "application/json"},
        _asks(OURS, method="BREW"),
    ],
)
def test_options_that_is_no_preflight_request_is_answered_with_what_is_allowed(
    served: Served, headers: dict[str, str]
) -> None:
    answer = served.http.request("OPTIONS", "/rooms", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers["allow"] == "OPTIONS,GET,HEAD,POST,PATCH,DELETE"


# server-cors-allowed-origins


@pytest.mark.parametrize("origin", [OURS, "http://second.example"])
def test_an_allowed_origin_is_named_and_may_send_credentials(picky: Served, origin: str) -> None:
    before = picky.http.request("OPTIONS", "/rooms", headers=_asks(origin, headers="Content-Type"))
    after = picky.http.get("/rooms", headers={"Origin": origin})
    for answer in (before, after):
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert before.headers["access-control-allow-headers"] == (
        "Authorization, Content-Type, Accept, Accept-Language, Content-Language"
    )


def test_another_origin_is_answered_without_a_word_about_it(picky: Served) -> None:
    answer = picky.http.get("/rooms", headers={"Origin": OTHERS})
    assert answer.json() == [{"number": 1}]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_preflight_request_of_another_origin_is_options_of_the_table(picky: Served) -> None:
    answer = picky.http.request("OPTIONS", "/rooms", headers=_asks(OTHERS))
    assert answer.headers["allow"] == "OPTIONS,GET,HEAD,POST,PATCH,DELETE"
    assert "access-control-allow-methods" not in answer.headers
