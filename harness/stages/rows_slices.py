"""Rows by slice: where the differing rows of a table concentrate, by what their other columns have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg import sql

from harness.core.deltas import Slice
from harness.core.row_merge import HashedRow
from harness.core.slices import (
    FEWEST,
    Concentration,
    SliceKind,
    Statistics,
    concentration,
    few_values,
    share_by_statistics,
    slice_of,
)
from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.queries import query
from harness.postgres.row_fetch import row_texts
from harness.postgres.row_hash import HashedTable, column

if TYPE_CHECKING:
    # The comparison of a table ends with its slices: the module that does it imports this one.
    from harness.stages.rows_table import TableComparison

_AT_ONCE: Final = 5000
_MOST_COLUMNS: Final = 32
_COUNTED: Final = 200_000
"""Rows of a table up to which the shares are counted; above, another scan would cost more than it tells"""
_KINDS: Final[dict[str, SliceKind]] = {
    "bool": "boolean",
    "date": "day",
    "timestamp": "day",
    "timestamptz": "day",
    "int2": "number",
    "int4": "number",
    "int8": "number",
}
_TEXTS: Final = frozenset({"text", "varchar", "bpchar", "citext", "uuid", "name"})
_READ: Final[dict[SliceKind, str]] = {
    # A day of a time with a zone is UTC's, as the session's zone is. Dates reach further than timestamps: 294276.
    "day": "CASE WHEN ({}) OPERATOR(pg_catalog.<) '200000-01-01'"
    " THEN NULLIF(pg_catalog.to_char(({})::timestamp, 'YYYY-MM-DD'), '') END",
    "boolean": "({})::boolean::text",
    "number": "({})::text",
    "text": "({})::text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column by which differing rows are grouped."""

    name: str
    kind: SliceKind
    statistics: Statistics | None

    @property
    def read(self) -> str:
        """SQL of the group that a row (p) is in, as text."""
        return _READ[self.kind].replace("{}", column(self.name))


def slices_of(
    comparison: TableComparison,
    differing: Sequence[HashedRow],
    target_only: Sequence[HashedRow] = (),
    *,
    personal: frozenset[str] = frozenset(),
    within: TableComparison | None = None,
) -> tuple[Slice, ...]:
    """Where the differing rows concentrate: `differing` as the source has them, `target_only` those it has not.

    A slice has half of the differing rows, at least four, and three times its share of the table's rows, which comes
    from the source's statistics or, in a table of up to 200,000 rows, from a count. Values of `personal` columns, and
    texts, appear as a short hash. `within`: of rows among which the differing ones are, where those are found sooner.
    StatementFailed: a statement on a side failed.
    """
    if sum(row.copies for row in (*differing, *target_only)) < FEWEST:
        return ()
    candidates = candidates_of(comparison)
    near = within or comparison
    values = [*_values(near.source, differing, candidates), *_values(near.target, target_only, candidates)]
    return concentrated(comparison, candidates, values, personal=personal)


def concentrated(
    comparison: TableComparison,
    candidates: Sequence[Candidate],
    values: Sequence[tuple[Sequence[str | None], int]],
    *,
    personal: frozenset[str],
) -> tuple[Slice, ...]:
    """The slices of rows, each given by the groups that it is in, one a candidate, and by how often it occurs."""
    found: list[tuple[Candidate, Concentration]] = []
    for number, candidate in enumerate(candidates):
        top = concentration(candidate.name, candidate.kind, [(texts[number], copies) for texts, copies in values])
        if top is not None:
            found.append((candidate, top))
    hidden = comparison.personal | personal
    slices = [
        slice_of(top, share, personal=top.column in hidden)
        for (_, top), share in zip(found, _shares(comparison, found), strict=True)
    ]
    return tuple(sorted((each for each in slices if each), key=lambda each: (-each.share, each.column)))


def candidates_of(comparison: TableComparison) -> list[Candidate]:
    """Dates, times, booleans, foreign keys, columns named as such and columns with few values; no unique column."""
    table = comparison.projection.source
    with blaming(comparison.source.endpoint, comparison.source.connection):
        known = {
            name: (bool(foreign), _statistics(*facts))
            for name, foreign, *facts in comparison.source.connection.execute(
                query("slice_columns"), (table.schema, table.name)
            )
        }
    unique = comparison.key.columns if comparison.key and len(comparison.key.columns) == 1 else ()
    found: list[Candidate] = []
    for each in comparison.projection.columns:
        names = {side.types[each.name].name for side in (comparison.source, comparison.target)}
        kinds: set[SliceKind | None] = {"text" if name in _TEXTS else _KINDS.get(name) for name in names}
        if each.name in unique or len(kinds) != 1 or None in kinds or each.name not in comparison.forms:
            continue
        kind = next(kind for kind in kinds if kind)
        foreign, statistics = known.get(each.source or "", (False, None))
        named = foreign or each.name.lower().endswith("_id")
        if kind in ("day", "boolean") or named or few_values(statistics, comparison.estimated_rows):
            found.append(Candidate(name=each.name, kind=kind, statistics=statistics))
    return found[:_MOST_COLUMNS]


def _statistics(
    distinct: float | None,
    null_share: float | None,
    common: list[str] | None,
    shares: list[float] | None,
    bounds: list[str] | None,
) -> Statistics | None:
    if distinct is None or null_share is None:
        return None
    return Statistics(
        distinct=distinct,
        null_share=null_share,
        common=tuple(common or ()),
        common_shares=tuple(shares or ()),
        bounds=tuple(bounds or ()),
    )


def _values(
    table: HashedTable, rows: Sequence[HashedRow], candidates: Sequence[Candidate]
) -> list[tuple[tuple[str | None, ...], int]]:
    """For each row the groups that it is in, and how often it occurs."""
    if not candidates:
        return []
    items = [candidate.read for candidate in candidates]
    found: list[tuple[tuple[str | None, ...], int]] = []
    for begin in range(0, len(rows), _AT_ONCE):
        batch = rows[begin : begin + _AT_ONCE]
        texts = row_texts(table, batch, items)
        found += [(texts[row[:2]], row.copies) for row in batch if row[:2] in texts]
    return found


def _shares(comparison: TableComparison, found: Sequence[tuple[Candidate, Concentration]]) -> list[float | None]:
    """The share of the source's rows that each concentration's value has; None where that is not known."""
    rows = comparison.estimated_rows
    filtered = comparison.projection.source_where is not None
    shares = [None if filtered else share_by_statistics(top, candidate.statistics, rows) for candidate, top in found]
    open_ones = [number for number, share in enumerate(shares) if share is None]
    if not open_ones or rows > _COUNTED:
        return shares
    counts = [
        sql.SQL("pg_catalog.count(*) FILTER (WHERE {} = {})").format(
            expression(found[number][0].read), sql.Literal(found[number][1].value)
        )
        for number in open_ones
    ]
    statement = sql.SQL("SELECT pg_catalog.count(*), {} FROM ({}) AS p").format(
        sql.SQL(", ").join(counts), comparison.source.rows
    )
    source = comparison.source
    with blaming(source.endpoint, source.connection):
        row = source.connection.execute(statement).fetchone()
    total, *counted = row or (0,)
    for number, count in zip(open_ones, counted, strict=False):
        shares[number] = count / total if total else None
    return shares
