"""Judges: what says of a difference what it does at a cutover, and how one is made of a function for each change."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.differences import Difference
from harness.core.record import Consequence

Judge = Callable[[Difference], Consequence]


def by_change(*, removed: Judge, added: Judge, altered: Judge) -> Judge:
    """A judge that asks another one for each kind of change."""
    judges = {"removed": removed, "added": added, "altered": altered}
    return lambda each: judges[each.change](each)
