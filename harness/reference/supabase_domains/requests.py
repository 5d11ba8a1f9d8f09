"""Sends requests through supabase-py and turns what can go wrong into the failures of the envelope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, cast

import httpx
from postgrest import APIError, CountMethod, SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.datalayer.envelope import CallFailed, failure, truncated
from harness.datalayer.repository import MOST_ROWS_READ, Table, in_order_of, stamped

IDS_PER_REQUEST: Final = 200
"""A list of ids travels in the URL, and servers refuse long ones (414, 431)."""

Query = Callable[[], SyncSelectRequestBuilder]
"""Makes the same query anew: a builder of supabase-py is changed by what is chained to it."""


class _Sendable(Protocol):
    def execute(self) -> Any: ...


def _sent(request: _Sendable) -> Any:
    try:
        return request.execute()
    except APIError as error:
        raise failure(error.code, error.message) from None
    except httpx.TimeoutException:
        raise CallFailed("timeout", "timeout", "The REST interface did not answer in time.") from None
    except httpx.TransportError:
        raise CallFailed("connection", "connection", "The REST interface cannot be reached.") from None


def one(request: SyncSelectRequestBuilder) -> Row | None:
    """The row that matches, None where none does; several are a failure."""
    response = _sent(request.limit(2).maybe_single())
    return None if response is None else cast("Row", response.data)


def many(request: SyncSelectRequestBuilder) -> list[Row]:
    """The rows of a query that has a limit of its own."""
    return cast("list[Row]", _sent(request).data)


def all_of(query: Query, table: str) -> list[Row]:
    """The rows of a query without a limit, at most 1,000: the interface cuts there without saying so."""
    rows = many(query().limit(MOST_ROWS_READ))
    if len(rows) == MOST_ROWS_READ and many(query().offset(MOST_ROWS_READ).limit(1)):
        raise truncated(table, MOST_ROWS_READ)
    return rows


def by_ids(query: Query, column: str, ids: Sequence[int]) -> list[Row]:
    """The rows whose `column` is one of `ids` (sorted, each once), in the order of that column."""
    rows: list[Row] = []
    for start in range(0, len(ids), IDS_PER_REQUEST):
        rows.extend(many(query().in_(column, ids[start : start + IDS_PER_REQUEST]).order(column)))
    return rows


def counted(client: Client, table: Table, company_id: int) -> int:
    """How many rows of a table belong to a company, without fetching any."""
    request = client.table(table.name).select("*", count=CountMethod.exact, head=True).eq("company_id", company_id)
    return int(_sent(request).count)


def upserted(client: Client, table: Table, row: Row) -> Row:
    """Write a row and return it as it is now."""
    written = many(client.table(table.name).upsert(stamped(row), on_conflict=",".join(table.key)))
    return written[0]


def all_upserted(client: Client, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Write rows and return them as they are now, in the order of the table's key."""
    if not rows:
        return []
    body = [stamped(row) for row in rows]
    return in_order_of(table.key, many(client.table(table.name).upsert(body, on_conflict=",".join(table.key))))
