"""How long both sides of a large schema take to be read and compared, beside migra and two runs of pg_dump -s.

    python -m benchmarks.schema_diff [--tables 1000] [--rounds 5] [--growth] [--replay]

1,000 tables have 12,000 columns, 6,000 indexes, 100 views and 100 functions. Every contender runs in a process of its
own, in turn, and the medians of the rounds are printed: seconds of the wall clock from the start of Python (of pg_dump)
to its end, for pgparity also without Python's own start, and the most memory that the process held.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg

from benchmarks.large_schema import READERS, statements
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
begun = time.perf_counter()
pair = read_schemas(Endpoint(Side.SOURCE, sys.argv[1]), Endpoint(Side.TARGET, sys.argv[2]), Configuration(), scope=None)
took = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(took, peak, len(pair.diff.changes), len(list(pair.source.objects())))
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


def timed(command: list[str], *, accepted: tuple[int, ...] = (0,)) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode not in accepted:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return took, done.stdout


def measured(tables: int, rounds: int, *, rivals: bool) -> dict[str, list[float]]:
    """Seconds (and MiB) by contender, a value a round."""
    found: dict[str, list[float]] = {}
    pg_dump = next(each.bin / "pg_dump" for each in installations() if (each.bin / "pg_dump").is_file())
    with databases(tables) as (source, target, _):
        for _ in range(rounds):
            took, printed = timed([sys.executable, "-c", _READ_AND_COMPARE, source, target])
            inside, peak, changes, objects = (float(part) for part in printed.split())
            if changes:
                raise SystemExit(f"{changes:.0f} changes between equal schemas")
            found.setdefault("pgparity, whole process", []).append(took)
            found.setdefault("pgparity, reading and comparing", []).append(inside)
            found.setdefault("pgparity, MiB at the most", []).append(peak)
            found.setdefault("objects a side", []).append(objects)
            if rivals:
                both = sum(timed([os.fspath(pg_dump), "-s", "-d", dsn])[0] for dsn in (source, target))
                found.setdefault("pg_dump -s of both sides, one after the other", []).append(both)
            if rivals and importlib.util.find_spec("migra") is not None:
                urls = [_url(dsn) for dsn in (source, target)]
                took, _ = timed([sys.executable, "-m", "migra.command", "--unsafe", *urls], accepted=(0, 2))
                found.setdefault("migra", []).append(took)
    return found


def _url(dsn: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", action="store_true", help="100, 1,000 and 10,000 tables, pgparity alone")
    arguments = parser.parse_args()
    sizes = (100, 1_000, 10_000) if arguments.growth else (arguments.tables,)
    for tables in sizes:
        print(f"{tables:,} tables, medians of {arguments.rounds}")
        results = measured(tables, arguments.rounds, rivals=not arguments.growth)
        for name, values in results.items():
            print(f"  {name:<48}{statistics.median(values):>12,.2f}")


if __name__ == "__main__":
    main()
