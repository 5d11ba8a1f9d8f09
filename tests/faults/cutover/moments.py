"""Moments of a cutover at which something happens to it: a statement that passes, a line of its journal, the clock."""

from __future__ import annotations

import functools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.faults.cutover.town import Town, Which
from tests.faults.migrate.proxy import Hearing, Way
from tests.faults.migrate.statements import Dropped, Talk

Phase = Literal["before", "answered"]
STATEMENTS: Final[dict[str, re.Pattern[bytes]]] = {
    "revoke": re.compile(rb"\s*REVOKE\b", re.IGNORECASE),
    "grant": re.compile(rb"\s*GRANT\b", re.IGNORECASE),
    "lock": re.compile(rb"\s*LOCK TABLE\b.*\bSHARE MODE", re.IGNORECASE | re.DOTALL),
    "note of a fence": re.compile(rb"\s*INSERT INTO\s+\S*pgparity\S*fence", re.IGNORECASE),
    "sentinel": re.compile(rb"\s*INSERT INTO\s+\S*pgparity\S*sentinel", re.IGNORECASE),
    "arrival": re.compile(rb"\s*INSERT INTO\s+\S*pgparity\S*cutover", re.IGNORECASE),
    "ledger": re.compile(rb".*\bINTO\s+pgparity\.ledger\b", re.DOTALL),
    "copy": re.compile(rb"\s*COPY\b.*\bFROM STDIN", re.DOTALL),
    "merge": re.compile(rb"\s*(INSERT|UPDATE|DELETE|MERGE)\b(?!.*pgparity\.).*public", re.DOTALL),
    "sequence": re.compile(rb".*\bsetval\b", re.DOTALL | re.IGNORECASE),
    "drop": re.compile(rb"\s*DROP (TABLE|SCHEMA)\b", re.IGNORECASE),
    "commit": re.compile(rb"\s*COMMIT\b"),
}


@dataclass(frozen=True)
class Moment:
    """The k-th time that a statement passes between the command and one of its servers."""

    which: Which
    statement: str
    phase: Phase
    number: int

    def __str__(self) -> str:
        return f"{self.phase} {self.statement} {self.number} of the {self.which}"


@dataclass
class Overheard:
    """What passes through both proxies of a town; at the moment that is asked for something happens, once."""

    moment: Moment | None = None
    happens: Callable[[], bool] = lambda: True
    """Whether what passes there goes on after it"""
    passed: Counter[tuple[Which, str]] = field(default_factory=Counter)
    happened: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: Counter[tuple[Which, str, Phase]] = field(default_factory=Counter)

    def listen(self, town: Town) -> None:
        """To all connections that are made from now on."""
        for which, proxy in town.proxies.items():
            proxy.hearing = functools.partial(self._hearing, which)

    def _hearing(self, which: Which) -> Hearing:
        """Of one connection."""
        return functools.partial(self._hear, which, Talk(), [])

    def _hear(self, which: Which, talk: Talk, waiting: list[str], way: Way, data: bytes) -> Iterator[bytes]:
        for message in talk.messages(way, data):
            kind = message[:1]
            if way == "to the server":
                for found in self._found(message) if kind in b"QP" else ():
                    with self._lock:
                        self.passed[which, found] += 1
                    self._come(which, found, "before")
                    waiting.append(found)
            elif kind == b"C":
                answered, waiting[:] = list(waiting), []
                for found in answered:
                    self._come(which, found, "answered")
            elif kind == b"E":
                waiting.clear()
            yield message

    @staticmethod
    def _found(message: bytes) -> list[str]:
        text = message[5:] if message[:1] == b"Q" else message[message.index(b"\0", 5) + 1 :]
        return [name for name, pattern in STATEMENTS.items() if pattern.match(text)]

    def _come(self, which: Which, found: str, phase: Phase) -> None:
        moment = self.moment
        with self._lock:
            self._seen[which, found, phase] += 1
            if (
                moment is None
                or self.happened.is_set()
                or (which, found, phase)
                != (
                    moment.which,
                    moment.statement,
                    moment.phase,
                )
            ):
                return
            if self._seen[which, found, phase] != moment.number:
                return
            self.happened.set()
        if not self.happens():
            raise Dropped
