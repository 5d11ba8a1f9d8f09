"""The dual write of coroutines, and the end of programs that nobody has closed a facade in."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.datalayer.envelope import Envelope
from harness.datalayer.methods import reads, writes
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.dual_write_records import DualWriteSettings
from harness.datalayer.switching.recording import JsonLinesFile
from tests.datalayer.salons import recorded, rows, switches


class AsyncLayer:
    """A layer of coroutines over psycopg's asynchronous connection."""

    def __init__(self, dsn: str, *, delay: float = 0.0, error: BaseException | None = None) -> None:
        self.dsn, self.delay, self.error = dsn, delay, error

    @writes("notes", key="number")
    async def put(self, number: int, text: str) -> Envelope:
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            statement = "INSERT INTO notes VALUES (%s, %s) ON CONFLICT (number) DO UPDATE SET text = excluded.text"
            await connection.execute(statement, (number, text))
        return {"success": True, "data": {"number": number}, "error": None}

    @reads("notes", key="number")
    async def get(self, number: int) -> Envelope:
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            cursor = await connection.execute("SELECT text FROM notes WHERE number = %s", (number,))
            return {"success": True, "data": await cursor.fetchone(), "error": None}


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        ({}, []),
        ({"delay": 5.0}, [("secondary_failed", "timeout")] * 3),
        ({"error": SystemExit(3)}, [("secondary_failed", "SystemExit")] * 3),
        ({"error": asyncio.CancelledError()}, [("secondary_failed", "CancelledError")] * 3),
    ],
)
def test_coroutines_are_written_twice_as_well(
    secondary: dict[str, Any],
    expected: list[tuple[str, str]],
    database: str,
    newer_database: str,
    tmp_path: Path,
) -> None:
    for dsn in (database, newer_database):
        rows(dsn, "CREATE TABLE notes (number int PRIMARY KEY, text text)")
    file = tmp_path / "divergences.jsonl"

    async def run() -> float:
        facade = open_facade(
            switches(enable_dual_write=True),
            source=lambda: AsyncLayer(database),
            target=lambda: AsyncLayer(newer_database, **secondary),
            beside=Beside(
                divergences=JsonLinesFile(file), dual_write=DualWriteSettings(time_limit=0.2, drain_seconds=5)
            ),
        )
        began = time.monotonic()
        for text in ("first", "second", "third"):
            assert (await facade.layer.put(1, text))["success"]
        taken = time.monotonic() - began
        await facade.aclose(6)
        return taken

    assert asyncio.run(run()) < 1
    assert [(one["kind"], one["error_code"]) for one in recorded(file)] == expected
    assert rows(database, "SELECT text FROM notes") == [("third",)]
    assert rows(newer_database, "SELECT text FROM notes") == ([] if expected else [("third",)])


UNCLOSED = """
import asyncio, sys, time
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.methods import writes
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.switches import read_switches

envelope = {"success": True, "data": None, "error": None}


class Plain:
    made = []

    @writes("things", key="number")
    def put(self, number):
        time.sleep(0.02)
        self.made.append(number)
        sys.stdout.write(f"put {number}" + chr(10))  # in one piece: threads write here at once
        sys.stdout.flush()
        return envelope


class Coroutines:
    @writes("things", key="number")
    async def put(self, number):
        await asyncio.sleep(0.02)
        return envelope


kind = Plain if sys.argv[2] == "plain" else Coroutines
given = {"supabase_url": "http://127.0.0.1:1", "supabase_key": "key", "database_dsn": "host=/nowhere"}
facade = open_facade(
    read_switches(use_repository_pattern=True, enable_dual_write=True, **given),
    source=kind,
    target=kind,
    beside=Beside(divergences=JsonLinesFile(sys.argv[1])),
)


async def run():
    for number in range(3):
        await facade.layer.put(number)


if kind is Plain:
    for number in range(3):
        facade.layer.put(number)
else:
    asyncio.run(run())
"""


@pytest.mark.parametrize("kind", ["plain", "coroutines"])
def test_a_program_that_ends_without_closing_loses_no_write_without_a_record(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "divergences.jsonl"
    command = [sys.executable, "-c", UNCLOSED, str(file), kind]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert ended.stderr == ""
    kinds = {one["kind"] for one in recorded(file)}
    if kind == "plain":
        assert sorted(ended.stdout.split()) == sorted(["put"] * 6 + ["0", "0", "1", "1", "2", "2"])
        assert kinds == set()
    else:
        assert kinds <= {"not_written", "secondary_failed"}
        assert len(recorded(file)) >= 1
