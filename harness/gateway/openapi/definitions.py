"""The `definitions` of the description: what rows of a relation look like, and the arguments of a function."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gateway.openapi.description import DescribedColumn, DescribedFunction, DescribedTable
from harness.gateway.openapi.swagger_types import default_value, typed


def _comment(column: DescribedColumn) -> str | None:
    notes = ["Note:"]
    if column.primary_key:
        notes.append("This is a Primary Key.<pk/>")
    if column.foreign_key is not None:
        table, name = column.foreign_key
        notes.append(f"This is a Foreign Key to `{table}.{name}`.<fk table='{table}' column='{name}'/>")
    if len(notes) == 1:
        return column.comment
    note = "\n".join(notes)
    return note if column.comment is None else f"{column.comment}\n\n{note}"


def _property(column: DescribedColumn) -> dict[str, object]:
    found = typed(column.type)
    comment = _comment(column)
    if comment is not None:
        found["description"] = comment
    if column.default is not None:
        for value in default_value(column.type, column.default):
            found["default"] = value
    if column.labels:
        found["enum"] = list(column.labels)
    if column.max_length is not None:
        found["maxLength"] = column.max_length
    return found


def _schema(comment: str | None, required: Sequence[str], properties: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {"type": "object"}
    if comment is not None:
        found["description"] = comment
    if required:
        found["required"] = list(required)
    if properties:
        found["properties"] = properties
    return found


def row(table: DescribedTable) -> dict[str, object]:
    """The schema of a relation's rows."""
    required = [column.name for column in table.columns if not column.nullable]
    return _schema(table.comment, required, {column.name: _property(column) for column in table.columns})


def arguments(function: DescribedFunction) -> dict[str, object]:
    """The schema of the body that a function is called with."""
    required = [one.name for one in function.parameters if one.required]
    return _schema(function.comment, required, {one.name: typed(one.type) for one in function.parameters})
