"""The base of every repository: reads, counts and upserts of one table through psycopg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from psycopg.types.json import Jsonb

from harness.datalayer import statements
from harness.datalayer.database import Database, Row
from harness.datalayer.envelope import InvalidInput, too_many_rows, truncated
from harness.datalayer.filters import Filter, OrderBy, in_

MOST_ROWS_READ: Final = 1000
MOST_ROWS_WRITTEN: Final = 500


@dataclass(frozen=True, slots=True)
class Table:
    """What a repository knows of its table: its name, the key that upserts conflict on, its jsonb columns."""

    name: str
    key: tuple[str, ...]
    json_columns: frozenset[str] = frozenset()


def stamped(row: Mapping[str, object]) -> dict[str, object]:
    """The row as it is written: with updated_at, now."""
    return {**row, "updated_at": datetime.now(UTC).isoformat()}


def in_order_of(key: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows sorted by their key: a statement returns what it wrote in no order that anybody promises."""
    return sorted(rows, key=lambda row: tuple(row[column] for column in key))


class Repository:
    """Statements on one table. Every method raises CallFailed, and nothing else, where the database refuses."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self.table = table

    def find_one(self, where: Sequence[Filter]) -> Row | None:
        """The row that matches, None where none does; several are a failure, never the first of them."""
        rows = self._database.rows(statements.select(self.table.name, where, limit=2))
        if len(rows) > 1:
            raise too_many_rows(self.table.name)
        return rows[0] if rows else None

    def find_many(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Row]:
        """The rows that match, at most 1,000. With no `limit`, more than that is a failure, not a shorter list."""
        if limit is not None and not 0 < limit <= MOST_ROWS_READ:
            raise InvalidInput(f"limit: has to be from 1 to {MOST_ROWS_READ}.")
        if offset < 0:
            raise InvalidInput("offset: has to be 0 or more.")
        asked = MOST_ROWS_READ + 1 if limit is None else limit
        rows = self._database.rows(
            statements.select(self.table.name, where, order_by=order_by, limit=asked, offset=offset)
        )
        if len(rows) > MOST_ROWS_READ:
            raise truncated(self.table.name, MOST_ROWS_READ)
        return rows

    def find_by_ids(self, column: str, ids: Sequence[object], *, where: Sequence[Filter] = ()) -> list[Row]:
        """The rows whose `column` is one of `ids`, in one statement, in the order of that column."""
        if not ids:
            return []
        return self.find_many([*where, in_(column, ids)], order_by=[OrderBy(column)])

    def count(self, where: Sequence[Filter]) -> int:
        """How many rows match."""
        return int(self._database.rows(statements.count(self.table.name, where))[0]["count"])

    def upsert(self, row: Mapping[str, object], *, conflict: Sequence[str] | None = None) -> Row:
        """Insert a row, or update the one that has its key; returns it as it is now."""
        return self._upsert([row], list(row), conflict)[0]

    def bulk_upsert(self, rows: Sequence[Mapping[str, object]], *, conflict: Sequence[str] | None = None) -> list[Row]:
        """Upsert at most 500 rows in one statement; returns them as they are now, in the order of the table's key.

        The columns written are those that any of the rows has. Where a row lacks one, NULL is written, as the
        REST interface does for a list of objects with unequal keys.
        """
        if len(rows) > MOST_ROWS_WRITTEN:
            raise InvalidInput(f"rows: at most {MOST_ROWS_WRITTEN} can be written at once.")
        if not rows:
            return []
        columns = list(dict.fromkeys(column for row in rows for column in row))
        return in_order_of(self.table.key, self._upsert(rows, columns, conflict))

    def _upsert(
        self, rows: Sequence[Mapping[str, object]], columns: list[str], conflict: Sequence[str] | None
    ) -> list[Row]:
        written = [stamped(row) for row in rows]
        names = [*(column for column in columns if column != "updated_at"), "updated_at"]
        values = [[self._parameter(name, row.get(name)) for name in names] for row in written]
        return self._database.rows(statements.upsert(self.table.name, names, values, conflict or self.table.key))

    def _parameter(self, column: str, value: object) -> object:
        return Jsonb(value) if column in self.table.json_columns and value is not None else value
