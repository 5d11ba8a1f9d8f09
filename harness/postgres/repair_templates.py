"""Repair templates: statements whose values travel beside them, composed once for all rows that take the same ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.repair import RepairKind, RowChange
from harness.core.row_merge import HashedRow
from harness.postgres.repair_statements import (
    Parameters,
    Values,
    WrittenTable,
    delete_statement,
    insert_statement,
    update_statement,
)

_GUARD = "0"
_KEY = "key "
_VALUE = "value "


@dataclass(frozen=True, slots=True)
class Template:
    """A statement about one row, and what each of its parameters is."""

    statement: bytes
    slots: tuple[str, ...]

    def filled(self, change: RowChange, values: Values) -> list[str | None]:
        """The parameters for a change."""
        row = change.row
        return [
            values[slot.removeprefix(_VALUE)]
            if slot.startswith(_VALUE)
            else row.values[int(slot.removeprefix(_KEY))]
            if slot.startswith(_KEY)
            else str(row.row)
            for slot in self.slots
        ]


@dataclass(slots=True)
class Templates:
    """The statements of one table."""

    _by_shape: dict[tuple[RepairKind, tuple[str, ...]], Template] = field(default_factory=dict)
    _inserts: dict[int, bytes] = field(default_factory=dict)

    def of(self, into: WrittenTable, kind: RepairKind, columns: tuple[str, ...]) -> Template:
        """The statement that writes one row; `columns` are those of an update."""
        found = self._by_shape.get((kind, columns))
        if found is None:
            found = self._by_shape[kind, columns] = _composed(into, kind, columns)
        return found

    def insert(self, into: WrittenTable, rows: int) -> bytes:
        """The INSERT of so many rows, whose parameters are the values of the first row, then of the second, …"""
        if rows not in self._inserts:
            values: Values = dict.fromkeys(into.columns)
            self._inserts = {rows: insert_statement(into, [values] * rows, Parameters()).as_bytes()}
        return self._inserts[rows]


def _composed(into: WrittenTable, kind: RepairKind, columns: tuple[str, ...]) -> Template:
    """The statement for a row whose values are the names of the slots that they go to."""
    key = tuple(f"{_KEY}{number}" for number in range(len(into.hashed.key)))
    row = HashedRow(0, int(_GUARD), 1, key)
    change = RowChange(kind=kind, source=row, target=row, columns=columns)
    values: Values = {name: f"{_VALUE}{name}" for name in (*into.columns, *into.hashed.key, *columns)}
    parameters = Parameters()
    if kind == "insert":
        statement = insert_statement(into, [values], parameters)
    elif kind == "update":
        statement = update_statement(into, change, values, parameters)
    else:
        statement = delete_statement(into, change, parameters)
    return Template(statement.as_bytes(), tuple(str(slot) for slot in parameters.values))
