"""Makes rows what a repository was asked for: dicts as they are, models and dataclasses through pydantic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from harness.datalayer.envelope import CallFailed
from harness.datalayer.rows import R, Row

OfRows = Callable[[list[Row]], list[R]]


def rows_as(row_type: type[R] | None, table: str) -> OfRows[R]:
    """What makes a list of `row_type` of rows; where it is None or dict, the rows themselves.

    A row that is no `row_type` is a failure (internal, row_type) that names the fields: the type and the table do not
    agree, which no caller can help.
    """
    if row_type is None or row_type is dict:
        return cast("OfRows[R]", _themselves)
    adapter: TypeAdapter[list[R]] = TypeAdapter(list[row_type])  # type: ignore[valid-type]

    def made(rows: list[Row]) -> list[R]:
        try:
            return adapter.validate_python(rows)
        except ValidationError as error:
            raise _unlike(error, table) from None

    return made


def _themselves(rows: list[Row]) -> list[Any]:
    return rows


def _unlike(error: ValidationError, table: str) -> CallFailed:
    places = [one["loc"] for one in error.errors(include_url=False, include_input=False, include_context=False)]
    fields = sorted({part for place in places for part in place if isinstance(part, str) and part.isidentifier()})
    return CallFailed("internal", "row_type", f"A row of {table} is not of its type: {', '.join(fields) or 'a field'}.")
