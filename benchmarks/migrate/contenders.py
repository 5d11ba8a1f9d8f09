"""Who moves the table in each case, and their runs: in turn, into a target that is made as it was before each."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.migrate import by_hand, programs
from benchmarks.migrate.databases import Servers, complaint
from benchmarks.migrate.programs import PGPARITY, CannotMove, Ran

COPIES: Final = ("pgcopydb", "pgcopydb, table split")
DUMP: Final = "pg_dump and pg_restore"
STREAMS: Final = {"by hand, one stream": 1, "by hand, two streams": 2}
UPSERT: Final = "by hand, the statements"
EMPTY: Final = "empty target"
HALF: Final = "half there"
CASES: Final = (EMPTY, HALF)
"""What the target holds of the wide table before each run"""

NOTHING: Final = "-"

Contender = Callable[[Servers, Path], tuple[Ran, dict[str, float]]]
"""Moves the table between the servers' databases, with an empty folder to use: what it took, seconds of its parts"""


@dataclass
class Measured:
    """The runs of one contender."""

    ran: list[Ran] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float | None:
        """The median; None where no run moved everything."""
        return statistics.median(each.seconds for each in self.ran) if self.ran else None

    @property
    def mebibytes(self) -> float | None:
        """The median, as `seconds`."""
        return statistics.median(each.mebibytes for each in self.ran) if self.ran else None

    def part(self, name: str) -> float:
        """The median of the seconds of a part; 0 of one that is not there."""
        return statistics.median(each.get(name, 0.0) for each in self.parts) if self.parts else 0.0

    def cells(self) -> list[str]:
        """Seconds, the fastest and the slowest run, processor seconds, memory; and what is to be said beside them."""
        said = [f"{name} {self.part(name):.2f} s" for name in (self.parts[0] if self.parts else ())]
        said += sorted(self.wrong)
        if not self.ran:
            return [NOTHING] * 4 + ["; ".join(said)]
        clock = [each.seconds for each in self.ran]
        processor = statistics.median(each.processor for each in self.ran)
        return [
            f"{self.seconds:.2f} s",
            f"{min(clock):.2f} to {max(clock):.2f}",
            f"{processor:.2f} s",
            held(self.mebibytes or 0.0),
            "; ".join(said),
        ]


def held(mebibytes: float) -> str:
    """Memory as a text. What a program holds is counted from the copy of this process that it begins as."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{mebibytes:.0f} MiB" if mebibytes > own else f"at most {mebibytes:.0f} MiB"


def ours(*options: str) -> Contender:
    """Moves rows by pgparity, with these options beside those that it always gets."""
    return lambda both, _: (migrated(both, options), {})


def contenders(case: str, rows: int, options: Sequence[str]) -> dict[str, Contender]:
    """By name, what moves the wide table in a case; `options` are added to pgparity's own."""
    if case == HALF:
        return {PGPARITY: ours(*options), UPSERT: lambda both, _: by_hand.upserted(both.dsns, both.programs, rows)}
    return {
        PGPARITY: ours(*options, "--create-schema"),
        COPIES[0]: _pgcopydb,
        COPIES[1]: lambda both, folder: _pgcopydb(both, folder, "--split-tables-larger-than", _half(both)),
        DUMP: lambda both, folder: (programs.dumped(both.dsns, both.programs, folder / "dump"), {}),
        **{name: _by_hand(rows, streams) for name, streams in STREAMS.items()},
    }


def _by_hand(rows: int, streams: int) -> Contender:
    return lambda both, _: by_hand.moved(both.dsns, both.programs, rows, streams)


def migrated(both: Servers, options: Sequence[str]) -> Ran:
    """A run of `pgparity migrate`. CannotMove: it failed, or does not say that every table was compared."""
    ran = programs.run([programs.migrate(both.dsns, *options)], both.programs)
    try:
        verified = [each["verified"] for each in json.loads(ran.printed)["tables"]]
    except (ValueError, KeyError, TypeError):
        raise CannotMove("pgparity did not print the tables that it moved") from None
    if not verified or not all(verified):
        raise CannotMove("pgparity did not verify every table")
    return ran


def _pgcopydb(both: Servers, folder: Path, *options: str) -> tuple[Ran, dict[str, float]]:
    return programs.run([programs.pgcopydb(both.dsns, folder / "pgcopydb", *options)], both.programs), {}


def _half(both: Servers) -> str:
    """Bytes by which pgcopydb splits the wide table in two."""
    with psycopg.connect(both.dsns[0]) as connection:
        row = connection.execute("SELECT pg_catalog.pg_table_size('public.wide')").fetchone()
    return str((row or (0,))[0] // 2 + 1)


def measured(
    both: Servers, table: str, rows: int, moves: dict[str, Contender], rounds: int, prepare: Callable[[], object]
) -> dict[str, Measured]:
    """The runs of each contender, in turn, the target prepared before each. One that failed is not run again."""
    found = {name: Measured() for name in moves}
    for number in range(rounds):
        # There and back: nobody always runs while the system still writes what the same other one left.
        for name, of_name in list(found.items())[:: -1 if number % 2 else 1]:
            if of_name.wrong:
                continue
            prepare()
            with tempfile.TemporaryDirectory(prefix="pgparity-bench-") as folder:
                told = _run(moves[name], of_name, lambda: complaint(both.dsns[1], table, rows), both, Path(folder))
            print(f"    {number + 1}/{rounds} {name:<24}{told}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            sys.stderr.flush()
    return found


def _run(move: Contender, of_name: Measured, complain: Callable[[], str], both: Servers, folder: Path) -> str:
    """Only a run that moved everything counts."""
    try:
        ran, parts = move(both, folder)
        wrong = complain()
    except CannotMove as reason:
        wrong = str(reason)
    if wrong:
        of_name.wrong.add(wrong)
        return wrong
    of_name.ran.append(ran)
    of_name.parts.append(parts)
    return f"{ran.seconds:.2f} s, {ran.processor:.2f} s CPU, {held(ran.mebibytes)}"
