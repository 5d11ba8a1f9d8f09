"""Which names of a database a request to a Supabase project's REST interface uses."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.names import qualified
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.headers import preferences
from harness.core.postgrest.model import Action, Query, Request
from harness.core.postgrest.parse import parse, parse_query
from harness.core.postgrest.usage import EmbeddedUsage, columns_used
from harness.core.postgrest.usage import Usage as RequestNames
from harness.core.statements import RestRequest
from harness.core.usage import (
    ColumnRole,
    ColumnUse,
    ConflictUse,
    FunctionUse,
    NotUnderstood,
    RelationUse,
    Usage,
)

_PREFIX = "/rest/v1"
_WRITES = {"POST": Action.INSERT, "PUT": Action.REPLACE, "PATCH": Action.UPDATE, "DELETE": Action.DELETE}


def usage_of_request(request: RestRequest, *, schema: str = "public") -> Usage | NotUnderstood:
    """The names that a request uses, as far as its URL and its headers say them.

    :param schema: the schema that is meant where no profile header names one: the first of those that are exposed.
    """
    path = request.path.removeprefix(_PREFIX)
    if request.path.startswith(("/auth/v1", "/storage/v1", "/functions/v1", "/realtime/v1", "/graphql/v1")):
        return NotUnderstood(reason=f"{request.path[1:].split('/')[0]} is no part of the REST interface to tables")
    try:
        parsed = _parsed(request, path or "/", schema)
    except RequestError as error:
        return NotUnderstood(reason=f"PostgREST would refuse it: {error.code}")
    if parsed.action in (Action.DESCRIBE, Action.OPTIONS):
        return Usage()
    names = columns_used(parsed)
    if names.function is not None:
        return Usage(functions=(FunctionUse(name=names.function, schema=names.schema),))
    return _of_relation(parsed, names)


def _parsed(request: RestRequest, path: str, schema: str) -> Request:
    """The request model; the body, which was not kept, is taken as empty where one would be parsed."""
    verb = request.verb.upper()
    exposed = (request.profile or schema,)
    head = parse("GET" if verb in _WRITES else verb, path, "", schemas=exposed)
    is_call = head.action is Action.CALL
    query = parse_query(request.query, is_call=is_call and verb in ("GET", "HEAD"))
    return Request(
        action=head.action if is_call else _WRITES.get(verb, head.action),
        target=head.target,
        schema=exposed[0],
        query=query,
        preferences=preferences([request.prefer]),
    )


def _of_relation(request: Request, names: RequestNames) -> Usage:
    relation = qualified(names.schema, request.target)
    writes = request.action is not Action.READ
    columns = tuple(_columns(relation, names, request.query, writes=writes))
    sets = request.action in (Action.INSERT, Action.REPLACE, Action.UPDATE)
    conflict = _conflict(request, relation, names)
    embedded = tuple(use for each in names.embedded for use in _embedded(names.schema, each))
    return Usage(
        relations=(
            RelationUse(relation=relation, role="write" if writes else "read"),
            *(RelationUse(relation=qualified(names.schema, each.target), role="embedded") for each in names.embedded),
        ),
        columns=tuple(dict.fromkeys((*columns, *embedded))),
        conflicts=(conflict,) if conflict is not None else (),
        writes_unseen=(relation,) if sets and request.query.columns is None else (),
    )


def _uses(relation: str, names: tuple[str, ...], role: ColumnRole) -> Iterator[ColumnUse]:
    return (ColumnUse(name=name, role=role, levels=((relation,),)) for name in names if name != "*")


def _columns(relation: str, names: RequestNames, query: Query, *, writes: bool) -> Iterator[ColumnUse]:
    yield from _uses(relation, names.selected, "returning" if writes else "select")
    yield from _uses(relation, names.filtered, "filter")
    yield from _uses(relation, names.ordered, "order")
    if writes:
        yield from _uses(relation, query.columns or (), "insert")
        yield from _uses(relation, names.conflict or (), "conflict")


def _embedded(schema: str, each: EmbeddedUsage) -> Iterator[ColumnUse]:
    """An embedded resource; its name may be that of a foreign key or of a column, which the check finds out."""
    relation = qualified(schema, each.target)
    yield from _uses(relation, each.selected, "select")
    yield from _uses(relation, each.filtered, "filter")
    yield from _uses(relation, each.ordered, "order")


def _conflict(request: Request, relation: str, names: RequestNames) -> ConflictUse | None:
    """An upsert's target: on_conflict, else the primary key; PUT always means the primary key.

    https://docs.postgrest.org/en/v16/references/api/tables_views.html#upsert
    """
    resolution = request.preferences.resolution
    updates = resolution != "ignore-duplicates"
    if request.action is Action.REPLACE:
        return ConflictUse(relation=relation, primary_key=True)
    if request.action is not Action.INSERT or resolution is None:
        return None
    if names.conflict is None:
        return ConflictUse(relation=relation, primary_key=True, updates=updates)
    return ConflictUse(relation=relation, columns=names.conflict, updates=updates)
