"""The ASGI application: PostgREST's paths at `/`, Supabase's below `/rest/v1`."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from harness.gateway.gateway import Gateway, Incoming, RequestFailed
from harness.gateway.identity import ApiKeyRefused, check_api_key
from harness.gateway.responses import Answer
from harness.gateway.settings import GatewaySettings

SUPABASE_PREFIX = "/rest/v1"
_JSON = "application/json; charset=utf-8"
_LOGGED_HEADERS = frozenset({"prefer", "accept", "accept-profile", "content-profile", "range"})


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request as a log may see it: never its body, nor a key."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    status: int
    seconds: float


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


def _failed(error: RequestFailed) -> Answer:
    failure = error.failure
    headers = (("Content-Type", _JSON), ("Proxy-Status", f"PostgREST; error={failure.code}"), *failure.headers)
    return Answer(failure.status, headers, failure.body())


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1", errors="replace")) for name, value in headers]


class GatewayApplication:
    """The gateway as an ASGI application; `on_request`, where it is set, sees a line for every request."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.gateway = Gateway(settings)
        self.on_request: Callable[[RequestLine], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = time.perf_counter()
        method: str = scope["method"]
        path, of_supabase = _without_prefix(scope.get("raw_path", scope["path"].encode()).decode("latin-1"))
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        with contextlib.suppress(_ClientGone):
            incoming = Incoming(method, path, query, fields, await _body(receive))
            answer = await self._answer(incoming, of_supabase=of_supabase)
            await self._send(answer, send, headers_only=method == "HEAD")
            if self.on_request is not None:
                headers = {name: value for name, value in fields if name in _LOGGED_HEADERS}
                seconds = time.perf_counter() - began
                self.on_request(RequestLine(method, path, query, headers, answer.status, seconds))

    async def _answer(self, incoming: Incoming, *, of_supabase: bool) -> Answer:
        try:
            if of_supabase:
                check_api_key(incoming.headers, self.gateway.settings)
            return await self.gateway.answer(incoming)
        except ApiKeyRefused as refusal:
            return _refused(refusal)
        except RequestFailed as error:
            return _failed(error)

    @staticmethod
    async def _send(answer: Answer, send: Send, *, headers_only: bool) -> None:
        headers = _encoded(answer.headers)
        if not headers_only and answer.status != 204:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if headers_only else answer.body})


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
