"""Keeps a report small enough to open: what fits into an allowance of bytes, worst first, and how much is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Piece = TypeVar("Piece", bound=str)


@dataclass(frozen=True, slots=True)
class Shown(Generic[Item]):
    """The first items of a list, and how many follow them in the run document."""

    items: tuple[Item, ...]
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Piece]):
    """Pieces of text for the first items: the first `full` in full, the others in brief, `cut` not at all."""

    pieces: tuple[Piece, ...]
    full: int
    cut: int


def within(items: Sequence[Item], allowance: int, size: Callable[[Item], int]) -> Shown[Item]:
    """The first items whose sizes stay within the allowance; always the first one."""
    used = 0
    for number, item in enumerate(items):
        used += size(item)
        if used > allowance and number > 0:
            return Shown(tuple(items[:number]), len(items) - number)
    return Shown(tuple(items))


def fit(
    items: Sequence[Item], full: Callable[[Item], Piece], brief: Callable[[Item], Piece], allowance: int
) -> Fitted[Piece]:
    """As many items as the allowance (in bytes of UTF-8) holds in brief, and of these as many as possible in full.

    To know of every item comes before the details of the first ones: details are given only from what is left.
    """
    briefs: list[Piece] = []
    used = 0
    for item in items:
        piece = brief(item)
        used += len(piece.encode())
        if used > allowance and briefs:
            used -= len(piece.encode())
            break
        briefs.append(piece)
    pieces = list(briefs)
    told = 0
    for number, item in enumerate(items[: len(briefs)]):
        piece = full(item)
        used += len(piece.encode()) - len(briefs[number].encode())
        if used > allowance and number > 0:
            break
        pieces[number] = piece
        told = number + 1
    return Fitted(tuple(pieces), told, len(items) - len(briefs))
