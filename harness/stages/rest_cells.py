"""The cells of rows that differ between a source read through REST and the target, under the rules of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.core.cell_times import moment
from harness.core.classed_cells import CellTexts, classed
from harness.core.deltas import Cell, Slice
from harness.core.keys import MatchKey
from harness.core.slices import FEWEST, SliceKind
from harness.postgres.named_rows import Texts, equal_values
from harness.postgres.row_hash import HashedTable
from harness.stages.digest_slices import of_itself
from harness.stages.rest_comparison import RestComparison
from harness.stages.rows_slices import candidates_of, concentrated
from harness.stages.table_comparison import TableComparison

_ZONED: Final = frozenset({"timestamptz", "tstzrange", "tstzmultirange"})
"""Their texts depend on the session's zone, which a project may not let a client set"""

PairOfRows = tuple[Texts, Texts]


def classified(
    comparison: RestComparison, pairs: Sequence[PairOfRows]
) -> Iterator[tuple[PairOfRows, tuple[Cell, ...], bool]]:
    """Each pair with its differing cells; none, and True, where something is within a tolerance only.

    Values that are equal are drift, or nothing where only the way differs that a session or a type writes them in.
    """
    columns = comparison.target.columns
    asked: dict[str, dict[tuple[str, str], bool]] = {}
    for source, target in pairs:
        for name, one, other in zip(columns, source, target, strict=True):
            if one != other and one is not None and other is not None and (kind := _equality(comparison, name)):
                asked.setdefault(kind, {})[one, other] = False
    for kind, texts in asked.items():
        answers = equal_values(comparison.target, kind, list(texts))
        asked[kind] = dict(zip(texts, answers, strict=True))
    for pair in pairs:
        row: list[CellTexts] = []
        for name, one, other in zip(columns, *pair, strict=True):
            if one == other:
                continue
            known = asked.get(_equality(comparison, name), {})
            same = one is not None and other is not None and known.get((one, other), False)
            if same and (name in comparison.type_drift or comparison.target.types[name].name in _ZONED):
                continue
            row.append(CellTexts(name, one, other, same))
        cells = classed(row, comparison.forms, comparison.tolerances)
        yield pair, cells, bool(row) and not cells


def _equality(comparison: RestComparison, name: str) -> str:
    """The type of pg_catalog whose = decides about two texts of a column; '' where texts alone count."""
    described, form = comparison.target.types[name], comparison.forms[name]
    if described.name in _ZONED or form.settled_as is not None:
        return described.name
    if name not in comparison.type_drift:
        return ""
    return {"number": "numeric", "timestamp": "timestamptz", "json": "jsonb"}.get(form.kind, "")


def slices_of_texts(comparison: RestComparison, rows: Sequence[Texts], target_rows: int) -> tuple[Slice, ...]:
    """Where rows that differ concentrate; what share of all rows a slice is, the target tells."""
    if len(rows) < FEWEST:
        return ()
    table = comparison.target
    hashed = HashedTable(
        connection=table.connection,
        endpoint=table.endpoint,
        rows=table.rows,
        forms={},
        key=table.key,
        key_forms={},
        types=table.types,
        digest="",
    )
    beside = TableComparison(
        projection=of_itself(comparison.projection),
        forms=comparison.forms,
        key=MatchKey(columns=table.key, unique=True) if table.key else None,
        source=hashed,
        target=hashed,
        personal=comparison.personal,
        uncompared=(),
        estimated_rows=target_rows,
        limit=comparison.limit,
    )
    candidates = candidates_of(beside)
    places = [table.columns.index(each.name) for each in candidates]
    values = [
        (tuple(_group(each.kind, row[place]) for each, place in zip(candidates, places, strict=True)), 1)
        for row in rows
    ]
    return concentrated(beside, candidates, values, personal=comparison.hidden)


def _group(kind: SliceKind, text: str | None) -> str | None:
    if kind != "day" or text is None:
        return text
    found = moment(text)
    return found.date().isoformat() if found else None
