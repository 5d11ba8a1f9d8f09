"""Large objects in pieces: how they are cut, which of them share a transaction, and what names what one holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.core.model.catalog import Catalog

PIECE: Final = 2**20
"""Bytes of a piece: what the ledger has of an object is a digest of those of its pieces, so that this never changes"""
AT_ONCE: Final = 2**24
"""Bytes that a session holds at the most, however large a transaction may be"""
TOGETHER: Final = 500
"""Objects of one transaction at most: owners, comments and removals take a lock for each, of which a server has few"""

Course = Literal["write", "compare", "missing", "differs", "taken"]
"""What is to be done with an object: its bytes written where the target's are others; compared alone; or what is found
without reading any: it is not on the target, has another length there, or its number is taken by an object of others"""
Noted = Literal["begun", "whole"]
"""What the ledger has of an object: that it was written to, or that all of it was there"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a large object; an object that is empty has one piece, which is empty."""

    oid: int
    offset: int
    length: int
    last: bool
    """The object ends with it"""


def pieces_of(oid: int, size: int) -> Iterator[Piece]:
    """The pieces of an object of so many bytes, in their order."""
    for offset in range(0, size or 1, PIECE):
        length = min(PIECE, size - offset)
        yield Piece(oid, offset, length, last=offset + length >= size)


def together(pieces: Iterable[Piece], budget: int) -> Iterator[tuple[Piece, ...]]:
    """Pieces that move in one transaction, in their order: of so many bytes, or a single one that is larger."""
    found: list[Piece] = []
    size = 0
    for each in pieces:
        if found and (size + each.length > budget or len(found) == TOGETHER):
            yield tuple(found)
            found, size = [], 0
        found.append(each)
        size += each.length
    if found:
        yield tuple(found)


def course(size: int, there: int | None, *, line: Noted | None, moving: bool) -> Course:
    """What becomes of an object of `size` bytes of the source.

    `there`: bytes of the one that has its number on the target; None: there is none. `line`: what the ledger has of it.
    `moving`: this run writes: what is missing and what an interrupted run began. An object of others is never written
    to, unless it is empty: then nothing is lost. One that was moved whole is compared: the target may be in use since.
    """
    if there is None:
        return "write" if moving else "missing"
    if line == "begun" and moving:
        return "write"
    if there == size:
        return "compare"
    if line is None and moving:
        return "write" if there == 0 else "taken"
    return "differs"


@dataclass(slots=True)
class Content:
    """What names the bytes of an object, made from the SHA-256 of each of its pieces in their order."""

    _sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, digest: bytes) -> None:
        """The digest of the next piece."""
        self._sum.update(digest)

    @property
    def digest(self) -> str:
        """Of all pieces that were added."""
        return self._sum.hexdigest()


def origin_of(source: Catalog, migration: str) -> str:
    """The database that objects come from, as the ledger names it: a number says nothing without it.

    Where the source does not tell which server it is, any may be meant by the database's name: then no migration takes
    what another one moved for objects of its own source.
    """
    server = source.server.system_identifier or f"unknown/{migration}"
    return f"{server}/{source.server.database}"
