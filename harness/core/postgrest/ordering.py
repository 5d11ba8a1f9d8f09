"""The grammar of `order=`, and the arithmetic of `limit=`, `offset=` and the Range header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harness.core.postgrest import names
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Field, OrderTerm, RowRange
from harness.core.postgrest.scanner import NoMatch, Scanner

_RANGE_HEADER = re.compile(r"([0-9]+)-([0-9]*)\Z", re.ASCII)
_INTEGER = re.compile(r"\s*-?[0-9]+\s*\Z", re.ASCII)
_LARGEST_DIGITS = 18
# limit=0 alone asks for rows 0 to -1: the one empty range that is allowed
_LIMIT_ZERO = -1


def terms(scanner: Scanner) -> tuple[OrderTerm, ...]:
    """Order terms separated by commas, up to the end of the text."""
    return tuple(scanner.separated(_term, lambda within: within.accept(",")))


def _term(scanner: Scanner) -> OrderTerm:
    scanner.skip_blanks()
    term = scanner.attempt(_related_term)
    if term is None:
        term = _modified(scanner, names.field(scanner), None)
    scanner.skip_blanks()
    return term


def _related_term(scanner: Scanner) -> OrderTerm:
    relation = names.name(scanner)
    scanner.expect("(")
    column = names.field(scanner)
    scanner.expect(")")
    return _modified(scanner, column, relation)


def _modified(scanner: Scanner, column: Field, relation: str | None) -> OrderTerm:
    direction: Literal["asc", "desc"] | None = None
    if scanner.attempt(lambda within: _modifier(within, "asc")):
        direction = "asc"
    elif scanner.attempt(lambda within: _modifier(within, "desc")):
        direction = "desc"
    nulls: Literal["first", "last"] | None = None
    if scanner.attempt(lambda within: _modifier(within, "nullsfirst")):
        nulls = "first"
    elif scanner.attempt(lambda within: _modifier(within, "nullslast")):
        nulls = "last"
    if not scanner.looking_at(","):
        scanner.accept(",")
        scanner.end()
    return OrderTerm(column, relation, direction, nulls)


def _modifier(scanner: Scanner, word: str) -> Literal[True]:
    if not names.delimiter(scanner):
        raise NoMatch
    scanner.string(word)
    return True


@dataclass(frozen=True, slots=True)
class Interval:
    """Row numbers from `lower` to `upper`, both included; no upper bound where it is None."""

    lower: int = 0
    upper: int | None = None

    def intersection(self, other: Interval) -> Interval:
        """The row numbers in both."""
        uppers = [bound for bound in (self.upper, other.upper) if bound is not None]
        return Interval(max(self.lower, other.lower), min(uppers, default=None))

    @property
    def is_empty(self) -> bool:
        """Whether no row number is inside."""
        return self.upper is not None and self.upper < self.lower

    def as_range(self) -> RowRange:
        """The same as an offset and a limit."""
        return RowRange(self.lower, None if self.upper is None else self.upper - self.lower + 1)


def _integer(text: str | None) -> int | None:
    """The number that a limit or offset says; None where it says none, which counts as absent."""
    if text is None or not _INTEGER.match(text):
        return None
    stripped = text.strip()
    # larger numbers than a bigint holds are no row numbers: PostgreSQL refuses the largest we hand on
    return int(stripped) if len(stripped.lstrip("-")) <= _LARGEST_DIGITS else 10**_LARGEST_DIGITS


def requested(limit: str | None, offset: str | None) -> Interval:
    """What `limit=` and `offset=` ask for together; beside an offset, a limit that is no number counts as zero."""
    count, start = _integer(limit), _integer(offset) or 0
    if count is None and limit is not None and offset is not None:
        count = 0
    return Interval(start, None if count is None else start + count - 1)


def embedded_range(limit: str | None, offset: str | None) -> RowRange:
    """The rows of an embedded resource that are asked for; a negative limit is left for PostgreSQL to refuse."""
    asked = requested(limit, offset)
    return RowRange(0, 0) if asked.upper == _LIMIT_ZERO else asked.as_range()


def from_header(text: str | None) -> Interval:
    """What a Range header asks for; everything where it is absent or not of the form `first-last`."""
    match = _RANGE_HEADER.match(text) if text is not None else None
    if match is None:
        return Interval()
    lower = _integer(match[1])
    return Interval(lower or 0, _integer(match[2]) if match[2] else None)


def top_level_range(header: str | None, limit: str | None, offset: str | None) -> RowRange:
    """The rows of the root that are asked for, by header and query string together.

    :raises RequestError: PGRST103, where no row could satisfy it (a limit of zero is fine, and answers no rows).
    """
    by_query, by_header = requested(limit, offset), from_header(header)
    if by_query.upper == _LIMIT_ZERO:
        return RowRange(0, 0)
    both = by_header.intersection(by_query)
    if not both.is_empty:
        return both.as_range()
    details = (
        "The lower boundary must be lower than or equal to the upper boundary in the Range header."
        if by_header.is_empty
        else "Limit should be greater than or equal to zero."
    )
    raise RequestError(416, "PGRST103", "Requested range not satisfiable", details=details)
