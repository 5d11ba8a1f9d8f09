"""What `pgparity migrate` is measured beside moves the same rows and indexes; else the ratio would say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from benchmarks.migrate import by_hand, contenders, programs
from benchmarks.migrate.__main__ import print_case, ratios
from benchmarks.migrate.contenders import DUMP, EMPTY, HALF, UPSERT, Measured
from benchmarks.migrate.databases import Servers, complaint, dropped, filled, made_anew
from benchmarks.migrate.programs import PGPARITY, CannotMove, Ran
from benchmarks.rows.by_hand import row_hash
from harness.embedded.server import Server

ROWS = 2001
"""Odd, and in more blocks than one"""


@pytest.fixture(scope="module")
def both(server: Server, newer_server: Server) -> Iterator[Servers]:
    servers = Servers(server, newer_server)
    filled(server, "wide", ROWS)
    yield servers
    dropped(servers)


def rows_of(dsn: str) -> tuple[object, ...] | None:
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"SELECT count(*), sum({row_hash()}) FROM public.wide AS p".encode()).fetchone()


@pytest.mark.parametrize("name", [DUMP, *contenders.STREAMS])
def test_what_pgparity_is_measured_beside_moves_every_row_and_index(both: Servers, name: str, tmp_path: Path) -> None:
    made_anew(both.target)
    ran, parts = contenders.contenders(EMPTY, ROWS, [])[name](both, tmp_path)
    assert complaint(both.dsns[1], "wide", ROWS) == ""
    assert rows_of(both.dsns[0]) == rows_of(both.dsns[1])
    assert ran.seconds >= sum(parts.values()) > 0 or not parts


def test_the_upsert_by_hand_ends_in_equal_rows_and_writes_only_what_differs(both: Servers) -> None:
    filled(both.target, "wide", ROWS, step=2)
    assert complaint(both.dsns[1], "wide", ROWS) == "1,001 of 2,001 rows arrived"
    by_hand.execute(both.dsns[1], ["UPDATE public.wide SET name = 'changed', note = NULL WHERE id IN (7, 9)"])
    _, parts = by_hand.upserted(both.dsns, both.programs, ROWS)
    assert list(parts) == ["copy", "upsert", "hash scan"]
    assert complaint(both.dsns[1], "wide", ROWS) == ""
    assert rows_of(both.dsns[0]) == rows_of(both.dsns[1])
    with psycopg.connect(both.dsns[1]) as connection:
        last = "SELECT id FROM public.wide WHERE id % 2 = 1 AND xmin = (SELECT xmin FROM public.wide WHERE id = 2)"
        assert sorted(connection.execute(last.encode())) == [(7,), (9,)]


def test_the_figures_of_a_case_are_printed_and_who_fails_stops_nobody(
    both: Servers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    moves = contenders.contenders(EMPTY, ROWS, [])
    moves = {name: moves[name] for name in (PGPARITY, "pgcopydb", "by hand, two streams")}
    print_case(both, EMPTY, ROWS, 1, {**moves, "nothing": lambda both, folder: (Ran(1.0, 1.0, 1.0), {})})
    printed = {line.split(" | ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "pgcopydb" in printed["| pgcopydb"]
    assert "is not installed" in printed["| pgcopydb"]
    assert "no table arrived" in printed["| nothing"]
    assert " s | " in printed[f"| {PGPARITY}"]
    assert "hash scan" in printed["| by hand, two streams"]
    assert "| 1.15" in printed["| pgparity / by hand, the faster way"]


def test_what_a_target_lacks_is_said(both: Servers) -> None:
    filled(both.target, "wide", ROWS)
    by_hand.execute(both.dsns[1], ["DROP INDEX public.wide_email"])
    assert complaint(both.dsns[1], "wide", ROWS) == "lacks wide_email"
    by_hand.execute(both.dsns[1], ["DELETE FROM public.wide WHERE id = 5"])
    assert complaint(both.dsns[1], "wide", ROWS) == "2,000 of 2,001 rows arrived"


def test_each_ratio_stands_beside_what_it_is_to_be() -> None:
    def took(*seconds: float) -> Measured:
        return Measured([Ran(each, 0.0, 0.0) for each in seconds], [{"hash scan": 1.0} for _ in seconds])

    found = {PGPARITY: took(9.0, 3.0, 4.0), "by hand, one stream": took(4.0), "by hand, two streams": took(2.0)}
    found |= {"pgcopydb, table split": took(5.0)}
    ratio = {name: (is_, goal) for name, is_, goal in ratios(EMPTY, found)}
    assert ratio["pgparity / by hand, the faster way"] == (2.0, 1.15)
    assert ratio["pgparity / pgcopydb"] == (None, 1.0)
    assert ratio["pgparity / pgcopydb, table split"] == (0.8, 1.0)
    assert [is_ for _, is_, _ in ratios(HALF, {PGPARITY: took(6.0), UPSERT: took(4.0)})] == [1.5, 1.2]


def test_a_pipe_that_fails_says_which_program_and_why(both: Servers) -> None:
    reader = ["psql", "-X", "-q", "-d", both.dsns[1], "-c", "COPY public.nowhere FROM STDIN (FORMAT binary)"]
    writer = ["psql", "-X", "-q", "-d", both.dsns[0], "-c", "COPY public.wide TO STDOUT (FORMAT binary)"]
    with pytest.raises(CannotMove, match=r'psql ended with 1: ERROR:  relation "public\.nowhere" does not exist'):
        programs.run([writer, reader], both.programs)


def test_a_program_that_takes_too_long_is_ended(both: Servers) -> None:
    with pytest.raises(CannotMove, match="sleep ended with -9"):
        programs.run([["sleep", "600"]], both.programs, limit_seconds=0.1)
