"""Chunks by bytes: cut by the key or by blocks, hashed on both sides, and taken up again by a later run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.core.ledger import Chunk, Ledger
from harness.embedded.server import Server
from harness.errors import MigrationFailed, PlanRefused
from harness.postgres import chunks, ledger
from harness.stages.result import StageResult
from tests.data_pair import Pair, pair_of

SMALL = {"batch_bytes": 65536}
BY_NUMBER = ("CREATE TABLE t (id bigint PRIMARY KEY, v text)",)
BY_UUID = ("CREATE TABLE t (id uuid PRIMARY KEY, v text)",)
NUMBERED = "INSERT INTO t SELECT n, repeat('v', 100) || n FROM generate_series(1, 4000) AS n"
SCATTERED = "INSERT INTO t SELECT md5(n::text)::uuid, repeat('v', 100) || n FROM generate_series(1, 4000) AS n"
SAME = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM t"


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    return databases.emptied()


def moved(pair: Pair, **settings: Any) -> StageResult[Ledger]:
    return pair.migrate(migrate=SMALL, **settings)


def chunks_of(result: StageResult[Ledger]) -> tuple[Chunk, ...]:
    assert result.findings == ()
    return result.artifact.chunks


def same(pair: Pair) -> bool:
    return pair.rows_of_source(SAME) == pair.rows_of_target(SAME)


def unfinished(pair: Pair, *, without: int) -> None:
    """As if the run had been ended before this chunk was committed."""
    pair.on_target(
        f"DELETE FROM t WHERE xmin IN (SELECT (transactions[1])::xid FROM pgparity.ledger WHERE ordinal = {without})",
        f"DELETE FROM pgparity.ledger WHERE ordinal = {without}",
        "UPDATE pgparity.moved_table SET finished_at = NULL",
    )


def test_rows_in_the_order_of_their_key_are_cut_by_it(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    chunks = chunks_of(moved(pair))
    assert len(chunks) > 5
    assert [each.upper for each in chunks[:-1]] == [each.lower for each in chunks[1:]]
    assert (chunks[0].lower, chunks[-1].upper) == (None, None)
    assert max(each.rows for each in chunks) < 3 * min(each.rows for each in chunks)
    assert all(each.checksum_source == each.checksum_target for each in chunks)
    assert len({each.transactions for each in chunks}) == len(chunks)
    assert same(pair)


def test_rows_in_no_order_are_cut_by_blocks(pair: Pair) -> None:
    pair.on_both(*BY_UUID)
    pair.on_source(SCATTERED)
    chunks = chunks_of(moved(pair))
    assert len(chunks) > 5
    assert {(each.lower, each.upper) for each in chunks} == {(None, None)}
    assert all(each.checksum_source == each.checksum_target for each in chunks)
    assert same(pair)


@pytest.mark.parametrize("deleted", ["id <= 2000", "id % 2 = 0", "id > 100"])
def test_holes_in_the_key_and_dead_rows_lose_nothing(pair: Pair, deleted: str) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED, f"DELETE FROM t WHERE {deleted}", "UPDATE t SET v = v || '!' WHERE id % 7 = 0")
    result = moved(pair)
    assert result.artifact.tables[0].checksums
    assert same(pair)


def test_the_leaves_of_a_partitioned_table_are_cut_by_their_blocks(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id bigint, v text, PRIMARY KEY (id)) PARTITION BY HASH (id)",
        *(f"CREATE TABLE t{n} PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER {n})" for n in range(3)),
    )
    pair.on_source(NUMBERED)
    result = moved(pair)
    assert (result.artifact.tables[0].checksums, same(pair)) == (True, True)
    assert result.artifact.tables[0].chunks >= 3


@pytest.mark.parametrize(
    "trigger",
    ["BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.id = 77)", "AFTER INSERT ON t FOR EACH ROW WHEN (NEW.id = 77)"],
)
def test_rows_that_the_target_changes_on_their_way_in_are_no_longer_those_of_the_source(
    pair: Pair, trigger: str
) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    pair.on_target(
        "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_WHEN = 'AFTER' THEN UPDATE public.t SET v = 'x' WHERE id = 77; ELSE NEW.v := 'x'; END IF;"
        " RETURN NEW; END $$",
        f"CREATE TRIGGER other {trigger} EXECUTE FUNCTION other()",
    )
    (table,) = moved(pair).artifact.tables
    assert (table.verified, table.checksums) == (True, False)


def test_rows_that_the_target_adds_are_seen(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    pair.on_target(
        "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO public.t VALUES (-NEW.id, NULL); RETURN NEW; END $$",
        "CREATE TRIGGER more AFTER INSERT ON t FOR EACH ROW WHEN (NEW.id = 77) EXECUTE FUNCTION more()",
    )
    result = moved(pair)
    assert result.artifact.tables[0].checksums is False
    assert [finding.code for finding in result.findings] == ["MIG003"]


def test_a_chunk_that_an_interrupted_run_did_not_come_to_is_moved_and_no_other(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    first = chunks_of(moved(pair))
    unfinished(pair, without=2)
    assert not same(pair)
    second = chunks_of(moved(pair))
    assert [each.resumed for each in second] == [each.ordinal != 2 for each in first]
    assert [(each.lower, each.upper, each.rows) for each in second] == [
        (each.lower, each.upper, each.rows) for each in first
    ]
    assert same(pair)


def test_what_was_moved_by_blocks_of_another_snapshot_is_removed_and_moved_anew(pair: Pair) -> None:
    pair.on_both(*BY_UUID)
    pair.on_source(SCATTERED)
    moved(pair)
    unfinished(pair, without=2)
    pair.on_source("UPDATE t SET v = 'new' WHERE v LIKE '%77'", "DELETE FROM t WHERE v LIKE '%5'")
    result = moved(pair)
    assert not any(each.resumed for each in chunks_of(result))
    assert result.artifact.tables[0].checksums
    assert same(pair)


def test_what_rows_of_another_table_point_to_is_not_removed(pair: Pair) -> None:
    pair.on_both(*BY_UUID)
    pair.on_source(SCATTERED)
    moved(pair)
    unfinished(pair, without=2)
    pair.on_target(
        "CREATE TABLE others (t uuid REFERENCES t ON DELETE CASCADE)", "INSERT INTO others SELECT id FROM t LIMIT 1"
    )
    with pytest.raises(MigrationFailed, match=r"rows of public\.others point to it"):
        moved(pair)
    assert pair.rows_of_target("SELECT count(*) FROM others") == [(1,)]


def test_a_row_that_was_deleted_on_the_source_and_that_others_wrote_to_the_target_stays(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    moved(pair)
    pair.on_target("INSERT INTO t VALUES (-1, 'of others')", "UPDATE pgparity.moved_table SET finished_at = NULL")
    pair.on_source("DELETE FROM t WHERE id IN (1, 2)")
    result = moved(pair)
    assert pair.rows_of_target("SELECT id FROM t WHERE id < 3") == [(-1,)]
    assert result.artifact.tables[0].checksums is False
    assert [finding.code for finding in result.findings] == ["MIG003"]


def test_large_objects_stay_behind_only_where_somebody_says_why(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source("INSERT INTO t VALUES (1, 'v')", "SELECT lo_from_bytea(81501, 'abc')")
    try:
        decided = pair.migrate(migrate={"leave_large_objects": "they are pictures of the old site"})
        named = pair.migrate(scope={"tables": ["public.t"]})
    finally:
        pair.on_source("SELECT lo_unlink(81501)")
    assert [(each.item, each.decided) for each in decided.coverage.skipped] == [("large objects", True)]
    assert decided.coverage.skipped[0].reason == "1 of the source are not moved: they are pictures of the old site"
    assert (decided.artifact.large_objects, named.artifact.large_objects) == (None, None)
    assert named.coverage.skipped == ()
    assert pair.rows_of_target("SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]


def test_a_ledger_that_came_with_a_dump_says_nothing_of_the_rows_that_are_here(pair: Pair) -> None:
    pair.on_both(*BY_NUMBER)
    pair.on_source(NUMBERED)
    moved(pair)
    # As pg_restore leaves it: every row was written by another transaction.
    pair.on_target("CREATE TABLE dumped AS TABLE pgparity.made", "TRUNCATE pgparity.made")
    pair.on_target("INSERT INTO pgparity.made TABLE dumped")
    with pytest.raises(PlanRefused, match="restored from a dump") as caught:
        moved(pair)
    assert "--forget" in caught.value.hint
    assert ledger.forget(pair.target)
    assert moved(pair).artifact.tables[0].mode == "upsert"


@pytest.mark.parametrize("table", [(*BY_NUMBER, NUMBERED), (*BY_UUID, SCATTERED)])
def test_a_chunk_that_was_never_planned_is_missed_by_the_count(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, table: tuple[str, str]
) -> None:
    pair.on_both(table[0])
    pair.on_source(table[1])
    cut = chunks.cut_by_bytes
    monkeypatch.setattr(chunks, "cut_by_bytes", lambda *given, **named: cut(*given, **named)[:-1])
    result = moved(pair)
    (told,) = result.artifact.tables
    assert (told.verified, told.checksums) == (False, False)
    assert [finding.code for finding in result.findings] == ["MIG003"]
