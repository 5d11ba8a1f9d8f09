"""What each method of a repository asks of the REST interface, step by step, whoever sends the requests.

A method is a generator: it yields requests, is sent their answers, and returns the rows. A sync and an async
repository differ in how they send, and in nothing else.

PostgREST cuts every read at `max-rows` without saying so (1,000 where nobody changed it, as hosted projects have it).
An answer of fewer rows than were asked for is believed where it has fewer than `smallest_cap` rows; else one more
request asks whether there is a further row. So no list is shorter than what matches, unless the cap is smaller still.
https://docs.postgrest.org/en/stable/references/configuration.html#db-max-rows
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from harness.datalayer.envelope import CallFailed, InvalidInput, not_written, too_many_rows, truncated
from harness.datalayer.filters import Filter, OrderBy, in_, listed
from harness.datalayer.paging import beyond, checked_order, exact
from harness.datalayer.rows import MOST_ROWS_READ, MOST_ROWS_WRITTEN, Page, Row, Table, as_written, in_order_of
from harness.datalayer.supabase import rest_grammar
from harness.datalayer.supabase.rest_requests import Answer, Request
from harness.datalayer.supabase.rest_values import bodies_of, text_of

SMALLEST_CAP: Final = 100
"""No project is expected to cut reads at fewer rows than this."""

MOST_BYTES_OF_IDS: Final = 6000
"""Ids travel in the URL; proxies refuse a request line of more than 8 KiB (414, 431)."""

MOST_IDS: Final = 500

T = TypeVar("T")
Steps = Generator[Request, Answer, T]


def find_one(table: Table, where: Sequence[Filter]) -> Steps[Row | None]:
    """One request."""
    answer = yield _read(where, limit=2)
    if len(answer.rows) > 1:
        raise too_many_rows(table.name)
    return answer.rows[0] if answer.rows else None


def find_many(
    table: Table,
    where: Sequence[Filter],
    *,
    order_by: Sequence[OrderBy],
    limit: int | None,
    offset: int,
    smallest_cap: int,
) -> Steps[list[Row]]:
    """One request, and a second one where the first answer may have been cut."""
    if limit is not None:
        _checked_limit(limit)
    if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset < 2**63:
        raise InvalidInput("offset: has to be 0 or more.")
    asked = MOST_ROWS_READ + 1 if limit is None else limit
    rows = (yield _read(where, order_by=order_by, limit=asked, offset=offset)).rows
    if len(rows) > MOST_ROWS_READ:
        raise truncated(table.name, MOST_ROWS_READ)
    if smallest_cap <= len(rows) < asked:
        further = yield _read(where, order_by=order_by, limit=1, offset=offset + len(rows))
        if further.rows:
            raise truncated(table.name, len(rows))
    return rows


def find_page(
    table: Table,
    where: Sequence[Filter],
    *,
    order_by: Sequence[OrderBy],
    limit: int,
    after: tuple[object, ...] | None,
    smallest_cap: int,
) -> Steps[Page[Row]]:
    """One request; more where answers are cut, which a total order lets be read on."""
    _checked_limit(limit)
    checked_order(table, order_by)
    wanted = list(where)
    if after is not None:
        later = beyond(order_by, after)
        if later is None:
            return Page([], None)
        wanted.append(later)
    columns = ",".join(
        ["*", *(f"{_text_of(n)}:{rest_grammar.name(one.column)}::text" for n, one in enumerate(order_by))]
    )
    rows: list[Row] = []
    while len(rows) <= limit:
        asked = limit + 1 - len(rows)
        got = (yield _read(wanted, order_by=order_by, columns=columns, limit=asked, offset=len(rows))).rows
        rows.extend(got)
        if len(got) < min(asked, smallest_cap):
            break
    texts = [[row.pop(_text_of(n)) for n in range(len(order_by))] for row in rows]
    if len(rows) <= limit:
        return Page(rows, None)
    last = zip(order_by, texts[limit - 1], strict=True)
    return Page(rows[:limit], tuple(exact(rows[limit - 1][one.column], text) for one, text in last))


def find_by_ids(table: Table, column: str, ids: Iterable[object], *, where: Sequence[Filter]) -> Steps[list[Row]]:
    """As many requests as the lists of ids need to fit into URLs, each with the count that shows whether it was cut."""
    rows: list[Row] = []
    chunks = list(_chunks(column, listed(column, ids)))
    for chunk in chunks:
        wanted = [*where, in_(column, chunk)]
        answer = yield _read(wanted, order_by=[OrderBy(column)], limit=MOST_ROWS_READ, counted=True)
        rows.extend(answer.rows)
        if len(rows) > MOST_ROWS_READ or _counted(answer) > len(answer.rows):
            raise truncated(table.name, min(len(rows), MOST_ROWS_READ))
    return rows if len(chunks) < 2 else sorted(rows, key=lambda row: (isinstance(row[column], str), row[column]))


def count(where: Sequence[Filter]) -> Steps[int]:
    """One request that fetches no row."""
    return _counted((yield _read(where, limit=0, counted=True)))


def upsert(table: Table, row: Mapping[str, object], conflict: Sequence[str] | None) -> Steps[Row]:
    """One request."""
    body = bodies_of([as_written(table, row)], table.json_columns)
    answer = yield Request(verb="upsert", body=body[0], conflict=rest_grammar.names(conflict or table.key))
    if not answer.rows:
        raise not_written(table.name)
    return answer.rows[0]


def bulk_upsert(table: Table, rows: Sequence[Mapping[str, object]], conflict: Sequence[str] | None) -> Steps[list[Row]]:
    """One request."""
    if len(rows) > MOST_ROWS_WRITTEN:
        raise InvalidInput(f"rows: at most {MOST_ROWS_WRITTEN} can be written at once.")
    if not rows:
        return []
    given = [as_written(table, row) for row in rows]
    columns = list(dict.fromkeys(column for row in given for column in row))
    written = [{column: row.get(column) for column in columns} for row in given]
    body = bodies_of(written, table.json_columns)
    answer = yield Request(verb="upsert", body=body, conflict=rest_grammar.names(conflict or table.key))
    return in_order_of(table.key, answer.rows)


def delete(table: Table, where: Sequence[Filter]) -> Steps[list[Row]]:
    """One request. What a write returns is not cut."""
    if not where:
        raise InvalidInput("where: has to hold a filter; a table is not emptied by leaving it out.")
    answer = yield Request(verb="delete", where=rest_grammar.parameters(where))
    return in_order_of(table.key, answer.rows)


def _read(
    where: Sequence[Filter],
    *,
    order_by: Sequence[OrderBy] = (),
    columns: str = "*",
    limit: int | None = None,
    offset: int = 0,
    counted: bool = False,
) -> Request:
    return Request(
        verb="select",
        where=rest_grammar.parameters(where),
        columns=columns,
        order=rest_grammar.order_terms(order_by),
        limit=limit,
        offset=offset,
        counted=counted,
    )


def _checked_limit(limit: int) -> None:
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= MOST_ROWS_READ:
        raise InvalidInput(f"limit: has to be from 1 to {MOST_ROWS_READ}.")


def _text_of(n: int) -> str:
    """The name under which a page asks for the exact text of a column of its order."""
    return f"after_{n}_of_this_page"


def _chunks(column: str, ids: Sequence[object]) -> Iterator[list[object]]:
    """The ids, each once, in lists whose text fits into a URL."""
    chunk: list[object] = []
    size = 0
    for text in _texts(column, ids):
        length = len(quote(f"{rest_grammar.member(text)},", safe=""))
        if chunk and (size + length > MOST_BYTES_OF_IDS or len(chunk) == MOST_IDS):
            yield chunk
            chunk, size = [], 0
        chunk.append(text)
        size += length
    if chunk:
        yield chunk


def _texts(column: str, ids: Sequence[object]) -> list[str]:
    if any(one is None for one in ids):
        raise InvalidInput(f"{column}: NULL is in no list; use is_null.")
    return list(dict.fromkeys(text_of(column, one) for one in ids))


def _counted(answer: Answer) -> int:
    if answer.count is None:
        raise CallFailed("internal", "no_count", "The REST interface did not count, although it was asked to.")
    return answer.count
