"""Kills at random: at a statement that passes, at a line of the journal, by the clock; of the way there and back."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from tests.faults.cutover.moments import Moment, Overheard, Phase
from tests.faults.cutover.town import Which
from tests.faults.cutover.trial import Trial

Way = Literal["cutover", "rollback"]
ARGUMENTS: Final[dict[Way, tuple[str, ...]]] = {"cutover": ("--yes",), "rollback": ("rollback", "--yes")}
PHASES: Final[tuple[Phase, ...]] = ("before", "answered")


@dataclass(frozen=True)
class Seen:
    """What one way comes by."""

    passed: Counter[tuple[Which, str]]
    lines: int
    seconds: float


Undisturbed = dict[Way, Seen]


def undisturbed_run(trial: Trial) -> Undisturbed:
    """There and back, with nothing but the load."""
    seen: Undisturbed = {}
    for way in ARGUMENTS:
        trial.overheard = Overheard()
        before, started = len(trial.lines()), time.monotonic()
        with trial.listening():
            ended = trial.run(*ARGUMENTS[way])
        assert ended.exit_code == 0, str(ended)
        seen[way] = Seen(Counter(trial.overheard.passed), len(trial.lines()) - before, time.monotonic() - started)
        trial.load.wait_for_writes(3)
    trial.assert_on_source()
    return seen


def kill_somewhere(trial: Trial, way: Way, chosen: random.Random, undisturbed: Undisturbed) -> str:
    """Kill one run of a way at a random moment; where that was, by the last line of the journal."""
    seen, arguments = undisturbed[way], ARGUMENTS[way]
    how = chosen.choices(("statement", "line", "clock"), weights=(6, 3, 1))[0]
    if how == "statement":
        which, statement = chosen.choice(sorted(seen.passed))
        number = chosen.randint(1, seen.passed[which, statement])
        trial.killed_at(Moment(which, statement, chosen.choice(PHASES), number), *arguments)
    elif how == "line":
        count, delay = chosen.randint(1, max(1, seen.lines)), chosen.choice((0.0, chosen.uniform(0, 0.3)))
        print(f"line {count} and {delay:.3f} s: {' '.join(arguments)}")
        trial.killed_at_line(count, delay, *arguments)
    else:
        delay = chosen.uniform(0, seen.seconds)
        print(f"after {delay:.3f} s: {' '.join(arguments)}")
        trial.killed_at_line(0, delay, *arguments)
    last = trial.lines()[-1:] or [{}]
    return f"{way}: {last[0].get('event', 'the beginning')} {last[0].get('step', '')}".strip()
