"""From a request that writes to the transaction that answers it: INSERT, UPDATE, DELETE and the upserts."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.sql import Composable

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action, Comparison, Condition, Filter, Request
from harness.gateway.cache.schema_cache import Column, Name, SchemaCache, Table
from harness.gateway.planning.negotiation import negotiate
from harness.gateway.planning.plan import Plan, check_preferences, needed_columns, root_conditions
from harness.gateway.planning.read_plan import ReadPlanner
from harness.gateway.queries import read_query, statements, write_query
from harness.gateway.queries.fragments import Parameters
from harness.gateway.settings import GatewaySettings


def plan(request: Request, cache: SchemaCache, settings: GatewaySettings) -> Plan:
    """The transaction of a write to a relation.

    :raises RequestError: with PostgREST's code.
    """
    table = cache.table(Name(request.schema, request.target))
    node = ReadPlanner.by(cache, settings, capped=False).plan(
        request.query, request.rows, table.name, table, from_statement=True, root_conditions=False, ranges=False
    )
    preferences = request.preferences
    returning = (
        needed_columns(node, table.primary_key) if preferences.returning in ("representation", "headers-only") else []
    )
    parameters = Parameters()
    mutation, upsert = _mutation(request, table, returning, parameters, safe=settings.safe_update)
    check_preferences(request)
    handler = negotiate(request.accept, cache, node, plan_enabled=settings.db_plan_enabled)
    represented = preferences.returning == "representation"
    locate = request.action is Action.INSERT and preferences.returning == "headers-only"
    statement = statements.write_statement(
        mutation,
        read_query.select(node, parameters) if represented else None,
        body=statements.body(handler) if represented else statements.NO_BODY,
        upsert=upsert,
        location_keys=table.primary_key if locate else (),
        parameters=parameters,
    )
    return Plan(request, handler.media, statement, read_only=False, table=table, legacy_names=node.legacy_names)


def _mutation(
    request: Request, table: Table, returning: Sequence[str], parameters: Parameters, *, safe: bool
) -> tuple[Composable, bool]:
    """The write itself, and whether it counts what it inserted."""
    conditions = root_conditions(request)
    defaults = request.preferences.missing == "default"
    if request.action is Action.DELETE:
        if safe:
            _check_safe(request, conditions)
        return write_query.delete(table, parameters, conditions=conditions, returning=returning), False
    if request.payload is None:
        raise RequestError(400, "PGRST102", "Empty or invalid json")
    columns = [_column(table, name) for name in request.payload.columns]
    if request.action is Action.UPDATE:
        if columns and safe:
            _check_safe(request, conditions)
        update = write_query.update(
            table,
            columns,
            request.payload,
            parameters,
            conditions=conditions,
            defaults=defaults,
            returning=returning,
        )
        return update, False
    conflict = _conflict(request, table)
    if request.action is Action.REPLACE:
        _check_replaced(request, table)
        conflict, defaults = write_query.Conflict(table.primary_key, "merge-duplicates"), False
    insert = write_query.insert(
        table,
        columns,
        request.payload,
        parameters,
        conflict=conflict,
        defaults=defaults,
        returning=returning,
        conditions=conditions if request.action is Action.REPLACE else (),
    )
    return insert, conflict is not None and conflict.resolution == "merge-duplicates"


def _check_safe(request: Request, conditions: Sequence[Condition]) -> None:
    """Refuse to change a whole table, as the extension safeupdate does.

    An empty list of conditions is the same as no WHERE clause, which is all that the extension looks at.
    """
    if not conditions:
        verb = "UPDATE" if request.action is Action.UPDATE else "DELETE"
        raise RequestError(400, "21000", f"{verb} requires a WHERE clause")


def _column(table: Table, name: str) -> Column:
    found = table.columns.get(name)
    if found is None:
        message = f"Could not find the '{name}' column of '{table.name.name}' in the schema cache"
        raise RequestError(400, "PGRST204", message)
    return found


def _conflict(request: Request, table: Table) -> write_query.Conflict | None:
    resolution = request.preferences.resolution
    if resolution is None:
        return None
    named = request.query.on_conflict
    return write_query.Conflict(named if named is not None else table.primary_key, resolution)


def _check_replaced(request: Request, table: Table) -> None:
    """PUT names one row: `eq` filters on the primary key's columns, all of them and nothing else."""
    at_root = root_conditions(request)
    plain = all(
        isinstance(one, Filter)
        and not one.negated
        and isinstance(one.operation, Comparison)
        and one.operation.operator == "eq"
        and one.operation.quantifier is None
        for one in at_root
    )
    # a tree anywhere, or a filter of an embedded resource, is one too many
    named = {at.value.field.name if isinstance(at.value, Filter) else None for at in request.query.conditions}
    if not plain or not named or named != set(table.primary_key):
        message = "Filters must include all and only primary key columns with 'eq' operators"
        raise RequestError(405, "PGRST105", message)
