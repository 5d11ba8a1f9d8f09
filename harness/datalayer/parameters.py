"""Gives a value the text that PostgreSQL reads as the type of the column that it is compared with or written to.

A typed parameter is not the column's type: `text = smallint` is no operator, `real = double precision` is false for
0.1. The REST interface sends untyped text too, so that both backends mean the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from harness.datalayer.envelope import InvalidInput

_COMPACT: Final = (",", ":")
"""As the REST client writes JSON: an object in a text column keeps its blanks"""


def as_parameter(value: object) -> object:
    """The value as untyped text; a list of them for an array."""
    if isinstance(value, Enum):
        return as_parameter(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal | UUID):
        try:
            return str(value)
        except ValueError:
            raise InvalidInput("A number has too many digits.") from None
    if isinstance(value, list | tuple):
        return [as_parameter(one) for one in value]
    if isinstance(value, dict):
        return as_json(value)
    return _text(value)


def as_json(value: object) -> str:
    """The value as JSON; InvalidInput where it has none. Dates, decimals and bytes become PostgreSQL's texts."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=_COMPACT, default=_text)
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("A value cannot be written as JSON.") from None


def rows_as_json(rows: Sequence[Mapping[str, object]], json_columns: Collection[str]) -> str:
    """Rows as one JSON array of objects, for json_populate_recordset.

    NaN and the infinities become texts, except inside the `json_columns`: there they are InvalidInput.
    """
    try:
        return json.dumps(rows, ensure_ascii=False, allow_nan=False, separators=_COMPACT, default=_text)
    except (TypeError, ValueError, RecursionError):
        finite = [
            {name: value if name in json_columns else _finite(value) for name, value in row.items()} for row in rows
        ]
        return as_json(finite)


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity; the types that have them read them as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value


def _text(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, timedelta):
        return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, Enum):
        return str(value.value)
    raise InvalidInput(f"A value of the type {type(value).__name__} cannot be sent.")
