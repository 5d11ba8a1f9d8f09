"""Transactions: all or nothing whatever fails, no nesting, and repeated only where PostgreSQL asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.datalayer.envelope import CallFailed, InvalidInput
from harness.datalayer.filters import eq
from harness.datalayer.observation.observing import CallRecord
from harness.datalayer.postgres.database import PooledDatabase, TransactionDatabase
from harness.datalayer.postgres.pool import PoolSettings
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.postgres.statements import Statement
from tests.datalayer.clients_and_bookings import BOOKINGS, CLIENTS, create, stored


@pytest.fixture
def dsn(database: str) -> str:
    create(database)
    return database


@pytest.fixture
def pool(dsn: str) -> Iterator[PooledDatabase]:
    pool = PooledDatabase(dsn)
    yield pool
    pool.close()


def client_with_bookings(*prices: int) -> Callable[[TransactionDatabase], str]:
    def work(database: TransactionDatabase) -> str:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        for number, price in enumerate(prices):
            Repository(database, BOOKINGS).upsert({"record_id": number, "yclients_id": 1, "price": price})
        return "done"

    return work


def test_what_the_work_returns_is_returned_and_all_is_committed(pool: PooledDatabase) -> None:
    assert pool.with_transaction(client_with_bookings(5, 6)) == "done"
    assert stored(pool) == ([1], [0, 1])


@pytest.mark.parametrize("refused", [0, 1, 2])
def test_a_refused_statement_anywhere_leaves_nothing_behind(pool: PooledDatabase, refused: int) -> None:
    prices = [5, 6, 7]
    prices[refused] = -1
    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(client_with_bookings(*prices))
    assert (failed.value.kind, failed.value.code) == ("constraint", "23514")
    assert stored(pool) == ([], [])


def test_an_exception_of_the_work_itself_rolls_back_and_goes_on_as_it_is(pool: PooledDatabase) -> None:
    def work(database: TransactionDatabase) -> None:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        raise LookupError("of the application")

    with pytest.raises(LookupError, match="of the application"):
        pool.with_transaction(work)
    assert stored(pool) == ([], [])


def test_a_failure_that_the_work_swallows_still_fails_the_transaction(pool: PooledDatabase) -> None:
    def work(database: TransactionDatabase) -> str:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        with pytest.raises(CallFailed):
            Repository(database, BOOKINGS).upsert({"record_id": 1, "price": -1})
        return "as if nothing had happened"

    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(work)
    assert failed.value.code == "23514"
    assert stored(pool) == ([], [])


def test_a_constraint_that_is_checked_at_commit_fails_the_transaction(pool: PooledDatabase) -> None:
    def work(database: TransactionDatabase) -> None:
        Repository(database, BOOKINGS).upsert({"record_id": 1, "yclients_id": 99})

    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(work)
    assert (failed.value.kind, failed.value.code) == ("constraint", "23503")
    assert stored(pool) == ([], [])


def test_nobody_else_sees_a_row_before_the_commit(pool: PooledDatabase) -> None:
    with pool.transaction() as database:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        assert Repository(database, CLIENTS).count([]) == 1
        assert Repository(pool, CLIENTS).count([]) == 0
    assert Repository(pool, CLIENTS).count([]) == 1


@pytest.mark.parametrize("on", ["pool", "transaction", "heavy"])
@pytest.mark.parametrize("how", ["with_transaction", "transaction"])
def test_a_transaction_inside_another_one_is_refused_and_rolls_it_back(pool: PooledDatabase, on: str, how: str) -> None:
    def work(database: TransactionDatabase) -> None:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        inner: Any = {"pool": pool, "transaction": database, "heavy": pool.heavy()}[on]
        if how == "with_transaction":
            inner.with_transaction(client_with_bookings(5))
        else:
            with inner.transaction():
                pass

    with pytest.raises(CallFailed, match="inside another") as failed:
        pool.with_transaction(work)
    assert (failed.value.kind, failed.value.code) == ("internal", "nested_transaction")
    assert stored(pool) == ([], [])


def test_transactions_one_after_the_other_and_in_two_threads_do_not_nest(pool: PooledDatabase) -> None:
    def of_thread() -> None:
        pool.with_transaction(lambda database: Repository(database, CLIENTS).upsert({"yclients_id": 2}))

    with pool.transaction() as database:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        thread = threading.Thread(target=of_thread)
        thread.start()
        thread.join(10)
    pool.with_transaction(lambda database: Repository(database, CLIENTS).upsert({"yclients_id": 3}))
    assert stored(pool)[0] == [1, 2, 3]


def test_the_database_of_a_transaction_is_of_no_use_after_it(pool: PooledDatabase) -> None:
    with pool.transaction() as database:
        table = Repository(database, CLIENTS)
    with pytest.raises(CallFailed) as failed:
        table.upsert({"yclients_id": 1})
    assert (failed.value.kind, failed.value.code) == ("internal", "transaction_over")
    assert stored(pool) == ([], [])


def test_a_serialization_failure_is_a_conflict_and_the_work_is_repeated_where_that_is_allowed(
    pool: PooledDatabase,
) -> None:
    Repository(pool, CLIENTS).upsert({"yclients_id": 1, "visits": 0})
    tries: list[int] = []

    def work(database: TransactionDatabase) -> None:
        table = Repository(database, CLIENTS)
        found = table.find_one([eq("yclients_id", 1)])
        assert found is not None
        if not tries or len(tries) == 1:
            Repository(pool, CLIENTS).upsert({"yclients_id": 1, "visits": 10 + len(tries)})
        tries.append(found["visits"])
        table.upsert({"yclients_id": 1, "visits": found["visits"] + 1})

    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(work, isolation="serializable")
    assert (failed.value.kind, failed.value.code) == ("conflict", "40001")
    pool.with_transaction(work, isolation="serializable", attempts=3)
    assert tries == [0, 10, 11]
    assert Repository(pool, CLIENTS).find_many([]) == [{"yclients_id": 1, "visits": 12}]


def test_a_deadlock_is_a_conflict_and_one_of_the_two_is_repeated(pool: PooledDatabase) -> None:
    Repository(pool, CLIENTS).bulk_upsert([{"yclients_id": 1, "visits": 0}, {"yclients_id": 2, "visits": 0}])
    both = threading.Barrier(2)
    first_time: set[int] = set()

    def in_order(first: int, second: int) -> Callable[[TransactionDatabase], None]:
        def work(database: TransactionDatabase) -> None:
            table = Repository(database, CLIENTS)
            table.upsert({"yclients_id": first, "visits": first})
            if first not in first_time:
                first_time.add(first)
                both.wait(10)
            table.upsert({"yclients_id": second, "visits": first})

        return work

    failures: list[CallFailed] = []

    def run(first: int, second: int) -> None:
        try:
            pool.with_transaction(in_order(first, second), attempts=5)
        except CallFailed as failed:
            failures.append(failed)

    threads = [threading.Thread(target=run, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    visits = {row["visits"] for row in Repository(pool, CLIENTS).find_many([])}
    assert visits in ({1}, {2})


@pytest.mark.parametrize(("isolation", "attempts"), [("snapshot", 1), (None, 0), (None, 11)])
def test_a_transaction_that_cannot_be_is_refused_before_it_begins(
    pool: PooledDatabase, isolation: Any, attempts: int
) -> None:
    with pytest.raises(InvalidInput):
        pool.with_transaction(client_with_bookings(), isolation=isolation, attempts=attempts)


def test_a_backend_that_ends_in_a_transaction_fails_it_and_the_next_one_works(pool: PooledDatabase, dsn: str) -> None:
    def work(database: TransactionDatabase) -> None:
        Repository(database, CLIENTS).upsert({"yclients_id": 1})
        pid = database.rows(Statement(sql.SQL("SELECT pg_backend_pid() AS pid"), ()))[0]["pid"]
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        Repository(database, CLIENTS).upsert({"yclients_id": 2})

    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(work)
    assert failed.value.kind == "connection"
    assert stored(pool) == ([], [])
    pool.with_transaction(client_with_bookings(5))
    assert stored(pool) == ([1], [0])


def test_a_connection_that_is_lost_during_commit_says_that_nobody_knows(pool: PooledDatabase, dsn: str) -> None:
    def work(database: TransactionDatabase) -> None:
        pid = database.rows(Statement(sql.SQL("SELECT pg_backend_pid() AS pid"), ()))[0]["pid"]
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with pytest.raises(CallFailed) as failed:
        pool.with_transaction(work)
    assert (failed.value.kind, failed.value.code) == ("connection", "commit_unknown")


def test_an_observer_is_told_of_each_statement_and_of_the_whole(dsn: str) -> None:
    seen: list[CallRecord] = []
    pool = PooledDatabase(dsn, settings=PoolSettings(max_size=1), observer=seen.append)
    pool.with_transaction(client_with_bookings(5))
    with pytest.raises(CallFailed):
        pool.with_transaction(client_with_bookings(-1))
    pool.close()
    assert [(one.kind, one.table, one.rows, one.error_kind) for one in seen] == [
        ("upsert", "clients", 1, None),
        ("upsert", "bookings", 1, None),
        ("transaction", "", 0, None),
        ("upsert", "clients", 1, None),
        ("upsert", "bookings", 0, "constraint"),
        ("transaction", "", 0, "constraint"),
    ]
    assert seen[2].seconds >= seen[0].seconds + seen[1].seconds
