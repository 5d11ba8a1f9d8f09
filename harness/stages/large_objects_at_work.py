"""Large objects while a migration works on them: what is known of each, and what all sessions found."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from harness.core.large_objects import Content, Course, Piece
from harness.postgres.ledger_large_objects import Line
from harness.stages.large_objects_found import Unlike


@dataclass(slots=True, kw_only=True)
class ObjectAtWork:
    """One object while it is worked on."""

    oid: int
    size: int
    course: Course
    there: int | None
    """Bytes on the target; None: it is to be made"""
    line: Line | None
    """What the ledger has of it"""
    touched: bool = False
    """This run wrote to it"""
    content: Content = field(default_factory=Content)

    def stands(self, piece: Piece) -> bool:
        """Whether the target has bytes in the place of a piece."""
        return self.there is not None and piece.offset + piece.length <= self.there


@dataclass(slots=True)
class Tally:
    """What all sessions found."""

    bytes: int = 0
    done: int = 0
    moved: int = 0
    unlike: Unlike = field(default_factory=Unlike)
    roles: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
