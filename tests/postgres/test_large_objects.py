"""Large objects move by their numbers, are compared afterwards, go on where they stopped, and are caught up with."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.large_objects import Piece
from harness.core.ledger import Ledger, MovedLargeObjects
from harness.embedded.server import Server
from harness.errors import PrivilegeMissing
from harness.postgres import large_objects as written
from harness.postgres import ledger_large_objects as ledger
from harness.postgres.connect import Connection
from harness.stages.events import Silent
from harness.stages.migrate import migrate_stage
from harness.stages.result import StageResult
from harness.stages.rows import rows_stage
from tests.catching_up import caught_up
from tests.data_pair import Pair, pair_of

PIECE = 2**20
UNLINKED = "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"
TABLE = "CREATE TABLE t (id bigint PRIMARY KEY, picture oid)"
HELD = """
SELECT m.oid::bigint, coalesce(sum(length(data)), 0),
       md5(string_agg(pageno::text || encode(data, 'hex'), ',' ORDER BY pageno))
FROM pg_largeobject_metadata m LEFT JOIN pg_largeobject ON loid = m.oid GROUP BY m.oid ORDER BY m.oid
"""
NUMBERS = "SELECT oid::bigint FROM pg_largeobject_metadata ORDER BY 1"
TEXTS = "SELECT oid::bigint, convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata ORDER BY 1"
LONG = f"SELECT lo_from_bytea(7002, decode(repeat('0123456789abcdef', {PIECE * 5 // 16 + 1}), 'hex'))"
"""Two pieces and half of a third"""


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    pair = databases.emptied()
    pair.on_both(UNLINKED, TABLE)
    pair.on_source("INSERT INTO t VALUES (1, 7001)")
    return pair


def moved(pair: Pair, **settings: Any) -> StageResult[Ledger]:
    return pair.migrate(migrate={"batch_bytes": 65536} | settings.pop("migrate", {}), **settings)


def found(result: StageResult[Ledger]) -> MovedLargeObjects:
    assert result.artifact.large_objects is not None
    return result.artifact.large_objects


def same(pair: Pair) -> bool:
    return pair.rows_of_source(HELD) == pair.rows_of_target(HELD)


def codes(result: StageResult[Ledger]) -> list[tuple[str, str]]:
    return [(each.code, each.object.identity) for each in result.findings]


def test_they_arrive_under_their_numbers_byte_for_byte(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')", LONG, "SELECT lo_create(7003)")
    result = moved(pair)
    assert result.findings == ()
    assert result.coverage.complete
    assert "large objects" in result.coverage.items
    assert same(pair)
    held = found(result)
    assert (held.objects, held.bytes, held.moved, held.verified) == (3, 3 + PIECE * 5 // 2 + 8, 3, True)


def test_holes_read_as_zeros_and_take_no_room_on_the_target(pair: Pair) -> None:
    pair.on_source(
        "SELECT lo_create(7001)",
        f"SELECT lo_put(7001, {5 * PIECE}, 'end')",
        "SELECT lo_create(7002)",
        f"DO $$ BEGIN PERFORM lo_truncate64(lo_open(7002, 131072), {3 * PIECE}); END $$",
    )
    result = moved(pair)
    assert found(result).verified
    lengths = "SELECT length(lo_get(7001)), length(lo_get(7002)), md5(lo_get(7001)), md5(lo_get(7002))"
    assert pair.rows_of_source(lengths) == pair.rows_of_target(lengths)
    ((pages,),) = pair.rows_of_target("SELECT count(*) FROM pg_largeobject")
    assert pages < 10


def test_a_finished_migration_compares_them_and_moves_none(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')", "SELECT lo_from_bytea(7002, 'abc')")
    moved(pair)
    again = moved(pair)
    assert (again.findings, found(again).moved, found(again).verified) == ((), 0, True)
    pair.on_source("SELECT lo_put(7001, 1, 'x')", "SELECT lo_from_bytea(7009, 'new')", "SELECT lo_unlink(7002)")
    behind = moved(pair)
    assert codes(behind) == [("MIG007", "7001"), ("MIG007", "7002"), ("MIG007", "7009")]
    assert not found(behind).verified


def test_catch_up_brings_what_changed_came_and_went(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abcdef')", LONG, "SELECT lo_from_bytea(7003, 'abc')")
    moved(pair)
    pair.on_source(
        f"SELECT lo_put(7002, {PIECE + 7}, 'x')",
        "SELECT lo_from_bytea(7009, 'new')",
        "SELECT lo_unlink(7003)",
        "DO $$ BEGIN PERFORM lo_truncate(lo_open(7001, 131072), 3); END $$",
    )
    result = caught_up(pair)
    assert result.findings == ()
    assert same(pair)
    assert (found(result).objects, found(result).moved, found(result).removed) == (3, 3, 1)
    assert found(moved(pair)).verified


@pytest.mark.long
def test_what_the_source_lost_stays_where_others_wrote_to_it(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')", "SELECT lo_from_bytea(7002, 'abc')")
    moved(pair)
    pair.on_source("SELECT lo_unlink(7001)", "SELECT lo_unlink(7002)")
    pair.on_target("SELECT lo_put(7001, 0, 'x')")
    result = caught_up(pair)
    assert codes(result) == [("MIG007", "7001")]
    assert pair.rows_of_target(
        "SELECT oid::bigint, convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata"
    ) == [(7001, "xbc")]


def test_a_migration_that_is_not_about_them_removes_none_and_tells_of_none(pair: Pair) -> None:
    """A table without an oid column is moved, or caught up with, after the source lost an object that was moved."""
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')", "SELECT lo_from_bytea(7003, 'abc')")
    moved(pair)
    pair.on_both("CREATE TABLE logs (id bigint PRIMARY KEY)")
    pair.on_source("SELECT lo_unlink(7003)", "INSERT INTO logs VALUES (1)")
    logs = Configuration.model_validate({"scope": {"tables": ["public.logs"]}})
    for catch_up in (False, True):
        result = migrate_stage(pair.source, pair.target, *pair.catalogs(), ("public.logs",), logs, catch_up=catch_up)
        assert (result.findings, result.artifact.large_objects) == ((), None)
        assert pair.rows_of_target(NUMBERS) == [(7001,), (7003,)]


def test_what_is_gone_is_told_and_stays_until_a_catch_up_of_all_removes_it(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')", "SELECT lo_from_bytea(7003, 'abc')")
    moved(pair)
    pair.on_both("CREATE TABLE logs (id bigint PRIMARY KEY)")
    pair.on_source("SELECT lo_unlink(7003)")
    another = moved(pair)
    assert (codes(another), found(another).removed) == ([("MIG007", "7003")], 0)
    assert pair.rows_of_target(NUMBERS) == [(7001,), (7003,)]
    assert found(caught_up(pair)).removed == 1
    assert pair.rows_of_target(NUMBERS) == [(7001,)]


def test_a_rerun_overwrites_nothing_that_was_moved_though_one_that_is_taken_keeps_it_unfinished(pair: Pair) -> None:
    """The target lives: what it changed is never written to; what the source changed is brought by a catch-up alone."""
    pair.on_source(
        "SELECT lo_from_bytea(7001, 'ours')",
        *(f"SELECT lo_from_bytea({oid}, 'abcdef')" for oid in (7002, 7003, 7004)),
    )
    pair.on_target("SELECT lo_from_bytea(7001, 'its.')")
    assert codes(moved(pair)) == [("MIG006", "7001")]
    pair.on_target("SELECT lo_put(7002, 0, 'x')", "SELECT lo_put(7003, 6, 'longer')", "SELECT lo_unlink(7004)")
    pair.on_source("SELECT lo_from_bytea(7005, 'new')")
    again = moved(pair)
    assert sorted(codes(again)) == [("MIG006", "7001"), ("MIG007", "7002, 7003")]
    assert pair.rows_of_target(TEXTS) == [
        (7001, "its."),
        (7002, "xbcdef"),
        (7003, "abcdeflonger"),
        (7004, "abcdef"),
        (7005, "new"),
    ]
    pair.on_source("SELECT lo_put(7002, 5, 'y')", "SELECT lo_put(7004, 5, 'y')", "SELECT lo_put(7005, 3, 'er')")
    assert sorted(codes(moved(pair))) == [("MIG006", "7001"), ("MIG007", "7002, 7003, 7004, 7005")]
    result = caught_up(pair)
    assert codes(result) == [("MIG006", "7001, 7002, 7003")]
    assert pair.rows_of_target(TEXTS) == [
        (7001, "its."),
        (7002, "xbcdef"),
        (7003, "abcdeflonger"),
        (7004, "abcdey"),
        (7005, "newer"),
    ]
    pair.on_target(*(f"SELECT lo_unlink({oid})" for oid in (7001, 7002, 7003)))
    assert caught_up(pair).findings == ()
    assert same(pair)


def test_what_others_write_after_the_check_and_before_the_write_is_neither_overwritten_nor_removed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes are planted where the ledger's check is done and pgparity's own write is not."""
    pair.on_source(*(f"SELECT lo_from_bytea({oid}, 'abc')" for oid in (7001, 7002, 7003, 7004)))
    moved(pair)
    pair.on_target("SELECT lo_create(7005)")
    pair.on_source(
        "SELECT lo_put(7001, 2, 'x')",
        "SELECT lo_put(7002, 2, 'x')",
        "SELECT lo_unlink(7003)",
        "SELECT lo_unlink(7004)",
        "SELECT lo_from_bytea(7005, 'new')",
    )
    begun, unlink = ledger.begun, written.unlink
    planted: set[str] = set()

    def once(*statements: str) -> None:
        pair.on_target(*(each for each in statements if each not in planted))
        planted.update(statements)

    def writing(connection: Connection, origin: str, snapshot: str, oids: Sequence[int]) -> None:
        for oid in {7001, 7005} & set(oids):
            once(f"SELECT lo_put({oid}, 0, 'its')")
        begun(connection, origin, snapshot, oids)

    def removing(connection: Connection, oids: Sequence[int]) -> None:
        once("SELECT lo_put(7003, 0, 'its')")
        unlink(connection, oids)

    monkeypatch.setattr("harness.stages.large_objects.ledger.begun", writing)
    monkeypatch.setattr("harness.stages.large_objects_gone.large_objects.unlink", removing)
    result = caught_up(pair)
    assert len(planted) == 3
    assert codes(result) == [("MIG007", "7003"), ("MIG006", "7001, 7005")]
    assert pair.rows_of_target(TEXTS) == [(7001, "its"), (7002, "abx"), (7003, "its"), (7005, "its")]
    assert (found(result).moved, found(result).removed) == (1, 1)


def test_a_write_of_others_that_is_open_when_its_page_is_to_be_written_makes_the_later_one_fail(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')")
    moved(pair)
    pair.on_source("SELECT lo_put(7001, 2, 'x')")
    put = written.put
    waiting = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'transactionid')"

    def putting(connection: Connection, pieces: Sequence[tuple[Piece, bytes]]) -> None:
        with psycopg.connect(pair.target_dsn) as others, ThreadPoolExecutor(1) as executor:
            others.execute("SELECT lo_put(7001, 0, 'its')")
            ours = executor.submit(put, connection, pieces)
            while not ours.done() and pair.rows_of_target(waiting) == [(False,)]:
                time.sleep(0.01)
            others.commit()
            ours.result()

    monkeypatch.setattr("harness.stages.large_objects.large_objects.put", putting)
    (finding,) = caught_up(pair).findings
    assert finding.code == "MIG006"
    assert "XX000" in finding.title
    assert pair.rows_of_target(TEXTS) == [(7001, "its")]


def test_an_object_of_others_is_never_written_to(pair: Pair) -> None:
    pair.on_source(
        "SELECT lo_from_bytea(7001, 'ours')", "SELECT lo_from_bytea(7002, 'same')", LONG.replace("7002", "7003")
    )
    pair.on_target("SELECT lo_from_bytea(7001, 'its.')", "SELECT lo_from_bytea(7002, 'same')", "SELECT lo_create(7003)")
    result = moved(pair)
    assert codes(result) == [("MIG006", "7001")]
    assert pair.rows_of_target("SELECT convert_from(lo_get(7001), 'UTF8')") == [("its.",)]
    pair.on_target("SELECT lo_unlink(7001)")
    assert moved(pair).findings == ()
    assert same(pair)


def test_what_an_interrupted_run_left_is_finished_in_a_new_snapshot(pair: Pair) -> None:
    """The second of three transactions of one object was the last; the source changed the first piece since."""
    pair.on_source(LONG)
    moved(pair)
    pair.on_target(
        f"DO $$ BEGIN PERFORM lo_truncate(lo_open(7002, 131072), {2 * PIECE}); END $$",
        "UPDATE pgparity.large_object SET digest = NULL, bytes = NULL",
        "UPDATE pgparity.large_objects SET finished_at = NULL",
    )
    pair.on_source("SELECT lo_put(7002, 5, 'x')")
    result = moved(pair)
    assert result.findings == ()
    assert same(pair)


def test_an_object_that_was_not_written_as_it_was_read_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault between both servers is planted: what is read again before the commit is not what the source has."""
    put = written.put
    monkeypatch.setattr(
        "harness.stages.large_objects.large_objects.put",
        lambda connection, pieces: put(connection, [(each, data[:-1] + b"?") for each, data in pieces]),
    )
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')")
    result = moved(pair)
    assert codes(result) == [("MIG007", "7001")]
    assert not found(result).verified


def test_named_tables_bring_what_their_oid_columns_refer_to(pair: Pair) -> None:
    pair.on_both("CREATE DOMAIN lo AS oid", "CREATE TABLE other (id bigint PRIMARY KEY, scan lo)")
    pair.on_source(
        *(f"SELECT lo_from_bytea({oid}, '{oid}')" for oid in (7001, 7002, 7003, 7004)),
        "INSERT INTO other VALUES (1, 7003), (2, 7003), (3, NULL), (4, 7004)",
    )
    scope = {"tables": ["public.t", "public.other"]}
    kept = {"tables": {"public.other": {"where": "id < 4"}}}
    result = moved(pair, scope=scope, migrate=kept)
    assert result.findings == ()
    assert pair.rows_of_target(NUMBERS) == [(7001,), (7003,)]
    everything = moved(pair, scope=scope, migrate=kept | {"large_objects": "all"})
    assert (found(everything).objects, found(everything).moved, found(everything).verified) == (4, 2, True)


def test_owner_comment_and_privileges_come_along_where_their_roles_are(pair: Pair) -> None:
    for dsn in (pair.source_dsn, pair.target_dsn):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("DROP ROLE IF EXISTS painter")
            connection.execute("CREATE ROLE painter")
    with psycopg.connect(pair.source_dsn, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS absent")
        connection.execute("CREATE ROLE absent")
    try:
        pair.on_source(
            "SELECT lo_from_bytea(7001, 'abc')",
            "COMMENT ON LARGE OBJECT 7001 IS 'it''s a picture'",
            "ALTER LARGE OBJECT 7001 OWNER TO painter",
            "GRANT SELECT ON LARGE OBJECT 7001 TO PUBLIC",
            "GRANT UPDATE ON LARGE OBJECT 7001 TO absent",
        )
        result = moved(pair)
        rights = (
            "SELECT lomowner::regrole::text, obj_description(oid, 'pg_largeobject'), lomacl::text"
            " FROM pg_largeobject_metadata"
        )
        assert pair.rows_of_target(rights) == [("painter", "it's a picture", "{painter=rw/painter,=r/painter}")]
        assert found(result).roles_left_out == ("absent",)
    finally:
        pair.on_both(UNLINKED, "DROP ROLE painter")
        pair.on_source("DROP ROLE absent")


@pytest.mark.long
def test_a_role_that_may_not_read_one_is_refused_before_anything_moves(pair: Pair) -> None:
    password = secrets.token_hex(8)
    pair.on_source(
        "SELECT lo_from_bytea(7001, 'abc')",
        "DROP ROLE IF EXISTS reader_of_rows",
        f"CREATE ROLE reader_of_rows LOGIN PASSWORD '{password}'",
        "GRANT USAGE ON SCHEMA public TO reader_of_rows",
        "GRANT SELECT ON t TO reader_of_rows",
    )
    try:
        dsn = psycopg.conninfo.make_conninfo(pair.source_dsn, user="reader_of_rows", password=password)
        limited = Pair(dsn, pair.target_dsn)
        with pytest.raises(PrivilegeMissing, match=r"may not read large object 7001"):
            moved(limited)
        assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
        pair.on_source("GRANT SELECT ON LARGE OBJECT 7001 TO reader_of_rows")
        assert found(moved(limited)).verified
    finally:
        pair.on_source("DROP OWNED BY reader_of_rows", "DROP ROLE reader_of_rows")


@pytest.mark.long
def test_a_role_without_privileges_of_a_superuser_moves_them_and_catches_up(pair: Pair) -> None:
    password = secrets.token_hex(8)
    pair.on_source("SELECT lo_from_bytea(7001, 'abcdef')", "SELECT lo_from_bytea(7002, 'abc')")
    pair.on_target(
        "DROP ROLE IF EXISTS mover",
        f"CREATE ROLE mover LOGIN PASSWORD '{password}'",
        "ALTER SCHEMA public OWNER TO mover",
        "ALTER TABLE t OWNER TO mover",
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO mover', current_database()); END $$",
        "SELECT lo_from_bytea(7002, 'xyz')",
    )
    try:
        limited = Pair(
            pair.source_dsn, psycopg.conninfo.make_conninfo(pair.target_dsn, user="mover", password=password)
        )
        result = moved(limited)
        # It may not even read what is there under this number.
        assert codes(result) == [("MIG006", "7002")]
        assert found(result).roles_left_out == ("postgres",)
        pair.on_target("SELECT lo_unlink(7002)")
        pair.on_source("SELECT lo_put(7001, 0, 'x')")
        result = caught_up(limited)
        assert result.findings == ()
        assert same(pair)
    finally:
        pair.on_target(UNLINKED, "DROP SCHEMA pgparity CASCADE", "DROP OWNED BY mover CASCADE", "DROP ROLE mover")
        pair.on_target("CREATE SCHEMA IF NOT EXISTS public")


@pytest.mark.long
def test_more_than_share_a_transaction_all_arrive(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(8000 + n, decode(md5(n::text), 'hex')) FROM generate_series(1, 1234) AS n")
    assert (found(moved(pair)).moved, same(pair)) == (1234, True)


class Arriving(Silent):
    """Statements that reach the target, and one the source, once both sides are in their snapshots."""

    def __init__(self, pair: Pair, *statements: str) -> None:
        super().__init__()
        self.pair = pair
        self.statements = statements

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        if done == 0:
            self.pair.on_target(*self.statements)
            self.pair.on_source("SELECT lo_unlink(7004)")


@pytest.mark.parametrize(
    ("settle_seconds", "unlike"), [(0.2, ["7001"]), (0.0, ["7001, 7002, 7004", "7003"])], ids=["again", "once"]
)
def test_what_was_on_its_way_between_the_snapshots_is_no_difference(
    pair: Pair, settle_seconds: float, unlike: list[str]
) -> None:
    """7001 differs for good; 7002 and 7003 arrive on the target late; 7004 goes from the source."""
    pair.on_source(*(f"SELECT lo_from_bytea({oid}, 'abc')" for oid in (7001, 7002, 7003, 7004)))
    pair.on_target(
        *(f"SELECT lo_from_bytea({oid}, 'xyz')" for oid in (7001, 7002, 7004)), "INSERT INTO t VALUES (1, 7001)"
    )
    arriving = Arriving(pair, "SELECT lo_put(7002, 0, 'abc')", "SELECT lo_from_bytea(7003, 'abc')")
    result = rows_stage(
        pair.source,
        pair.target,
        *pair.catalogs(),
        ("public.t",),
        Configuration.model_validate({"rows": {"settle_seconds": settle_seconds}}),
        arriving,
        large_objects=True,
    )
    assert [each.object.identity for each in result.findings if each.code == "MIG007"] == unlike


def test_what_differs_where_nothing_is_written_is_not_waited_for(pair: Pair) -> None:
    pair.on_source("SELECT lo_from_bytea(7001, 'abc')")
    pair.on_target("SELECT lo_from_bytea(7001, 'xyz')")
    configuration = Configuration.model_validate({"rows": {"settle_seconds": 600}, "scope": {"tables": ["public.t"]}})
    result = rows_stage(pair.source, pair.target, *pair.catalogs(), ("public.t",), configuration, large_objects=True)
    assert [each.object.identity for each in result.findings if each.code == "MIG007"] == ["7001"]
