"""Requests for the root: the description, or the function that answers instead of it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from psycopg import AsyncConnection

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Request
from harness.gateway.answers.responses import Answer
from harness.gateway.cache.schema_cache import SchemaCache
from harness.gateway.execution.transactions import Context, Transactions
from harness.gateway.openapi.document import ServerAddress, document, proxy_address
from harness.gateway.openapi.reading import read_description
from harness.gateway.settings import GatewaySettings

_PRODUCED = frozenset({"openapi", "json", "any"})


def resource_path(path: str, settings: GatewaySettings) -> str:
    """The path of what answers: for the root the function of `db-root-spec`, where there is one.

    :raises RequestError: PGRST126 for the root where `openapi-mode` is disabled and no function answers.
    """
    if path.strip("/"):
        return path
    if settings.db_root_spec is not None:
        return "/rpc/" + quote(settings.db_root_spec.rpartition(".")[2], safe="")
    if settings.openapi_mode == "disabled":
        raise RequestError(404, "PGRST126", "Root endpoint metadata is disabled")
    return path


def _check_accepted(request: Request) -> None:
    if all(wanted.kind not in _PRODUCED for wanted in request.accept):
        offered = ", ".join(wanted.text for wanted in request.accept)
        raise RequestError(406, "PGRST107", f"None of these media types are available: {offered}")


async def answer(
    connection: AsyncConnection[tuple[Any, ...]],
    schema_cache: SchemaCache,
    settings: GatewaySettings,
    request: Request,
    context: Context,
) -> Answer:
    """The answer to GET or HEAD on the root.

    :raises RequestError: PGRST107 where neither OpenAPI nor JSON is accepted.
    :raises psycopg.Error: what PostgreSQL finds wrong.
    """
    _check_accepted(request)
    follows = settings.openapi_mode == "follow-privileges"
    transactions = Transactions(schema_cache, settings)
    description = await read_description(
        connection, transactions, schema_cache, request, context, follow_privileges=follows
    )
    headers = [("Content-Type", "application/openapi+json; charset=utf-8")]
    if request.schema_named:
        headers.append(("Content-Profile", request.schema))
    if request.headers_only:
        return Answer(200, tuple(headers))
    # the address that the client used is the only one known where no proxy is said to be in front
    address = proxy_address(settings.openapi_server_proxy_uri) or ServerAddress(
        "http", context.headers.get("host", "127.0.0.1"), "/"
    )
    found = document(description, address, security=settings.openapi_security_active)
    return Answer(200, tuple(headers), json.dumps(found, ensure_ascii=False).encode())
