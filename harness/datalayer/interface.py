"""What a repository of one table does, whichever backend answers: the interface of both, sync and async.

Every method raises CallFailed, and nothing else, where a call cannot be answered. `where` is a list of filters that
all have to hold; values travel as text that PostgreSQL reads as the type of the column, on both backends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from harness.datalayer.filters import Filter, OrderBy
from harness.datalayer.rows import Page, R


class TableRepository(Protocol[R]):
    """Reads and writes of one table. `R` is the type of a row: dict[str, Any] where nothing else is asked for."""

    def find_one(self, where: Sequence[Filter]) -> R | None:
        """The row that matches, None where none does; several are a conflict (P0003), never the first of them."""
        ...

    def find_many(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[R]:
        """The rows that match. `limit` is 1 to 1,000; with none, more than 1,000 rows are a failure (truncated)."""
        ...

    def find_page(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy],
        limit: int,
        after: tuple[object, ...] | None = None,
    ) -> Page[R]:
        """The first `limit` (1 to 1,000) rows after the row that `after` names, `Page.after` of the page before.

        `order_by` has to hold every column of the table's key, or of one of `Table.unique`: InvalidInput otherwise.
        `paging.beyond(order_by, after)` is the filter of what comes after, for any order and with NULLs.
        """
        ...

    def find_by_ids(self, column: str, ids: Iterable[object], *, where: Sequence[Filter] = ()) -> list[R]:
        """The rows whose `column` is one of `ids`, in the order of that column.

        20,000 ids are no more trouble than one; more than 1,000 rows found are a failure (truncated), as in every read.
        """
        ...

    def count(self, where: Sequence[Filter]) -> int:
        """How many rows match, exactly."""
        ...

    def upsert(self, row: Mapping[str, object], *, conflict: Sequence[str] | None = None) -> R:
        """Insert a row, or update the given columns of the one with its key; returns it as it is now."""
        ...

    def bulk_upsert(self, rows: Sequence[Mapping[str, object]], *, conflict: Sequence[str] | None = None) -> list[R]:
        """Upsert at most 500 rows, all or none; returns them as they are now, in the order of the table's key.

        The columns written are those that any of the rows has. Where a row lacks one, NULL is written.
        """
        ...

    def delete(self, where: Sequence[Filter]) -> list[R]:
        """Delete the rows that match; returns all of them, however many, in the order of the table's key.

        An empty `where` is InvalidInput before any query.
        """
        ...


class AsyncTableRepository(Protocol[R]):
    """TableRepository for asyncio: the same methods, rules and failures."""

    async def find_one(self, where: Sequence[Filter]) -> R | None:
        """The row that matches, None where none does; several are a conflict (P0003)."""
        ...

    async def find_many(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[R]:
        """The rows that match; with no `limit`, more than 1,000 are a failure (truncated)."""
        ...

    async def find_page(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy],
        limit: int,
        after: tuple[object, ...] | None = None,
    ) -> Page[R]:
        """The first `limit` rows after the row that `after` names."""
        ...

    async def find_by_ids(self, column: str, ids: Iterable[object], *, where: Sequence[Filter] = ()) -> list[R]:
        """The rows whose `column` is one of `ids`, in the order of that column."""
        ...

    async def count(self, where: Sequence[Filter]) -> int:
        """How many rows match, exactly."""
        ...

    async def upsert(self, row: Mapping[str, object], *, conflict: Sequence[str] | None = None) -> R:
        """Insert a row, or update the one with its key; returns it as it is now."""
        ...

    async def bulk_upsert(
        self, rows: Sequence[Mapping[str, object]], *, conflict: Sequence[str] | None = None
    ) -> list[R]:
        """Upsert at most 500 rows, all or none; returns them in the order of the table's key."""
        ...

    async def delete(self, where: Sequence[Filter]) -> list[R]:
        """Delete the rows that match and return them; an empty `where` is InvalidInput."""
        ...
