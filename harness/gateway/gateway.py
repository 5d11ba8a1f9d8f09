"""The gateway itself, without HTTP: connections, schema cache, and one answer for one request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie

import psycopg

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import Action, Request
from harness.core.postgrest.parse import parse
from harness.gateway import failures, responses
from harness.gateway.connections import Connections
from harness.gateway.failures import Failure
from harness.gateway.functions import choose
from harness.gateway.identity import Identity, identify
from harness.gateway.planner import Planner
from harness.gateway.responses import Answer
from harness.gateway.schema_cache import Name, SchemaCache
from harness.gateway.schema_cache_reading import read_schema_cache
from harness.gateway.settings import GatewaySettings
from harness.gateway.transactions import Context, Transactions


@dataclass(frozen=True, slots=True)
class Incoming:
    """An HTTP request: path below PostgREST's root and query string as they came, header names in lower case."""

    method: str
    path: str
    query: str
    header_fields: Sequence[tuple[str, str]]
    body: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """The headers by name; of several with one name the first."""
        return dict(reversed(self.header_fields))


class RequestFailed(Exception):
    """A request that ends in an error answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def _cookies(header: str | None) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()} if header else {}
    except CookieError:
        return {}


class Gateway:
    """Answers requests from one database. Everything here runs in one event loop."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self._connections: Connections | None = None
        self._cache: SchemaCache | None = None
        self._loading = asyncio.Lock()

    def _pool(self) -> Connections:
        if self._connections is None:
            self._connections = Connections(
                self.settings.db_uri, size=self.settings.db_pool, seconds=self.settings.db_pool_acquisition_timeout
            )
        return self._connections

    async def load_schema_cache(self) -> None:
        """Read the schema cache anew; until it is read the old one serves.

        :raises RequestError: PGRST000 where the database is unreachable.
        :raises psycopg.Error: where the catalog cannot be read.
        """
        async with self._loading, self._pool().connection() as connection:
            self._cache = await read_schema_cache(connection, self.settings.db_schemas)

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

    async def answer(self, incoming: Incoming) -> Answer:
        """The answer to a request.

        :raises RequestFailed: with the error answer.
        """
        identity: Identity | None = None
        try:
            identity = identify(incoming.headers, self.settings)
            request = parse(
                incoming.method,
                incoming.path,
                incoming.query,
                header_fields=incoming.header_fields,
                body=incoming.body,
                schemas=self.settings.db_schemas,
            )
            return await self._answer(request, incoming, identity)
        except RequestError as error:
            raise RequestFailed(failures.of_request(error)) from None
        except psycopg.Error as error:
            anonymous = identity is not None and identity.anonymous
            raise RequestFailed(failures.of_postgres(error, anonymous=anonymous)) from error

    async def _answer(self, request: Request, incoming: Incoming, identity: Identity) -> Answer:
        if request.action is Action.DESCRIBE:
            raise not_implemented("the OpenAPI description at the root is not implemented")
        cache = await self._schema_cache()
        if request.action is Action.OPTIONS:
            return responses.options(_allowed_methods(request, incoming, cache))
        plan = Planner(cache, self.settings).plan(request)
        headers: Mapping[str, str] = incoming.headers
        context = Context(
            identity=identity,
            method=incoming.method,
            path=incoming.path,
            headers={name: value for name, value in headers.items() if name != "cookie"},
            cookies=_cookies(headers.get("cookie")),
        )
        transactions = Transactions(cache, self.settings)
        async with self._pool().connection() as connection:
            outcome = await transactions.run(connection, plan, context)
        overridable = self.settings.db_tx_end.endswith("-allow-override")
        return responses.answer(plan, outcome, incoming.query, transaction_overridable=overridable)


def _allowed_methods(request: Request, incoming: Incoming, cache: SchemaCache) -> str:
    """What OPTIONS says that a target allows."""
    if not request.target:
        return "OPTIONS,GET,HEAD"
    name = Name(request.schema, request.target)
    if incoming.path.lstrip("/").startswith("rpc/"):
        arguments = [key for key, _ in request.query.arguments]
        function = choose(cache, name, arguments, request.content_type, has_body=False)
        return "OPTIONS,GET,HEAD,POST" if function.read_only else "OPTIONS,POST"
    table = cache.table(name)
    allowed = ["OPTIONS", "GET", "HEAD"]
    allowed += ["POST"] if table.insertable else []
    allowed += ["PUT"] if table.insertable and table.updatable and table.primary_key else []
    allowed += ["PATCH"] if table.updatable else []
    allowed += ["DELETE"] if table.deletable else []
    return ",".join(allowed)
