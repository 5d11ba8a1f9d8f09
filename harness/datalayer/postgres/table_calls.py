"""What a repository's calls are, apart from waiting for them: which statement, which checks, what its rows mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.datalayer.envelope import InvalidInput, not_written, too_many_rows, truncated
from harness.datalayer.filters import Filter, OrderBy, in_, listed
from harness.datalayer.paging import beyond, checked_order, exact
from harness.datalayer.postgres import statements
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.postgres.typed_rows import rows_as
from harness.datalayer.rows import MOST_ROWS_READ, MOST_ROWS_WRITTEN, Page, R, Row, Table, as_written, in_order_of

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """A statement and what its rows mean; with no statement the answer is that of no rows."""

    statement: Statement | None
    meaning: Callable[[list[Row]], A]


class TableCalls(Generic[R]):
    """The calls of one table. Each raises InvalidInput where nothing may be sent."""

    def __init__(self, table: Table, row_type: type[R] | None) -> None:
        self._table = table
        self._typed = rows_as(row_type, table.name)

    def find_one(self, where: Sequence[Filter]) -> Call[R | None]:
        """At most one row."""
        return Call(statements.select(self._table.name, where, limit=2), self._at_most_one)

    def find_many(
        self, where: Sequence[Filter], order_by: Sequence[OrderBy], limit: int | None, offset: int
    ) -> Call[list[R]]:
        """At most 1,000 rows, or `limit`."""
        if limit is not None:
            _checked_limit(limit)
        if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset < 2**63:
            raise InvalidInput("offset: has to be 0 or more.")
        asked = MOST_ROWS_READ + 1 if limit is None else limit
        statement = statements.select(self._table.name, where, order_by=order_by, limit=asked, offset=offset)
        return Call(statement, self._all)

    def find_page(
        self, where: Sequence[Filter], order_by: Sequence[OrderBy], limit: int, after: tuple[object, ...] | None
    ) -> Call[Page[R]]:
        """One row more than the page has says whether there is a next one."""
        _checked_limit(limit)
        checked_order(self._table, order_by)
        columns = [one.column for one in order_by]

        def meaning(rows: list[Row]) -> Page[R]:
            return self._page(rows, columns, limit)

        conditions = list(where)
        if after is not None:
            later = beyond(order_by, after)
            if later is None:
                return Call(None, meaning)
            conditions.append(later)
        name = self._table.name
        return Call(statements.select(name, conditions, order_by=order_by, limit=limit + 1, texts=True), meaning)

    def find_by_ids(self, column: str, ids: Iterable[object], where: Sequence[Filter]) -> Call[list[R]]:
        """No statement without ids."""
        wanted = listed(column, ids)
        if not wanted:
            return Call(None, self._all)
        return self.find_many([*where, in_(column, wanted)], [OrderBy(column)], None, 0)

    def count(self, where: Sequence[Filter]) -> Call[int]:
        """A number."""
        return Call(statements.count(self._table.name, where), _number)

    def upsert(self, row: Mapping[str, object], conflict: Sequence[str] | None) -> Call[R]:
        """One row."""
        return Call(self._upsert([row], conflict), self._written_one)

    def bulk_upsert(self, rows: Sequence[Mapping[str, object]], conflict: Sequence[str] | None) -> Call[list[R]]:
        """At most 500 rows; no statement without any."""
        if len(rows) > MOST_ROWS_WRITTEN:
            raise InvalidInput(f"rows: at most {MOST_ROWS_WRITTEN} can be written at once.")
        return Call(self._upsert(rows, conflict) if rows else None, self._in_order)

    def delete(self, where: Sequence[Filter]) -> Call[list[R]]:
        """What was deleted."""
        return Call(statements.delete(self._table.name, where), self._in_order)

    def _upsert(self, rows: Sequence[Mapping[str, object]], conflict: Sequence[str] | None) -> Statement:
        written = [as_written(self._table, row) for row in rows]
        columns: dict[str, object] = {}
        for row in written:
            if row.keys() != columns.keys():
                columns |= row
        table = self._table
        return statements.upsert(table.name, list(columns), written, tuple(conflict or table.key), table.json_columns)

    def _at_most_one(self, rows: list[Row]) -> R | None:
        if len(rows) > 1:
            raise too_many_rows(self._table.name)
        return self._typed(rows)[0] if rows else None

    def _all(self, rows: list[Row]) -> list[R]:
        if len(rows) > MOST_ROWS_READ:
            raise truncated(self._table.name, MOST_ROWS_READ)
        return self._typed(rows)

    def _page(self, rows: list[Row], columns: list[str], limit: int) -> Page[R]:
        texts = [[row.pop(statements.text_of(column)) for column in columns] for row in rows]
        if len(rows) <= limit:
            return Page(self._typed(rows), None)
        last = rows[limit - 1]
        after = tuple(exact(last[column], text) for column, text in zip(columns, texts[limit - 1], strict=True))
        return Page(self._typed(rows[:limit]), after)

    def _written_one(self, rows: list[Row]) -> R:
        if not rows:
            raise not_written(self._table.name)
        return self._typed(rows)[0]

    def _in_order(self, rows: list[Row]) -> list[R]:
        return self._typed(in_order_of(self._table.key, rows))


def _number(rows: list[Row]) -> int:
    return int(rows[0]["count"])


def _checked_limit(limit: int) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= MOST_ROWS_READ:
        raise InvalidInput(f"limit: has to be from 1 to {MOST_ROWS_READ}.")
