"""The base of every repository, for asyncio: reads and writes of one table through psycopg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar, overload

from harness.datalayer.filters import Filter, OrderBy
from harness.datalayer.postgres.async_database import AsyncDatabase
from harness.datalayer.postgres.table_calls import Call, TableCalls
from harness.datalayer.rows import Page, R, Row, Table

A = TypeVar("A")


class AsyncRepository(Generic[R]):
    """`interface.AsyncTableRepository` on PostgreSQL: every method is one statement.

    Rows are dicts, or what `row_type` says: a pydantic model, a dataclass, a TypedDict. Over the database that
    `AsyncPooledDatabase.transaction` gives, its calls belong to that transaction.
    """

    @overload
    def __init__(self: AsyncRepository[Row], database: AsyncDatabase, table: Table) -> None: ...

    @overload
    def __init__(self, database: AsyncDatabase, table: Table, *, row_type: type[R]) -> None: ...

    def __init__(self, database: AsyncDatabase, table: Table, *, row_type: type[R] | None = None) -> None:
        self._database = database
        self.table = table
        self._calls: TableCalls[R] = TableCalls(table, row_type)

    async def find_one(self, where: Sequence[Filter]) -> R | None:
        """The row that matches, None where none does; several are a failure, never the first of them."""
        return await self._made(self._calls.find_one(where))

    async def find_many(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[R]:
        """The rows that match, at most 1,000. With no `limit`, more than that is a failure, not a shorter list."""
        return await self._made(self._calls.find_many(where, order_by, limit, offset))

    async def find_page(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy],
        limit: int,
        after: tuple[object, ...] | None = None,
    ) -> Page[R]:
        """The first `limit` rows after the row that `after` names; `order_by` has to hold a unique key."""
        return await self._made(self._calls.find_page(where, order_by, limit, after))

    async def find_by_ids(self, column: str, ids: Iterable[object], *, where: Sequence[Filter] = ()) -> list[R]:
        """The rows whose `column` is one of `ids`, in one statement, in the order of that column; at most 1,000."""
        return await self._made(self._calls.find_by_ids(column, ids, where))

    async def count(self, where: Sequence[Filter]) -> int:
        """How many rows match."""
        return await self._made(self._calls.count(where))

    async def upsert(self, row: Mapping[str, object], *, conflict: Sequence[str] | None = None) -> R:
        """Insert a row, or update the given columns of the one that has its key; returns it as it is now."""
        return await self._made(self._calls.upsert(row, conflict))

    async def bulk_upsert(
        self, rows: Sequence[Mapping[str, object]], *, conflict: Sequence[str] | None = None
    ) -> list[R]:
        """Upsert at most 500 rows in one statement; returns them as they are now, in the order of the table's key.

        The columns written are those that any of the rows has. Where a row lacks one, NULL is written, as the
        REST interface does for a list of objects with unequal keys.
        """
        return await self._made(self._calls.bulk_upsert(rows, conflict))

    async def delete(self, where: Sequence[Filter]) -> list[R]:
        """Delete the rows that match; returns all of them, in the order of the table's key. No filter is refused."""
        return await self._made(self._calls.delete(where))

    async def _made(self, call: Call[A]) -> A:
        return call.meaning([] if call.statement is None else await self._database.rows(call.statement))
