"""Whether a project gives floating-point numbers whole: where its role rounds them, values that differ look alike.

One number with more digits than a rounded one can have proves it for all that the key reads
(`RestSource.whole_floats`). Until there is one, each page's numbers are asked for as they were shown: the project
compares them with what it holds, so that as many rows of the page as have one must hold one of them. Numbers inside
arrays and geometric values cannot be asked for so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.core.shown_floats import holds_floats, holds_no_floats, is_float, shows_all, whole_digits
from harness.stages.rest_comparison import RestComparison
from harness.stages.rest_source import Page


@dataclass(frozen=True, slots=True)
class FloatColumn:
    """A column of the source with floating-point numbers."""

    place: int
    name: str
    proves: int | None
    """Digits of a number that is not rounded; None: what else is in a value may have as many"""
    alone: bool
    """One number a value"""


@dataclass(slots=True)
class FloatsOfTable:
    """The floating-point numbers of one table while it is read."""

    comparison: RestComparison
    columns: tuple[FloatColumn, ...] = ()
    rounded: dict[str, None] = field(default_factory=dict)
    """Columns whose shown numbers are not those that are there"""
    unproved: dict[str, None] = field(default_factory=dict)
    """Columns that cannot be asked for"""

    def __post_init__(self) -> None:
        self.columns = tuple(_float_columns(self.comparison))

    def see(self, page: Page, after: Sequence[str | None]) -> None:
        """A page that came, and the key behind which it begins. RestFailed."""
        rest, table = self.comparison.rest, self.comparison.projection.source
        if rest.whole_floats or not page:
            return
        shown = {each: [text for row in page if (text := row[each.place]) is not None] for each in self.columns}
        if any(each.proves and shows_all(text, each.proves) for each, texts in shown.items() for text in texts):
            rest.whole_floats = True
            return
        key = self.comparison.source_key
        behind = [value or "" for value in after]
        end = [value or "" for value in self.comparison.key_of(page[-1])]
        for each, texts in shown.items():
            if not each.alone and texts:
                self.unproved[each.name] = None
            elif texts and each.name not in self.rounded:
                # -0 equals 0: one of both is asked for, or such rows could be counted twice.
                values = ["0" if text == "-0" else text for text in texts]
                there = rest.count_of_values(
                    (table.schema, table.name), each.name, values, key, (behind, end), where=self.comparison.where
                )
                if there != len(texts):
                    self.rounded[each.name] = None

    def reasons(self) -> list[str]:
        """Why the table's numbers prove nothing, once all of it was read."""
        if self.comparison.rest.whole_floats:
            return []
        found = []
        if self.rounded:
            found.append(
                f"the project rounds the numbers of {', '.join(self.rounded)} (extra_float_digits of its role is"
                " below 1), or they were written meanwhile"
            )
        if self.unproved:
            found.append(
                f"nothing shows that the project does not round the numbers inside {', '.join(self.unproved)}"
                " (extra_float_digits of its role)"
            )
        return found


def _float_columns(comparison: RestComparison) -> Iterator[FloatColumn]:
    """By the type that the project tells; where it is a user's, by that of the target, which then proves nothing."""
    sides = comparison.projection.by_name
    for place, name in enumerate(comparison.target.columns):
        told, ours = sides[name].source_type or "", comparison.target.types[name]
        digits = whole_digits(told)
        if digits is not None:
            alone = told in ("double precision", "real")
        elif not holds_no_floats(told) and holds_floats(ours):
            alone = is_float(ours)
        else:
            continue
        yield FloatColumn(place, comparison.source_columns[place], digits, alone)
