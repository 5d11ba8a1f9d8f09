"""A statement that is asked again and again: it answers like a cursor, ahead of time too, and leaves others room."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from harness.postgres.standing_query import StandingQuery

POSITION = sql.SQL("SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text, 1 = 1")


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[TupleRow]]:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def test_it_answers_as_a_cursor_does_each_time_anew(connection: psycopg.Connection[TupleRow]) -> None:
    asked = StandingQuery(connection, "position", POSITION)
    row = connection.execute(POSITION).fetchone()
    assert row is not None
    assert asked.row() == asked.row() == (row[0], "t")
    connection.execute("CREATE TABLE t (a int)")
    assert int(asked.row()[0]) > int(row[0])


def test_what_was_asked_ahead_is_answered_once_and_others_may_ask_then(
    connection: psycopg.Connection[TupleRow],
) -> None:
    asked = StandingQuery(connection, "position", POSITION)
    asked.ask()
    asked.ask()
    before = asked.row()
    connection.execute("CREATE TABLE t (a int)")
    asked.ask()
    asked.settle()
    asked.settle()
    connection.execute("INSERT INTO t VALUES (1)")
    assert int(asked.row()[0]) > int(before[0])


def test_it_outlives_what_psycopg_does_to_prepared_statements_when_something_is_dropped(
    connection: psycopg.Connection[TupleRow],
) -> None:
    asked = StandingQuery(connection, "position", POSITION)
    asked.row()
    connection.execute("CREATE TABLE t (a int)")
    connection.execute("SELECT a FROM t", prepare=True)
    connection.execute("DROP TABLE t")
    connection.execute("SELECT 1")
    there = connection.execute("SELECT name FROM pg_catalog.pg_prepared_statements").fetchall()
    assert ("position",) not in there
    before = asked.row()
    connection.execute("DEALLOCATE ALL")
    asked.ask()
    asked.settle()
    assert asked.row() == before


def test_an_error_is_an_error_and_the_next_answer_is_one_again(connection: psycopg.Connection[TupleRow]) -> None:
    asked = StandingQuery(connection, "quotient", sql.SQL("SELECT 1 / count(*) FROM pg_catalog.pg_tables"
                                                          " WHERE tablename = 't'"))  # fmt: skip
    with pytest.raises(psycopg.OperationalError):
        asked.row()
    connection.execute("CREATE TABLE t (a int)")
    assert asked.row() == ("1",)
    with pytest.raises(psycopg.OperationalError):
        StandingQuery(connection, "wrong", sql.SQL("SELECT nothing")).row()
    connection.close()
    with pytest.raises(psycopg.Error):
        asked.row()
