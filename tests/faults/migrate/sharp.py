"""Sharp faults: the command killed, or its connections reset, at a statement of a chunk and not by the clock."""

from __future__ import annotations

import contextlib
import functools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal

from tests.faults.migrate.measured import through_proxy
from tests.faults.migrate.proxy import Proxy
from tests.faults.migrate.statements import Overheard, Phase, Point, Statement, Talk
from tests.faults.migrate.trial import COMMAND_SECONDS, Running, Trial

End = Literal["kill", "reset"]
SMALL_CHUNKS: Final = ("--batch-rows", "20")
"""So that much of what is sent is not rows but what is noted of them"""


def one_session(trial: Trial) -> tuple[str, ...]:
    """Arguments that leave the command one session a side."""
    config = trial.folder / "one_session.toml"
    config.write_text("[run]\nmax_connections = 1\n", encoding="utf-8")
    return "--config", str(config)


@contextlib.contextmanager
def overheard(trial: Trial, point: Point | None = None) -> Iterator[tuple[Overheard, Proxy]]:
    """What the command says to its target, and what carries it; `Overheard.arm` says what happens at the point."""
    heard = Overheard(point)
    with through_proxy(trial, "target") as proxy:
        proxy.hearing = lambda: functools.partial(heard.hear, Talk())
        try:
            yield heard, proxy
        finally:
            heard.arm(lambda: False)


def passed(trial: Trial) -> Counter[tuple[Statement, Phase]]:
    """How often each statement passes in a run that nothing happens to."""
    with overheard(trial) as (heard, _):
        trial.finish(*SMALL_CHUNKS)
    return Counter(heard.passed)


def any_point(chosen: random.Random, passing: Counter[tuple[Statement, Phase]]) -> Point:
    """One of all that a run comes by, each statement and phase as likely as any other."""
    statement, phase = chosen.choice(sorted(passing))
    return Point(statement, phase, chosen.randint(1, passing[statement, phase]))


def shoot(running: Running) -> bool:
    """SIGKILL to the command, awaited; nothing of what it was about to send, or to be told, passes."""
    running.process.kill()
    running.process.wait()
    return False


def end_at(trial: Trial, point: Point, end: End, *arguments: str) -> bool:
    """Run the command until it comes to the point; returns whether it did: else all was there before."""
    print(f"{end} {point} {' '.join(arguments)}")
    with overheard(trial, point) as (heard, proxy), trial.running(*arguments) as running:
        heard.arm(functools.partial(shoot, running) if end == "kill" else functools.partial(cut, proxy))
        if end == "kill" and running.ended_within(COMMAND_SECONDS) and heard.happened.is_set():
            running.kill()
            return True
        ended = running.end()
        assert ended.exit_code == 0 or (ended.exit_code == 2 and heard.happened.is_set()), ended
        return heard.happened.is_set()


def cut(proxy: Proxy) -> bool:
    """End all connections of the command with RST, the one that speaks among them."""
    proxy.reset()
    return False
