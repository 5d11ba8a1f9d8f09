"""The `parameters` of the description: those that operations share, and each relation's body and row filters."""

from __future__ import annotations

from collections.abc import Iterable

from harness.gateway.openapi.description import DescribedFunction, DescribedParameter, DescribedTable
from harness.gateway.openapi.swagger_types import element_type, swagger_format, swagger_type

Parameter = dict[str, object]

_RETURN = ("return=representation", "return=minimal", "return=none")
_RESOLUTION = ("resolution=ignore-duplicates", "resolution=merge-duplicates")


def _string(name: str, place: str, description: str | None) -> Parameter:
    said = {} if description is None else {"description": description}
    return {"name": name, **said, "required": False, "in": place, "type": "string"}


def _prefer(*options: str) -> Parameter:
    prefer = _string("Prefer", "header", "Preference")
    return {**prefer, "enum": list(options)} if options else prefer


def _shared() -> dict[str, Parameter]:
    pagination = "Limiting and Pagination"
    return {
        "preferParams": _prefer(),
        "preferReturn": _prefer(*_RETURN),
        "preferCount": _prefer("count=none"),
        "preferPost": _prefer(*_RETURN, *_RESOLUTION),
        "select": _string("select", "query", "Filtering Columns"),
        "on_conflict": _string("on_conflict", "query", "On Conflict"),
        "order": _string("order", "query", "Ordering"),
        "range": _string("Range", "header", pagination),
        "rangeUnit": {**_string("Range-Unit", "header", pagination), "default": "items"},
        "offset": _string("offset", "query", pagination),
        "limit": _string("limit", "query", pagination),
    }


def body_name(table: DescribedTable) -> str:
    """The name of the parameter that is a relation's body."""
    return f"body.{table.name}"


def row_filter_names(table: DescribedTable) -> list[str]:
    """The names of the parameters that filter a relation's rows."""
    return [f"rowFilter.{table.name}.{column.name}" for column in table.columns]


def parameters(tables: Iterable[DescribedTable]) -> dict[str, Parameter]:
    """All parameters that operations refer to, by name."""
    found = _shared()
    for table in tables:
        found[body_name(table)] = {
            "name": table.name,
            "description": table.name,
            "required": False,
            "in": "body",
            "schema": {"$ref": f"#/definitions/{table.name}"},
        }
        for name, column in zip(row_filter_names(table), table.columns, strict=True):
            found[name] = _string(column.name, "query", column.comment)
    return found


def _argument(one: DescribedParameter) -> Parameter:
    found: Parameter = {"name": one.name, "required": one.required, "in": "query"}
    kind = swagger_type(one.type) or "string"
    if not one.variadic:
        # an array comes as {…} in one value, anything else as its text
        return {**found, "format": swagger_format(one.type), "type": "string" if kind == "array" else kind}
    element = swagger_type(element_type(one.type))
    items = {"format": swagger_format(element_type(one.type)), **({} if element is None else {"type": element})}
    return {**found, "type": kind, "items": items, "collectionFormat": "multi"}


def arguments(function: DescribedFunction) -> list[Parameter]:
    """The arguments of a function that is called with GET."""
    return [_argument(one) for one in function.parameters]
