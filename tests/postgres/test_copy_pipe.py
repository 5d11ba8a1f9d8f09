"""COPY from server to server below libpq: every byte arrives, errors are the right side's, and sessions go on after."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.errors import ConnectionFailed
from harness.postgres import copy_pipe
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.copy_pipe import Stopped, pipe
from harness.postgres.failures import StatementFailed
from tests.data_pair import Pair, pair_of

Sessions = tuple[tuple[Connection, Endpoint], tuple[Connection, Endpoint]]
TABLE = "CREATE TABLE t (id int PRIMARY KEY, body text, raw bytea)"
READ = sql.SQL("COPY (SELECT * FROM public.t ORDER BY id) TO STDOUT (FORMAT binary)").format()
WRITE = sql.SQL("COPY public.t FROM STDIN (FORMAT binary)").format()


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        yield pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_both(TABLE)
    return empty


@pytest.fixture(params=["raw", "libpq"])
def sessions(pair: Pair, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    """Both sessions in a transaction, by each of the two ways."""
    if request.param == "libpq":
        monkeypatch.setattr(copy_pipe, "_plain", lambda _connection: False)
    with (
        session(pair.source, purpose="test") as source,
        session(pair.target, purpose="test", writable=True) as target,
    ):
        source.execute("SELECT 1")
        target.execute("SELECT 1")
        yield (source, pair.source), (target, pair.target)


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT count(*), sum(id), md5(string_agg(t::text, '' ORDER BY id)) FROM public.t"
    ).fetchall()


@pytest.mark.parametrize("size", [0, 1, 7, 5_000])
def test_every_row_arrives_and_both_sessions_go_on(pair: Pair, sessions: Sessions, size: int) -> None:
    pair.on_source(
        "INSERT INTO t SELECT n, repeat(md5(n::text), n % 40), decode(md5(n::text), 'hex')"
        f" FROM generate_series(1, {size}) AS n"
    )
    told: list[int] = []
    piped = pipe(*sessions, READ, WRITE, told=told.append)
    (source, _), (target, _) = sessions
    assert piped.rows == size
    # With the heads of messages, of which a row may have one.
    assert piped.bytes <= sum(told) <= piped.bytes + 5 * (size + 2)
    assert rows(source) == rows(target)
    target.commit()
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(size,)]


def test_values_larger_than_any_buffer_arrive_and_bytes_that_look_like_messages_are_only_bytes(
    pair: Pair, sessions: Sessions
) -> None:
    pair.on_source(
        "INSERT INTO t VALUES (1, repeat('ж', 4000000), NULL)",
        "INSERT INTO t VALUES (2, NULL, decode(repeat('6300000004430000000d434f505920310045000000', 20000), 'hex'))",
        "INSERT INTO t VALUES (3, '', '')",
    )
    assert pipe(*sessions, READ, WRITE).rows == 3
    assert rows(sessions[0][0]) == rows(sessions[1][0])


def test_a_row_that_the_target_refuses_is_the_targets_error_and_both_go_on_from_their_savepoints(
    pair: Pair, sessions: Sessions
) -> None:
    pair.on_source("INSERT INTO t SELECT n, repeat('x', 1000), NULL FROM generate_series(1, 20000) AS n")
    pair.on_target("ALTER TABLE t ADD CONSTRAINT small CHECK (id < 100)")
    (source, _), (target, _) = sessions
    with pytest.raises(StatementFailed) as failure, source.transaction(), target.transaction():
        pipe(*sessions, READ, WRITE)
    assert (failure.value.side, failure.value.sqlstate) == ("target", "23514")
    assert "check small" in failure.value.reason
    assert target.execute("SELECT count(*) FROM public.t").fetchone() == (0,)
    assert source.execute("SELECT count(*) FROM public.t").fetchone() == (20000,)


def test_an_expression_that_fails_in_the_middle_is_the_sources_error_and_nothing_stays(
    pair: Pair, sessions: Sessions
) -> None:
    pair.on_source("INSERT INTO t SELECT n, 'x', NULL FROM generate_series(1, 5000) AS n")
    read = sql.SQL("COPY (SELECT id + 0 / (4000 - id), body, raw FROM public.t) TO STDOUT (FORMAT binary)").format()
    (source, _), (target, _) = sessions
    with pytest.raises(StatementFailed) as failure, source.transaction(), target.transaction():
        pipe(*sessions, read, WRITE)
    assert (failure.value.side, failure.value.sqlstate) == ("source", "22012")
    assert target.execute("SELECT count(*) FROM public.t").fetchone() == (0,)
    assert source.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_statement_that_cannot_begin_leaves_the_other_side_in_order(sessions: Sessions, side: str) -> None:
    none = sql.SQL("COPY public.none TO STDOUT").format() if side == "source" else None
    wrong = sql.SQL("COPY public.none FROM STDIN").format()
    (source, _), (target, _) = sessions
    with pytest.raises(StatementFailed) as failure, source.transaction(), target.transaction():
        pipe(*sessions, none or READ, WRITE if none else wrong)
    assert (failure.value.side, failure.value.sqlstate) == (side, "42P01")
    assert source.execute("SELECT 1").fetchone() == target.execute("SELECT 1").fetchone() == (1,)


def test_a_trigger_that_says_something_for_every_row_does_not_stop_the_pipe(pair: Pair, sessions: Sessions) -> None:
    pair.on_source("INSERT INTO t SELECT n, NULL, NULL FROM generate_series(1, 20000) AS n")
    pair.on_target(
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE WARNING ''%'', repeat(''loud'', 50); RETURN NEW; END'",
        "CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION loud()",
    )
    assert pipe(*sessions, READ, WRITE).rows == 20000


@pytest.mark.parametrize("ended", [0, 1], ids=["source", "target"])
def test_a_server_process_that_is_ended_is_a_lost_connection_of_its_side(
    pair: Pair, sessions: Sessions, ended: int
) -> None:
    pair.on_source("INSERT INTO t SELECT n, repeat('x', 3000), NULL FROM generate_series(1, 30000) AS n")
    number = sessions[ended][0].info.backend_pid
    dsn = (pair.source_dsn, pair.target_dsn)[ended]
    begun = threading.Event()

    def end() -> None:
        begun.wait()
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (number,))

    thread = threading.Thread(target=end)
    thread.start()

    def again_and_again() -> None:
        begun.set()
        while True:
            pipe(*sessions, READ, WRITE)
            sessions[1][0].execute("TRUNCATE public.t")

    with pytest.raises(ConnectionFailed) as failure:
        again_and_again()
    thread.join()
    assert ("source", "target")[ended] in failure.value.message


def test_a_pipe_that_is_stopped_leaves_nothing_on_the_target(pair: Pair, sessions: Sessions) -> None:
    pair.on_source("INSERT INTO t SELECT n, repeat('x', 3000), NULL FROM generate_series(1, 3000) AS n")
    looked = iter([False, False, True])
    with pytest.raises(Stopped):
        pipe(*sessions, READ, WRITE, stopped=lambda: next(looked))
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
