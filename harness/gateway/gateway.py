"""The gateway itself, without HTTP: connections, schema cache, and one answer for one request."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import psycopg

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action, Request
from harness.core.postgrest.parse import parse
from harness.gateway.access.identity import Authenticator, Identity
from harness.gateway.answers import failures, responses
from harness.gateway.answers.failures import Failure
from harness.gateway.answers.responses import Answer
from harness.gateway.answers.server_timing import ServerTiming
from harness.gateway.cache.reading import read_role_settings, read_schema_cache
from harness.gateway.cache.schema_cache import SchemaCache
from harness.gateway.execution.connections import Connections
from harness.gateway.execution.transactions import Context, Transactions
from harness.gateway.openapi import root
from harness.gateway.planning.allowed_methods import allowed_methods
from harness.gateway.planning.planner import Planner
from harness.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Incoming:
    """An HTTP request: path below PostgREST's root and query string as they came, header names in lower case."""

    method: str
    path: str
    query: str
    header_fields: Sequence[tuple[str, str]]
    body: bytes = b""
    headers: Mapping[str, str] = field(init=False)
    """The headers by name; of several with one name the first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", dict(reversed(self.header_fields)))


class RequestFailed(Exception):
    """A request that ends in an error answer."""

    def __init__(self, failure: Failure, identity: Identity | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.identity = identity


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and who asked."""

    answer: Answer
    identity: Identity


@dataclass(slots=True)
class SchemaCacheLoads:
    """How often the schema cache was read, and how long it took the last time."""

    succeeded: int = 0
    failed: int = 0
    seconds: float = 0.0


def _cookies(header: str | None) -> dict[str, str]:
    pairs = (part.partition("=") for part in (header or "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _timed(answer: Answer, timing: ServerTiming) -> Answer:
    timing.ends("response")
    return answer


class Gateway:
    """Answers requests from one database. Everything here runs in one event loop."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self._connections: Connections | None = None
        self._cache: SchemaCache | None = None
        self._loading = asyncio.Lock()
        self.authenticator = Authenticator(settings)
        self.loads = SchemaCacheLoads()

    @property
    def schema_cache(self) -> SchemaCache | None:
        """The schema cache as it was last read, if it was."""
        return self._cache

    @property
    def connections(self) -> Connections:
        """The pool; its connections are opened when they are needed."""
        if self._connections is None:
            self._connections = Connections(self.settings)
        return self._connections

    async def reconfigure(self, settings: GatewaySettings) -> None:
        """Go by other settings from the next request on; the schema cache stays as it is, but for role settings.

        :raises ConfigurationError: where they cannot be used; the old ones are kept then.
        :raises RequestError: PGRST000 where the database is unreachable; the new settings are in force then.
        """
        self.authenticator = Authenticator(settings)
        self.settings = settings
        if self._cache is not None:
            async with self.connections.connection() as connection:
                self._cache = replace(self._cache, role_settings=await read_role_settings(connection))

    async def is_healthy(self) -> bool:
        """Whether the database answers."""
        try:
            async with self.connections.connection() as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, RequestError):
            return False
        return True

    async def load_schema_cache(self) -> None:
        """Read the schema cache anew; until it is read the old one serves.

        :raises RequestError: PGRST000 where the database is unreachable.
        :raises psycopg.Error: where the catalog cannot be read.
        """
        began, settings = time.perf_counter(), self.settings
        try:
            async with self._loading, self.connections.connection() as connection:
                self._cache = await read_schema_cache(connection, settings.db_schemas, settings.db_extra_search_path)
        except BaseException:
            self.loads.failed += 1
            raise
        self.loads.succeeded += 1
        self.loads.seconds = time.perf_counter() - began

    async def close_connections(self) -> None:
        """End all connections; the next request opens new ones."""
        if self._connections is not None:
            await self._connections.close()

    async def repoint(self, db_uri: str) -> None:
        """Serve another database from now on."""
        await self.close_connections()
        self._connections = None
        self._cache = None
        self.settings = replace(self.settings, db_uri=db_uri)
        await self.load_schema_cache()

    async def _schema_cache(self) -> SchemaCache:
        if self._cache is None:
            # what went wrong is not for the client; PostgREST answers PGRST002 and tries again as well
            with contextlib.suppress(psycopg.Error):
                await self.load_schema_cache()
        if self._cache is None:
            message = "Could not query the database for the schema cache. Retrying."
            raise RequestError(503, "PGRST002", message)
        return self._cache

    async def answer(self, incoming: Incoming) -> Answered:
        """The answer to a request, and who asked.

        :raises RequestFailed: with the error answer.
        """
        identity: Identity | None = None
        timing = ServerTiming()
        try:
            identity = self.authenticator.identify(incoming.headers)
            timing.ends("jwt")
            cache = await self._schema_cache()
            path = root.resource_path(incoming.path, self.settings)
            request = parse(
                incoming.method,
                path,
                incoming.query,
                header_fields=incoming.header_fields,
                body=incoming.body,
                schemas=self.settings.db_schemas,
            )
            timing.ends("parse")
            answer = await self._answer(request, incoming, path, identity, cache, timing)
        except RequestError as error:
            raise RequestFailed(failures.of_request(error), identity) from None
        except psycopg.Error as error:
            anonymous = identity is not None and identity.anonymous
            raise RequestFailed(failures.of_postgres(error, anonymous=anonymous), identity) from error
        answer = responses.varying(answer)
        if self.settings.server_timing_enabled:
            answer = replace(answer, headers=(*answer.headers, timing.header()))
        return Answered(answer, identity)

    async def _answer(
        self,
        request: Request,
        incoming: Incoming,
        path: str,
        identity: Identity,
        cache: SchemaCache,
        timing: ServerTiming,
    ) -> Answer:
        if request.action is Action.OPTIONS:
            allowed = allowed_methods(request, path, cache)
            timing.ends("plan")
            return _timed(responses.options(allowed), timing)
        # of several headers with one name the last one is what the database sees
        headers = dict(incoming.header_fields)
        context = Context(
            identity=identity,
            method=incoming.method,
            path=incoming.path,
            headers={name: value for name, value in headers.items() if name != "cookie"},
            cookies=_cookies(headers.get("cookie")),
        )
        if request.action is Action.DESCRIBE:
            timing.ends("plan")
            async with self.connections.connection() as connection:
                described = await root.answer(connection, cache, self.settings, request, context)
            timing.ends("transaction")
            return _timed(described, timing)
        plan = Planner(cache, self.settings).plan(request)
        timing.ends("plan")
        transactions = Transactions(cache, self.settings)
        async with self.connections.connection() as connection:
            outcome = await transactions.run(connection, plan, context)
        timing.ends("transaction")
        overridable = self.settings.db_tx_end.endswith("-allow-override")
        answer = responses.answer(
            plan,
            outcome,
            incoming.query,
            transaction_overridable=overridable,
            minimal_errors=self.settings.client_error_verbosity == "minimal",
        )
        return _timed(answer, timing)
