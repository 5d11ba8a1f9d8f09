"""Proof of coverage: which kinds of case each method was called with, of those that make sense for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from harness.core.outcomes import MethodResult

KINDS = ("rows", "no rows", "bad input", "error", "concurrency")
"""The columns of the matrix"""
EXERCISED = ("rows", "no rows", "bad input", "error", "writes", "concurrency")
"""All that a case can exercise: a write is no column, for what writes is not known of a method beforehand"""
IGNORED_FIELD = "field "
"""What the name of a field that is left out of every answer begins with, among what was not checked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCells:
    """One row of the matrix."""

    method: str
    applicable: tuple[str, ...]
    exercised: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Kinds that make sense for the method and that no case was of."""
        return tuple(kind for kind in self.applicable if kind not in self.exercised)


@dataclass(frozen=True, slots=True)
class CoverageMatrix:
    """Methods x kinds of case."""

    methods: tuple[MethodCells, ...] = ()

    @property
    def applicable(self) -> int:
        """Number of cells that make sense."""
        return sum(len(each.applicable) for each in self.methods)

    @property
    def exercised(self) -> int:
        """Number of those that some case exercised."""
        return self.applicable - sum(len(each.missing) for each in self.methods)

    @property
    def percent(self) -> float:
        """Share of the cells that were exercised; 0 of no cells, for nothing is never a pass."""
        return round(100 * self.exercised / self.applicable, 1) if self.applicable else 0.0


def matrix_of(results: Iterable[MethodResult]) -> CoverageMatrix:
    """The matrix that the results of all methods make, those without any case among them."""
    return CoverageMatrix(
        tuple(MethodCells(method=each.method, applicable=each.applicable, exercised=each.exercised) for each in results)
    )


def applicable(
    seen: Collection[str], *, takes_arguments: bool, always_writes: bool, at_once: bool = True
) -> tuple[str, ...]:
    """The kinds of case that make sense for a method, of which these kinds were seen.

    A method that takes no argument has one call, and no bad input. One whose every successful call writes finds
    nothing to leave undone. Concurrency concerns those that write, unless it was decided that nothing is called
    `at_once`.
    """
    left_out = set()
    if not takes_arguments:
        left_out |= {"no rows", "bad input", "error"} - set(seen)
    if always_writes:
        left_out |= {"no rows"}
    if "writes" not in seen or not at_once:
        left_out |= {"concurrency"}
    return tuple(kind for kind in KINDS if kind not in left_out)


def ordered(kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds in the order in which they are told."""
    given = set(kinds)
    return tuple(kind for kind in EXERCISED if kind in given)
