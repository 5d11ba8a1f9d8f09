"""The fence falls while writers hammer: what was acknowledged is there, nothing is written once the lock is held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from harness.postgres.fence import drained, fence, held, unfence, write_sentinel
from tests.postgres.fenced_database import Database, database_with_roles

WRITERS = 6
TABLES = tuple(f"public.log_{number}" for number in range(5))


@pytest.fixture
def fenced(newer_database: str) -> Iterator[Database]:
    with database_with_roles(newer_database, "owner", "app") as made:
        made.run(
            *(f"CREATE TABLE {table} (writer int, number int, PRIMARY KEY (writer, number))" for table in TABLES),
            f"GRANT INSERT ON {', '.join(TABLES)} TO {{app}}",
            dsn=made.dsn("owner"),
        )
        yield made


def hammer(database: Database, writer: int, stop: threading.Event) -> tuple[int, set[str]]:
    """Insert in transactions of one to three rows, on and on; how many were acknowledged, and why others were not."""
    acknowledged = 0
    states: set[str] = set()
    dsn = psycopg.conninfo.make_conninfo(database.dsn("app"), options="-c lock_timeout=20s")
    with psycopg.connect(dsn) as connection:
        while not stop.is_set():
            rows = acknowledged % 3 + 1
            try:
                for number in range(acknowledged, acknowledged + rows):
                    table = sql.SQL(TABLES[(writer + number) % len(TABLES)])
                    connection.execute(sql.SQL("INSERT INTO {} VALUES (%s, %s)").format(table), (writer, number))
                connection.commit()
            except psycopg.Error as error:
                connection.rollback()
                states.add(error.sqlstate or "?")
                continue
            acknowledged += rows
            if states:
                return acknowledged, {"written again"}
    return acknowledged, states


def rows(database: Database) -> int:
    everywhere = " UNION ALL ".join(f"SELECT FROM {table}" for table in TABLES)
    return int(str(database.one(f"SELECT count(*) FROM ({everywhere}) AS rows")))


@pytest.mark.parametrize("times", [pytest.param(1), pytest.param(4, marks=pytest.mark.long)])
def test_no_row_is_committed_once_the_lock_is_held_and_none_is_lost(fenced: Database, times: int) -> None:
    for attempt in range(times):
        stop, before = threading.Event(), rows(fenced)
        with ThreadPoolExecutor(WRITERS) as executor:
            writers = [executor.submit(hammer, fenced, attempt * WRITERS + number, stop) for number in range(WRITERS)]
            try:
                while rows(fenced) < before + 20 * WRITERS:
                    assert not any(writer.done() for writer in writers)
                endpoint = fenced.endpoint()
                fence(endpoint, cutover="race", roles=[fenced.role("app")], tables=TABLES, consent=True)
                assert drained(endpoint, tables=TABLES, seconds=10).ended
                with held(endpoint, tables=TABLES, consent=True) as lock:
                    then = rows(fenced)
                    write_sentinel(endpoint, "race", consent=True)
                    for _ in range(20):
                        assert rows(fenced) == then
                    assert lock.still_held()
                stop.set()
                ended = [writer.result(timeout=30) for writer in writers]
            finally:
                stop.set()
        assert [states for _, states in ended] == [{"42501"}] * WRITERS
        assert rows(fenced) == then
        assert then == before + sum(acknowledged for acknowledged, _ in ended)
        assert unfence(endpoint, "race", consent=True).whole
