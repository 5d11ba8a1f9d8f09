"""Where a finished migration is behind: segments whose sums differ, and rows of ours that the source has no more."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from psycopg import sql

from harness.core import segments as choice
from harness.core.catch_up import Pointing, exact_key
from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.packed_rows import Segment
from harness.core.projection import TableProjection
from harness.core.row_forms import WHOLE_NUMBERS
from harness.core.segments import Segments
from harness.errors import MigrationFailed
from harness.postgres import catch_up
from harness.postgres.copy_pipe import Piped, Stopped, pipe
from harness.postgres.failures import blaming
from harness.postgres.packed_rows import named
from harness.postgres.projected import source_rows
from harness.postgres.row_hash import HashedTable, bucket_sums, narrowed, number_bounds
from harness.stages.crew import Pair
from harness.stages.load_state import TableLoad, Transfer
from harness.stages.rows_pieces import pieces_of
from harness.stages.rows_prepared import SessionPair, prepared_comparisons, tables_to_compare
from harness.stages.rows_scan import Piece
from harness.stages.rows_state import Sums
from harness.stages.rows_unequal import names_of_unlike_rows
from harness.stages.table_comparison import TableComparison

_ALONE: Final = 8 * 2**20
"""Bytes of both sides that one pair of sessions reads sooner than others join it"""


@dataclass(slots=True, kw_only=True)
class Behind:
    """One table that an earlier run finished."""

    number: int
    """Of its list of stale rows"""
    load: TableLoad
    source: HashedTable
    target: HashedTable
    """Its rows with where they are stored and what wrote them"""
    segments: Segments
    unequal: dict[int, int]
    """Segments whose sums differ, with the rows that the source has in them"""
    names: frozenset[int] | None = None
    """What names the rows that differ, where they are few among those of the unequal segments"""
    transactions: list[str]
    """Of this migration, that wrote rows of the table"""
    pointing: tuple[Pointing, ...]
    """The foreign keys that point to it"""
    exact: bool
    """Whether keys that are equal are stored alike: only then is a row in one segment on both sides for sure"""
    stale: int = 0
    """Rows that are listed as stale"""

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the target that a row is told by on both sides; none: the table has no such key."""
        return self.load.arbiter

    @property
    def projection(self) -> TableProjection:
        """Of its rows."""
        return self.load.projection

    @property
    def indexed(self) -> bool:
        """Whether an index finds the rows of some segments; else each group of them is another scan."""
        return self.names is None and self.segments.column is not None

    def of_source(self, wanted: Collection[int]) -> sql.Composed:
        """SELECT of the source's rows in some segments; of those, where it is known which rows differ, these alone."""
        return self._rows(self.source, wanted)

    def of_target(self, wanted: Collection[int]) -> sql.Composed:
        """The same of the target, with where they are stored and what wrote them."""
        return self._rows(self.target, wanted)

    def _rows(self, table: HashedTable, wanted: Collection[int]) -> sql.Composed:
        if self.names is not None:
            return named(table, self.segments, self.names).rows
        rows = narrowed(table, self.segments, wanted).rows
        ranges = self.segments.ranges(wanted) if self.segments.column is not None else []
        if not ranges:
            return rows
        # Of many ranges the number is computed for every row: an index is to find those from the first to the last.
        return sql.SQL("SELECT p.* FROM ({}) AS p WHERE p.{} BETWEEN {} AND {}").format(
            rows,
            sql.Identifier(self.segments.column or ""),
            sql.Literal(ranges[0][0]),
            sql.Literal(ranges[-1][1]),
        )


def behind(
    transfer: Transfer, loads: Sequence[TableLoad], catalogs: tuple[Catalog, Catalog], configuration: Configuration
) -> dict[str, Behind]:
    """The tables of `loads`, all of them finished, that are not as the source has them; by identity on the source.

    Rows of ours that are stale are listed in temporary tables of the target's session. StatementFailed.
    """
    comparisons = _comparisons(transfer, [each.name for each in loads], catalogs, configuration)
    found = {}
    for number, load in enumerate(loads):
        transfer.crew.stop.check()
        table = _looked_at(transfer, number, load, comparisons[load.name], catalogs[1])
        if table.unequal:
            if table.key:
                _list_stale(transfer, table)
            found[load.name] = table
    return found


def piped(
    transfer: Transfer, pair: Pair, table: Behind, wanted: Collection[int], into: sql.Composable, columns: Sequence[str]
) -> Piped:
    """Pipe some columns of the source's rows in some segments into a table, in the transaction of the target."""
    with blaming(transfer.target_endpoint, pair.target):
        # The transaction begins here: what is relayed below the driver would be one of its own.
        pair.target.execute("SELECT pg_catalog.pg_current_xact_id()")
    binary = table.load.binary
    # A savepoint: an error must not cost the others the snapshot.
    with blaming(transfer.source_endpoint, pair.source), pair.source.transaction():
        try:
            return pipe(
                (pair.source, transfer.source_endpoint),
                (pair.target, transfer.target_endpoint),
                catch_up.read_statement(table.of_source(wanted), columns, binary=binary),
                catch_up.write_statement(into, columns, binary=binary),
                stopped=transfer.crew.stop.now.is_set,
                told=transfer.sent,
            )
        except Stopped:
            raise MigrationFailed("stopped, as was asked for", hint="") from None


def _comparisons(
    transfer: Transfer, tables: Sequence[str], catalogs: tuple[Catalog, Catalog], configuration: Configuration
) -> dict[str, TableComparison]:
    """How rows are hashed: all columns and all rows, whatever a comparison may leave out."""
    rows = configuration.rows.model_copy(update={"tables": {}, "ignore_columns": {}})
    configuration = configuration.model_copy(update={"rows": rows})
    pair = SessionPair(
        source=transfer.source,
        source_endpoint=transfer.source_endpoint,
        target=transfer.target,
        target_endpoint=transfer.target_endpoint,
        snapshots_at=0,
    )
    found = prepared_comparisons(pair, tables_to_compare(tuple(tables), catalogs, configuration), configuration)
    transfer.target.commit()
    return {each.projection.source.identity: each for each in found}


def _looked_at(
    transfer: Transfer, number: int, load: TableLoad, comparison: TableComparison, catalog: Catalog
) -> Behind:
    key_forms = {name: comparison.forms[name] for name in load.arbiter}
    source = dataclasses.replace(
        comparison.source,
        rows=source_rows(load.projection),
        key=load.arbiter,
        key_forms={name: form.source for name, form in key_forms.items()},
    )
    target = dataclasses.replace(
        comparison.target, key=load.arbiter, key_forms={name: form.target for name, form in key_forms.items()}
    )
    segments = _segments(load, comparison, source, target)
    sides = (source, target)
    left, right = _sums(transfer, sides, (pieces_of(comparison, 0, None), pieces_of(comparison, 1, None)), segments)
    with blaming(transfer.target_endpoint, transfer.target):
        pointing = catch_up.pointing_to(transfer.target, load.projection.target)
        transfer.target.commit()
    unequal = {each for each in left.keys() | right.keys() if left.get(each) != right.get(each)}
    names = None
    if unequal and load.arbiter:
        names = names_of_unlike_rows(partial(_on_both, sides), segments, unequal, (left, right), lambda: None)
        transfer.target.commit()
    return Behind(
        number=number,
        load=load,
        source=source,
        target=dataclasses.replace(target, rows=catch_up.rows_with_system(load.projection)),
        segments=segments,
        unequal={each: left.get(each, (0, 0))[0] for each in unequal},
        names=names,
        transactions=[each for chunk in load.earlier for each in chunk.transactions],
        pointing=pointing,
        exact=all(
            exact_key(target.types[each.name].known_name, each.collation)
            for each in catalog.columns_by_table.get(load.projection.target.identity, ())
            if each.name in load.arbiter
        ),
    )


def _segments(load: TableLoad, comparison: TableComparison, source: HashedTable, target: HashedTable) -> Segments:
    """Ranges where the key is one dense whole number, else buckets of its hash; of whole rows where there is no key."""
    if len(load.arbiter) == 1:
        (name,) = load.arbiter
        types = {side.types[name].known_name for side in (source, target)}
        if types <= WHOLE_NUMBERS and not load.projection.by_name[name].converted:
            bounds = [each for each in (number_bounds(source, name), number_bounds(target, name)) if each is not None]
            if bounds:
                low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
                ranges = choice.ranges(name, low, high, comparison.estimated_rows)
                if ranges is not None:
                    return ranges
    return choice.buckets(comparison.estimated_rows)


def _sums(
    transfer: Transfer,
    sides: tuple[HashedTable, HashedTable],
    pieces: tuple[Sequence[Piece], Sequence[Piece]],
    segments: Segments,
) -> tuple[Sums, Sums]:
    """Rows and sums of each segment, on both sides."""
    found: tuple[Sums, Sums] = ({}, {})
    lock = threading.Lock()

    def read(pair: Pair, item: tuple[int, Piece]) -> None:
        side, piece = item
        connection = (pair.source, pair.target)[side]
        sums = bucket_sums(dataclasses.replace(sides[side], connection=connection, rows=piece.rows), segments)
        if side:
            with blaming(transfer.target_endpoint, connection):
                connection.commit()
        with lock:
            _add(found[side], sums)

    items = [(side, piece) for side in (0, 1) for piece in pieces[side]]
    transfer.target.commit()
    if sum(piece.bytes for _, piece in items) < _ALONE:
        for item in items:
            read(transfer.crew.lead, item)
    else:
        transfer.crew.each(items, read)
    return found


def _on_both(
    sides: tuple[HashedTable, HashedTable], work: Callable[[HashedTable], Iterator[Segment]]
) -> tuple[Iterator[Segment], Iterator[Segment]]:
    """Let both servers work at once; each session is used by one thread at a time."""
    with ThreadPoolExecutor(max_workers=2) as executor:
        left, right = (executor.submit(work, side) for side in sides)
        return left.result(), right.result()


def _add(known: Sums, more: Mapping[int, tuple[int, int]]) -> None:
    for number, (count, total) in more.items():
        rows, sum_of = known.get(number, (0, 0))
        known[number] = (rows + count, sum_of + total)


def _list_stale(transfer: Transfer, table: Behind) -> None:
    """List the rows of ours in the unequal segments whose key the source no longer has."""
    pair = transfer.crew.lead
    with blaming(transfer.target_endpoint, pair.target):
        catch_up.create_stale(pair.target, table.number, table.projection, table.key)
        catch_up.create_keys(pair.target, table.projection, table.key)
    try:
        piped(transfer, pair, table, table.unequal, catch_up.KEYS, table.key)
        with blaming(transfer.target_endpoint, pair.target):
            rows = table.of_target(table.unequal)
            table.stale = catch_up.note_stale(pair.target, table.number, rows, table.key, table.transactions)
            pair.target.commit()
    except BaseException:
        if not pair.target.closed:
            pair.target.rollback()
        raise
