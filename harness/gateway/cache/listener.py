"""Waits for `NOTIFY pgrst` on a connection of its own, and has the schema cache or the configuration reloaded.

See https://docs.postgrest.org/en/v16/references/listener.html.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from harness.gateway.execution.connections import APPLICATION_NAME, CONNECT_SECONDS
from harness.gateway.http.request_log import Log

Reload = Callable[[], Awaitable[None]]

_LONGEST_PAUSE = 32.0


class Listener:
    """Listens until it is cancelled; a lost connection is opened again, after pauses of 1 to 32 seconds.

    After such a loss both are reloaded: a notification may have been missed.
    """

    def __init__(
        self, db_uri: str, channel: str, reload_schema: Reload, reload_configuration: Reload, log: Log
    ) -> None:
        self._db_uri = db_uri
        self._channel = channel
        self._reload_schema = reload_schema
        self._reload_configuration = reload_configuration
        self._log = log
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen for ever."""
        pause, lost = 1.0, False
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
                    self._log(f'Listening for database notifications on the "{self._channel}" channel')
                    pause = 1.0
                    if lost:
                        await self._reload_configuration()
                        await self._reload_schema()
                    self.listening.set()
                    async for notification in connection.notifies():
                        await self._notified(notification.payload)
            except psycopg.Error:
                # libpq's words can hold what a password is made of: they stay here
                self._log(
                    f'Failed listening for database notifications on the "{self._channel}" channel;'
                    f" retrying in {pause:g} seconds"
                )
            self.listening.clear()
            lost = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _connect(self) -> AsyncConnection[tuple[object, ...]]:
        # a replica cannot listen: of several hosts the one that can be written to is taken
        conninfo = make_conninfo(
            self._db_uri,
            target_session_attrs="read-write",
            connect_timeout=CONNECT_SECONDS,
            application_name=APPLICATION_NAME,
        )
        return await AsyncConnection.connect(conninfo, autocommit=True)

    async def _notified(self, payload: str) -> None:
        if payload in ("", "reload schema"):
            self._log(f'Received a schema cache reload message on the "{self._channel}" channel')
            await self._reload_schema()
        elif payload == "reload config":
            self._log(f'Received a config reload message on the "{self._channel}" channel')
            await self._reload_configuration()
