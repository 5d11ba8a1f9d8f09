"""Builds indexes on the target by several sessions at the same time, once the rows are there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Final

import psycopg

from harness.core.index_builds import IndexBuild, LeftIndex
from harness.errors import PlanRefused
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.failures import meaning

_MEMORY: Final = "512MB"
"""maintenance_work_mem of each session: what an index is sorted in"""


def build(
    endpoint: Endpoint, builds: Sequence[IndexBuild], sessions: int, progress: Callable[[int, int, str], None]
) -> None:
    """Build all of them, as many at a time as there are sessions; then make the keys of those that are for keys.

    PlanRefused: one cannot be built; the others that were begun are finished and stay. ConnectionFailed.
    """
    waiting: SimpleQueue[IndexBuild] = SimpleQueue()
    for each in builds:
        waiting.put(each)
    failed = threading.Event()
    done = [0]
    lock = threading.Lock()

    def work() -> None:
        with _building(endpoint) as connection:
            while not failed.is_set():
                try:
                    each = waiting.get_nowait()
                except Empty:
                    return
                try:
                    _create(connection, each)
                except BaseException:
                    failed.set()
                    raise
                with lock:
                    done[0] += 1
                    progress(done[0], len(builds), f"{each.step.kind} {each.step.identity}")

    workers = max(1, min(sessions, len(builds)))
    with ThreadPoolExecutor(max_workers=workers) as executor:
        futures = [executor.submit(work) for _ in range(workers)]
    for future in futures:
        future.result()
    keys = [each for each in builds if each.take is not None]
    if keys:
        # Once all are built: the lock of a key waits for every build of its table, and not for as long as that takes.
        with _building(endpoint) as connection:
            for each in keys:
                _take(connection, each)


def _create(connection: Connection, each: IndexBuild) -> None:
    """An index that an interrupted run left for the key is taken as it is."""
    if each.left is None or not _is_left(connection, each.left):
        _run(connection, each, each.create)


def _take(connection: Connection, each: IndexBuild) -> None:
    if each.left is not None and _is_left(connection, each.left):
        _run(connection, each, each.left.take)
    elif each.take is not None:
        _run(connection, each, each.take)


@contextlib.contextmanager
def _building(endpoint: Endpoint) -> Iterator[Connection]:
    with session(endpoint, purpose="apply", writable=True) as connection:
        connection.autocommit = True
        connection.execute("SELECT pg_catalog.set_config('maintenance_work_mem', %s, false)", (_MEMORY,))
        yield connection


def _is_left(connection: Connection, left: LeftIndex) -> bool:
    """Whether it is there, and nobody's constraint yet."""
    row = connection.execute(
        "SELECT pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i"
        " WHERE i.indexrelid = pg_catalog.to_regclass(%s) AND i.indisvalid"
        " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')",
        (left.name,),
    ).fetchone()
    return row is not None and row[0] == left.definition


def _run(connection: Connection, each: IndexBuild, statement: str) -> None:
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        if connection.closed or error.sqlstate is None:
            raise
        raise PlanRefused(
            f"{each.step.kind} {each.step.identity} cannot be made: {meaning(error)}",
            hint="Run the statement by hand to see the server's own message; what was made before stays.",
        ) from None
