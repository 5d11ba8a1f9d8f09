"""Python values as a REST request carries them: as text in its URL, as JSON in its body, nothing lost on the way."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.parameters import as_parameter, rows_as_json


def text_of(column: str, value: object) -> str:
    """The text that PostgreSQL reads as the value in a column of any type that fits it."""
    parameter = as_parameter(value)
    text = _array(parameter) if isinstance(parameter, list) else str(parameter)
    if "\x00" in text:
        raise InvalidInput(f"{column}: has to be without NUL characters.")
    return text


def bodies_of(rows: Sequence[Mapping[str, object]], json_columns: Collection[str]) -> list[dict[str, Any]]:
    """The rows as objects of a request's body, in the very JSON that the other backend hands to PostgreSQL.

    Values that supabase-py refuses (a Decimal, a NaN) or would round are texts in it, which the column's type reads.
    """
    bodies: list[dict[str, Any]] = json.loads(rows_as_json(rows, json_columns))
    return bodies


def _array(values: list[object]) -> str:
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return _array(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
