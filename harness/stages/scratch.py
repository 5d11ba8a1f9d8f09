"""ScratchStack: the local servers that clones live on, and the gateway over one of them; shared by stages and runs."""

from __future__ import annotations

import contextlib
import threading
from types import TracebackType
from typing import Self

from harness.core.record import Side
from harness.embedded.nearest import nearest_installation
from harness.embedded.server import Server
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, Keys, new_keys
from harness.postgres.connect import Endpoint, session
from harness.postgres.scratch import OWN_ROLE, SETTINGS, ScratchServer, create_own_role

COPIES = 8
"""Times a database's size that a scratch server may come to need: template, clone, untouched copy, WAL"""
MEMORY_SPARED = 2 * 1024**3
"""Bytes of memory that must stay free before a scratch server is kept in memory"""
ROW_CAP = 1000
"""Rows that the gateway returns at most, as on hosted projects"""


class ScratchStack:
    """Starts servers when they are first needed, one a side and version; the end of `with` ends them all.

    The sides have servers of their own even where their versions are the same: a system identifier then tells which
    side answered, and what one side writes never looks like the other's.
    """

    def __init__(self) -> None:
        self._cleanup = contextlib.ExitStack()
        self._servers: dict[tuple[Side, int], ScratchServer] = {}
        self._locks = {side: threading.Lock() for side in Side}
        self._gateway: GatewayServer | None = None
        self.keys: Keys = new_keys()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gateway = None
        self._servers.clear()
        self._cleanup.close()

    @property
    def servers(self) -> tuple[ScratchServer, ...]:
        """Those that were started."""
        return tuple(self._servers.values())

    def server(self, origin: Endpoint) -> ScratchServer:
        """A server for clones of this side: of its major version, else of the nearest later one.

        LocalStackError where this machine has none.
        """
        with session(origin, purpose="clone") as connection:
            major = connection.info.server_version // 10_000
            size = connection.execute("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())").fetchone()
        with self._locks[origin.side]:
            found = self._servers.get((origin.side, major))
            if found is None:
                found = self._servers[origin.side, major] = self._start(
                    origin.side, major, room=MEMORY_SPARED + COPIES * (int(size[0]) if size else 0)
                )
        return found

    def gateway(self, server: ScratchServer, database: str, schemas: tuple[str, ...]) -> GatewayServer:
        """The gateway, over this database from now on."""
        uri = server.uri(database)
        if self._gateway is None:
            settings = GatewaySettings(
                db_uri=uri,
                db_schemas=schemas,
                db_extra_search_path=schemas,
                db_max_rows=ROW_CAP,
                jwt_secret=self.keys.jwt_secret,
                anon_key=self.keys.anon_key,
                service_role_key=self.keys.service_role_key,
                safe_update=True,
            )
            self._gateway = self._cleanup.enter_context(GatewayServer.start(settings))
        else:
            self._gateway.repoint(uri)
        return self._gateway

    def _start(self, side: Side, major: int, *, room: int) -> ScratchServer:
        chosen = nearest_installation(major)
        server = self._cleanup.enter_context(Server.start(installation=chosen, settings=SETTINGS, memory=room))
        return ScratchServer(
            side=side,
            host=server.host,
            port=server.port,
            user=OWN_ROLE,
            password=create_own_role(server.dsn("postgres")),
            programs=server.installation.bin,
            version=".".join(str(part) for part in server.installation.version),
            system_identifier=str(server.system_identifier),
        )
