"""Reads what shadow reads have recorded as cases, so that a method comparison calls them again, on equal rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from harness.datalayer.switching.shadow_records import FORMAT, ShadowOutcome
from harness.errors import ConfigurationError


def recorded_cases(
    path: Path | str, *, outcomes: Collection[ShadowOutcome] = ("different", "failed", "timed_out", "equal")
) -> list[dict[str, Any]]:
    """The calls of a file of shadow outcomes that can be replayed, each once: {"id", "method", "kwargs", …}.

    Give them to `pgparity methods` by a function of the application: `cases = "app.shadow:cases"` with
    `def cases(): return recorded_cases("shadow.jsonl", outcomes=["different"])`. Only reads whose arguments were kept
    (ShadowSettings.keep_arguments) can be replayed. ConfigurationError where the file cannot be read, or holds none.
    """
    cases: dict[str, dict[str, Any]] = {}
    for record in _records(Path(path)):
        case = record.get("case")
        if record.get("format") == FORMAT and record.get("outcome") in outcomes and isinstance(case, dict):
            cases.setdefault(str(case.get("id")), case)
    if not cases:
        raise ConfigurationError(
            f"{Path(path).name} holds no shadow read that can be replayed.",
            hint="Set ShadowSettings.keep_arguments, and declare plain_arguments of the methods.",
        )
    return [cases[each] for each in sorted(cases)]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name} cannot be read ({type(error).__name__}).") from None
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except ValueError:
            if number == len(lines):
                return  # the process that wrote it was ended in the middle of a line
            raise ConfigurationError(f"{path.name}, line {number}, is no record.") from None
        if isinstance(record, dict):
            yield record
