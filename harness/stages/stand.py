"""Stand: where one side's data layer is called: a clone, an untouched copy beside it, and relays in front."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg

from harness.core.configuration import Configuration
from harness.core.effects import Effects, WatchedTable
from harness.core.record import Side
from harness.core.statements import RestRequest
from harness.errors import CloneFailed
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from harness.gateway.translation import translated
from harness.postgres.clones import CloneServer, CloneSlot, create_from_template, drop_database
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.copying import Copy
from harness.postgres.effects import EffectReader
from harness.postgres.even_templates import align_sequences
from harness.postgres.like_rows import rows_like
from harness.postgres.scratch import ScratchServer
from harness.postgres.secured_tables import rows_seen_by, secured_tables
from harness.stages.exact_count import counted_exactly
from harness.stages.in_place import ground, told_as_clone_failure
from harness.stages.layers import LayerContext
from harness.stages.scratch import ROW_CAP, ScratchStack
from harness.wire import Relay, ServerIdentity, dsn_through, http_relay, url_through


class Stand:
    """One side. Closing it ends its sessions and drops its databases; the servers stay for whoever comes next."""

    def __init__(
        self,
        origin: Endpoint,
        stack: ScratchStack,
        *,
        schemas: Sequence[str],
        schema_only: bool,
        in_place: bool = False,
    ) -> None:
        """Copy the side's database, here or `in_place` on its own server; `open` makes a clone.

        CloneFailed, LocalStackError, ConnectionFailed: it cannot.
        """
        self.side = origin.side
        self._stack = stack
        self._schemas = tuple(schemas)
        self._gateway: GatewayServer | None = None
        self._reader: EffectReader | None = None
        self._after: Future[Connection] | None = None
        self._before: Connection | None = None
        self._tables: tuple[WatchedTable, ...] = ()
        self._api_role = ""
        self._secured: dict[str, frozenset[str]] = {}
        self.relays: tuple[Relay, ...] = ()
        self._cleanup = contextlib.ExitStack()
        self._readers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="effects")
        self._cleanup.callback(self._readers.shutdown)
        try:
            self._ground = ground(
                origin, stack, self._cleanup, schemas=self._schemas, schema_only=schema_only, in_place=in_place
            )
            self.server: CloneServer = self._ground.server
            self.copy: Copy = self._ground.copy
            self._admin = self.server.connect(purpose="clones")
            self._cleanup.callback(self._admin.close)
            self._spare = not schema_only
        except BaseException:
            self._cleanup.close()
            raise

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth a sentence about how the clones were made."""
        return self._ground.remarks

    def in_time(self, began: dt.datetime, ended: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """Widen a time of this machine's clock to one that holds it by the clock of the clones' server too."""
        ahead = self._ground.ahead
        if not ahead:
            return began, ended
        return began + min(ahead, dt.timedelta()), ended + max(ahead, dt.timedelta())

    def open(self) -> None:
        """Make the clone of the template, which nobody changes from now on. CloneFailed where it cannot be made."""
        try:
            self.slot = CloneSlot(self.server, self.copy.template, self._ground.clone, spare=self._spare)
            self._cleanup.callback(self.slot.drop)
            self.slot.reset()
            self._identity = ServerIdentity(
                side=self.side,
                address=self.server.address,
                database=self.slot.name,
                system_identifier=self.server.system_identifier,
            )
            self._lead_to_database()
        except BaseException:
            self._cleanup.close()
            raise

    def _lead_to_database(self) -> None:
        relay = self._ground.relay(self._identity)
        self._cleanup.callback(relay.close)
        self.relays = (relay,)
        login = self.copy.template
        dsn = dsn_through(relay, user=login.user, password=login.password, database=self.slot.name)
        self.context = LayerContext(dsn=dsn)

    def serve_rest(self, api_role: str) -> None:
        """Serve the clone through the gateway too; `api_role` is whose key the data layer gets."""
        if not isinstance(self.server, ScratchServer):
            raise CloneFailed("only clones on this machine are served through REST")
        self._api_role = api_role
        self._gateway = self._stack.gateway(self.server, self.slot.name, self._schemas)
        self._cleanup.callback(self._gateway.close_connections)
        self._lead_to_gateway(self._gateway.url, api_role)

    def _lead_to_gateway(self, url: str, api_role: str) -> None:
        keys = self._stack.keys
        relay = http_relay(self._identity, url)
        self._cleanup.callback(relay.close)
        self.relays += (relay,)
        self.context = LayerContext(
            dsn=self.context.dsn,
            rest_url=url_through(relay),
            api_key=keys.anon_key if api_role == "anon" else keys.service_role_key,
        )

    def move(self) -> None:
        """Serve the clone at other ports, and no longer at these: for a data layer that cannot be ended."""
        for relay in self.relays:
            relay.close()
        self._lead_to_database()
        if self._gateway is not None:
            self._lead_to_gateway(self._gateway.url, self._api_role)

    def watch(self, tables: Sequence[WatchedTable]) -> None:
        """Make an untouched copy, against which effects are read."""
        name = self._ground.before
        with told_as_clone_failure(self.server):
            drop_database(self._admin, name)
            create_from_template(self._admin, self.copy.template, name)
            self._cleanup.callback(drop_database, self._admin, name)
            before = self.server.connect(name, purpose="effects")
            self._cleanup.callback(before.close)
            self._reader = EffectReader(before, tables)
        self._before, self._tables = before, tuple(tables)

    def unchanged(self) -> Connection:
        """A session on the untouched copy, to read what the clone held before anything was called; after `watch`."""
        return self.server.connect(self._ground.before, purpose="recorded calls")

    def rows_like(self, identity: str, values: Mapping[str, Any]) -> int | None:
        """How many rows of the untouched copy hold these values, two at most; None where that cannot be told."""
        return None if self._before is None else rows_like(self._before, self._tables, identity, values)

    def number_of_rows(self, request: RestRequest, *, unbound: bool = False) -> int | None:
        """How many rows a request for rows finds, whatever limit it has; None where the gateway does not say.

        `unbound`: for the role that policies do not bind, instead of the data layer's.
        """
        if self._gateway is None or self.context.api_key is None:
            return None
        key = self._stack.keys.service_role_key if unbound else self.context.api_key
        return counted_exactly(self._gateway.url, key, request)

    def rows_seen_by(self, role: str, identity: str) -> tuple[int, int] | None:
        """Rows of a table of the untouched copy that a role sees, and all of them; None where that cannot be told."""
        return None if self._before is None else rows_seen_by(self._before, role, identity)

    def role(self, *, through_rest: bool) -> str:
        """The role that the data layer is, there or on its own connections."""
        return self._api_role if through_rest else self.copy.template.user

    def translated(self, requests: Sequence[RestRequest]) -> Mapping[RestRequest, str]:
        """The SQL that requests become here; none of a side without a REST interface. psycopg.Error: no answer."""
        if self._gateway is None or not isinstance(self.server, ScratchServer):
            return {}
        return translated(
            requests,
            GatewaySettings(
                db_uri=self.server.uri(self.slot.name),
                db_schemas=self._schemas,
                db_extra_search_path=self._schemas,
                db_max_rows=ROW_CAP,
            ),
        )

    def secured(self, *, through_rest: bool) -> frozenset[str]:
        """Tables whose row-level security binds the role that the data layer is, there or on its own connections."""
        role = self.role(through_rest=through_rest)
        if role not in self._secured and self._before is not None:
            self._secured[role] = secured_tables(self._before, role)
        return self._secured.get(role, frozenset())

    def template_session(self) -> Connection:
        """A session on the template, for as long as no clone was made of it."""
        return self.server.connect(self.copy.template.database, purpose="template")

    def effects(self, since: str, *, open_transaction: bool) -> Effects:
        """What was written to the clone by transactions with an id of `since` or later."""
        if self._reader is None:
            return Effects(open_transaction=open_transaction, touched=True)
        if self._after is None:
            self._after = self._readers.submit(self._reading, self._reader)
        with told_as_clone_failure(self.server):
            after = self._after.result()
        return self._reader.read(after, since, open_transaction=open_transaction)

    def _reading(self, reader: EffectReader) -> Connection:
        """A session that reads effects. A new one takes its time: it is made ready while the data layer is built."""
        after = self.server.connect(self.slot.name, purpose="effects")
        try:
            reader.prepare(after)
        except BaseException:
            after.close()
            raise
        return after

    def reset(self) -> None:
        """Put the clone back into the state of its template; every connection to it is closed."""
        if self._gateway is not None:
            self._gateway.close_connections()
        self._leave()
        for relay in self.relays:
            relay.cut()
        self.slot.reset()
        if self._reader is not None:
            self._after = self._readers.submit(self._reading, self._reader)

    def close(self) -> None:
        """End everything that belongs to this stand."""
        self._leave()
        for relay in self.relays:
            relay.cut()
        # A session that was interrupted in a statement takes no other one. What it should have dropped is dropped by
        # the end of the ground in place, which says what it cannot; on a server of our own it ends with the server.
        with contextlib.suppress(psycopg.Error):
            self._cleanup.close()

    def _leave(self) -> None:
        after, self._after = self._after, None
        if after is not None:
            with contextlib.suppress(psycopg.Error):  # it could not be opened: nothing is there to be closed
                after.result().close()


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
    made: list[Stand] = []

    def make(origin: Endpoint) -> Stand:
        in_place = configuration.methods.clone_in_place and origin.side is Side.TARGET and not schema_only
        made.append(Stand(origin, stack, schemas=schemas, schema_only=schema_only, in_place=in_place))
        return made[-1]

    def open_stand(stand: Stand) -> None:
        stand.open()
        if stand.side is Side.SOURCE:
            stand.serve_rest(configuration.methods.api_role)

    def close_all() -> None:
        with contextlib.ExitStack() as closing:
            for stand in made:
                closing.callback(stand.close)

    with contextlib.ExitStack() as cleanup:
        # Also what is made while an interruption is on its way: the executor waits for it before this.
        cleanup.callback(close_all)
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="clone") as executor:
            making = [executor.submit(make, origin) for origin in (source, target)]
            first, second = (each.result() for each in making)
            if not schema_only:
                with first.template_session() as one, second.template_session() as other:
                    align_sequences(one, other, schemas)
            opening = [executor.submit(open_stand, each) for each in (first, second)]
        for opened in opening:
            opened.result()
        yield first, second
