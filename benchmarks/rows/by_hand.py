"""The same hash scan by hand, by which the whole command is measured: statements like its own, and nothing beside them.

Each side's table is scanned in runs of blocks as large as the command's, by as many sessions a side, all at once; the
sums come back by segment and are compared. No introspection, no calibration, no snapshot, no rows of unequal
segments. Rows are hashed by the command's own expressions (harness.core.equal_forms), summed in its own segments.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

from harness.core.equal_forms import SEED, native_form
from harness.core.segments import ranges
from harness.postgres.row_hash import row_of
from harness.postgres.table_pieces import PIECE_BYTES

SESSIONS: Final = 4
"""A side, as run.max_connections allows the command"""

WIDE_TYPES: Final = {
    "id": "int8", "company": "int4", "name": "text", "email": "text", "amount": "numeric", "active": "bool",
    "created": "timestamptz", "updated": "timestamptz", "day": "date", "doc": "jsonb", "tags": "text[]", "ref": "uuid",
    "note": "text", "part": "int4", "total": "int8",
}  # fmt: skip
"""Of the wide table's columns, in their order"""

_BLOCKS: Final = PIECE_BYTES // 8192
SETTINGS: Final = ("work_mem = '64MB'", "enable_sort = off", "jit = off", "search_path = ''", "TimeZone = 'UTC'")

Sums = tuple[Counter[int], Counter[int]]
"""Rows, and the sum of their hashes, by segment"""


def row_hash(without: Collection[str] = ()) -> str:
    """SQL of the hash of a row (p) of the wide table, without some of its columns."""
    hashes = []
    for number, (name, type_) in enumerate(WIDE_TYPES.items(), 1):
        if name in without:
            continue
        element = type_.removesuffix("[]") if type_.endswith("[]") else None
        hashes.append(str(native_form(type_, element, f'p."{name}"')).replace(SEED, str(number * 2**34)))
    return row_of(hashes)


def sums_of(rows: str, row: str, number: str = '(p."id"::bigint - 1) / 64') -> str:
    """SELECT of the sums of a table, or of rows, by segment."""
    return (
        f"SELECT n, pg_catalog.count(*), pg_catalog.sum(r) FROM (SELECT {number} AS n, {row} AS r"
        f" FROM (SELECT * FROM {rows}) AS p) AS hashed GROUP BY 1"
    )


def scan(dsns: tuple[str, str], rows: int) -> float:
    """Seconds that the scan of both sides takes, from the first connection to the comparison of the sums."""
    begun = time.perf_counter()
    segments = ranges("id", 1, rows + 1, rows)
    if segments is None:
        raise AssertionError("the ids of the wide table are dense")
    number = f'(p."id"::bigint - {segments.low}) / {segments.width}'

    def part(dsn: str, share: int) -> Sums:
        counts: Counter[int] = Counter()
        sums: Counter[int] = Counter()
        with psycopg.connect(dsn) as connection:
            for setting in SETTINGS:
                connection.execute(f"SET {setting}".encode())
            size = connection.execute("SELECT pg_catalog.pg_relation_size('public.wide')").fetchone()
            for first in range(share * _BLOCKS, (size or (0,))[0] // 8192 + 1, SESSIONS * _BLOCKS):
                blocks = f"ctid >= '({first},0)' AND ctid < '({first + _BLOCKS},0)'"
                statement = sums_of(f"public.wide WHERE {blocks}", row_hash(), number)
                for segment, count, total in connection.execute(statement.encode()):
                    counts[segment] += count
                    sums[segment] += int(total)
        return counts, sums

    with ThreadPoolExecutor(max_workers=len(dsns) * SESSIONS) as executor:
        futures = [[executor.submit(part, dsn, share) for share in range(SESSIONS)] for dsn in dsns]
        left, right = (_added([future.result() for future in of_side]) for of_side in futures)
    unequal = {
        each
        for each in left[0].keys() | right[0].keys()
        if (left[0][each], left[1][each]) != (right[0][each], right[1][each])
    }
    took = time.perf_counter() - begun
    if left[0].total() < rows or len(unequal) > segments.count:
        raise AssertionError("the scan by hand did not read all rows")
    return took


def _added(parts: list[Sums]) -> Sums:
    counts: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    for count, total in parts:
        for segment, number in count.items():
            counts[segment] += number
            sums[segment] += total[segment]
    return counts, sums
