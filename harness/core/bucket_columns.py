"""Bucket columns: of a table with no key, the few columns by which rows are told apart into buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from harness.core.row_forms import CellForm

FIXED: Final = frozenset({"int2", "int4", "int8", "uuid", "date", "timestamp", "timestamptz"})
"""Types whose values are small, and hashed sooner than read"""
TEXTS: Final = frozenset({"text", "varchar"})
MOST: Final = 3
_EVEN: Final = 1 / 1024
"""Share of the rows that one combination of values may have: more would make a bucket much fuller than the others"""
_TOO_MANY: Final = 1 / 64


@dataclass(frozen=True, slots=True)
class ColumnSpread:
    """What ANALYZE left about a column."""

    distinct: float
    """Different values; below 0: the negative of their share of the rows"""
    null_share: float
    commonest: float
    """The share of its commonest value; 0: none is common"""

    def greatest_share(self, rows: int) -> float:
        """About what share of the rows has the same value, at the most."""
        distinct = self.distinct if self.distinct >= 0 else -self.distinct * rows
        return max(self.null_share, self.commonest, 1 / distinct if distinct > 0 else 1.0)


def bucket_columns(
    forms: Mapping[str, CellForm], types: Mapping[str, str], spreads: Mapping[str, ColumnSpread], rows: int
) -> tuple[str, ...]:
    """The columns that tell rows apart well enough and are hashed soon, in the forms' order; none: all are needed.

    Rows that are equal have one form in every column, and so in these. `types`: of columns that have one type on both
    sides, by its name in pg_catalog.
    """
    shares = {
        name: spreads[name].greatest_share(rows)
        for name, form in forms.items()
        if name in spreads and not form.type_drift and types.get(name) in FIXED | TEXTS
    }
    chosen: list[str] = []
    for name in sorted(shares, key=lambda each: (types[each] in TEXTS, shares[each])):
        if len(chosen) < MOST and prod(shares[each] for each in chosen) > _EVEN:
            chosen.append(name)
    if prod(shares[each] for each in chosen) > _TOO_MANY:
        return ()
    return tuple(name for name in forms if name in chosen)
