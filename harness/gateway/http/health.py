"""Whether the gateway and its database work: `/health`, and the admin server's `/live`, `/ready` and `/metrics`.

`/health` is the gateway's own; the admin server is PostgREST's
(https://docs.postgrest.org/en/v16/references/admin_server.html).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket

from starlette.types import Receive, Scope, Send

from harness.gateway.answers.responses import Answer
from harness.gateway.gateway import Gateway
from harness.gateway.http.metrics import metrics
from harness.gateway.http.sockets import address

HEALTH_PATH = "/health"
_REACH_SECONDS = 1.0


def asks_for_health(method: str, gateway: Gateway) -> bool:
    """Whether a request for `/health` means the gateway's: an exposed relation of that name goes first."""
    if method not in ("GET", "HEAD"):
        return False
    cache = gateway.schema_cache
    return cache is None or all(name.name != HEALTH_PATH[1:] for name in cache.tables)


async def health(gateway: Gateway) -> Answer:
    """200 where the database answers, else 503."""
    reachable = await gateway.is_healthy()
    said = {
        "status": "ok" if reachable else "unavailable",
        "database": "reachable" if reachable else "unreachable",
        "schema_cache": "loaded" if gateway.schema_cache is not None else "not loaded",
    }
    headers = (("Content-Type", "application/json; charset=utf-8"),)
    return Answer(200 if reachable else 503, headers, json.dumps(said).encode())


async def _listens(listening: socket.socket) -> bool:
    """Whether the main server takes connections."""
    loop = asyncio.get_running_loop()
    with socket.socket(listening.family, listening.type) as client:
        client.setblocking(False)
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(loop.sock_connect(client, address(listening)), _REACH_SECONDS)
            return True
    return False


class AdminApplication:
    """The admin server as an ASGI application."""

    def __init__(self, gateway: Gateway, listening: socket.socket) -> None:
        self._gateway = gateway
        self._listening = listening

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one HTTP request; none of them has a body."""
        if scope["type"] != "http":
            return
        status, body = await self._answer(scope["path"])
        headers = [(b"content-length", str(len(body)).encode())]
        if body:
            headers.append((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, path: str) -> tuple[int, bytes]:
        if path == "/metrics":
            return 200, metrics(self._gateway).encode()
        if path not in ("/live", "/ready"):
            return 404, b""
        if not await _listens(self._listening):
            return 500, b""
        if path == "/live":
            return 200, b""
        ready = self._gateway.schema_cache is not None and await self._gateway.is_healthy()
        return 200 if ready else 503, b""
