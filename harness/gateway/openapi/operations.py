"""The `paths` of the description: the operations on relations, functions and the root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.gateway.openapi import definitions, parameters
from harness.gateway.openapi.description import DescribedFunction, DescribedTable, Description, first_line_and_rest

Operation = dict[str, object]
PathItem = dict[str, Operation]

_READING = ("select", "order", "range", "rangeUnit", "offset", "limit", "preferCount")
SINGLE_OBJECTS = ("application/vnd.pgrst.object+json;nulls=stripped", "application/vnd.pgrst.object+json")


def _references(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/parameters/{name}"} for name in names]


def _responses(status: int, description: str) -> dict[str, dict[str, str]]:
    return {str(status): {"description": description}}


def _operation(tag: str, comment: str | None) -> Operation:
    found: Operation = {"tags": [tag]}
    if comment is not None:
        summary, rest = first_line_and_rest(comment)
        found["summary"] = summary
        if rest:
            found["description"] = rest
    return found


def _with_parameters(operation: Operation, found: Sequence[object], responses: object) -> Operation:
    return {**operation, **({"parameters": list(found)} if found else {}), "responses": responses}


def _table(table: DescribedTable) -> PathItem:
    operation = _operation(table.name, table.comment)
    filters, body = parameters.row_filter_names(table), parameters.body_name(table)
    rows = {"type": "array", "items": {"$ref": f"#/definitions/{table.name}"}}
    read: dict[str, object] = {"200": {"description": "OK", "schema": rows}, **_responses(206, "Partial Content")}
    item = {"get": _with_parameters(operation, _references([*filters, *_READING]), read)}
    if table.writable:
        item["post"] = _with_parameters(
            operation, _references([body, "select", "preferPost"]), _responses(201, "Created")
        )
        item["patch"] = _with_parameters(
            operation, _references([*filters, body, "preferReturn"]), _responses(204, "No Content")
        )
        item["delete"] = _with_parameters(
            operation, _references([*filters, "preferReturn"]), _responses(204, "No Content")
        )
    return item


def _function(function: DescribedFunction) -> PathItem:
    operation = _operation(f"(rpc) {function.name}", function.comment)
    operation["produces"] = ["application/json", *SINGLE_OBJECTS]
    body = {"name": "args", "required": True, "in": "body", "schema": definitions.arguments(function)}
    done = _responses(200, "OK")
    item = {"post": _with_parameters(operation, [body, *_references(["preferParams"])], done)}
    if not function.volatile:
        item["get"] = _with_parameters(operation, parameters.arguments(function), done)
    return item


def paths(description: Description) -> dict[str, PathItem]:
    """The operations of each path."""
    root: Operation = {
        "tags": ["Introspection"],
        "summary": "OpenAPI description (this document)",
        "produces": ["application/openapi+json", "application/json"],
        "responses": _responses(200, "OK"),
    }
    found: dict[str, PathItem] = {"/": {"get": root}}
    found.update({f"/{table.name}": _table(table) for table in description.tables})
    found.update({f"/rpc/{function.name}": _function(function) for function in description.functions.values()})
    return found
