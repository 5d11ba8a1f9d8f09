"""The guard before a real project: reads pass, by the server's own name; whatever else a client sends stays here."""

from __future__ import annotations

import pytest

from harness.core.statements import RestRequest
from harness.wire.guard import Guard, GuardedReader

HOST = "project.example"


class Watched:
    """A guarded reader, what it passed on, what it answered, and what it recorded."""

    def __init__(self, below: str = "/rest/v1/") -> None:
        self.guard = Guard(below=below)
        self.recorded: list[RestRequest] = []
        self._reader = GuardedReader(self.guard, HOST, self.recorded.append)
        self.onward = b""
        self.answer = b""

    def sends(self, *pieces: bytes) -> Watched:
        for piece in pieces:
            onward, answer = self._reader.from_client(piece)
            self.onward += onward
            self.answer += answer
        return self

    @property
    def reasons(self) -> list[str]:
        return [each.reason for each in self.guard.taken_refusals()]


def head(first: str, *fields: str) -> bytes:
    return "\r\n".join([first, "Host: 127.0.0.1:4000", *fields, "", ""]).encode("latin-1")


READ = head("GET /rest/v1/clients?id=eq.1 HTTP/1.1", "apikey: k", "Accept-Profile: public")


@pytest.mark.parametrize("cut", [0, 1, 10, len(READ) - 1])
def test_a_read_passes_under_the_projects_own_name_however_it_arrives(cut: int) -> None:
    seen = Watched().sends(READ[:cut], READ[cut:])
    assert seen.onward == READ.replace(b"Host: 127.0.0.1:4000", b"Host: project.example")
    assert seen.answer == b""
    assert [(each.verb, each.path, each.query, each.profile) for each in seen.recorded] == [
        ("GET", "/rest/v1/clients", "id=eq.1", "public")
    ]


@pytest.mark.parametrize(
    "request_",
    [
        head("POST /rest/v1/clients HTTP/1.1", "Content-Length: 2") + b"{}",
        head("PATCH /rest/v1/clients HTTP/1.1", "Content-Length: 2") + b"{}",
        head("DELETE /rest/v1/clients?id=eq.1 HTTP/1.1"),
        head("PUT /rest/v1/clients HTTP/1.1", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head("POST /rest/v1/rpc/read_only HTTP/1.1", "Content-Length: 2") + b"{}",
        head("OPTIONS /rest/v1/clients HTTP/1.1"),
        head("get /rest/v1/clients HTTP/1.1"),
        head("GET /auth/v1/verify?token=x HTTP/1.1"),
        head("GET /functions/v1/send_mail HTTP/1.1"),
        head("GET /rest/v1/../../functions/v1/send_mail HTTP/1.1"),
        head("GET /rest/v1/%2e%2e/functions/send_mail HTTP/1.1"),
        head("GET /rest/v1/clients HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket"),
        head("GET /rest/v1/clients HTTP/1.1", "Content-Length: 40"),
        head("GET /rest/v1/clients HTTP/1.1", "Transfer-Encoding: chunked"),
        head("GET /rest/v1/clients HTTP/1.1", "Content-Length: 0", "Content-Length: 40"),
        head("GET /rest/v1/clients HTTP/1.1", "Content-Length : 40"),
        head("GET /rest/v1/clients HTTP/1.1", "Content-Length: +4"),
        head("GET /rest/v1/clients HTTP/1.1", "X: a\nDELETE /rest/v1/clients HTTP/1.1"),
        head("GET http://elsewhere.example/ HTTP/1.1"),
        head("GET /rest/v1/clients HTTP/1.0"),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_nothing_of_any_other_request_is_sent(request_: bytes) -> None:
    seen = Watched().sends(request_)
    assert seen.onward == b""
    assert seen.answer.startswith(b"HTTP/1.1 403 ")
    assert b"Connection: close" in seen.answer
    assert len(seen.reasons) == 1
    assert seen.recorded == []


def test_after_a_refusal_nothing_of_the_connection_passes() -> None:
    seen = Watched().sends(READ, head("DELETE /rest/v1/clients HTTP/1.1"), READ)
    assert seen.onward.count(b"GET ") == 1
    assert b"DELETE" not in seen.onward
    assert seen.answer.count(b"403") == 1


def test_two_reads_in_one_piece_both_pass() -> None:
    assert Watched().sends(READ + READ).onward.count(b"Host: project.example") == 2


def test_a_write_that_was_allowed_passes_with_its_body_and_no_other_does() -> None:
    seen = Watched()
    seen.guard.allow({("POST", "/rest/v1/clients")})
    body = b'{"number":9900001}'
    insert = head("POST /rest/v1/clients?columns=number HTTP/1.1", f"Content-Length: {len(body)}")
    seen.sends(insert + body[:5], body[5:], READ)
    assert seen.onward.endswith(body + READ.replace(b"127.0.0.1:4000", HOST.encode()))
    seen.sends(head("POST /rest/v1/orders HTTP/1.1", "Content-Length: 2"))
    assert len(seen.reasons) == 1
    again = Watched()
    again.guard.allow({("POST", "/rest/v1/clients")})
    again.guard.allow(())
    assert again.sends(insert + body).onward == b""


def test_a_project_below_a_path_is_asked_there_alone() -> None:
    assert Watched("/p/rest/v1/").sends(head("GET /p/rest/v1/clients HTTP/1.1")).onward
    assert not Watched("/p/rest/v1/").sends(READ).onward


def test_what_goes_on_for_ever_is_no_request() -> None:
    with pytest.raises(ValueError, match="not an HTTP request"):
        Watched().sends(b"GET /" + b"a" * (1 << 20))
