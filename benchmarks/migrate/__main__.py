"""How long 2,000,000 rows take to be moved and checked, beside pgcopydb, pg_dump and the same by hand.

    python -m benchmarks.migrate [--rows 2000000] [--rounds 5] [--cases "empty target,half there"]
                                 [--growth 200000,2000000,20000000] [--tools pgparity,pg_dump] [--major 16]

Both servers are this machine's own, of one version (pg_dump is not older than a server, and pgcopydb calls pg_dump).
Each contender runs in turn with the others, into a database that is made anew before each run. Measured are seconds of
the wall clock, processor seconds of the processes (not of the servers) and the most memory that one of them held;
printed are the medians, as Markdown on stdout, and each run as it ends on stderr. After each run the rows and the
unique indexes of the target are counted; what is missing is said beside the figures. A contender that fails or is not
installed is said, and the others go on. With --cases "" or --growth "" a part is left out.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.migrate.contenders import (
    CASES,
    COPIES,
    DUMP,
    HALF,
    NOTHING,
    UPSERT,
    Contender,
    Measured,
    contenders,
    measured,
    ours,
)
from benchmarks.migrate.databases import SETTINGS, Servers, dropped, filled, made_anew, servers
from benchmarks.migrate.programs import PGPARITY

GOALS: Final = {"pgcopydb": 1.0, "by hand": 1.15, UPSERT: 1.3}
FLAT: Final = 1.25
"""Memory counts as flat when the largest table takes at most so many times that of the smallest"""

_GROWTH_ROUNDS: Final = 3


def times(own: float | None, theirs: float | None) -> float | None:
    """How many times theirs pgparity's own is."""
    return own / theirs if own and theirs else None


def _seconds(found: dict[str, Measured], name: str) -> float | None:
    return found[name].seconds if name in found else None


def _fastest(found: dict[str, Measured], begins: str) -> float | None:
    return min((each.seconds for name, each in found.items() if name.startswith(begins) and each.seconds), default=None)


def ratios(case: str, found: dict[str, Measured]) -> list[tuple[str, float | None, float | None]]:
    """What pgparity took in times of the others: what is compared, the ratio, at most what it is to be (None: open)."""
    own = found[PGPARITY].seconds if PGPARITY in found else None
    if case == HALF:
        hand = found.get(UPSERT, Measured())
        scanned = hand.seconds + hand.part("hash scan") if hand.seconds else None
        return [
            (f"pgparity / {UPSERT}", times(own, hand.seconds), GOALS[UPSERT]),
            ("pgparity / the same and the hash scan", times(own, scanned), None),
        ]
    return [
        *((f"pgparity / {name}", times(own, _seconds(found, name)), GOALS["pgcopydb"]) for name in COPIES),
        ("pgparity / by hand, the faster way", times(own, _fastest(found, "by hand")), GOALS["by hand"]),
        (f"pgparity / {DUMP}", times(own, _seconds(found, DUMP)), None),
    ]


def print_ratios(lines: Sequence[tuple[str, float | None, float | None]]) -> None:
    """The ratios beside their goals, as a table."""
    print()
    _head(["ratio of the medians", "is", "at most"])
    for name, ratio, goal in lines:
        reached = "" if ratio is None or goal is None or ratio <= goal else ", missed"
        figures = [NOTHING if each is None else f"{each:.2f}" for each in (ratio, goal)]
        print(_line([name, figures[0], figures[1] + reached]))


def print_case(both: Servers, case: str, rows: int, rounds: int, moves: dict[str, Contender]) -> None:
    """Measure one case of the wide table and print its figures."""
    half = case == HALF

    def prepare() -> str:
        return filled(both.target, "wide", rows, step=2) if half else made_anew(both.target)

    found = measured(both, "wide", rows, moves, rounds, prepare)
    held = f", {(rows + 1) // 2:,} of them on the target" if half else ""
    print(f"\n{case}: {rows:,} rows of 15 columns, two unique indexes{held}, medians of {rounds}:\n")
    _head([case, "median", "fastest to slowest", "processor", "memory", "of which; what went wrong"])
    for name, of_name in found.items():
        print(_line([name, *of_name.cells()]))
    print_ratios(ratios(case, found))
    sys.stdout.flush()


def print_growth(both: Servers, sizes: Sequence[int], rounds: int, options: Sequence[str]) -> None:
    """Measure pgparity on narrow tables of these sizes and print how its memory grows."""
    print(f"\nNarrow tables of 3 columns, empty target, pgparity, medians of {rounds}:\n")
    _head(["rows", "median", "fastest to slowest", "processor", "memory", "what went wrong", "rows/s"])
    most: list[float] = []
    for rows in sizes:
        print(f"  {rows:,} narrow rows", file=sys.stderr, flush=True)
        filled(both.source, "narrow", rows)
        moves = {PGPARITY: ours(*options, "--create-schema")}
        found = measured(both, "narrow", rows, moves, rounds, lambda: made_anew(both.target))[PGPARITY]
        pace = f"{rows / found.seconds:,.0f}" if found.seconds else NOTHING
        print(_line([f"{rows:,}", *found.cells(), pace]), flush=True)
        most += [found.mebibytes] if found.mebibytes else []
    if len(most) > 1:
        print_ratios([("memory, the largest table / the smallest", most[-1] / most[0], FLAT)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _head(cells: Sequence[str]) -> None:
    print(_line(cells))
    print(_line(["---"] * len(cells)), flush=True)


def _list(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--growth", default="200000,2000000,20000000", help="rows of narrow tables, pgparity alone")
    parser.add_argument("--tools", default="", help="only contenders whose name begins with one of these")
    parser.add_argument("--major", type=int, default=16, help="version of both servers")
    parser.add_argument("--options", default="", help="more options of pgparity migrate, in one argument")
    arguments = parser.parse_args()
    cases, tools, options = _list(arguments.cases), tuple(_list(arguments.tools)), shlex.split(arguments.options)
    unknown = [each for each in cases if each not in CASES]
    if unknown:
        parser.error(f"no such case: {unknown[0]}; there are {', '.join(CASES)}")
    if min(arguments.rows, arguments.rounds) < 1:
        parser.error("--rows and --rounds are at least 1")
    # As an interruption: the contender that runs is ended, and its folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sizes = [int(each) for each in _list(arguments.growth)]
    with servers(arguments.major) as both:
        version = ".".join(map(str, both.target.installation.version))
        settings = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())
        folder = both.target.data_directory.parents[1]
        print(f"PostgreSQL {version}, both servers: {settings}, fsync off, data in {folder}")
        if cases:
            print(f"  {arguments.rows:,} wide rows", file=sys.stderr, flush=True)
            filled(both.source, "wide", arguments.rows)
        for case in cases:
            moves = contenders(case, arguments.rows, options)
            if tools:
                moves = {name: move for name, move in moves.items() if name.startswith(tools)}
            print(f"  {case}", file=sys.stderr, flush=True)
            print_case(both, case, arguments.rows, arguments.rounds, moves)
        if sizes:
            print_growth(both, sizes, min(arguments.rounds, _GROWTH_ROUNDS), options)
        dropped(both)


if __name__ == "__main__":
    main()
