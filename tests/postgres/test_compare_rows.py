"""harness.compare_rows: the differences of one table as they are found, and the result at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import harness
from harness.core.configuration import Configuration
from harness.embedded.server import Server
from harness.errors import ConfigurationError, TableMissing
from tests.data_pair import Pair, pair_of

TABLE = (
    "CREATE TABLE items (id int PRIMARY KEY, name text, price numeric)",
    "INSERT INTO items SELECT n, 'Item ' || n, n FROM generate_series(1, 3000) AS n",
)


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as filled:
        filled.on_both(*TABLE)
        filled.on_target("UPDATE items SET name = upper(name) WHERE id > 500", "DELETE FROM items WHERE id = 7")
        yield filled


def test_every_difference_is_given_and_the_result_lists_the_first(pair: Pair) -> None:
    few = Configuration.model_validate({"rows": {"limit": 10}})
    with harness.compare_rows(pair.source_dsn, pair.target_dsn, "items", configuration=few) as differences:
        found = [(delta.key["id"], delta.status) for delta in differences]
        result = differences.result
    assert sorted(found) == [(7, "missing_on_target"), *((number, "different") for number in range(501, 3001))]
    assert (result.status, result.different, len(result.differences)) == ("differs", 2500, 10)


def test_the_result_alone_waits_for_the_end(pair: Pair) -> None:
    comparison = harness.compare_rows(
        pair.source, pair.target, "public.items", where="id <= 500", ignore={"price": "rounded"}
    )
    assert (comparison.result.missing_on_target, comparison.result.columns) == (1, ("id", "name"))
    assert comparison.document.verdict.exit_code == 1


def test_a_reader_that_goes_away_ends_the_comparison(pair: Pair) -> None:
    with harness.compare_rows(pair.source_dsn, pair.target_dsn, "items") as differences:
        next(differences)
    assert "pgparity rows" not in {each.name for each in threading.enumerate()}
    with pytest.raises(ConfigurationError, match="closed before its end"):
        _ = differences.result


def test_columns_and_tolerances_are_those_of_the_configuration(pair: Pair) -> None:
    narrow = harness.compare_rows(pair.source_dsn, pair.target_dsn, "items", columns=["price"], where="id <> 7")
    assert narrow.result.status == "identical"
    wrong = harness.compare_rows(pair.source_dsn, pair.target_dsn, "items", tolerances={"prise": {"absolute": 1}})
    with pytest.raises(ConfigurationError, match="prise"):
        next(wrong)


def test_what_cannot_be_compared_is_raised_where_the_differences_are_read(pair: Pair) -> None:
    with pytest.raises(TableMissing, match=r"public\.nothing"):
        next(harness.compare_rows(pair.source_dsn, pair.target_dsn, "nothing"))
    with pytest.raises(ConfigurationError, match="not a table's name"):
        harness.compare_rows(pair.source_dsn, pair.target_dsn, "a.b.c")
