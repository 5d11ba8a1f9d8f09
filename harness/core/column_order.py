"""Order of columns: tables whose common columns stand in another order; a class of its own, beside the changes."""

from __future__ import annotations

from pydantic import Field

from harness.core.model.catalog import Catalog
from harness.core.record import Record


class ColumnOrder(Record):
    """One table with its common columns in the order of either side."""

    table: str
    source: tuple[str, ...] = Field(description="The columns that both sides have, as the source orders them")
    target: tuple[str, ...] = Field(description="The same columns as the target orders them")


def column_order(source: Catalog, target: Catalog) -> tuple[ColumnOrder, ...]:
    """Tables on both sides whose common columns are ordered otherwise; columns of one side alone are passed over."""
    if source.columns == target.columns:
        return ()
    found: list[ColumnOrder] = []
    for table, columns in sorted(source.columns_by_table.items()):
        ours = [column.name for column in columns]
        theirs = [column.name for column in target.columns_by_table.get(table, ())]
        common = set(ours) & set(theirs)
        order = ColumnOrder(
            table=table,
            source=tuple(name for name in ours if name in common),
            target=tuple(name for name in theirs if name in common),
        )
        if order.source != order.target:
            found.append(order)
    return tuple(found)
