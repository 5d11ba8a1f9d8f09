"""The endpoints as a server of their own: uvicorn in a background thread, ended within a second."""

from __future__ import annotations

import asyncio
import logging
import threading
from types import TracebackType
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp

from harness.errors import ConfigurationError, LocalStackError
from harness.gateway.http import sockets
from harness.service.access import is_loopback

_START_SECONDS: Final = 30.0
_GRACE_SECONDS: Final = 0.4
"""For requests that are being answered when the server is told to end"""
_MOST_AT_ONCE: Final = 500
"""Connections; more are answered 503 at once"""


class HealthServer:
    """A running server; `HealthServer.start` makes one, `stop` or the end of `with` ends it."""

    def __init__(self, application: ASGIApp, host: str, port: int) -> None:
        # A port's name with two hyphens: what listen_at calls the settings in its errors.
        self._listening = sockets.listen_at(host, port, "-")
        address = sockets.address(self._listening)
        if is_loopback(host) and not is_loopback(address[0]):
            self._listening.close()
            raise ConfigurationError(
                f"{host} is not an address of this machine alone", hint="Use --host 127.0.0.1, or set a token."
            )
        self.url = sockets.url(self._listening)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                log_config=None,
                log_level=logging.CRITICAL,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_MOST_AT_ONCE,
                timeout_keep_alive=30,
            )
        )
        self._ready, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="pgparity-serve", daemon=True)

    @classmethod
    def start(cls, application: ASGIApp, host: str, port: int) -> Self:
        """A server that answers; ConfigurationError where it cannot listen."""
        server = cls(application, host, port)
        server._thread.start()
        server._ready.wait(_START_SECONDS)
        if not server.is_running:
            server.stop()
            raise LocalStackError("the health endpoints did not start", hint="Run it again with -vv.")
        return server

    @property
    def is_running(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive() and self._server.started

    def wait(self) -> None:
        """Until it ends by itself, or an exception, such as Ctrl-C, ends the wait."""
        # Not by joining the thread: an exception of a signal's handler in there makes Python 3.11 take it for ended.
        while not self._ended.wait(1.0):
            pass

    def stop(self) -> None:
        """End the server; a second time does nothing."""
        self._server.should_exit = True
        self._thread.join(_GRACE_SECONDS)
        self._server.force_exit = True
        self._thread.join(_GRACE_SECONDS)
        if not self._thread.is_alive():
            self._listening.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()
            self._ended.set()

    async def _serve(self) -> None:
        telling = asyncio.create_task(self._tell_when_started())
        try:
            await self._server.serve(sockets=[self._listening])
        finally:
            telling.cancel()

    async def _tell_when_started(self) -> None:
        while not self._server.started:
            await asyncio.sleep(0.005)
        self._ready.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
