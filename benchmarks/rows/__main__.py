"""How long tables of 2,000,000 rows take to be compared, beside reladiff and namidiff, and how that grows.

    python -m benchmarks.rows [--rows 2000000] [--runs 5] [--cases "5 differences,no key"] [--growth 200000,2000000]

Both servers are this machine's own (PostgreSQL 16 and 18); the tables are the same on both but for what is planted on
the target. Every tool is asked for the same columns and runs as a process of its own, in turn with the others. Printed
are the medians of the runs: seconds of the wall clock from the start of the process to its end, and the most memory
that it held. "by hand" is one statement a side that groups the rows into segments and sums their hashes, both sides at
once. A count of differences that is not the planted one is printed beside the figure.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rows import by_hand, rivals
from benchmarks.rows.tables import CASES, Large, make
from harness.embedded.server import Server

TOOLS = ("pgparity", "reladiff", "namidiff")
BY_HAND = "by hand"
_SETTINGS = {"max_wal_size": "8GB", "shared_buffers": "512MB"}


@dataclass
class Measured:
    """The runs of one tool on one table."""

    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        text = f"{statistics.median(self.seconds):>10.2f} s"
        if any(self.mebibytes):
            text += f"{statistics.median(self.mebibytes):>8.0f} MiB"
        return f"{text}  {', '.join(sorted(self.wrong))}".rstrip()


@contextlib.contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """The DSNs of two servers that live as long as this."""
    with Server.start(major=16, settings=_SETTINGS) as source, Server.start(major=18, settings=_SETTINGS) as target:
        yield source.dsn(), target.dsn()


def measured(dsns: tuple[str, str], table: Large, tools: Sequence[str], runs: int, folder: Path) -> dict[str, Measured]:
    """The runs of each tool, in turn."""
    found: dict[str, Measured] = {}
    for _ in range(runs):
        for tool in tools:
            of_tool = found.setdefault(tool, Measured())
            try:
                command = rivals.command(tool, dsns, table.name, table.key, table.compared, folder)
            except rivals.CannotCompare as reason:
                found[tool].wrong.add(str(reason))
                continue
            answered = rivals.run(command)
            of_tool.seconds.append(answered.seconds)
            of_tool.mebibytes.append(answered.mebibytes)
            count = rivals.differing(tool, answered, table.key, keyed=bool(table.key))
            if count is None:
                of_tool.wrong.add(f"failed: {answered.complained.strip().splitlines()[-1:]}")
            elif count != table.differences:
                of_tool.wrong.add(f"found {count:,} differing rows of {table.differences:,}")
        if table.by_hand:
            by_hands = found.setdefault(BY_HAND, Measured())
            by_hands.seconds.append(by_hand.scan(dsns))
    return found


def show(title: str, found: dict[str, Measured]) -> None:
    """Print the medians of one table, and the ratios of pgparity's."""
    print(f"{title}, load {os.getloadavg()[0]:.1f}")
    for name, of_tool in found.items():
        print(f"  {name:<12}{of_tool}" if of_tool.seconds else f"  {name:<12}{', '.join(of_tool.wrong)}", flush=True)
    ours = statistics.median(found["pgparity"].seconds)
    others = [statistics.median(found[name].seconds) for name in found if name in TOOLS[1:] and found[name].seconds]
    if others:
        print(f"  the fastest of the others takes {min(others) / ours:.2f} times as long as pgparity")
    if BY_HAND in found:
        print(f"  pgparity takes {ours / statistics.median(found[BY_HAND].seconds):.2f} times as long as by hand")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cases", default=",".join(name for name in CASES if name != "narrow"))
    parser.add_argument("--growth", default="200000,2000000,20000000", help="rows of narrow tables, pgparity alone")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--environments", type=Path, default=rivals.ENVIRONMENTS)
    arguments = parser.parse_args()
    rivals.install(arguments.environments)
    tools = arguments.tools.split(",")
    with servers() as dsns:
        for case in filter(None, arguments.cases.split(",")):
            found = measured(dsns, make(dsns, case, arguments.rows), tools, arguments.runs, arguments.environments)
            show(f"{case}: {arguments.rows:,} rows of 15 columns, medians of {arguments.runs}", found)
        for rows in map(int, filter(None, arguments.growth.split(","))):
            runs = min(arguments.runs, 3)
            found = measured(dsns, make(dsns, "narrow", rows), TOOLS[:1], runs, arguments.environments)
            show(f"{rows:,} rows of 3 columns, one differs, medians of {runs}", found)


if __name__ == "__main__":
    main()
