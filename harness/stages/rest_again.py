"""Rows that differ between a source read through REST and the target, read again by key after a pause.

There is no snapshot on the source, and the target's is older than most pages: a row that was written meanwhile differs
though both sides have it alike. Each is read again once the settle time has passed since it was read, and, if it has
changed by then, once more: alike now, it is settled; the same twice, it differs; else it is moving.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.postgres.connect import session
from harness.postgres.named_rows import Texts, TextTable, named_rows
from harness.stages.rest_comparison import DifferingKey, Found, RestComparison

READINGS = 2


def standing(comparison: RestComparison, found: Found) -> list[DifferingKey]:
    """Those of the waiting rows that differ for good; the others are counted as settled or moving. None waits then.

    RestFailed, StatementFailed, PgparityError: as any reading.
    """
    waiting, found.waiting = found.waiting, []
    if not waiting or comparison.patience.seconds <= 0 or not comparison.target.key:
        return waiting
    patience = comparison.patience
    for_good: list[DifferingKey] = []
    found.rechecked.again += sum(each.rows for each in waiting)
    with _now(comparison.target) as target:
        for number in range(READINGS):
            if not waiting:
                break
            share = patience.seconds / (number + 1)
            patience.pause(max(max(each.read_at for each in waiting) + share - patience.clock(), 0))
            again = _read(comparison, target, waiting)
            changed: list[DifferingKey] = []
            for before in waiting:
                after = again[before.key]
                if not after.rows:
                    found.rechecked.settled += before.rows
                elif after.same_rows(before):
                    for_good.append(after)
                else:
                    changed.append(after)
            waiting = changed
    found.rechecked.moving += sum(each.rows for each in waiting)
    return for_good


def _read(comparison: RestComparison, target: TextTable, waiting: Sequence[DifferingKey]) -> dict[Texts, DifferingKey]:
    table = comparison.projection.source
    keys = [each.key for each in waiting]
    ours: dict[Texts, list[Texts]] = {key: [] for key in keys}
    # The source first: what was written to it has had the more time to arrive.
    for row in comparison.rest.rows_of(
        (table.schema, table.name), comparison.source_columns, comparison.source_key, keys, where=comparison.where
    ):
        ours.setdefault(comparison.key_of(row), []).append(row)
    with target.connection.transaction():
        theirs = named_rows(target, keys)
    now = comparison.patience.clock()
    found = {}
    for number, key in enumerate(keys):
        left, right = Counter(ours[key]), Counter(theirs.get(number, []))
        both = left & right
        found[key] = DifferingKey(key, tuple((left - both).elements()), tuple((right - both).elements()), now)
    return found


@contextlib.contextmanager
def _now(table: TextTable) -> Iterator[TextTable]:
    """The target's rows as they are now, in a session that holds no snapshot."""
    with session(table.endpoint, purpose="rows again") as connection:
        yield dataclasses.replace(table, connection=connection)
