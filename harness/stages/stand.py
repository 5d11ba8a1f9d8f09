"""Stand: where one side's data layer is called: a clone, an untouched copy beside it, and relays in front."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.core.configuration import Configuration
from harness.core.effects import Effects, WatchedTable
from harness.core.record import Side
from harness.gateway.server import GatewayServer
from harness.postgres.clones import CloneSlot, create_from_template, drop_database
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.copying import Copy, copy_database
from harness.postgres.effects import EffectReader
from harness.stages.layers import LayerContext
from harness.stages.scratch import ScratchStack
from harness.wire import Relay, ServerIdentity, dsn_through, http_relay, postgres_relay, url_through


class Stand:
    """One side. Closing it ends its sessions and drops its databases; the servers stay for whoever comes next."""

    def __init__(self, origin: Endpoint, stack: ScratchStack, *, schemas: Sequence[str], schema_only: bool) -> None:
        """Copy the side's database and make a clone. CloneFailed, LocalStackError, ConnectionFailed: it cannot be."""
        self.side = origin.side
        self._stack = stack
        self._schemas = tuple(schemas)
        self._gateway: GatewayServer | None = None
        self._reader: EffectReader | None = None
        self._after: Connection | None = None
        self._cleanup = contextlib.ExitStack()
        try:
            self.server = stack.server(origin)
            self._admin = self.server.connect(purpose="clones")
            self._cleanup.callback(self._admin.close)
            template = f"{self.side}_template"
            self._cleanup.callback(drop_database, self._admin, template)
            self.copy: Copy = copy_database(origin, self.server, template, schemas=schemas, schema_only=schema_only)
            self.slot = CloneSlot(self.server, self.copy.template, f"{self.side}_clone", spare=not schema_only)
            self._cleanup.callback(self.slot.drop)
            self.slot.reset()
            self._identity = ServerIdentity(
                side=self.side,
                address=self.server.address,
                database=self.slot.name,
                system_identifier=self.server.system_identifier,
            )
            sql_relay = postgres_relay(self._identity, host=self.server.host, port=self.server.port)
            self._cleanup.callback(sql_relay.close)
        except BaseException:
            self._cleanup.close()
            raise
        self.relays: tuple[Relay, ...] = (sql_relay,)
        login = self.copy.template
        dsn = dsn_through(sql_relay, user=login.user, password=login.password, database=self.slot.name)
        self.context = LayerContext(dsn=dsn)

    def serve_rest(self, api_role: str) -> None:
        """Serve the clone through the gateway too; `api_role` is whose key the data layer gets."""
        keys = self._stack.keys
        self._gateway = self._stack.gateway(self.server, self.slot.name, self._schemas)
        relay = http_relay(self._identity, self._gateway.url)
        self._cleanup.callback(relay.close)
        self._cleanup.callback(self._gateway.close_connections)
        self.relays += (relay,)
        self.context = LayerContext(
            dsn=self.context.dsn,
            rest_url=url_through(relay),
            api_key=keys.anon_key if api_role == "anon" else keys.service_role_key,
        )

    def watch(self, tables: Sequence[WatchedTable]) -> None:
        """Make an untouched copy, against which effects are read."""
        name = f"{self.side}_before"
        drop_database(self._admin, name)
        create_from_template(self._admin, self.copy.template, name)
        self._cleanup.callback(drop_database, self._admin, name)
        before = self.server.connect(name, purpose="effects")
        self._cleanup.callback(before.close)
        self._reader = EffectReader(before, tables)

    def effects(self, since: str, *, open_transaction: bool) -> Effects:
        """What was written to the clone by transactions with an id of `since` or later."""
        if self._reader is None:
            return Effects(open_transaction=open_transaction, touched=True)
        if self._after is None:
            self._after = self.server.connect(self.slot.name, purpose="effects")
        return self._reader.read(self._after, since, open_transaction=open_transaction)

    def reset(self) -> None:
        """Put the clone back into the state of its template; every connection to it is closed."""
        if self._gateway is not None:
            self._gateway.close_connections()
        self._leave()
        for relay in self.relays:
            relay.cut()
        self.slot.reset()

    def close(self) -> None:
        """End everything that belongs to this stand."""
        self._leave()
        for relay in self.relays:
            relay.cut()
        self._cleanup.close()

    def _leave(self) -> None:
        if self._after is not None:
            self._after.close()
            self._after = None


@contextlib.contextmanager
def stands(
    source: Endpoint,
    target: Endpoint,
    stack: ScratchStack,
    configuration: Configuration,
    *,
    schema_only: bool = False,
) -> Iterator[tuple[Stand, Stand]]:
    """A stand for each side, made side by side; the source's clone is served through the gateway too."""
    schemas = configuration.scope.schemas

    def make(origin: Endpoint) -> Stand:
        stand = Stand(origin, stack, schemas=schemas, schema_only=schema_only)
        if origin.side is Side.SOURCE:
            try:
                stand.serve_rest(configuration.methods.api_role)
            except BaseException:
                stand.close()
                raise
        return stand

    with contextlib.ExitStack() as cleanup:
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="clone") as executor:
            making = [executor.submit(make, origin) for origin in (source, target)]
        for each in making:
            if each.exception() is None:
                cleanup.callback(each.result().close)
        first, second = (each.result() for each in making)
        yield first, second
