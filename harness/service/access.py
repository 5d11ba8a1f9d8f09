"""Who may ask: the Host header, the method, the token; and answers that tell no more than they have to."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.core.health.documents import Problem
from harness.render.secrets import blotted
from harness.render.visible import clipped, one_line

_LOG: Final = logging.getLogger(__name__)

Log = Callable[[str], None]

OPEN_PATH: Final = "/health/live"
METHODS: Final = ("GET", "HEAD")
SHORTEST_TOKEN: Final = 16
_LONGEST_PATH: Final = 200
_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_CHALLENGE: Final = 'Basic realm="pgparity", charset="UTF-8", Bearer realm="pgparity"'


@dataclass(frozen=True, slots=True)
class Access:
    """Without a token all may ask that reach the address. `hosts` are the names in Host; empty: any."""

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def hosts_of(listening: str, allowed: Collection[str]) -> frozenset[str]:
    """The names that are answered: on loopback its own and those allowed, elsewhere those allowed, or any.

    A page of somebody else can have its own name resolved to 127.0.0.1 and read what answers there: its requests carry
    that name. Elsewhere the token keeps it out, which a browser sends to the name alone that it was typed for.
    """
    names = {each.lower().strip("[]") for each in allowed}
    if is_loopback(listening):
        names |= {"localhost", "127.0.0.1", "::1", listening.lower().strip("[]")}
    return frozenset(names)


def problem(status: int, title: str, detail: str = "", **headers: str) -> Response:
    """An answer that says what is wrong, and nothing else: RFC 9457."""
    body = Problem(title=title, status=status, detail=detail).to_json()
    return Response(body, status, headers, media_type="application/problem+json")


class Guarded:
    """An application behind the rules of access. Nothing that goes wrong in it is told but that it did."""

    def __init__(self, application: ASGIApp, access: Access, log: Log | None = None) -> None:
        """`log` is given a line for every request."""
        self._application = application
        self._access = access
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand the request on."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        began, begun = perf_counter(), False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                if self._log is not None:
                    self._log(_line(scope, message["status"], perf_counter() - began))
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in _HEADERS if each[0] not in given)]
            await send(message)

        refused = self._refused(Request(scope))
        if refused is not None:
            await refused(scope, receive, with_headers)
            return
        try:
            await self._application(scope, receive, with_headers)
        except Exception as error:  # noqa: BLE001 - its text and its frames may hold values: neither leaves
            _LOG.error("An endpoint failed (%s).", type(error).__name__)
            if not begun:
                await problem(500, "The endpoint failed.")(scope, receive, with_headers)

    def _refused(self, request: Request) -> Response | None:
        if self._access.hosts and _name(request.headers.get("host", "")) not in self._access.hosts:
            return problem(421, "This host is not served here.", "Add it to [serve] allowed_hosts where it is meant.")
        if request.method not in METHODS:
            return problem(405, "Only GET and HEAD are answered.", Allow=", ".join(METHODS))
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        if self._access.token is None or path == OPEN_PATH:
            return None
        if _shows(request.headers.get("authorization", ""), self._access.token):
            return None
        headers = {"WWW-Authenticate": _CHALLENGE}
        detail = "Authorization: Bearer, or Basic with the token as the password."
        return problem(401, "A token is needed.", detail, **headers)


def _line(scope: Scope, status: int, seconds: float) -> str:
    """A request in one line: without its query and its headers, and with nothing in it that looks like a secret."""
    path = clipped(one_line(blotted(scope["path"])), _LONGEST_PATH)
    return f"{scope['method']} {path} {status} {seconds * 1000:.1f} ms"


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def _shows(authorization: str, token: str) -> bool:
    """Whether the header has the token; compared in a time that does not tell how much of it is right."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return hmac.compare_digest(rest.strip().encode(), token.encode())
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(rest.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given.partition(b":")[2], token.encode())
