"""A data layer on its real server, read only, through a relay that sees who answers."""

from __future__ import annotations

import contextlib
import secrets
import ssl
import time
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from harness.core.observations import Observation
from harness.core.outcomes import Attestation, Case
from harness.core.record import Side
from harness.errors import ConnectionFailed
from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from harness.postgres.connect import Endpoint, address, session, system_identifier
from harness.stages.cutover.request import CutoverRequest
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Layer, LayerContext, LayerFactory
from harness.stages.project_address import project_key, project_url
from harness.stages.scratch import ROW_CAP
from harness.wire import Relay, ServerIdentity, dsn_through, postgres_relay, url_through
from harness.wire.guard import Guard, guarded_relay
from harness.wire.postgres_tls import like_libpq

_READ_ONLY: Final = "-c default_transaction_read_only=on"
_HOUR: Final = 3600
_REST: Final = "/rest/v1"


class LiveLayer:
    """One side's data layer. ConnectionFailed, DataLayerFailed, LocalStackError: it cannot be built."""

    def __init__(self, request: CutoverRequest, factory: LayerFactory, side: Side) -> None:
        self.side = side
        self._open = contextlib.ExitStack()
        self._relays: list[Relay] = []
        with contextlib.ExitStack() as opening:
            endpoint = request.source if side is Side.SOURCE else request.target
            context = self._context(request, endpoint, opening)
            thread = opening.enter_context(LayerThread(self._cut))
            self._layer: Layer = opening.enter_context(contextlib.closing(factory.build(context, thread)))
            self._open = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def observe(self, case: Case) -> Observation:
        """Call a method, and see who answered."""
        markers = [(relay, relay.marker()) for relay in self._relays]
        called = self._layer.call(case.method, case.kwargs)
        seen: tuple[Attestation, ...] = ()
        requests = False
        for relay, marker in markers:
            asked, attested = relay.asked(marker)
            seen += attested
            requests = requests or any(each.request is not None for each in asked)
        return Observation(
            side=self.side,
            answer=called.answer,
            exception=called.exception,
            milliseconds=called.milliseconds,
            attestations=seen,
            through_rest=requests,
            gave_up=called.gave_up,
        )

    def _cut(self) -> None:
        for relay in self._relays:
            relay.cut()

    def _context(self, request: CutoverRequest, endpoint: Endpoint, opening: contextlib.ExitStack) -> LayerContext:
        with session(endpoint, purpose="cutover") as connection:
            info = connection.info
            user, password, database = info.user, info.password or None, info.dbname
            host, port = info.host, info.port
            encrypted = connection.pgconn.ssl_in_use
            identity = ServerIdentity(
                side=self.side,
                address=address(endpoint),
                database=database,
                system_identifier=system_identifier(connection) or "not told to the role",
            )
            role = str((connection.execute("SELECT current_user").fetchone() or [user])[0])
        relay = postgres_relay(identity, host=host, port=port, context=_tls(endpoint) if encrypted else None)
        self._relays.append(relay)
        opening.callback(relay.close)
        dsn = dsn_through(relay, user=user, password=password, database=database)
        dsn += f"&options={quote(_READ_ONLY, safe='')}"
        if self.side is Side.TARGET:
            return LayerContext(dsn=dsn)
        methods = request.configuration.methods
        if methods.source_rest_url is not None:
            return self._project(dsn, methods.source_rest_url, methods.source_api_key, opening)
        return self._gateway(request, dsn, role, identity, opening)

    def _project(self, dsn: str, url: str, key: str | None, opening: contextlib.ExitStack) -> LayerContext:
        """The real project: a relay that sends on nothing but GET and HEAD."""
        parts, port = project_url(url, "methods.source_rest_url")
        path = parts.path.rstrip("/").removesuffix(_REST)
        identity = ServerIdentity(
            side=self.side,
            address=f"{parts.hostname}:{port}",
            database="project",
            system_identifier="not told through REST",
        )
        base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        relay = guarded_relay(identity, base, Guard(below=f"{path}{_REST}/"))
        self._relays.append(relay)
        opening.callback(relay.close)
        return LayerContext(
            dsn=dsn, rest_url=url_through(relay) + path, api_key=project_key(key, "methods.source_api_key")
        )

    def _gateway(
        self, request: CutoverRequest, dsn: str, role: str, identity: ServerIdentity, opening: contextlib.ExitStack
    ) -> LayerContext:
        """The gateway over the source itself, in the role of its DSN. It begins transactions that write where a request
        asks for that, whatever the session's default is: nothing but GET and HEAD comes through to it.
        """
        secret = secrets.token_hex(32)
        now = int(time.time())
        key = tokens.sign({"iss": "supabase", "role": role, "iat": now, "exp": now + 24 * _HOUR}, secret)
        schemas = request.configuration.scope.schemas
        gateway = opening.enter_context(
            GatewayServer.start(
                GatewaySettings(
                    db_uri=dsn,
                    db_schemas=schemas,
                    db_extra_search_path=schemas,
                    db_anon_role=role,
                    db_max_rows=ROW_CAP,
                    jwt_secret=secret,
                    service_role_key=key,
                    safe_update=True,
                )
            )
        )
        relay = guarded_relay(identity, gateway.url, Guard())
        self._relays.append(relay)
        opening.callback(relay.close)
        return LayerContext(dsn=dsn, rest_url=url_through(relay), api_key=key)


def _tls(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        return like_libpq(endpoint.parameters())
    except OSError:
        raise ConnectionFailed(
            f"a certificate of the {endpoint.side} DSN cannot be read", hint="Check sslrootcert, sslcert and sslkey."
        ) from None
