"""Rejects: the rows of a chunk that the target refuses are found by halves and left out, and the rest of it moves."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Final

from psycopg import sql

from harness.core.ledger import Chunk, ChunkRange
from harness.core.record import JsonValue
from harness.core.row_keys import shown_row_key
from harness.postgres import copy, rejects
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.rejects import Places, RejectedRows
from harness.stages import rejects_file
from harness.stages.crew import Pair
from harness.stages.load_chunk import (
    mend_chunk,
    move_chunk,
    pipe_chunk,
    rewrite_chunk,
    roll_back,
    stage,
    sum_of,
    write_chunk,
)
from harness.stages.load_state import Loaded, TableLoad, Transfer
from harness.stages.rejects_file import RejectedRow, Rejects

_OF_A_ROW: Final = ("22", "23", "P0001", "P0004", "54000")
"""What a row's values can break: types, constraints, a trigger's RAISE and ASSERT, the size of an index entry"""
_OF_ANOTHER: Final = frozenset({"40001", "40P01", "55P03"})
"""What another chunk that writes the same values of a unique key can bring about"""
_POINTS_NOWHERE: Final = "23503"
_ATTEMPTS: Final = 5


def move_or_reject(
    transfer: Transfer, load: TableLoad, pair: Pair, part: ChunkRange, loaded: Loaded, known: Chunk | None = None
) -> Chunk | None:
    """Move one chunk, or mend the `known` one, and commit it, without the rows that the target refuses where the run
    was asked for that; None where it has no row.

    StatementFailed: nothing of it stays; the reason is not one row's, or more than MOST_REJECTS rows are refused.
    """
    rejected: RejectedRows | None = None
    try:
        chunk = mend_chunk(transfer, load, pair, part, known) if known else move_chunk(transfer, load, pair, part)
    except StatementFailed as failure:
        if transfer.rejects is None or not (_is_of_a_row(transfer, failure) or failure.sqlstate in _OF_ANOTHER):
            raise
        with transfer.rejects.searching:
            chunk, rejected = _without_refused(transfer, transfer.rejects, load, pair, part, known)
    if chunk is not None:
        loaded.add(chunk, part, rejected)
    return chunk


def _is_of_a_row(transfer: Transfer, failure: StatementFailed) -> bool:
    return failure.side is transfer.target_endpoint.side and failure.sqlstate.startswith(_OF_A_ROW)


def _without_refused(
    transfer: Transfer, file: Rejects, load: TableLoad, pair: Pair, part: ChunkRange, known: Chunk | None
) -> tuple[Chunk | None, RejectedRows | None]:
    """Find the rows that are refused, and move all others in one transaction that saw no trial."""
    with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
        places = rejects.places_of(pair.source, load.projection, load.order, part)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            refused = _Trial(transfer, file, load, pair, places).refused(known)
            return _moved(transfer, file, load, pair, part, known, places, refused)
        except StatementFailed as failure:
            if failure.sqlstate not in _OF_ANOTHER or attempt == _ATTEMPTS:
                raise
    raise AssertionError("every attempt returns or raises")


@dataclasses.dataclass(slots=True)
class _Trial:
    """One transaction of the target that places a chunk's rows as far as they can be placed, and is rolled back."""

    transfer: Transfer
    file: Rejects
    load: TableLoad
    pair: Pair
    places: Places
    staged: bool = False
    found: dict[int, StatementFailed] = dataclasses.field(default_factory=dict)
    """Why a row was refused, by its number"""

    def refused(self, known: Chunk | None) -> dict[int, StatementFailed]:
        """The rows that the target refuses, when all others are there."""
        target = self.pair.target
        self.staged = self.load.mode == "upsert" or (known is not None and bool(self.load.arbiter))
        try:
            with blaming(self.transfer.target_endpoint, target):
                target.execute("SELECT pg_catalog.pg_current_xact_id()")
                if known is not None:
                    target.execute(copy.delete_written_statement(self.load.projection, known.transactions))
            if self.staged:
                stage(self.transfer, self.load, self.pair)
            if self.places:
                self._search(range(len(self.places)))
        finally:
            roll_back(self.pair)
        return self.found

    def _search(self, rows: Sequence[int]) -> None:
        """Place these rows, all at first, then in halves; what is placed stays, and all parts of one size come before
        their halves: a row may point to one of the same table that is placed later.
        """
        parts = [rows]
        while parts:
            failed: list[tuple[Sequence[int], StatementFailed]] = []
            for part in parts:
                try:
                    self._place(part)
                except StatementFailed as failure:
                    if not _is_of_a_row(self.transfer, failure):
                        raise
                    failed.append((part, failure))
                    self._ensure_few(len(failed), failure)
            # Rows that nothing was placed for since they were tried will not find what they point to.
            final = len(failed) == len(parts) and all(len(part) == 1 for part in parts)
            parts = []
            for part, why in failed:
                if len(part) > 1:
                    parts += [part[: len(part) // 2], part[len(part) // 2 :]]
                elif final or why.sqlstate != _POINTS_NOWHERE:
                    self.found[part[0]] = why
                else:
                    parts.append(part)

    def _ensure_few(self, failed: int, failure: StatementFailed) -> None:
        """Each part that fails has a row that is refused."""
        if self.file.count + len(self.found) + failed > rejects_file.MOST_REJECTS:
            reason = f"{failure.reason}; more than {rejects_file.MOST_REJECTS:,} rows are refused"
            raise StatementFailed(failure.side, failure.sqlstate, reason) from None

    def _place(self, rows: Sequence[int]) -> None:
        """Write these rows, all or none, with every check that would wait for the end of the transaction."""
        target = self.pair.target
        chosen = ChunkRange(chosen=self.places.condition(rows).as_string(target))
        with target.transaction():
            pipe_chunk(self.transfer, self.load, self.pair, chosen, staged=self.staged)
            with blaming(self.transfer.target_endpoint, target):
                if self.staged:
                    target.execute(copy.merge_statement(self.load.projection, self.load.arbiter))
                    target.execute(sql.SQL("DELETE FROM {}").format(copy.STAGING))
                target.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _moved(
    transfer: Transfer,
    file: Rejects,
    load: TableLoad,
    pair: Pair,
    part: ChunkRange,
    known: Chunk | None,
    places: Places,
    refused: dict[int, StatementFailed],
) -> tuple[Chunk | None, RejectedRows | None]:
    """Commit a chunk without these rows, once they stand in the file."""
    rest = part
    if refused:
        without = sql.SQL("NOT {}").format(places.condition(sorted(refused))).as_string(pair.target)
        rest = dataclasses.replace(part, chosen=without)
    rejected: RejectedRows | None = None
    try:
        chunk = rewrite_chunk(transfer, load, pair, rest, known) if known else write_chunk(transfer, load, pair, rest)
        if chunk is not None and refused:
            reasons = Counter((each.sqlstate, _said(each)) for each in refused.values())
            rejected = RejectedRows(dict(reasons), str(sum_of(transfer, load, pair, part)[1]))
            chunk = chunk.model_copy(update={"rejected": len(refused)})
            with blaming(transfer.target_endpoint, pair.target):
                rejects.note(pair.target, transfer.migration, load.name, chunk.ordinal, rejected)
            file.add(_named(transfer, load, pair, places, refused))
        with blaming(transfer.target_endpoint, pair.target):
            pair.target.commit()
    except BaseException:
        roll_back(pair)
        raise
    return chunk, rejected


def _said(failure: StatementFailed) -> str:
    return failure.reason.removeprefix(f"{failure.sqlstate}: ")


def _named(
    transfer: Transfer, load: TableLoad, pair: Pair, places: Places, refused: dict[int, StatementFailed]
) -> list[RejectedRow]:
    """The rows in the order of the heap, by their key; by their place where no key names each of them."""
    comparison = load.comparison
    key = comparison.key.columns if comparison.key is not None and comparison.key.unique else ()
    types = {name: comparison.source.types[name].known_name for name in key}
    rows = sorted(refused)
    shown: dict[int, dict[str, JsonValue]] = {}
    with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
        if key:
            found = rejects.keys_at(pair.source, load.projection, key, places, rows)
            shown = {row: shown_row_key(types, values, None, personal=comparison.personal) for row, values in found}
        else:
            named = rejects.tables_named(pair.source, {places.tables[row] for row in rows})
            for row in rows:
                table = named[places.tables[row]]
                part: dict[str, JsonValue] = {} if table == load.name else {"partition": table}
                shown[row] = {**part, "ctid": places.ctid(row)}
    return [RejectedRow(load.name, shown[row], refused[row].sqlstate, _said(refused[row])) for row in rows]
