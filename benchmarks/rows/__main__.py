"""How long tables of 2,000,000 rows take to be compared, beside reladiff and namidiff, and how that grows.

    python -m benchmarks.rows [--rows 2000000] [--rounds 5] [--cases "5 differences,no key"] [--growth 200000,2000000]

Both servers are this machine's own (PostgreSQL 16 and 18); the tables are the same on both but for what is planted on
the target. Every tool is asked for the same columns and runs as a process of its own, in turn with the others. Measured
are seconds of the wall clock from the start of the process to its end, and the most memory that it held; printed are
the medians, as Markdown on stdout, and each run as it ends on stderr. "by hand" is the command's own hash scan without
the command: benchmarks.rows.by_hand. A run that fails, or finds another number of differing rows than was planted, is
said beside the figures; the others go on. With --cases "" or --growth "" a part is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rows import by_hand, rivals
from benchmarks.rows.tables import CASES, Large, make
from harness.embedded.server import Server

TOOLS = ("pgparity", "reladiff", "namidiff")
BY_HAND = "by hand"
_SETTINGS = {"max_wal_size": "8GB", "shared_buffers": "512MB"}
_NOTHING = "-"


@dataclass
class Measured:
    """The runs of one tool on one table."""

    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)

    @property
    def median(self) -> float | None:
        """Of the seconds; None where no run came to its end."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def figures(self) -> str:
        """Seconds and memory, with what went wrong."""
        if not self.seconds:
            return "; ".join(sorted(self.wrong)) or _NOTHING
        text = f"{statistics.median(self.seconds):.2f} s"
        if self.mebibytes:
            text += f", {statistics.median(self.mebibytes):.0f} MiB"
        return "; ".join((text, *sorted(self.wrong)))


@contextlib.contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """The DSNs of two servers that live as long as this."""
    with Server.start(major=16, settings=_SETTINGS) as source, Server.start(major=18, settings=_SETTINGS) as target:
        yield source.dsn(), target.dsn()


def measured(
    dsns: tuple[str, str], table: Large, tools: Sequence[str], rounds: int, folder: Path
) -> dict[str, Measured]:
    """The runs of each tool, in turn; by hand too, where the table has the key that it scans by."""
    found = {tool: Measured() for tool in (*tools, *([BY_HAND] if table.by_hand else []))}
    for number in range(rounds):
        for tool, of_tool in found.items():
            if tool == BY_HAND:
                of_tool.seconds.append(by_hand.scan(dsns, table.rows))
                told = f"{of_tool.seconds[-1]:.2f} s"
            else:
                told = _run(tool, of_tool, dsns, table, folder)
            print(
                f"    {number + 1}/{rounds} {tool:<10}{told}, load {os.getloadavg()[0]:.1f}",
                file=sys.stderr,
                flush=True,
            )
    return found


def _run(tool: str, of_tool: Measured, dsns: tuple[str, str], table: Large, folder: Path) -> str:
    try:
        command = rivals.command(tool, dsns, table.name, table.key, table.compared, folder)
        answered = rivals.run(command)
    except (rivals.CannotCompare, OSError) as reason:
        of_tool.wrong.add(str(reason) if isinstance(reason, rivals.CannotCompare) else "is not installed")
        return "; ".join(of_tool.wrong)
    try:
        count = rivals.differing(tool, answered, table.key, keyed=bool(table.key))
    except (ValueError, KeyError, TypeError):
        count = None
    if count is None:
        said = answered.complained.strip().splitlines()[-1:] or [f"exit code {answered.code}"]
        of_tool.wrong.add(f"failed: {said[0][:120]}")
        return f"{answered.seconds:.2f} s, {said[0][:200]}"
    of_tool.seconds.append(answered.seconds)
    of_tool.mebibytes.append(answered.mebibytes)
    if count != table.differences:
        of_tool.wrong.add(f"found {count:,} differing rows of {table.differences:,}")
    return f"{answered.seconds:.2f} s, {answered.cpu:.2f} s CPU, {answered.mebibytes:.0f} MiB"


def ratio(one: float | None, other: float | None) -> str:
    """How many times `one` the other takes."""
    return _NOTHING if not one or not other else f"{other / one:.2f}"


def row_of(case: str, found: dict[str, Measured], tools: Sequence[str]) -> str:
    """The line of one case in the table."""
    ours = found["pgparity"].median if "pgparity" in found else None
    others = [each.median for name, each in found.items() if name not in ("pgparity", BY_HAND) and each.median]
    hand = found.get(BY_HAND, Measured())
    return _line(
        [
            case,
            *(found[tool].figures for tool in tools),
            ratio(ours, min(others, default=None)),
            hand.figures,
            ratio(hand.median, ours),
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _head(cells: Sequence[str]) -> None:
    print(_line(cells))
    print(_line(["---"] * len(cells)), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", default=",".join(name for name in CASES if name != "narrow"))
    parser.add_argument("--growth", default="200000,2000000,20000000", help="rows of narrow tables, pgparity alone")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--environments", type=Path, default=rivals.ENVIRONMENTS)
    arguments = parser.parse_args()
    tools = tuple(arguments.tools.split(","))
    cases = [each.strip() for each in arguments.cases.split(",") if each.strip()]
    unknown = [each for each in cases if each not in CASES]
    if unknown:
        parser.error(f"no such case: {unknown[0]}; there are {', '.join(CASES)}")
    for tool in tools:
        try:
            rivals.install(arguments.environments, [tool] if tool in rivals.VERSIONS else [])
        except subprocess.CalledProcessError as error:
            print(f"{tool} could not be installed: {error}; the others go on", file=sys.stderr)
    with servers() as dsns:
        if cases:
            names = [
                rivals.VERSIONS[tool].replace("[postgresql]==", " ") if tool in rivals.VERSIONS else tool
                for tool in tools
            ]
            print(f"{arguments.rows:,} rows of 15 columns, medians of {arguments.rounds}:\n")
            _head(["case", *names, "fastest other / pgparity", BY_HAND, "pgparity / by hand"])
        for case in cases:
            print(f"  {case}", file=sys.stderr, flush=True)
            table = make(dsns, case, arguments.rows)
            found = measured(dsns, table, tools, arguments.rounds, arguments.environments)
            print(row_of(case, found, tools), flush=True)
        growth = [int(each) for each in arguments.growth.split(",") if each.strip()]
        if growth:
            rounds = min(arguments.rounds, 3)
            print(f"\nNarrow tables of 3 columns, one row differs, pgparity, medians of {rounds}:\n")
            _head(["rows", "pgparity", "rows/s, both sides"])
        for rows in growth:
            print(f"  {rows:,} narrow rows", file=sys.stderr, flush=True)
            found = measured(dsns, make(dsns, "narrow", rows), TOOLS[:1], rounds, arguments.environments)
            pgparity = found["pgparity"]
            pace = f"{2 * rows / pgparity.median:,.0f}" if pgparity.median else _NOTHING
            print(_line([f"{rows:,}", pgparity.figures, pace]), flush=True)


if __name__ == "__main__":
    main()
