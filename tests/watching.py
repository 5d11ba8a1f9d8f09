"""A watch whose time is ours: the real loop over real servers, with hours that pass between two looks in no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.configuration import Configuration
from harness.core.watch.history import AlertChange, Look, moment, moment_text
from harness.service.watch.channels import Channel, Channels
from harness.service.watch.look import Looker
from harness.service.watch.loop import Watch
from harness.service.watch.settings import intervals
from harness.stages.watch_history import opened_history, read_history
from tests.data_pair import Pair

MORNING = 1_767_225_600.0
"""2026-01-01 00:00 UTC"""
HOUR = 3600.0


@dataclass
class Time:
    """A clock that stands still but for `sleep`, while which what was planned for that time happens."""

    now: float = MORNING
    passed: float = 0.0
    """Seconds that were slept, whatever the clock was set to"""
    planned: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def elapsed(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.passed += seconds
        while self.planned and self.planned[0][0] <= self.now:
            self.planned.pop(0)[1]()

    def at(self, hour: float, happens: Callable[[], None]) -> None:
        """Let something happen so many hours after the morning; in the order of time."""
        self.planned.append((MORNING + hour * HOUR, happens))
        self.planned.sort(key=lambda each: each[0])


@dataclass
class Watched:
    """What a watch over some hours has left."""

    looks: tuple[Look, ...]
    log: list[str]

    @property
    def changes(self) -> list[tuple[float, str, str]]:
        """Hour of the look, what changed, and which alert."""
        return [
            (round((_seconds(look) - MORNING) / HOUR, 2), change.change, change.key)
            for look in self.looks
            for change in look.changes
        ]

    def change(self, key: str, what: str = "begun") -> AlertChange:
        """The one change of this kind of an alert."""
        (found,) = [each for look in self.looks for each in look.changes if (each.key, each.change) == (key, what)]
        return found


def _seconds(look: Look) -> float:
    return moment(look.at).timestamp()


def settings(**watch: Any) -> Configuration:
    """A configuration with a [watch]."""
    return Configuration.model_validate({"watch": watch})


@contextmanager
def watching(
    pair: Pair, file: Path, time: Time, configuration: Configuration, channels: Sequence[Channel] = ()
) -> Iterator[tuple[Watch, list[str]]]:
    """A watch of the pair, and the lines of its log."""
    log: list[str] = []
    section = configuration.watch
    with opened_history(file) as history:
        yield (
            Watch(
                looker=Looker(pair.source, pair.target, configuration, file.parent, file.parent, file.stem),
                file=history,
                channels=Channels(channels, section.remind_hours, log.append),
                intervals=intervals(section),
                retention_days=section.retention_days,
                metrics=None if section.metrics is None else Path(section.metrics),
                clock=time.clock,
                elapsed=time.elapsed,
                sleep=time.sleep,
                say=log.append,
            ),
            log,
        )


def watched(
    pair: Pair,
    file: Path,
    time: Time,
    hours: float,
    configuration: Configuration | None = None,
    channels: Sequence[Channel] = (),
) -> Watched:
    """Watch the pair for so many hours."""
    with watching(pair, file, time, configuration or Configuration(), channels) as (watch, log):
        watch.run(hours * HOUR)
    return Watched(read_history(file).looks, log)


def at(hour: float) -> str:
    """The moment so many hours after the morning, as records have it."""
    return moment_text(MORNING + hour * HOUR)
