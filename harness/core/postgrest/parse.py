"""From method, path, query string, headers and body to the request model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from harness.core.postgrest import filtering, headers, names, ordering, payloads, selecting
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import (
    STAR,
    Action,
    Condition,
    Filter,
    OrderTerm,
    Placed,
    Query,
    Request,
    RowRange,
)
from harness.core.postgrest.scanner import read

Parameters = Sequence[tuple[str, str]]

_RELATION_ACTIONS = {
    "GET": Action.READ,
    "HEAD": Action.READ,
    "POST": Action.INSERT,
    "PUT": Action.REPLACE,
    "PATCH": Action.UPDATE,
    "DELETE": Action.DELETE,
    "OPTIONS": Action.OPTIONS,
}
_WITH_BODY = frozenset({Action.INSERT, Action.REPLACE, Action.UPDATE})
_RESERVED = frozenset({"select", "columns", "on_conflict"})
_RESERVED_LAST = frozenset({"order", "limit", "offset", "and", "or"})


def parameters(query: str) -> list[tuple[str, str]]:
    """The key-value pairs of a query string, decoded; a key without `=` is dropped, a plus is a blank."""
    pairs: list[tuple[str, str]] = []
    for part in query.replace(";", "&").split("&"):
        key, equals, value = part.partition("=")
        if equals:
            pairs.append((_decoded(key), _decoded(value)))
    return pairs


def _decoded(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", errors="replace")


def _last_word(key: str) -> str:
    return key.rpartition(".")[2]


def _first(pairs: Parameters, key: str) -> str | None:
    return next((value for name, value in pairs if name == key), None)


def _placed_filter(key: str, value: str) -> Placed[Condition]:
    path, column = read(key, names.tree_path, "tree path")
    negated, asked = read(value, filtering.operation, "filter")
    return Placed(path, Filter(column, asked, negated))


def _placed_tree(key: str, value: str) -> Placed[Condition]:
    path, operator = read(key, filtering.logic_path, "logic path")
    return Placed(path, read(operator + value, filtering.tree, "logic tree"))


def _placed_order(key: str, value: str) -> Placed[tuple[OrderTerm, ...]]:
    path, _ = read(key, names.tree_path, "tree path")
    return Placed(path, read(value, ordering.terms, "order"))


def _conditions(pairs: Parameters, *, is_call: bool) -> tuple[list[Placed[Condition]], list[tuple[str, str]]]:
    """The filters and trees, and the arguments that a call with GET has among them."""
    conditions: list[Placed[Condition]] = []
    arguments: list[tuple[str, str]] = []
    for key, value in pairs:
        if _last_word(key) in ("and", "or"):
            conditions.append(_placed_tree(key, value))
        elif key in _RESERVED or _last_word(key) in _RESERVED_LAST:
            continue
        elif is_call and not filtering.is_operation(value):
            _, argument = read(key, names.tree_path, "tree path")
            arguments.append((argument.name, value))
        else:
            conditions.append(_placed_filter(key, value))
    return conditions, arguments


def _embedded_ranges(pairs: Parameters) -> tuple[Placed[RowRange], ...]:
    limits: dict[str, str] = {}
    offsets: dict[str, str] = {}
    for key, value in pairs:
        resource, dot, word = key.rpartition(".")
        if dot and word == "limit":
            limits[resource] = value
        elif dot and word == "offset":
            offsets[resource] = value
    placed: list[Placed[RowRange]] = []
    for resource in sorted(limits.keys() | offsets.keys()):
        path, column = read(resource, names.tree_path, "tree path")
        rows = ordering.embedded_range(limits.get(resource), offsets.get(resource))
        placed.append(Placed((*path, column.name), rows))
    return tuple(placed)


def parse_query(text: str, *, is_call: bool = False) -> Query:
    """What a query string asks for.

    :param is_call: whether the target is a function called with GET or HEAD: then what is no filter is an argument.
    :raises RequestError: PGRST100, with the place of the mistake.
    """
    pairs = parameters(text)
    select, columns, on_conflict = (_first(pairs, key) for key in ("select", "columns", "on_conflict"))
    conditions, arguments = _conditions(pairs, is_call=is_call)
    return Query(
        select=STAR if select is None else read(select, selecting.items, "select parameter"),
        conditions=tuple(conditions),
        order=tuple(_placed_order(key, value) for key, value in pairs if _last_word(key) == "order"),
        ranges=_embedded_ranges(pairs),
        columns=None if columns is None else read(columns, names.columns, "columns parameter"),
        on_conflict=None if on_conflict is None else read(on_conflict, names.columns, "on_conflict parameter"),
        arguments=tuple(arguments),
    )


def _resource(method: str, path: str) -> tuple[Action, str]:
    segments = [unquote_to_bytes(part).decode("utf-8", errors="replace") for part in path.split("/") if part]
    match segments:
        case []:
            action = {"GET": Action.DESCRIBE, "HEAD": Action.DESCRIBE, "OPTIONS": Action.OPTIONS}.get(method)
            target = ""
        case ["rpc", function]:
            if method not in ("GET", "HEAD", "POST", "OPTIONS"):
                raise RequestError(405, "PGRST101", f"Cannot use the {method} method on RPC")
            action, target = (Action.OPTIONS if method == "OPTIONS" else Action.CALL), function
        case [relation]:
            action, target = _RELATION_ACTIONS.get(method), relation
        case _:
            raise RequestError(404, "PGRST125", "Invalid path specified in request URL")
    if action is None:
        raise RequestError(405, "PGRST117", f"Unsupported HTTP method: {method}")
    return action, target


def parse(
    method: str,
    path: str,
    query: str = "",
    *,
    header_fields: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    schemas: Sequence[str] = ("public",),
) -> Request:
    """The request that an HTTP request makes of PostgREST.

    :param path: below PostgREST's root, still percent-encoded: `/table`, `/rpc/function` or `/`.
    :param query: the query string, still percent-encoded, without the question mark.
    :param header_fields: names in lower case; `prefer` may come several times.
    :param schemas: the schemas that are exposed, the default one first.
    :raises RequestError: with PostgREST's status, code, message and details.
    """
    single = dict(reversed(header_fields))
    action, target = _resource(method, path)
    schema, schema_named = headers.schema(method, single, schemas)
    read_only = method in ("GET", "HEAD")
    parsed = parse_query(query, is_call=action is Action.CALL and read_only)
    pairs: Mapping[str, str] = dict(parameters(query))
    range_header = single.get("range") if method == "GET" else None
    rows = ordering.top_level_range(range_header, pairs.get("limit"), pairs.get("offset"))
    if action is Action.REPLACE and rows != RowRange():
        raise RequestError(400, "PGRST114", "limit/offset querystring parameters are not allowed for PUT")
    content_type = headers.content_type(single.get("content-type"))
    payload = None
    if action in _WITH_BODY or (action is Action.CALL and not read_only):
        columns = None if action is Action.REPLACE else parsed.columns
        payload = payloads.read(body, content_type, columns, is_call=action is Action.CALL)
    return Request(
        action=action,
        target=target,
        schema=schema,
        schema_named=schema_named,
        query=parsed,
        preferences=headers.preferences([value for key, value in header_fields if key == "prefer"]),
        rows=rows,
        accept=headers.accepted(single.get("accept")),
        content_type=content_type,
        payload=payload,
        headers_only=method == "HEAD",
        read_only=read_only,
    )
