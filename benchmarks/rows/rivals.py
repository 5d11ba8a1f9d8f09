"""The tools that are measured beside pgparity: each in an environment of its own, and the command that it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSIONS: Final = {
    "reladiff": "reladiff[postgresql]==0.6.0",
    "namidiff": "namidiff[postgresql]==0.7.1",
    "parity-diff": "parity-diff[postgres]==0.2.3",
}
"""What pip installs. None of them shares an environment with pgparity: what they depend on does not fit together."""

ENVIRONMENTS: Final = Path(sys.prefix) / "rivals"
LIMIT_SECONDS: Final = 1800
_COULD_NOT_RUN: Final = 2


class CannotCompare(Exception):
    """A tool that has no way to compare such a table, in its own words or ours."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command printed, how it ended, how long it took and how much memory it held."""

    code: int
    printed: str
    complained: str
    seconds: float
    cpu: float
    """Seconds of processor time of the process itself, not of the servers"""
    mebibytes: float


def install(folder: Path = ENVIRONMENTS, tools: Sequence[str] = tuple(VERSIONS)) -> None:
    """Make the environments that are not there yet. CalledProcessError: pip could not get what is wanted."""
    for name in tools:
        requirement = VERSIONS[name]
        made = folder / name / f".{requirement}"
        if made.exists():
            continue
        subprocess.run([sys.executable, "-m", "venv", os.fspath(folder / name)], check=True)
        pip = [os.fspath(folder / name / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", requirement], check=True)
        made.touch()


def command(
    tool: str,
    dsns: tuple[str, str],
    table: str,
    key: Sequence[str],
    compared: Sequence[str],
    folder: Path = ENVIRONMENTS,
) -> list[str]:
    """How a tool is asked for every column of one table of schema public; pgparity finds key and columns itself.

    CannotCompare: it needs a key and there is none.
    """
    source, target = dsns
    name = f"public.{table}"
    if tool == "pgparity":
        begin = [sys.executable, "-m", "harness", "data", "diff", "--source", source, "--target", target]
        return [*begin, "--table", name, "--format", "json", "--no-progress"]
    if not key:
        raise CannotCompare("needs a key")
    if tool == "parity-diff":
        program = os.fspath(folder / tool / "bin" / "parity")
        sides = ["--a", source, "--a-table", name, "--b", target, "--b-table", name]
        columns = ["--columns", ",".join(compared)] if compared else []
        return [program, "diff", *sides, "--key", ",".join(key), *columns, "--max-diffs", "1000000", "--json"]
    program = os.fspath(folder / tool / "bin" / tool)
    columns = [item for each in compared for item in ("-c", each)]
    keys = [item for each in key for item in ("-k", each)]
    return [program, source, table, target, table, *keys, *columns, "--json", "--allow-empty-tables"]


def run(arguments: list[str], limit_seconds: float = LIMIT_SECONDS) -> Answered:
    """Run a command to its end, or for so many seconds. Its memory: the most that it or a child held, in MiB."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    # Lines of JSON are cut at the width of the terminal otherwise, in the middle of values too.
    environment["COLUMNS"] = "1000000000"
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        begun = time.perf_counter()
        process = subprocess.Popen(arguments, stdout=out, stderr=error, env=environment)
        limit = threading.Timer(limit_seconds, process.kill)
        limit.start()
        # Not process.wait: only wait4 tells what this one process used.
        _, status, usage = os.wait4(process.pid, 0)
        limit.cancel()
        took = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        out.seek(0)
        error.seek(0)
        return Answered(process.returncode, out.read(), error.read(), took, cpu, usage.ru_maxrss / 1024)


def differing(tool: str, answered: Answered, key: Sequence[str], *, keyed: bool = True) -> int | None:
    """How many rows a tool says differ, drift left out; None where it did not get to the end.

    reladiff and namidiff print the row of each side, the key in front: two lines for a row that is changed. Where rows
    have no key (`keyed`), that is one row too few and one too many.
    """
    if tool == "pgparity":
        if answered.code == _COULD_NOT_RUN or not answered.printed:
            return None
        (table,) = json.loads(answered.printed)["tables"]
        return sum(int(table[name]) for name in ("missing_on_source", "missing_on_target", "different"))
    if tool == "parity-diff":
        return None if answered.code not in (0, 1) else int(json.loads(answered.printed)["difference_count"])
    if answered.code or "ERROR" in answered.complained:
        return None
    keys: dict[str, list[tuple[str, ...]]] = {"-": [], "+": []}
    for line in answered.printed.splitlines():
        sign, row = json.loads(line)
        keys[sign].append(tuple(map(str, row[: len(key)])))
    left, right = Counter(keys["-"]), Counter(keys["+"])
    return (left | right).total() if keyed else (left + right).total()
