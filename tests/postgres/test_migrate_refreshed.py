"""Materialised views of the target after rows have moved: refreshed in their order, or named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.embedded.server import Server
from tests.data_pair import Pair, pair_of


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_both("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE untouched (id int)")
    empty.on_source("INSERT INTO t SELECT generate_series(1, 10)")
    return empty


def test_views_that_read_what_was_moved_are_refreshed_those_that_others_read_first(pair: Pair) -> None:
    pair.on_target(
        "CREATE VIEW plain AS SELECT id FROM t",
        "CREATE MATERIALIZED VIEW z AS SELECT id FROM plain",
        "CREATE MATERIALIZED VIEW a AS SELECT count(*) AS n FROM z",
        "CREATE MATERIALIZED VIEW never AS SELECT id FROM t WITH NO DATA",
    )
    assert pair.migrate("public.t").findings == ()
    assert pair.rows_of_target("SELECT count(*), (SELECT n FROM a) FROM z") == [(10, 10)]
    assert pair.rows_of_target("SELECT relispopulated FROM pg_class WHERE relname = 'never'") == [(False,)]


def test_a_view_of_other_tables_is_left_alone(pair: Pair) -> None:
    pair.on_target("CREATE MATERIALIZED VIEW other AS SELECT id FROM untouched", "INSERT INTO untouched VALUES (1)")
    pair.migrate("public.t")
    assert pair.rows_of_target("SELECT count(*) FROM other") == [(0,)]


def test_a_view_that_reads_a_partition_of_what_was_moved_is_refreshed(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE parts (id int) PARTITION BY LIST (id)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1)",
    )
    pair.on_source("INSERT INTO parts VALUES (1)")
    pair.on_target("CREATE MATERIALIZED VIEW of_part AS SELECT id FROM parts_1")
    pair.migrate("public.parts")
    assert pair.rows_of_target("SELECT count(*) FROM of_part") == [(1,)]


def test_a_view_that_cannot_be_refreshed_is_named_and_the_rest_is_done(pair: Pair) -> None:
    pair.on_target(
        "CREATE MATERIALIZED VIEW broken AS SELECT 1 / (5 - id) AS x FROM t",
        "CREATE MATERIALIZED VIEW whole AS SELECT id FROM t",
    )
    result = pair.migrate("public.t")
    (finding,) = result.findings
    assert (finding.code, finding.object.identity) == ("MIG005", "public.broken")
    assert "22012" in str(finding.evidence[0].text)
    assert finding.fix is not None
    assert finding.fix.sql == "REFRESH MATERIALIZED VIEW public.broken;"
    assert pair.rows_of_target("SELECT count(*) FROM whole") == [(10,)]
