"""The statements that pass between the command and its target, and what happens before, after or instead of one.

The messages are those of PostgreSQL's manual, "Message Formats"; a session without encryption shows them as they are.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.faults.migrate.proxy import Way

Statement = Literal["rows", "end of rows", "merge", "ledger line", "commit of a chunk", "another commit"]
Phase = Literal["before", "after", "answered"]
STATEMENTS: Final[tuple[tuple[re.Pattern[bytes], Statement], ...]] = (
    (re.compile(rb"\s*COPY\b.*\bFROM STDIN", re.DOTALL), "rows"),
    (re.compile(rb"\s*(INSERT|DELETE)\b.*pgparity_staging", re.DOTALL), "merge"),
    (re.compile(rb".*\bINTO\s+pgparity\.ledger\b", re.DOTALL), "ledger line"),
    (re.compile(rb"\s*COMMIT\b"), "another commit"),
)
_ANSWERED_BY: Final[dict[Statement, bytes]] = {"rows": b"G"}
"""CopyInResponse; for all others CommandComplete"""


class Dropped(OSError):
    """The connection ends here: what was about to pass does not."""


@dataclass(frozen=True)
class Point:
    """A moment of a run: the k-th time that a statement passes."""

    statement: Statement
    phase: Phase
    """Before it is sent on, after, or with the server's answer held back"""
    number: int
    about: str = ""
    """The COPY before it, or itself, has this in its text"""

    def __str__(self) -> str:
        return f"{self.phase} {self.statement} {self.number}{self.about and f' of {self.about}'}"


@dataclass
class Talk:
    """One connection: what was read of a message that is not whole yet, and what the server has not answered yet."""

    started: bool = False
    rest: dict[Way, bytes] = field(default_factory=lambda: {"to the server": b"", "to the client": b""})
    asking: Statement | None = None
    """What the messages up to the next Sync ask for"""
    asked: deque[Statement | None] = field(default_factory=lambda: deque([None]))
    """By each ReadyForQuery that is still to come; the first one follows the login"""
    writing: bool = False
    """Rows or a ledger line since the last commit"""
    copying: str = ""
    """The last COPY"""

    def messages(self, way: Way, data: bytes) -> Iterator[bytes]:
        """Whole messages; the first one of a client has no type."""
        data = self.rest[way] + data
        at = 0
        while True:
            head = 0 if way == "to the server" and not self.started else 1
            if len(data) < at + head + 4:
                break
            size = head + int.from_bytes(data[at + head : at + head + 4])
            if len(data) < at + size:
                break
            self.started = self.started or way == "to the server"
            yield data[at : at + size]
            at += size
        self.rest[way] = data[at:]


@dataclass
class Overheard:
    """What passed through a proxy; at the point that is asked for something happens, once."""

    point: Point | None = None
    passed: Counter[tuple[Statement, Phase]] = field(default_factory=Counter)
    happened: threading.Event = field(default_factory=threading.Event)
    _matching: int = 0
    _happens: Callable[[], bool] = lambda: True
    _armed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, happens: Callable[[], bool]) -> None:
        """Say what happens at the point, and whether what passes there goes on after it; until then it waits."""
        self._happens = happens
        self._armed.set()

    def hear(self, talk: Talk, way: Way, data: bytes) -> Iterator[bytes]:
        """What is to be sent on of a connection, message by message."""
        for message in talk.messages(way, data):
            if way == "to the server":
                yield from self._asked(talk, message)
            else:
                self._answered(talk, message)
                yield message

    def _asked(self, talk: Talk, message: bytes) -> Iterator[bytes]:
        kind, found = message[:1], None
        if kind in b"QP":
            found = _statement(talk, message)
            talk.asking = found or talk.asking
        elif kind == b"c":
            found = talk.asking = "end of rows"
            if talk.asked:
                talk.asked[-1] = found
        self._come(talk, found, "before")
        if kind in b"QS":
            talk.asked.append(talk.asking)
        yield message
        if kind in b"QSc":
            self._come(talk, talk.asking, "after")
            talk.asking = None

    def _answered(self, talk: Talk, message: bytes) -> None:
        kind, found = message[:1], talk.asked[0] if talk.asked else None
        if found is not None and kind == _ANSWERED_BY.get(found, b"C"):
            self._come(talk, found, "answered")
        if kind == b"Z" and talk.asked:
            talk.asked.popleft()

    def _come(self, talk: Talk, found: Statement | None, phase: Phase) -> None:
        if found is None:
            return
        with self._lock:
            self.passed[found, phase] += 1
            point = self.point
            if point is None or (found, phase) != (point.statement, point.phase) or point.about not in talk.copying:
                return
            self._matching += 1
            if self._matching != point.number:
                return
        self._armed.wait()
        self.happened.set()
        if not self._happens():
            raise Dropped


def _statement(talk: Talk, message: bytes) -> Statement | None:
    """What a Query or a Parse asks for."""
    text = message[5:] if message[:1] == b"Q" else message[message.index(b"\0", 5) + 1 :]
    found = next((name for pattern, name in STATEMENTS if pattern.match(text)), None)
    if found == "another commit":
        found = "commit of a chunk" if talk.writing else found
        talk.writing = False
    elif found is not None:
        talk.writing = True
    if found == "rows":
        talk.copying = text.decode("utf-8", "replace")
    return found
