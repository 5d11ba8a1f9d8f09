"""Keyset pages: which rows come after a row in an order, as a filter that any backend understands."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.filters import Filter, OrderBy, and_, eq, gt, is_null, lt, not_null, or_
from harness.datalayer.rows import Table


def checked_order(table: Table, order_by: Sequence[OrderBy]) -> None:
    """Raise InvalidInput unless the order is total: it holds each column once, and every column of a unique key."""
    columns = [one.column for one in order_by]
    if len(set(columns)) != len(columns):
        raise InvalidInput("order_by: names a column twice.")
    if not any(set(key) <= set(columns) for key in (table.key, *table.unique)):
        raise InvalidInput(f"order_by: has to hold a unique key of {table.name}, as ({', '.join(table.key)}).")


def beyond(order_by: Sequence[OrderBy], after: Sequence[object]) -> Filter | None:
    """The rows that come after the row whose columns of the order have the values `after`; None where none can.

    Column by column: those equal in all columns before, and after in this one. A comparison of whole rows would be
    wrong for mixed directions, and unknown where a value is NULL.
    """
    if len(after) != len(order_by):
        raise InvalidInput("after: has to hold one value for each column of order_by.")
    ways: list[Filter] = []
    equal: list[Filter] = []
    for column, value in zip(order_by, after, strict=True):
        later = _later(column, value)
        if later is not None:
            ways.append(and_(*equal, later) if equal else later)
        equal.append(is_null(column.column) if value is None else eq(column.column, value))
    if not ways:
        return None
    return ways[0] if len(ways) == 1 else or_(*ways)


def exact(value: object, text: str | None) -> object:
    """The value as the row has it, or the text where that form lost something or is none that can be sent back."""
    if text is None or value is None or isinstance(value, dict | list):
        return text
    if isinstance(value, float) and Decimal(text) != Decimal(str(value)):
        return text
    # A text inside jsonb comes without the quotes that it needs to be jsonb again.
    return text if isinstance(value, str) and text.startswith('"') else value


def _later(order: OrderBy, value: object) -> Filter | None:
    """What comes after the value in one column. PostgreSQL takes NULL as larger than any value unless told where."""
    nulls_first = order.descending if order.nulls_first is None else order.nulls_first
    if value is None:
        return not_null(order.column) if nulls_first else None
    later = lt(order.column, value) if order.descending else gt(order.column, value)
    return later if nulls_first else or_(later, is_null(order.column))
