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
from harness.core.postgrest.query_string import Parameters, parameters
from harness.core.postgrest.scanner import read

_RELATION_ACTIONS = {
    "GET": Action.READ,
    "HEAD": Action.READ,
    "POST": Action.INSERT,
    "PUT": Action.REPLACE,
    "PATCH": Action.UPDATE,
    "DELETE": Action.DELETE,
    "OPTIONS": Action.OPTIONS,
}
_ROOT_ACTIONS = {"GET": Action.DESCRIBE, "HEAD": Action.DESCRIBE, "OPTIONS": Action.OPTIONS}
_WITH_BODY = frozenset({Action.INSERT, Action.REPLACE, Action.UPDATE})
_RESERVED = frozenset({"select", "columns", "on_conflict"})
_RESERVED_LAST = frozenset({"order", "limit", "offset", "and", "or"})


def _last_word(key: str) -> str:
    return key.rpartition(".")[2]


def _first(pairs: Parameters, key: str) -> str | None:
    return next((value for name, value in pairs if name == key), None)


def _placed_filter(key: str, value: str) -> Placed[Condition]:
    path, column = read(key, names.tree_path, "tree path")
    negated, asked = read(value, filtering.operation, "filter")
    return Placed(path, Filter(column, asked, negated))


def _placed_filter_or_argument(key: str, value: str) -> Placed[Condition] | tuple[str, str]:
    path, column = read(key, names.tree_path, "tree path")
    found = read(value, filtering.operation_of_call, "filter")
    if found is None:
        return column.name, value
    negated, asked = found
    return Placed(path, Filter(column, asked, negated))


def _placed_tree(key: str, value: str) -> Placed[Condition]:
    path, operator = read(key, filtering.logic_path, "logic path")
    return Placed(path, read(operator + value, filtering.tree, "logic tree", told=value))


def _placed_order(key: str, value: str) -> Placed[tuple[OrderTerm, ...]]:
    path, _ = read(key, names.tree_path, "tree path")
    return Placed(path, read(value, ordering.terms, "order"))


def _is_tree(key: str) -> bool:
    return _last_word(key) in ("and", "or")


def _is_filter(key: str) -> bool:
    return key not in _RESERVED and _last_word(key) not in _RESERVED_LAST


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
    numbered = list(enumerate(pairs))
    select, columns, on_conflict = (_first(pairs, key) for key in ("select", "columns", "on_conflict"))
    # in PostgREST's order: of several mistakes the first one is told
    order = tuple(_placed_order(key, value) for key, value in pairs if _last_word(key) == "order")
    conditions = {at: _placed_tree(key, value) for at, (key, value) in numbered if _is_tree(key)}
    written = None if columns is None else read(columns, names.columns, "columns parameter")
    selected = STAR if select is None else read(select, selecting.items, "select parameter")
    arguments: list[tuple[str, str]] = []
    for at, (key, value) in numbered:
        if _is_filter(key):
            found = _placed_filter_or_argument(key, value) if is_call else _placed_filter(key, value)
            if isinstance(found, Placed):
                conditions[at] = found
            else:
                arguments.append(found)
    return Query(
        select=selected,
        conditions=tuple(conditions[at] for at in sorted(conditions)),
        order=order,
        ranges=_embedded_ranges(pairs),
        columns=written,
        on_conflict=None if on_conflict is None else read(on_conflict, names.columns, "on_conflict parameter"),
        arguments=tuple(arguments),
    )


def _segments(path: str) -> list[str]:
    """The parts of a path, decoded; after a slash at its end, or between two, comes an empty one."""
    below = path.removeprefix("/")
    return [unquote_to_bytes(part).decode("utf-8", errors="replace") for part in below.split("/")] if below else []


def _target(path: str) -> tuple[str, bool]:
    """What a path names, and whether that is a function; an empty name is the root."""
    match _segments(path):
        case []:
            return "", False
        case [relation]:
            return relation, False
        case ["rpc", function]:
            return function, True
        case _:
            raise RequestError(404, "PGRST125", "Invalid path specified in request URL")


def _action(method: str, path: str, *, is_function: bool) -> Action:
    if is_function:
        if method not in ("GET", "HEAD", "POST", "OPTIONS"):
            raise RequestError(405, "PGRST101", f"Cannot use the {method} method on RPC")
        return Action.OPTIONS if method == "OPTIONS" else Action.CALL
    action = (_RELATION_ACTIONS if _segments(path) else _ROOT_ACTIONS).get(method)
    if action is None:
        raise RequestError(405, "PGRST117", f"Unsupported HTTP method: {method}")
    return action


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
    target, is_function = _target(path)
    schema, schema_named = headers.schema(method, single, schemas)
    action = _action(method, path, is_function=is_function)
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
