"""The repository of one table through the unmodified supabase-py client: the interface and answers of Repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, overload

from supabase import Client

from harness.datalayer.filters import Filter, OrderBy
from harness.datalayer.postgres.typed_rows import rows_as
from harness.datalayer.rows import Page, R, Row, Table
from harness.datalayer.supabase import rest_steps
from harness.datalayer.supabase.rest_requests import Answer, Request, answer_of, built, failed
from harness.datalayer.supabase.rest_steps import SMALLEST_CAP, Steps, T


class SupabaseRepository(Generic[R]):
    """TableRepository over REST. Every method raises CallFailed, and nothing else, where a call cannot be answered.

    What a backend behind REST cannot do as SQL does it:

    - Each call is a transaction of its own; there is no transaction over several.
    - A list is never cut in silence, but where answers have `smallest_cap` rows or more a second request makes sure.
    - A LIKE or ILIKE pattern with a literal `*` is sent as the regular expression that means the same, because
      PostgREST takes `*` for `%`. With ILIKE the two differ for letters of more than two forms (σ and ς).
    - After a timeout or a lost connection it is not known whether a write was done: an upsert may be sent again.
    - `find_by_ids` sends long lists in several requests; a text column is then in code point order.
    """

    @overload
    def __init__(
        self: SupabaseRepository[Row], client: Client, table: Table, *, smallest_cap: int = SMALLEST_CAP
    ) -> None: ...

    @overload
    def __init__(
        self, client: Client, table: Table, *, row_type: type[R], smallest_cap: int = SMALLEST_CAP
    ) -> None: ...

    def __init__(
        self,
        client: Client,
        table: Table,
        *,
        row_type: type[R] | None = None,
        smallest_cap: int = SMALLEST_CAP,
    ) -> None:
        self._client = client
        self.table = table
        self._smallest_cap = smallest_cap
        self._typed = rows_as(row_type, table.name)

    def find_one(self, where: Sequence[Filter]) -> R | None:
        """The row that matches, None where none does; several are a conflict (P0003), never the first of them."""
        row = self._done(rest_steps.find_one(self.table, where))
        return None if row is None else self._typed([row])[0]

    def find_many(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[R]:
        """The rows that match, at most 1,000. With no `limit`, more than that is a failure, not a shorter list."""
        cap = self._smallest_cap
        rows = self._done(
            rest_steps.find_many(self.table, where, order_by=order_by, limit=limit, offset=offset, smallest_cap=cap)
        )
        return self._typed(rows)

    def find_page(
        self,
        where: Sequence[Filter],
        *,
        order_by: Sequence[OrderBy],
        limit: int,
        after: tuple[object, ...] | None = None,
    ) -> Page[R]:
        """The first `limit` (1 to 1,000) rows after the row that `after` names, `Page.after` of the page before."""
        cap = self._smallest_cap
        page = self._done(
            rest_steps.find_page(self.table, where, order_by=order_by, limit=limit, after=after, smallest_cap=cap)
        )
        return Page(self._typed(page.rows), page.after)

    def find_by_ids(self, column: str, ids: Iterable[object], *, where: Sequence[Filter] = ()) -> list[R]:
        """The rows whose `column` is one of `ids`, in the order of that column; more than 1,000 are a failure."""
        return self._typed(self._done(rest_steps.find_by_ids(self.table, column, ids, where=where)))

    def count(self, where: Sequence[Filter]) -> int:
        """How many rows match, exactly."""
        return self._done(rest_steps.count(where))

    def upsert(self, row: Mapping[str, object], *, conflict: Sequence[str] | None = None) -> R:
        """Insert a row, or update the given columns of the one with its key; returns it as it is now."""
        return self._typed([self._done(rest_steps.upsert(self.table, row, conflict))])[0]

    def bulk_upsert(self, rows: Sequence[Mapping[str, object]], *, conflict: Sequence[str] | None = None) -> list[R]:
        """Upsert at most 500 rows, all or none; returns them as they are now, in the order of the table's key.

        The columns written are those that any of the rows has. Where a row lacks one, NULL is written.
        """
        return self._typed(self._done(rest_steps.bulk_upsert(self.table, rows, conflict)))

    def delete(self, where: Sequence[Filter]) -> list[R]:
        """Delete the rows that match; returns all of them, in the order of the key. `where` must not be empty."""
        return self._typed(self._done(rest_steps.delete(self.table, where)))

    def _done(self, steps: Steps[T]) -> T:
        try:
            request = next(steps)
            while True:
                request = steps.send(self._sent(request))
        except StopIteration as done:
            result: T = done.value
            return result
        except Exception as error:  # noqa: BLE001 - the contract: a repository raises CallFailed alone
            raise failed(error) from None

    def _sent(self, request: Request) -> Answer:
        return answer_of(built(self._client.table(self.table.name), request).execute())
