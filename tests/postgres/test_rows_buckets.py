"""Tables with no key are told apart by a few columns: what is equal is in one bucket, and what differs is found."""

from __future__ import annotations

import pytest

from harness.core.configuration import Configuration
from harness.stages.rows_buckets import with_bucket_columns
from harness.stages.rows_opened import opened_comparisons
from tests.data_pair import Pair

ROWS = 3000


@pytest.fixture
def pair(databases: Pair) -> Pair:
    """A table with no key whose rows' numbers tell them apart, each row twice."""
    pair = databases.emptied()
    pair.on_both(
        "CREATE TABLE t (number bigint, at timestamptz, amount numeric, doc jsonb)",
        "INSERT INTO t SELECT g, timestamptz '2024-01-01' + g * interval '1 minute', g * 1.0,"
        f" jsonb_build_object('a', g) FROM generate_series(1, {ROWS}) g, generate_series(1, 2)",
        "ANALYZE t",
    )
    return pair


def test_the_buckets_are_of_one_column_that_tells_rows_apart(pair: Pair) -> None:
    with opened_comparisons(pair.source, pair.target, pair.catalogs(), ("public.t",), Configuration()) as (found, _):
        with_buckets = with_bucket_columns(found[0])
        assert len(with_buckets.source.bucket) == 1
        assert with_buckets.target.bucket == with_buckets.source.bucket
        assert "jsonb" not in with_buckets.source.bucket_hash
        assert "jsonb" in with_buckets.source.key_hash
    assert "in buckets by" in (pair.compare_one("public.t").method or "")


def test_rows_that_differ_in_any_column_are_found_and_equal_ones_are_not(pair: Pair) -> None:
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.source_rows) == ("identical", 2 * ROWS)
    pair.on_target(
        "UPDATE t SET doc = '{}' WHERE number = 7",
        "UPDATE t SET number = -1 WHERE number = 8",
        "UPDATE t SET number = NULL WHERE number = 9",
        "UPDATE t SET amount = amount + 1 WHERE ctid = (SELECT max(ctid) FROM t WHERE number = 10)",
        "DELETE FROM t WHERE number = 11",
    )
    rows = pair.compare_one("public.t")
    assert (rows.missing_on_target, rows.missing_on_source) == (9, 7)


def test_values_that_are_equal_and_written_otherwise_are_drift_in_any_bucket(pair: Pair) -> None:
    pair.on_target("UPDATE t SET amount = 20.00, doc = '{\"a\": 20.0}' WHERE number = 20")
    rows = pair.compare_one("public.t")
    assert (rows.missing_on_target, rows.missing_on_source, rows.drifting, rows.status) == (0, 0, 2, "drift")


def test_without_statistics_the_buckets_are_of_all_columns(pair: Pair) -> None:
    pair.on_both("CREATE TABLE unknown (number bigint)", "INSERT INTO unknown VALUES (1)")
    with opened_comparisons(pair.source, pair.target, pair.catalogs(), ("public.unknown",), Configuration()) as found:
        comparison = with_bucket_columns(found[0][0])
        assert comparison.source.bucket == ()
        assert comparison.source.bucket_hash == comparison.source.key_hash
