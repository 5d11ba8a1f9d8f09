"""The same hash scan by hand: one statement a side, both at once, by which the whole command is measured."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psycopg

ROWS_A_SEGMENT: Final = 31

# As pgparity hashes a row of the wide table: each column in a form whose bytes tell representations apart.
_STATEMENT: Final = f"""
SELECT id / {ROWS_A_SEGMENT}, count(*), sum(hashint8extended(hash_record_extended(ROW(
  id, company, name COLLATE "C", email COLLATE "C", amount, scale(amount), active, created, updated, day,
  doc::text COLLATE "C", tags, array_dims(tags), ref, note COLLATE "C", part, total), 0), 0))
FROM wide GROUP BY 1
"""

_SETTINGS: Final = ("work_mem = '64MB'", "hash_mem_multiplier = 2", "enable_sort = off", "jit = off",
                    "max_parallel_workers_per_gather = 0")  # fmt: skip


def scan(dsns: tuple[str, str]) -> float:
    """Seconds that the scan of both sides takes, from the connection to the comparison of the sums."""

    def sums(dsn: str) -> dict[int, tuple[int, int]]:
        with psycopg.connect(dsn) as connection:
            for setting in _SETTINGS:
                connection.execute(f"SET {setting}".encode())
            return {segment: (count, int(total)) for segment, count, total in connection.execute(_STATEMENT)}

    begun = time.perf_counter()
    with ThreadPoolExecutor(max_workers=2) as executor:
        left, right = executor.map(sums, dsns)
    unequal = {segment for segment in left.keys() | right.keys() if left.get(segment) != right.get(segment)}
    took = time.perf_counter() - begun
    if len(unequal) > len(left):
        raise AssertionError("more segments are unequal than there are")
    return took
