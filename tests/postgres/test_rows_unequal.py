"""Few differing rows of many segments are found by name first: the answer is that of going through all rows."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.deltas import TableRows
from harness.postgres.packed_rows import packed_rows
from harness.stages import rows_unequal
from tests.data_pair import Pair

KEYS = {
    "a dense number": ("id int PRIMARY KEY", "g"),
    "an int8": ("id bigint PRIMARY KEY", "g"),
    "numbers below zero": ("id int PRIMARY KEY", "g - 1000"),
    "a text": ("id text PRIMARY KEY", "'k' || g"),
    "no key": ("id int", "g % 500"),
}
FILLED = "INSERT INTO t SELECT {}, g % 7, 'note ' || g % 90 FROM generate_series(1, 2000) g"
PLANTED = (
    "UPDATE t SET part = part + 1 WHERE note = 'note 11' AND part = 3",
    "UPDATE t SET note = note || ' ' WHERE note = 'note 12' AND part = 2",
    "DELETE FROM t WHERE note = 'note 13' AND part = 1",
    "INSERT INTO t SELECT id, part, 'more' FROM t WHERE false",
)


def planted(databases: Pair, kind: str) -> Pair:
    column, value = KEYS[kind]
    pair = databases.emptied()
    pair.on_both(f"CREATE TABLE t ({column}, part int, note text)", FILLED.format(value), "ANALYZE t")
    pair.on_target(*PLANTED)
    return pair


def found(pair: Pair) -> TableRows:
    # Not read again: whether anything is written meanwhile is autovacuum's affair.
    rows = pair.compare_one("public.t", rows={"settle_seconds": 0})
    return rows.model_copy(update={"seconds": 0.0, "read_bytes": 0})


@pytest.mark.parametrize("kind", KEYS)
def test_rows_that_differ_are_the_same_by_name_and_one_by_one(
    databases: Pair, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = planted(databases, kind)
    one_by_one = found(pair)
    asked: list[int] = []

    def counting(*given: Any) -> Any:
        asked.append(1)
        return packed_rows(*given)

    monkeypatch.setattr(rows_unequal, "FEWEST_ROWS", 0)
    monkeypatch.setattr(rows_unequal, "packed_rows", counting)
    assert (found(pair), asked) == (one_by_one, [1, 1])
    assert one_by_one.status == "differs"
    assert one_by_one.missing_on_target > 0


def test_too_many_rows_that_differ_are_gone_through_one_by_one(
    databases: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = planted(databases, "a dense number")
    one_by_one = found(pair)
    monkeypatch.setattr(rows_unequal, "FEWEST_ROWS", 0)
    monkeypatch.setattr(rows_unequal, "MOST_NAMES", 2)
    assert found(pair) == one_by_one


def test_what_is_hashed_anew_each_time_is_told_as_before(databases: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = planted(databases, "a dense number")
    monkeypatch.setattr(rows_unequal, "FEWEST_ROWS", 0)
    volatile = {"tables": {"public.t": {"columns": {"note": {"expression": "note || random()"}}}}}
    assert pair.compare_one("public.t", mapping=volatile).status in ("incomplete", "differs")
