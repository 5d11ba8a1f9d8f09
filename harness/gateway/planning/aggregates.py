"""Aggregates in `select=`: what they are called, and what stands beside them
(https://docs.postgrest.org/en/v16/references/api/aggregate_functions.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Field, SelectField

if TYPE_CHECKING:
    from harness.gateway.cache.schema_cache import Table
    from harness.gateway.planning.read_plan import Node

STAR = Field("*")


def is_star(item: SelectField) -> bool:
    """Whether it stands for all columns; `count()` does not."""
    return item.field == STAR and item.aggregate is None


def expanded(items: Sequence[SelectField], table: Table | None, *, grouped: bool) -> list[SelectField]:
    """The columns, with those that `*` stands for where each has to be named.

    :param grouped: whether rows are grouped here or above, by every column then, or turned into arrays column by
        column.
    """
    if not grouped and (table is None or not table.represented):
        return list(items)
    columns = table.columns if table is not None else ()
    return [
        one for item in items for one in ([SelectField(Field(name)) for name in columns] if is_star(item) else [item])
    ]


def _last_key(item: SelectField) -> str:
    keys = [step.operand for step in item.field.path if isinstance(step.operand, str)]
    return keys[-1] if keys else item.field.name


def named(item: SelectField, table: Table | None, *, spread: bool) -> SelectField:
    """The column under the name that it has in the answer, where that is not what PostgreSQL would call it.

    A JSON path is called by its last key. What is aggregated in a spread resource is called by its aggregate, so that
    the row around it knows the name.
    """
    if item.alias is not None:
        return item
    if item.aggregate is not None:
        return replace(item, alias=item.aggregate) if spread else item
    if item.field.path:
        return replace(item, alias=_last_key(item))
    column = table.columns.get(item.field.name) if table is not None else None
    return replace(item, alias=column.name) if column is not None and column.represented else item


def check_absent(tree: Node) -> None:
    """PGRST123 where aggregates are used although `db-aggregates-enabled` is off."""
    if any(item.aggregate is not None for node in tree.walk() for item in node.select):
        raise RequestError(400, "PGRST123", "Use of aggregate functions is not allowed")
