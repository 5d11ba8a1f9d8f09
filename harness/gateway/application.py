"""The ASGI application: PostgREST's paths at `/`, Supabase's below `/rest/v1`."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from harness.gateway.access.identity import ApiKeyRefused
from harness.gateway.answers.responses import Answer
from harness.gateway.gateway import Gateway, Incoming, RequestFailed
from harness.gateway.http import cors, request_head
from harness.gateway.http.health import HEALTH_PATH, asks_for_health, health
from harness.gateway.http.request_log import Log, RequestLine, is_logged, log_line
from harness.gateway.settings import GatewaySettings
from harness.version import __version__

SUPABASE_PREFIX = "/rest/v1"
_JSON = "application/json; charset=utf-8"
_WITHOUT_BODY = frozenset({204, 304})
_SERVER = (b"server", f"pgparity/{__version__}".encode("ascii"))
_RETRY_SECONDS = 1
_LOGGED_HEADERS = frozenset({"prefer", "accept", "accept-profile", "content-profile", "range", "referer", "user-agent"})

__all__ = ["SUPABASE_PREFIX", "GatewayApplication", "RequestLine", "create_application"]


class _ClientGone(Exception):
    """The client went away before its request was complete."""


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _without_prefix(path: str) -> tuple[str, bool]:
    """The path below PostgREST's root, and whether it was Supabase's way to write it."""
    if path == SUPABASE_PREFIX or path.startswith(f"{SUPABASE_PREFIX}/"):
        return path.removeprefix(SUPABASE_PREFIX) or "/", True
    return path, False


def _refused(refusal: ApiKeyRefused) -> Answer:
    body = json.dumps({"message": refusal.message, "hint": refusal.hint}).encode()
    return Answer(401, (("Content-Type", _JSON),), body)


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1", errors="replace")) for name, value in headers]


class GatewayApplication:
    """The gateway as an ASGI application.

    `on_request`, where it is set, sees every request; `log`, where it is set, is given the lines that the setting
    log-level asks for.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self.gateway = Gateway(settings)
        self.on_request: Callable[[RequestLine], None] | None = None
        self.log: Log | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = time.perf_counter()
        method: str = scope["method"]
        path, of_supabase = _without_prefix(scope.get("raw_path", scope["path"].encode()).decode("latin-1"))
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        with contextlib.suppress(_ClientGone):
            incoming = Incoming(method, path, query, fields, await _body(receive))
            headers = incoming.headers
            if request_head.is_too_long(scope):
                await self._send(request_head.REFUSED, headers, send, headers_only=method == "HEAD")
                return
            allowed_origins = self.gateway.settings.server_cors_allowed_origins
            before_flight = cors.preflight(method, headers, allowed_origins)
            if before_flight is not None:
                await self._send(Answer(200, before_flight), headers, send)
                return
            answer, role = await self._answer(incoming, of_supabase=of_supabase)
            of_cors = cors.simple(method, headers, allowed_origins)
            if of_cors:
                answer = replace(answer, headers=(*answer.headers, *of_cors))
            await self._send(answer, headers, send, headers_only=method == "HEAD")
            self._tell(scope, incoming, answer, role, time.perf_counter() - began)

    def _tell(self, scope: Scope, incoming: Incoming, answer: Answer, role: str | None, seconds: float) -> None:
        logs = self.log is not None and is_logged(answer.status, self.gateway.settings.log_level)
        if self.on_request is None and not logs:
            return
        client = scope.get("client")
        line = RequestLine(
            incoming.method,
            incoming.path,
            incoming.query,
            {name: value for name, value in incoming.header_fields if name in _LOGGED_HEADERS},
            answer.status,
            seconds,
            role=role,
            client=client[0] if client else "-",
            http_version=scope.get("http_version", "1.1"),
            length=None if answer.status == 204 else len(answer.body),
        )
        if self.on_request is not None:
            self.on_request(line)
        if logs and self.log is not None:
            self.log(log_line(line))

    async def _answer(self, incoming: Incoming, *, of_supabase: bool) -> tuple[Answer, str | None]:
        """The answer, and the role of who asked, where that is known."""
        try:
            if incoming.path == HEALTH_PATH and not of_supabase and asks_for_health(incoming.method, self.gateway):
                return await health(self.gateway), None
            if of_supabase:
                self.gateway.authenticator.check_api_key(incoming.headers)
            answered = await self.gateway.answer(incoming)
        except ApiKeyRefused as refusal:
            return _refused(refusal), None
        except RequestFailed as error:
            return self._failed(error), error.identity.role if error.identity is not None else None
        return answered.answer, answered.identity.role

    def _failed(self, error: RequestFailed) -> Answer:
        failure = error.failure
        headers = [("Content-Type", _JSON), ("Proxy-Status", f"PostgREST; error={failure.code}"), *failure.headers]
        if failure.status == 503:
            headers.append(("Retry-After", str(_RETRY_SECONDS)))
        minimal = self.gateway.settings.client_error_verbosity == "minimal"
        return Answer(failure.status, tuple(headers), failure.body(minimal=minimal))

    async def _send(self, answer: Answer, asked: Mapping[str, str], send: Send, *, headers_only: bool = False) -> None:
        headers = _encoded(answer.headers)
        trace = self.gateway.settings.server_trace_header
        if trace is not None and trace.lower() in asked:
            headers.append((trace.lower().encode("latin-1"), asked[trace.lower()].encode("latin-1")))
        headers.append(_SERVER)
        # a function may have set such a status over a body
        bodyless = headers_only or answer.status in _WITHOUT_BODY
        if not bodyless:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if bodyless else answer.body})


def create_application(settings: GatewaySettings) -> Starlette:
    """The gateway over the database of the settings; its `state.gateway` is the GatewayApplication.

    The schema cache is read when the application starts, or at the first request where nobody starts it.
    """
    application = GatewayApplication(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await application.gateway.load_schema_cache()
        try:
            yield
        finally:
            await application.gateway.close_connections()

    starlette = Starlette(lifespan=lifespan)
    # not a route: its patterns would refuse a path with a line break in it, which is the name of no relation (PGRST205)
    starlette.router.default = application
    starlette.router.redirect_slashes = False
    starlette.state.gateway = application
    return starlette
