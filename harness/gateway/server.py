"""The gateway as a server of its own: uvicorn in a background thread, on a free port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import psycopg
import uvicorn
from starlette.applications import Starlette

from harness.core.postgrest.errors import RequestError
from harness.errors import LocalStackError
from harness.gateway.application import GatewayApplication, RequestLine, create_application
from harness.gateway.settings import GatewaySettings

_START_SECONDS = 30.0
_CALL_SECONDS = 60.0


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed: it takes a fifth off a short request."""
    try:
        loop: asyncio.AbstractEventLoop = import_module("uvloop").new_event_loop()
    except ImportError:
        return asyncio.new_event_loop()
    return loop


def _reason(error: Exception) -> str:
    """Why the gateway cannot serve; libpq's words are left out, they can hold a password."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    return error.message if isinstance(error, RequestError) else type(error).__name__


class GatewayServer:
    """A running gateway; `GatewayServer.start` makes one, `stop` or the end of `with` ends it.

    `on_request` may be set to a function that is given a RequestLine for every request, in the server's thread.
    """

    def __init__(self, settings: GatewaySettings, port: int, listening: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._starlette: Starlette = create_application(settings)
        self._application: GatewayApplication = self._starlette.state.gateway
        self._listening = listening
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: Exception | None = None
        self._ready = threading.Event()
        config = uvicorn.Config(
            self._starlette,
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=5,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="pgparity-gateway", daemon=True)

    @classmethod
    def start(cls, settings: GatewaySettings) -> Self:
        """A gateway that answers: its database is reachable and its schema cache read.

        :raises LocalStackError: where that is not so.
        """
        # the protocol makes asyncio set TCP_NODELAY: else an answer in two writes waits 40 ms for the client's ACK
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        server = cls(settings, listening.getsockname()[1], listening)
        server._thread.start()
        server._ready.wait(_START_SECONDS)
        if server._failure is not None or not server._uvicorn.started:
            failure = server._failure
            server.stop()
            because = f": {_reason(failure)}" if failure is not None else " in time"
            raise LocalStackError(
                f"the REST gateway did not start{because}",
                hint="check that its database is reachable and that its role may read the catalog",
            ) from None
        return server

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_new_event_loop) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._application.gateway.load_schema_cache()
        except (psycopg.Error, RequestError) as error:
            self._failure = error
            return
        watch = asyncio.create_task(self._tell_when_started())
        try:
            await self._uvicorn.serve(sockets=[self._listening])
        finally:
            watch.cancel()
            await self._application.gateway.close_connections()

    async def _tell_when_started(self) -> None:
        while not self._uvicorn.started:
            await asyncio.sleep(0.005)
        self._ready.set()

    @property
    def on_request(self) -> Callable[[RequestLine], None] | None:
        """What is given a line for every request, if anything."""
        return self._application.on_request

    @on_request.setter
    def on_request(self, callback: Callable[[RequestLine], None] | None) -> None:
        self._application.on_request = callback

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in the server's event loop, and wait for it."""
        if self._loop is None or not self._thread.is_alive():
            work.close()
            raise LocalStackError("the REST gateway is not running", hint="start it before it is told anything")
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_SECONDS)

    def repoint(self, db_uri: str) -> None:
        """Serve another database from now on, with its schema.

        :raises LocalStackError: where it cannot be reached; requests then get a 503 until they can.
        """
        try:
            self._call(self._application.gateway.repoint(db_uri))
        except (psycopg.Error, RequestError) as error:
            raise LocalStackError(
                f"the REST gateway cannot use that database: {_reason(error)}",
                hint="check that it is reachable and that the role may read the catalog",
            ) from None

    def close_connections(self) -> None:
        """End all connections, so that the database can be dropped; the next request opens new ones."""
        self._call(self._application.gateway.close_connections())

    def reload_schema_cache(self) -> None:
        """Read the schema cache anew: until this is called, what DDL has changed is unknown."""
        self._call(self._application.gateway.load_schema_cache())

    def stop(self) -> None:
        """End the server and its connections; a second time does nothing."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_CALL_SECONDS)
        self._listening.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
