"""How long both sides of a large schema take to be read and compared, beside migra and two runs of pg_dump -s.

    python -m benchmarks.schema_diff [--tables 1000] [--rounds 5] [--growth | --replay] [--migra COMMAND]

1,000 tables have 12,000 columns, 6,000 indexes, 100 views and 100 functions. Every contender runs in a process of its
own, in turn, and the medians of the rounds are printed: seconds of the wall clock from the start of Python (of pg_dump)
to its end, for pgparity also without Python's own start, and the most memory that the process held.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.large_schema import READERS, statements, written_otherwise
from harness.embedded.binaries import installations
from harness.embedded.server import Server

MEMORY = 4 * 1024**3
_BATCH = 200
_READ_AND_COMPARE = """
import resource, sys, time
from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.stages.schema import read_schemas
begun, used = time.perf_counter(), time.process_time()
pair = read_schemas(Endpoint(Side.SOURCE, sys.argv[1]), Endpoint(Side.TARGET, sys.argv[2]), Configuration(), scope=None)
took, used = time.perf_counter() - begun, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(took, used, peak, len(pair.diff.changes), len(list(pair.source.objects())))
"""


@contextlib.contextmanager
def databases(tables: int, **settings: str) -> Iterator[tuple[str, str, Server]]:
    """Two databases with the same schema on one server."""
    with Server.start(memory=MEMORY, settings={"max_locks_per_transaction": "4096", **settings}) as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            for role in READERS:
                admin.execute(f"CREATE ROLE {role}".encode())
            admin.execute("CREATE DATABASE source")
        with psycopg.connect(server.dsn("source"), autocommit=True) as source:
            waiting: list[str] = []
            for statement in statements(tables):
                waiting.append(statement)
                if len(waiting) == _BATCH:
                    source.execute("\n".join(waiting).encode())
                    waiting.clear()
            source.execute("\n".join(waiting).encode())
            source.execute("VACUUM ANALYZE")
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE target TEMPLATE source")
        yield server.dsn("source"), server.dsn("target"), server


def write_otherwise(source: str, target: str) -> int:
    """Make what the sides write in two ways though it means the same; returns how many texts."""
    count = 0
    with psycopg.connect(source, autocommit=True) as ours, psycopg.connect(target, autocommit=True) as theirs:
        for statement, dumped in written_otherwise():
            ours.execute(statement.encode())
            row = ours.execute(dumped.encode()).fetchone()
            if row is None:
                raise SystemExit(f"no text of {statement}")
            theirs.execute(str(row[0]).encode())
            count += 1
    return count


def timed(command: list[str], *, accepted: tuple[int, ...] = (0,)) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode not in accepted:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return took, done.stdout


def pgparity(source: str, target: str, label: str = "pgparity") -> dict[str, float]:
    """One run: seconds, MiB and objects by what they are."""
    took, printed = timed([sys.executable, "-c", _READ_AND_COMPARE, source, target])
    inside, used, peak, changes, objects = (float(part) for part in printed.split())
    if changes:
        raise SystemExit(f"{changes:.0f} changes between equal schemas")
    return {
        f"{label}, whole process": took,
        f"{label}, reading and comparing": inside,
        f"{label}, of that Python's own": used,
        f"{label}, MiB at the most": peak,
        "objects a side": objects,
    }


def rivals(source: str, target: str, migra: Path | None) -> dict[str, float]:
    """One run of each: seconds."""
    pg_dump = next(each.bin / "pg_dump" for each in installations() if (each.bin / "pg_dump").is_file())
    found = {"pg_dump -s of both sides, one after the other": 0.0}
    for dsn in (source, target):
        found["pg_dump -s of both sides, one after the other"] += timed([os.fspath(pg_dump), "-s", "-d", dsn])[0]
    if migra is not None:
        found["migra"] = timed([os.fspath(migra), "--unsafe", source, target], accepted=(0, 2))[0]
    return found


def measured(tables: int, rounds: int, *, migra: Path | None, alone: bool, replay: bool) -> dict[str, list[float]]:
    """Seconds, MiB and counts by what they are, a value a round."""
    found: dict[str, list[float]] = {}
    with databases(tables) as (source, target, _):
        for _ in range(rounds):
            results = pgparity(source, target) | ({} if alone else rivals(source, target, migra))
            for name, value in results.items():
                found.setdefault(name, []).append(value)
        if replay:
            label = f"with {write_otherwise(source, target)} texts to replay"
            for _ in range(rounds):
                for name, value in pgparity(source, target, label).items():
                    found.setdefault(name, []).append(value)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", action="store_true", help="100, 1,000 and 10,000 tables, pgparity alone")
    parser.add_argument("--replay", action="store_true", help="also with texts that the sides write in two ways")
    parser.add_argument("--migra", type=Path, default=Path(sys.executable).with_name("migra"), help="its command")
    arguments = parser.parse_args()
    migra = arguments.migra if arguments.migra.is_file() else None
    sizes = (100, 1_000, 10_000) if arguments.growth else (arguments.tables,)
    for tables in sizes:
        print(f"{tables:,} tables, medians of {arguments.rounds}, load {os.getloadavg()[0]:.1f}")
        results = measured(
            tables,
            arguments.rounds,
            migra=migra,
            alone=arguments.growth or arguments.replay,
            replay=arguments.replay,
        )
        for name, values in results.items():
            print(f"  {name:<56}{statistics.median(values):>12,.2f}", flush=True)


if __name__ == "__main__":
    main()
