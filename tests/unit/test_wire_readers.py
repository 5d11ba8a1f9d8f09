"""What the relays read of the bytes that pass: every statement and request, however the bytes are cut."""

from __future__ import annotations

import struct

import pytest

from harness.core.statements import RestRequest
from harness.wire.http import RequestReader
from harness.wire.journal import Exchange
from harness.wire.postgres import FrontendReader, is_control

CUTS = (1, 3, 7, 100_000)


def startup(**parameters: str) -> bytes:
    words = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"
    return struct.pack("!II", len(words) + 8, 196608) + words


def message(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack("!I", len(body) + 4) + body


def parse(name: str, text: str, *types: int) -> bytes:
    return message("P", f"{name}\0{text}\0".encode() + struct.pack(f"!H{len(types)}I", len(types), *types))


def bind(portal: str, statement: str, value: str) -> bytes:
    raw = value.encode()
    return message("B", f"{portal}\0{statement}\0".encode() + struct.pack("!hhI", 0, 1, len(raw)) + raw + b"\0\0")


def execute(portal: str) -> bytes:
    return message("E", portal.encode() + b"\0" + struct.pack("!I", 0))


def passed(stream: bytes, cut: int) -> tuple[list[Exchange], bytes, bytes]:
    """What a reader records of a stream in pieces, what it sends on, and what it answers."""
    seen: list[Exchange] = []
    reader = FrontendReader(seen.append)
    onward = answered = b""
    for start in range(0, len(stream), cut):
        forward, answer = reader.from_client(stream[start : start + cut])
        onward, answered = onward + forward, answered + answer
    return seen, onward, answered


@pytest.mark.parametrize("cut", CUTS)
def test_statements_are_read_with_their_database_and_without_their_parameters(cut: int) -> None:
    stream = (
        startup(user="salon", database="clone")
        + message("Q", b"BEGIN\0")
        + parse("", "SELECT $1")
        + bind("", "", "secret")
        + execute("")
        + message("S", b"")
        + parse("s1", "INSERT INTO t VALUES ($1)")
        + bind("p", "s1", "x" * 2000)
        + execute("p")
        + bind("p", "s1", "y")
        + execute("p")
        + message("d", b"z" * 3000)
        + message("Q", b"COMMIT\0")
    )
    seen, onward, answered = passed(stream, cut)
    assert onward == stream
    assert answered == b""
    assert {each.database for each in seen} == {"clone"}
    assert [(each.sql, each.executed) for each in seen if not each.control] == [
        ("SELECT $1", False),
        ("SELECT $1", True),
        ("INSERT INTO t VALUES ($1)", False),
        ("INSERT INTO t VALUES ($1)", True),
        ("INSERT INTO t VALUES ($1)", True),
    ]
    assert "secret" not in repr(seen)


@pytest.mark.parametrize("cut", CUTS)
def test_the_types_that_a_driver_declares_are_kept_with_each_execution(cut: int) -> None:
    stream = (
        startup(user="salon")
        + parse("s", "SELECT $1, $2", 21, 0)
        + bind("", "s", "x")
        + execute("")
        + parse("", "SELECT 1")
        + bind("", "", "x")
        + execute("")
    )
    seen, _, _ = passed(stream, cut)
    assert [(each.sql, each.types) for each in seen] == [
        ("SELECT $1, $2", (21, 0)),
        ("SELECT $1, $2", (21, 0)),
        ("SELECT 1", ()),
        ("SELECT 1", ()),
    ]


@pytest.mark.parametrize("cut", CUTS)
def test_a_request_for_encryption_is_answered_with_no_and_kept_from_the_server(cut: int) -> None:
    requests = struct.pack("!II", 8, 80877104) + struct.pack("!II", 8, 80877103)
    stream = startup(user="salon")
    seen, onward, answered = passed(requests + stream, cut)
    assert (onward, answered) == (stream, b"NN")
    assert seen == []


def test_a_request_to_cancel_passes_as_it_is() -> None:
    stream = struct.pack("!IIII", 16, 80877102, 5, 6)
    assert passed(stream, 100)[1:] == (stream, b"")


def test_the_database_is_the_user_where_none_is_named() -> None:
    seen, _, _ = passed(startup(user="salon") + message("Q", b"SELECT 1\0"), 100)
    assert [each.database for each in seen] == ["salon"]


def test_bytes_of_another_protocol_end_the_connection() -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        passed(b"GET / HTTP/1.1\r\n\r\n", 100)


@pytest.mark.parametrize(
    "statement",
    ["", ";", "BEGIN", "begin isolation level serializable", "COMMIT;", "/* x */ ROLLBACK", "-- a\nSET TimeZone='UTC'",
     "SAVEPOINT a", "RELEASE a", "DISCARD ALL", "SHOW search_path"],
)  # fmt: skip
def test_statements_that_ask_for_no_data_are_control(statement: str) -> None:
    assert is_control(statement)


@pytest.mark.parametrize(
    "statement", ["SELECT 1", "BEGIN; DELETE FROM t", "SETTLE", "WITH a AS (SELECT 1) SELECT 1", "UPDATE t SET a = 1"]
)
def test_statements_that_ask_for_data_are_not_control(statement: str) -> None:
    assert not is_control(statement)


def read(stream: bytes, cut: int) -> list[RestRequest]:
    seen: list[RestRequest] = []
    reader = RequestReader(seen.append)
    for start in range(0, len(stream), cut):
        piece = stream[start : start + cut]
        assert reader.from_client(piece) == (piece, b"")
    return seen


REQUESTS = (
    b"GET /rest/v1/clients?select=*&phone=eq.8 HTTP/1.1\r\nHost: a\r\napikey: KEY\r\nAuthorization: Bearer KEY\r\n"
    b"Accept-Profile: app\r\n\r\n"
    b"POST /rest/v1/clients HTTP/1.1\r\nContent-Length: 19\r\nPREFER: return=minimal\r\n\r\n"
    b"GET /x HTTP/1.1\r\n\r\n"
    b"POST /rest/v1/rpc/f HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
    b"5;ext=1\r\nab\r\nc\r\n3\r\nGET\r\n0\r\nTrailer: x\r\n\r\n"
    b"\r\nHEAD /rest/v1/staff?limit=1 HTTP/1.1\r\nPrefer: count=exact\r\n\r\n"
)


@pytest.mark.parametrize("cut", CUTS)
def test_requests_are_read_on_one_connection_and_bodies_are_not_taken_for_requests(cut: int) -> None:
    assert read(REQUESTS, cut) == [
        RestRequest(verb="GET", path="/rest/v1/clients", query="select=*&phone=eq.8", profile="app"),
        RestRequest(verb="POST", path="/rest/v1/clients", prefer="return=minimal"),
        RestRequest(verb="POST", path="/rest/v1/rpc/f"),
        RestRequest(verb="HEAD", path="/rest/v1/staff", query="limit=1", prefer="count=exact"),
    ]


def test_keys_of_requests_are_never_kept() -> None:
    assert "KEY" not in repr(read(REQUESTS, 7))


def test_what_is_not_http_ends_the_connection() -> None:
    with pytest.raises(ValueError, match="HTTP"):
        read(b"hello\r\n\r\n", 100)
