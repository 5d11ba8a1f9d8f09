"""The SQL that captured requests become, without running any: for those who ask a server about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action
from harness.core.postgrest.parse import parse
from harness.core.statements import RestRequest
from harness.gateway.cache.schema_cache import SchemaCache
from harness.gateway.gateway import Gateway
from harness.gateway.planning.planner import Planner
from harness.gateway.settings import GatewaySettings

_PREFIX = "/rest/v1"
_PLANNED = frozenset({Action.READ, Action.INSERT, Action.UPDATE, Action.DELETE})


def translated(requests: Iterable[RestRequest], settings: GatewaySettings) -> Mapping[RestRequest, str]:
    """The statement of each request, by the schema cache of the database that `settings` name; values are $1, $2, ….

    The body of a request is not kept. So a PATCH whose columns the URL does not say is planned as the DELETE of the
    rows that it changes: both find them alike. Calls of functions by POST and upserts by PUT are left out, and so is
    what the gateway would refuse.

    :raises psycopg.Error: where the catalog cannot be read.
    """
    asked = list(dict.fromkeys(requests))
    if not asked:
        return {}
    cache = asyncio.run(_schema_cache(settings))
    made = {each: _statement(each, cache, settings) for each in asked}
    return {each: text for each, text in made.items() if text is not None}


async def _schema_cache(settings: GatewaySettings) -> SchemaCache:
    gateway = Gateway(settings)
    try:
        await gateway.load_schema_cache()
    finally:
        await gateway.close_connections()
    return gateway.schema_cache or SchemaCache()


def _statement(asked: RestRequest, cache: SchemaCache, settings: GatewaySettings) -> str | None:
    verb = asked.verb.upper()
    try:
        if verb == "PATCH" and not _names_columns(asked.query):
            verb = "DELETE"
        request = parse(
            verb,
            asked.path.removeprefix(_PREFIX) or "/",
            asked.query,
            header_fields=_header_fields(asked),
            body=b"{}",
            schemas=settings.db_schemas,
        )
        is_call = request.action is Action.CALL and request.read_only
        if not is_call and request.action not in _PLANNED:
            return None
        query = Planner(cache, settings).plan(request).statement.query
    except RequestError:
        return None
    return query.decode() if isinstance(query, bytes) else query.as_string(None)


def _names_columns(query: str) -> bool:
    return any(part.partition("=")[0] == "columns" for part in query.split("&"))


def _header_fields(asked: RestRequest) -> Sequence[tuple[str, str]]:
    fields = [("prefer", asked.prefer)] if asked.prefer else []
    if asked.profile:
        fields += [("accept-profile", asked.profile), ("content-profile", asked.profile)]
    return fields
