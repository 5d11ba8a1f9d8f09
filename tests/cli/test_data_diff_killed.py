"""A comparison that is killed goes on from its state file: nothing finished is read again, and nothing is taken for it
once a server was written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.embedded.server import Server
from harness.postgres import table_pieces
from tests.cli.conftest import Pgparity, environment
from tests.data_pair import Pair

PIECE = 4 * 8192
TABLES = (
    "CREATE TABLE t (id int PRIMARY KEY, name text)",
    "INSERT INTO t SELECT g, 'name ' || g FROM generate_series(1, 3000) g",
    "CREATE TABLE u (LIKE t INCLUDING ALL)",
    "INSERT INTO u SELECT * FROM t",
    "ANALYZE t, u",
)
KILLED = """
import os, signal, sys
from harness.cli.app import run
from harness.postgres import table_pieces
from harness.stages.rows_state import RowsState

table_pieces.PIECE_BYTES = int(sys.argv[1])
keep_sums, keep_table = RowsState.keep_sums, RowsState.keep_table
tables = []

def kept(self, side, statement, sums):
    keep_sums(self, side, statement, sums)
    if tables:
        os.kill(os.getpid(), signal.SIGKILL)

def finished(self, description, rows):
    keep_table(self, description, rows)
    tables.append(rows.table)

RowsState.keep_sums, RowsState.keep_table = kept, finished
sys.exit(run(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def quiet() -> Iterator[Pair]:
    """Two databases of a server that nobody else writes, autovacuum neither."""
    server = Server.start(major=16)
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET autovacuum = off")
            admin.execute("SELECT pg_reload_conf()")
            for name in ("old", "new"):
                admin.execute(f"CREATE DATABASE {name}".encode())
        yield Pair(server.dsn("old"), server.dsn("new"))
    finally:
        server.stop()


def test_a_killed_comparison_goes_on_and_starts_again_once_something_was_written(
    quiet: Pair, here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.on_both(*TABLES)
    quiet.on_target("DELETE FROM t WHERE id = 5", "UPDATE u SET name = 'x' WHERE id = 7")
    monkeypatch.setattr(table_pieces, "PIECE_BYTES", PIECE)
    state = tmp_path / "state.json"
    command = ["data", "diff", "--source", quiet.source_dsn, "--target", quiet.target_dsn, "--format", "json"]
    whole = json.loads(here(*command).stdout)["tables"]
    command += ["--state", str(state)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(PIECE), *command],
        env=environment(),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = json.loads(state.read_text())
    assert (len(finished["tables"]), len(finished["sums"]) > 0) == (1, True)

    first, second = tables = json.loads(here(*command).stdout)["tables"]
    assert [_facts(each) for each in tables] == [_facts(each) for each in whole]
    assert (first["resumed"] > 0, second["resumed"]) == (True, len(finished["sums"])), first["method"]
    assert second["read_bytes"] < whole[1]["read_bytes"]

    quiet.on_source("UPDATE u SET name = 'y' WHERE id = 9")
    first, second = json.loads(here(*command).stdout)["tables"]
    assert (first["resumed"], second["resumed"], second["different"]) == (0, 0, 2)
    assert "nothing of the interrupted comparison is taken over: the source was written since (any" in first["method"]


def _facts(table: dict[str, object]) -> dict[str, object]:
    """What a comparison found, without how and how long it read."""
    return {name: value for name, value in table.items() if name not in ("seconds", "method", "resumed", "read_bytes")}
