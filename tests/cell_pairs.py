"""Rows of one table on two servers, paired by id, as the comparison of their cells gets them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from harness.core.deltas import Cell
from harness.core.row_forms import CellForm, cell_form
from harness.core.row_merge import HashedRow
from harness.core.row_merge import Pair as RowPair
from harness.postgres.connect import session
from harness.postgres.projected import described
from harness.postgres.row_hash import ARRAY_DIGEST, HashedTable
from harness.stages.rows_cells import classified
from tests.data_pair import Pair


@dataclass(frozen=True)
class CellPairs:
    """Both sides of a table t (id int PRIMARY KEY, …)."""

    source: HashedTable
    target: HashedTable
    forms: dict[str, CellForm]

    def rows(self) -> list[RowPair]:
        """The rows that differ, in the order of their ids."""
        left, right = _rows(self.source), _rows(self.target)
        return [RowPair(left[key], right[key], 1) for key in sorted(left, key=int) if left[key] != right[key]]

    def cells(self, **options: Any) -> dict[str, tuple[Cell, ...]]:
        """By id, the differing cells of each row that differs."""
        found = classified(self.rows(), self.source, self.target, self.forms, **options)
        return {str(pair.source.values[0]): cells for pair, cells in found}

    def classes(self, **options: Any) -> list[tuple[str, str, bool]]:
        """Column, class and drift of all of them."""
        return [(cell.column, cell.cls, cell.drift) for row in self.cells(**options).values() for cell in row]


@contextlib.contextmanager
def cell_pairs(pair: Pair) -> Iterator[CellPairs]:
    """Table t of both databases, each in a session of its own."""
    with session(pair.source, purpose="test") as left, session(pair.target, purpose="test") as right:
        names = [column.name for column in left.execute("SELECT * FROM public.t LIMIT 0").description or ()]
        columns = sql.SQL(", ").join([sql.Identifier(name) for name in names])
        rows = sql.SQL("SELECT {} FROM public.t").format(columns)
        types = [dict(zip(names, described(connection, rows), strict=True)) for connection in (left, right)]
        forms = {name: cell_form(types[0][name], types[1][name]) for name in names}
        tables = [
            HashedTable(
                connection=connection,
                endpoint=endpoint,
                rows=rows,
                forms={name: (form.source, form.target)[side] for name, form in forms.items()},
                key=("id",),
                key_forms={"id": (forms["id"].source, forms["id"].target)[side]},
                types=types[side],
                digest=ARRAY_DIGEST,
            )
            for side, connection, endpoint in ((0, left, pair.source), (1, right, pair.target))
        ]
        yield CellPairs(tables[0], tables[1], forms)


def _rows(table: HashedTable) -> dict[str, HashedRow]:
    statement = sql.SQL("SELECT {}, {}, p.id::text FROM ({}) AS p").format(
        sql.SQL(table.key_hash), sql.SQL(table.row_hash), table.rows
    )
    return {row[2]: HashedRow(row[0], row[1], 1, (row[2],)) for row in table.connection.execute(statement)}
