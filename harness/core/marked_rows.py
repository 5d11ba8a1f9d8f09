"""Test rows: which rows that a call wrote carry marked ids, so that they can be told from a user's and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.core.effects import Effects, Row

_INTEGERS = frozenset({"smallint", "integer", "bigint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedRow:
    """A row that a call inserted: its table, and the columns whose values are marked ids."""

    schema: str
    table: str
    marks: Mapping[str, int]


def marked_rows(effects: Effects, ids: tuple[int, int]) -> tuple[tuple[MarkedRow, ...], str]:
    """The rows that a call inserted, and why they must not be written to a project; '' where they may.

    `ids` are the first and the last marked id. Nothing but marked rows may have been written: no row changed or
    removed, none in a table that is not looked at.
    """
    if effects.open_transaction:
        return (), "it leaves a transaction open"
    if effects.unseen:
        return (), f"it writes to {effects.unseen[0]}, whose rows are not looked at"
    rows: list[MarkedRow] = []
    for identity, each in effects.tables.items():
        if each.updated or each.deleted_rows or each.deleted:
            return (), f"it changes rows of {identity} that are there"
        if each.unread:
            return (), f"it writes too many rows to {identity}"
        for row in each.inserted:
            marks = _marks(row, each.table.columns, ids)
            if not marks:
                return (), f"a row that it writes to {identity} carries no test id"
            rows.append(MarkedRow(schema=each.table.schema, table=each.table.name, marks=marks))
    return tuple(rows), "" if rows else "it writes no row that could be told apart"


def _marks(row: Row, columns: Mapping[str, str], ids: tuple[int, int]) -> dict[str, int]:
    first, last = ids
    values = {name: row.get(name) for name, kind in columns.items() if kind in _INTEGERS}
    return {name: int(value) for name, value in values.items() if value is not None and first <= int(value) <= last}
