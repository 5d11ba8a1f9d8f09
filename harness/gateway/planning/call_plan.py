"""From a request that calls a function to the transaction that answers it."""

from __future__ import annotations

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Filter, Request, RowRange
from harness.gateway.cache.media_handlers import ResolvedHandler
from harness.gateway.cache.schema_cache import Function, Name, SchemaCache
from harness.gateway.planning.functions import choose
from harness.gateway.planning.negotiation import negotiate
from harness.gateway.planning.plan import Plan, check_preferences, needed_columns
from harness.gateway.planning.read_plan import Node, ReadPlanner
from harness.gateway.queries import call_query, read_query, statements
from harness.gateway.queries.fragments import Parameters
from harness.gateway.settings import ISOLATION_SETTING, GatewaySettings


def plan(request: Request, cache: SchemaCache, settings: GatewaySettings) -> Plan:
    """The transaction of a call.

    :raises RequestError: with PostgREST's code.
    """
    payload = request.payload
    names = payload.columns if payload is not None else [key for key, _ in request.query.arguments]
    function = choose(
        cache, Name(request.schema, request.target), names, request.content_type, has_body=payload is not None
    )
    # of rows of a relation those related to it can be embedded
    origin = Name(function.name.schema, function.row_type or function.name.name)
    node = ReadPlanner.by(cache, settings).plan(
        request.query, request.rows, origin, cache.tables.get(origin), from_statement=True, root_conditions=True
    )
    handler = negotiate(request.accept, cache, node, plan_enabled=settings.db_plan_enabled)
    check_preferences(request)
    if request.preferences.strict and request.preferences.max_affected is not None and not function.returns_set:
        message = "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"
        raise RequestError(400, "PGRST128", message)
    return Plan(
        request,
        handler.media,
        _statement(request, handler, function, node),
        read_only=request.read_only or function.read_only,
        table=cache.tables.get(node.origin),
        function=function,
        settings=_hoisted(function, settings),
        legacy_names=node.legacy_names,
    )


def _statement(request: Request, handler: ResolvedHandler, function: Function, node: Node) -> statements.Statement:
    parameters = Parameters()
    columns = needed_columns(node, _filtered_columns(node))
    payload, arguments = request.payload, request.query.arguments
    if payload is not None and payload.arguments is not None:
        # the fields of a form are arguments as those of a query string are
        arguments, payload = payload.arguments, None
    call = call_query.call(function, payload, arguments, columns, parameters)
    rows = read_query.select(node, parameters)
    counting = request.preferences.count in ("exact", "estimated")
    # the value of a handler may be no aggregate, beside which nothing can be counted
    counts_apart = counting and (node.rows != RowRange() or not function.returns_set)
    return statements.call_statement(
        call,
        rows,
        read_query.count(node, parameters) if counts_apart else None,
        count=counting,
        body=statements.NO_BODY if request.headers_only else statements.body(handler, function),
        function=function,
        parameters=parameters,
    )


def _hoisted(function: Function, settings: GatewaySettings) -> tuple[tuple[str, str], ...]:
    """The function's settings that its transaction takes on before it is called (db-hoisted-tx-settings)."""
    hoisted = {name.lower() for name in settings.db_hoisted_tx_settings} | {ISOLATION_SETTING}
    return tuple((key, value) for key, value in function.settings if key.lower() in hoisted)


def _filtered_columns(node: Node) -> list[str]:
    names: list[str] = []
    remaining = list(node.conditions)
    while remaining:
        condition = remaining.pop()
        if isinstance(condition, Filter):
            names.append(condition.field.name)
        else:
            remaining += condition.members
    return [name for name in names if node.child(name) is None]
