"""From a request to the transaction that answers it."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.sql import Composable

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import (
    Action,
    Comparison,
    Condition,
    Filter,
    MediaType,
    Request,
    RowRange,
)
from harness.gateway import call_query, read_query, statements, write_query
from harness.gateway.fragments import Parameters
from harness.gateway.functions import choose
from harness.gateway.plan import Plan, check_preferences, needed_columns, negotiate, root_conditions
from harness.gateway.read_plan import Node, ReadPlanner
from harness.gateway.schema_cache import Column, Function, Name, SchemaCache, Table
from harness.gateway.settings import GatewaySettings
from harness.gateway.statements import Statement


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
            return self._call(request)
        if request.action is Action.READ:
            return self._read(request)
        return self._write(request)

    def _planner(self, most_rows: int | None) -> ReadPlanner:
        return ReadPlanner(self._cache, most_rows, self._settings.db_aggregates_enabled)

    def _read(self, request: Request) -> Plan:
        table = self._cache.table(Name(request.schema, request.target))
        node = self._planner(self._settings.db_max_rows).plan(
            request.query, request.rows, table.name, table, from_statement=False, root_conditions=True
        )
        media = negotiate(request.accept, self._cache)
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
        body = statements.NO_BODY if request.headers_only else statements.body(media)
        return Plan(
            request,
            media,
            statements.read_statement(rows, counted, count=counting, body=body, parameters=parameters),
            read_only=True,
            estimate=_estimate(node) if request.preferences.count in ("planned", "estimated") else None,
            table=table,
        )

    def _call(self, request: Request) -> Plan:
        payload = request.payload
        names = payload.columns if payload is not None else [key for key, _ in request.query.arguments]
        function = choose(
            self._cache, Name(request.schema, request.target), names, request.content_type, has_body=payload is not None
        )
        if function.returns_media:
            raise not_implemented(f"functions that return a media type ({function.return_type}) are not implemented")
        origin = Name(function.name.schema, function.table or function.name.name)
        node = self._planner(self._settings.db_max_rows).plan(
            request.query,
            request.rows,
            origin,
            self._cache.tables.get(origin),
            from_statement=True,
            root_conditions=True,
        )
        media = negotiate(request.accept, self._cache)
        check_preferences(request)
        if request.preferences.strict and request.preferences.max_affected is not None and not function.returns_set:
            message = "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"
            raise RequestError(400, "PGRST128", message)
        return self._call_plan(request, media, function, node)

    def _call_plan(self, request: Request, media: MediaType, function: Function, node: Node) -> Plan:
        parameters = Parameters()
        columns = needed_columns(node, _filtered_columns(node))
        call = call_query.call(function, request.payload, request.query.arguments, columns, parameters)
        rows = read_query.select(node, parameters)
        counting = request.preferences.count in ("exact", "estimated")
        counted = read_query.count(node, parameters) if counting and node.rows != RowRange() else None
        statement = statements.call_statement(
            call,
            rows,
            counted,
            count=counting,
            body=statements.NO_BODY if request.headers_only else statements.body(media, function),
            function=function,
            parameters=parameters,
        )
        return Plan(
            request,
            media,
            statement,
            read_only=request.read_only or function.read_only,
            table=self._cache.tables.get(node.origin),
            function=function,
            settings=function.settings,
        )

    def _write(self, request: Request) -> Plan:
        table = self._cache.table(Name(request.schema, request.target))
        node = self._planner(None).plan(
            request.query, request.rows, table.name, table, from_statement=True, root_conditions=False, order=False
        )
        preferences = request.preferences
        returning = (
            needed_columns(node, table.primary_key)
            if preferences.returning in ("representation", "headers-only")
            else []
        )
        parameters = Parameters()
        mutation, upsert = self._mutation(request, table, returning, parameters)
        check_preferences(request)
        media = negotiate(request.accept, self._cache)
        represented = preferences.returning == "representation"
        locate = request.action is Action.INSERT and preferences.returning == "headers-only"
        statement = statements.write_statement(
            mutation,
            read_query.select(node, parameters) if represented else None,
            body=statements.body(media) if represented else statements.NO_BODY,
            upsert=upsert,
            location_keys=table.primary_key if locate else (),
            parameters=parameters,
        )
        return Plan(request, media, statement, read_only=False, table=table)

    def _mutation(
        self, request: Request, table: Table, returning: Sequence[str], parameters: Parameters
    ) -> tuple[Composable, bool]:
        """The write itself, and whether it counts what it inserted."""
        conditions = root_conditions(request)
        defaults = request.preferences.missing == "default"
        if request.action is Action.DELETE:
            self._check_safe(request, conditions)
            return write_query.delete(table, parameters, conditions=conditions, returning=returning), False
        if request.payload is None:
            raise RequestError(400, "PGRST102", "Empty or invalid json")
        columns = [_column(table, name) for name in request.payload.columns]
        if request.action is Action.UPDATE:
            if columns:
                self._check_safe(request, conditions)
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

    def _check_safe(self, request: Request, conditions: Sequence[Condition]) -> None:
        """Refuse to change a whole table, as the extension safeupdate does.

        An empty list of conditions is the same as no WHERE clause, which is all that the extension looks at.
        """
        if self._settings.safe_update and not conditions:
            verb = "UPDATE" if request.action is Action.UPDATE else "DELETE"
            raise RequestError(400, "21000", f"{verb} requires a WHERE clause")


def _estimate(node: Node) -> Statement:
    parameters = Parameters()
    return statements.plan_statement(read_query.count(node, parameters), parameters)


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
    filters = [at.value for at in request.query.conditions]
    plain = all(
        isinstance(one, Filter)
        and not one.negated
        and not one.field.path
        and isinstance(one.operation, Comparison)
        and one.operation.operator == "eq"
        and one.operation.quantifier is None
        for one in filters
    )
    names = {one.field.name for one in filters if isinstance(one, Filter)}
    if not plain or not names or names != set(table.primary_key):
        message = "Filters must include all and only primary key columns with 'eq' operators"
        raise RequestError(405, "PGRST105", message)
