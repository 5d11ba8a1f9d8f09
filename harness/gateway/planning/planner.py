"""From a request to the transaction that answers it."""

from __future__ import annotations

from harness.core.postgrest.model import Action, Request, RowRange
from harness.gateway.cache.schema_cache import Name, SchemaCache
from harness.gateway.planning import call_plan, write_plan
from harness.gateway.planning.negotiation import negotiate
from harness.gateway.planning.plan import Plan, check_preferences
from harness.gateway.planning.read_plan import Node, ReadPlanner
from harness.gateway.queries import read_query, statements
from harness.gateway.queries.fragments import Parameters
from harness.gateway.queries.statements import Statement
from harness.gateway.settings import GatewaySettings


class Planner:
    """Plans requests against one schema cache."""

    def __init__(self, cache: SchemaCache, settings: GatewaySettings) -> None:
        self._cache = cache
        self._settings = settings

    def plan(self, request: Request) -> Plan:
        """The transaction of a request for a relation or function.

        :raises RequestError: with PostgREST's code, or 501 for what is left out.
        """
        if request.action is Action.CALL:
            return call_plan.plan(request, self._cache, self._settings)
        if request.action is Action.READ:
            return self._read(request)
        return write_plan.plan(request, self._cache, self._settings)

    def _read(self, request: Request) -> Plan:
        table = self._cache.table(Name(request.schema, request.target))
        node = ReadPlanner.by(self._cache, self._settings).plan(
            request.query, request.rows, table.name, table, from_statement=False, root_conditions=True
        )
        handler = negotiate(request.accept, self._cache, node, plan_enabled=self._settings.db_plan_enabled)
        check_preferences(request)
        parameters = Parameters()
        rows = read_query.select(node, parameters)
        counting = request.preferences.count in ("exact", "estimated")
        counted = None
        if counting and node.rows != RowRange():
            counted = read_query.count(node, parameters)
            if request.preferences.count == "estimated" and self._settings.db_max_rows is not None:
                # one more than the cap tells whether the planner's estimate has to be asked for
                counted = read_query.limited(counted, self._settings.db_max_rows + 1, parameters)
        body = statements.NO_BODY if request.headers_only else statements.body(handler)
        return Plan(
            request,
            handler.media,
            statements.read_statement(rows, counted, count=counting, body=body, parameters=parameters),
            read_only=True,
            estimate=_estimate(node) if request.preferences.count in ("planned", "estimated") else None,
            table=table,
            legacy_names=node.legacy_names,
        )


def _estimate(node: Node) -> Statement:
    parameters = Parameters()
    return statements.plan_statement(read_query.count(node, parameters), parameters)
