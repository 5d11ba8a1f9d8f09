"""Soak: the equal pairs once for each of many seeds; ends with 1 where any of them gave an alarm.

A run compares as many methods of one domain as are asked for, drawn by its seed, with all defaults of [methods].
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path

from harness.embedded.server import Server
from tests.faults.methods.domains import DOMAINS, Trial, alarms, trial_of
from tests.shared_stack import end_shared_stack


def run(trial: Trial, seed: int, number: int) -> list[str]:
    """The alarms of one run, in words; a run that compared nothing is one."""
    result = trial.compare(methods=trial.drawn(number, seed=seed), seed=seed)
    told = [
        "\n    ".join([f"{each.code} {each.title}", *(str(one) for one in each.evidence)]) for each in alarms(result)
    ]
    return told or ([] if result.coverage.checked else ["nothing was compared"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--methods", type=int, default=6, help="methods a run")
    arguments = parser.parse_args()
    started = time.monotonic()
    alarming = 0
    with contextlib.ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        sys.path.insert(0, str(folder))
        cleanup.callback(end_shared_stack)
        older, newer = (cleanup.enter_context(Server.start(major=major)) for major in (16, 18))
        trials = {
            name: cleanup.enter_context(trial_of(domain, older, newer, folder)) for name, domain in DOMAINS.items()
        }
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            name, trial = list(trials.items())[seed % len(trials)]
            told = run(trial, seed, arguments.methods)
            alarming += bool(told)
            for each in told:
                print(f"seed {seed}, {name}: {each}", flush=True)
            if (seed - arguments.first + 1) % 10 == 0:
                done, seconds = seed - arguments.first + 1, time.monotonic() - started
                print(f"{done} of {arguments.seeds} runs, {alarming} with alarms, {seconds:.0f} s", flush=True)
    print(f"{arguments.seeds} runs, {alarming} with alarms")
    return 1 if alarming else 0


if __name__ == "__main__":
    sys.exit(main())
