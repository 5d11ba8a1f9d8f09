"""What the command is measured by hashes rows as the command does; else the ratio would say nothing."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from benchmarks.rows import by_hand, hashing
from benchmarks.rows.tables import CASES, make
from harness.core.record import Side
from harness.core.row_forms import cell_form
from harness.core.segments import ranges
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint, session
from harness.postgres.projected import described
from harness.postgres.row_hash import ARRAY_DIGEST, HashedTable, sums_statement

ROWS = 700


@pytest.fixture(autouse=True)
def _servers_of_the_benchmark(server: Server, newer_server: Server) -> None:
    if min(each.installation.major for each in (server, newer_server)) < 14:
        pytest.skip("the benchmark hashes values by functions that PostgreSQL has since 14")


def test_the_scan_by_hand_hashes_rows_as_the_command_does(database: str, newer_database: str) -> None:
    table = make((database, newer_database), "no difference", ROWS)
    assert tuple(by_hand.WIDE_TYPES) == table.columns == tuple(CASES["no difference"].columns)
    rows = sql.SQL("SELECT * FROM ONLY public.wide")
    endpoint = Endpoint(Side.SOURCE, database)
    with session(endpoint, purpose="test") as connection:
        types = dict(zip(table.columns, described(connection, rows), strict=True))
        forms = {name: cell_form(each, each).source for name, each in types.items()}
        side = HashedTable(
            connection=connection,
            endpoint=endpoint,
            rows=sql.SQL("{}").format(rows),
            forms=forms,
            key=("id",),
            key_forms={"id": forms["id"]},
            types=types,
            digest=ARRAY_DIGEST,
            native=True,
        )
        segments = ranges("id", 1, ROWS, ROWS)
        assert segments is not None
        total = "SELECT pg_catalog.sum(t.sum) FROM ({}) AS t (n, count, sum)"
        (command,) = connection.execute(sql.SQL(total).format(sums_statement(side, segments))).fetchone() or (None,)
    with psycopg.connect(newer_database) as other:
        hashed = f"SELECT pg_catalog.sum({by_hand.row_hash()}) FROM public.wide AS p"
        (hand,) = other.execute(hashed.encode()).fetchone() or (None,)
    assert hand == command is not None


def test_what_hashing_costs_is_told_of_every_column(database: str) -> None:
    make((database, database), "no difference", ROWS)
    with psycopg.connect(database, autocommit=True) as connection:
        took = hashing.nanoseconds(connection, ROWS, 1)
    assert set(took) == {"", "*", *by_hand.WIDE_TYPES}
    assert min(took.values()) > 0


def test_the_scan_by_hand_reads_all_rows_of_both_sides(database: str, newer_database: str) -> None:
    make((database, newer_database), "no difference", ROWS)
    assert by_hand.scan((database, newer_database), ROWS) > 0
