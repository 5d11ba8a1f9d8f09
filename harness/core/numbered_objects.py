"""Findings of large objects in two runs: each is known by the numbers that it names, not by its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.document import Standing
from harness.core.findings import Finding

NOT_ALL_NAMED: Final = (
    "of so many large objects a finding names the first alone: those that are unlike now may be among them"
)
_CODES: Final = frozenset({"MIG006", "MIG007"})
_NUMBERS = re.compile(r"(?P<first>\d+(?:, \d+)*)(?P<more> and [\d,]+ more)?(?P<mark> \[.*\])?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding with the numbers that it names."""

    finding: Finding
    numbers: frozenset[int]
    cut: bool
    """It is about more than it names"""
    mark: str
    """Of several targets, the one it is about"""

    def shares(self, other: Numbered) -> bool:
        """Whether both name an object, of the same target and for the same reason."""
        return self.beside(other) and not self.numbers.isdisjoint(other.numbers)

    def beside(self, other: Numbered) -> bool:
        """Whether both are of the same target and for the same reason."""
        return (self.finding.code, self.mark) == (other.finding.code, other.mark)


Match = tuple[Finding, Standing | None, Finding | None, str]
"""A finding; what has become of it, None where that is to be seen from what was looked at again; the one that it was,
where its severity tells more; why nothing is known of it"""


def numbered(finding: Finding) -> Numbered | None:
    """None where it is no finding of large objects, or names none."""
    if finding.code not in _CODES or (match := _NUMBERS.fullmatch(finding.object.identity)) is None:
        return None
    numbers = frozenset(map(int, match["first"].split(", ")))
    return Numbered(finding, numbers, match["more"] is not None, match["mark"] or "")


def matched_by_numbers(now: Sequence[Numbered], then: Sequence[Numbered]) -> Iterator[Match]:
    """What has become of each.

    One of now was there before only where each of its objects was; a number more makes it new. One of then may be gone
    only where none of its objects is named now, and none can be among those that are not named.
    """
    seen: list[Numbered] = []
    for each in now:
        before = [old for old in then if old.shares(each)]
        known = {number for old in before for number in old.numbers}
        same = any(old.finding.object.identity == each.finding.object.identity for old in before)
        if same or (not each.cut and each.numbers <= known):
            seen += before
            yield each.finding, "still there", max(before, key=lambda old: old.finding.severity.rank).finding, ""
        else:
            yield each.finding, "new", None, ""
    for old in then:
        if old in seen:
            continue
        beside = [each for each in now if each.beside(old)]
        if any(each.shares(old) for each in beside):
            yield old.finding, "still there", None, ""
        elif beside and (old.cut or any(each.cut for each in beside)):
            yield old.finding, "not checked again", None, NOT_ALL_NAMED
        else:
            yield old.finding, None, None, ""
