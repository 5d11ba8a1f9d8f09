"""What the hash of a row costs the server: its processor time, whole and without each column, by the kernel's account.

    python -m benchmarks.rows.hashing [--rows 100000] [--rounds 7] [--majors 16,18]

The wide table on one server, scanned by one session without parallel workers; read is what /proc/PID/schedstat counts
for that session's process, which other work on the machine changes little. All are asked in turn; printed is the least
of the rounds, in ns a row, as Markdown: of the command's own hash of a row (benchmarks.rows.by_hand), summed in
segments as it sums them; and what it falls by without each column, which is what that column costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.rows import by_hand
from benchmarks.rows.tables import make
from harness.embedded.server import Server


@contextmanager
def session(major: int, rows: int) -> Iterator[psycopg.Connection]:
    """A session of a server of its own, on which the wide table is."""
    with Server.start(major=major, settings={"shared_buffers": "256MB"}) as server:
        make((server.dsn(), server.dsn()), "no difference", rows)
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            for setting in (*by_hand.SETTINGS, "max_parallel_workers_per_gather = 0"):
                connection.execute(f"SET {setting}".encode())
            yield connection


def nanoseconds(connection: psycopg.Connection, rows: int, rounds: int) -> dict[str, float]:
    """Of the processor, a row, the least of so many scans: of the whole hash, and without some of its columns."""
    account = Path(f"/proc/{connection.info.backend_pid}/schedstat")
    left_out = {"": (), "*": tuple(by_hand.WIDE_TYPES), **{name: (name,) for name in by_hand.WIDE_TYPES}}
    found: dict[str, list[float]] = {name: [] for name in left_out}
    for _ in range(rounds + 1):
        for name, without in left_out.items():
            statement = by_hand.sums_of("public.wide", by_hand.row_hash(without)).encode()
            begun = int(account.read_text().split()[0])
            connection.execute(statement).fetchall()
            found[name].append((int(account.read_text().split()[0]) - begun) / rows)
    # The first ones read the catalog, and the table into the server's memory.
    return {name: min(took[1:]) for name, took in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--majors", default="16,18")
    arguments = parser.parse_args()
    majors = [int(each) for each in arguments.majors.split(",")]
    lines: dict[str, list[str]] = {}
    for major in majors:
        with session(major, arguments.rows) as connection:
            took = nanoseconds(connection, arguments.rows, arguments.rounds)
        lines.setdefault("whole", []).append(f"{took['']:.0f}")
        lines.setdefault("scan and sums, no column hashed", []).append(f"{took['*']:.0f}")
        for name, kind in by_hand.WIDE_TYPES.items():
            lines.setdefault(f"{name} ({kind})", []).append(f"{took[''] - took[name]:.0f}")
    print(f"| ns of the processor, a row | {' | '.join(f'PostgreSQL {major}' for major in majors)} |")
    print("| --- |" + " --- |" * len(majors))
    for name, figures in lines.items():
        print(f"| {name} | {' | '.join(figures)} |")


if __name__ == "__main__":
    main()
