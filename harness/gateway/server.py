"""The gateway as a server of its own: uvicorn in a background thread, with its admin server and its listener."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from harness.core.postgrest.errors import RequestError
from harness.errors import LocalStackError, PgparityError
from harness.gateway.application import GatewayApplication, RequestLine, create_application
from harness.gateway.cache.listener import Listener
from harness.gateway.http import sockets
from harness.gateway.http.health import AdminApplication
from harness.gateway.http.request_log import Log, message_line
from harness.gateway.settings import GatewaySettings, ListenSettings

_START_SECONDS = 30.0
_KEEP_ALIVE_SECONDS = 60
_CALL_SECONDS = 60.0

ReadSettings = Callable[[], GatewaySettings]


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
    return error.message if isinstance(error, RequestError | PgparityError) else type(error).__name__


def _uvicorn(application: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        # a client that keeps its connection must not lose a request to one that is just being closed
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


class GatewayServer:
    """A running gateway; `GatewayServer.start` makes one, `stop` or the end of `with` ends it.

    `on_request` may be set to a function that is given a RequestLine for every request, in the server's thread.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        listening: socket.socket,
        admin_listening: socket.socket | None = None,
        read_settings: ReadSettings | None = None,
        log: Log | None = None,
    ) -> None:
        self.url = sockets.url(listening)
        self._address = sockets.address(listening)
        self.admin_url = sockets.url(admin_listening) if admin_listening is not None else None
        self._starlette: Starlette = create_application(settings)
        self._application: GatewayApplication = self._starlette.state.gateway
        self._application.log = log
        self._listening = [one for one in (listening, admin_listening) if one is not None]
        self._read_settings = read_settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: Exception | None = None
        self._ready = threading.Event()
        self._servers = [_uvicorn(self._starlette)]
        if admin_listening is not None:
            self._servers.append(_uvicorn(AdminApplication(self._application.gateway, listening)))
        self._thread = threading.Thread(target=self._run, name="pgparity-gateway", daemon=True)

    @classmethod
    def start(
        cls,
        settings: GatewaySettings,
        listen: ListenSettings | None = None,
        *,
        read_settings: ReadSettings | None = None,
        log: Log | None = None,
    ) -> Self:
        """A gateway that answers: its database is reachable and its schema cache read.

        :param listen: where; a free port of 127.0.0.1 by default.
        :param read_settings: gives the settings anew when the configuration is to be reloaded.
        :param log: is given the lines that log-level asks for.
        :raises LocalStackError: where the gateway cannot serve.
        :raises ConfigurationError: where it cannot listen, or the settings cannot be used.
        """
        where = listen or ListenSettings()
        listening, admin_listening = _listen(where)
        try:
            server = cls(settings, listening, admin_listening, read_settings, log)
        except BaseException:
            for one in (listening, admin_listening):
                if one is not None:
                    one.close()
            raise
        server._thread.start()
        server._ready.wait(_START_SECONDS)
        if server._failure is not None or not all(one.started for one in server._servers):
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
        gateway = self._application.gateway
        try:
            await gateway.load_schema_cache()
        except (psycopg.Error, RequestError) as error:
            self._failure = error
            await gateway.close_connections()
            return
        self._say_what_was_loaded()
        around = [asyncio.create_task(self._tell_when_started())]
        if gateway.settings.db_channel_enabled:
            around.append(asyncio.create_task(self._listener().run()))
        try:
            serving = zip(self._servers, self._listening, strict=True)
            await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in serving))
        finally:
            for task in around:
                task.cancel()
            await asyncio.gather(*around, return_exceptions=True)
            await gateway.close_connections()

    def _listener(self) -> Listener:
        settings = self._application.gateway.settings
        return Listener(
            settings.db_uri, settings.db_channel, self._reload_schema_cache, self._reload_configuration, self._say
        )

    def _say(self, text: str) -> None:
        if self._application.log is not None:
            self._application.log(message_line(text))

    def _say_what_was_loaded(self) -> None:
        cache = self._application.gateway.schema_cache
        if cache is not None:
            relationships = sum(len(of_table) for of_table in cache.relationships.values())
            functions = sum(len(overloaded) for overloaded in cache.functions.values())
            self._say(
                f"Schema cache loaded {len(cache.tables)} Relations, {relationships} Relationships,"
                f" {functions} Functions"
            )

    async def _reload_schema_cache(self) -> None:
        """Read the schema cache anew, with new connections; what goes wrong is only logged, the old one serves on."""
        gateway = self._application.gateway
        try:
            await gateway.close_connections()
            await gateway.load_schema_cache()
        except (psycopg.Error, RequestError) as error:
            self._say(f"Failed to load the schema cache: {_reason(error)}")
        else:
            self._say_what_was_loaded()

    async def _reload_configuration(self) -> None:
        """Read the configuration anew; what goes wrong is only logged, the old one stays in force."""
        if self._read_settings is None:
            return
        try:
            # it reads files and asks the database: not in the event loop
            settings = await asyncio.to_thread(self._read_settings)
            await self._application.gateway.reconfigure(settings)
        except (psycopg.Error, RequestError, PgparityError) as error:
            self._say(f"Failed reloading the configuration: {_reason(error)}")
        else:
            self._say("Config reloaded")

    async def _tell_when_started(self) -> None:
        while not all(one.started for one in self._servers):
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

    def reload(self, *, configuration: bool = False) -> None:
        """What the signals SIGUSR1 (schema cache) and SIGUSR2 (configuration) ask for; failures are only logged."""
        self._call(self._reload_configuration() if configuration else self._reload_schema_cache())

    @property
    def is_running(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the server and its connections; a second time does nothing."""
        for one in self._servers:
            one.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_CALL_SECONDS)
        for listening in self._listening:
            listening.close()
        if isinstance(self._address, str):
            sockets.remove_file(self._address)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _listen(where: ListenSettings) -> tuple[socket.socket, socket.socket | None]:
    """The sockets of the gateway and of its admin server.

    :raises ConfigurationError: where one of them cannot be opened.
    """
    if where.server_unix_socket is not None:
        listening = sockets.listen_at_file(where.server_unix_socket, where.server_unix_socket_mode)
    else:
        listening = sockets.listen_at(where.server_host, where.server_port)
    if where.admin_server_port is None:
        return listening, None
    with contextlib.ExitStack() as opened:
        opened.callback(listening.close)
        host = where.admin_server_host or where.server_host
        admin_listening = sockets.listen_at(host, where.admin_server_port, "admin-server")
        opened.pop_all()
    return listening, admin_listening
