"""Catch-up: a finished migration moves what changed on its source since, and removes what the source has no more."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.catch_up import parted, reached
from harness.core.configuration import Configuration
from harness.core.ledger import Chunk, ChunkRange
from harness.core.load_order import LoadGroup
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.errors import PlanRefused
from harness.postgres import catch_up, copy, ledger
from harness.postgres.connect import table_name
from harness.postgres.cutover_row import ensure_never_opened
from harness.postgres.failures import StatementFailed, blaming
from harness.stages.catch_up_found import Behind, behind, piped
from harness.stages.load_state import Loaded, TableLoad, Transfer
from harness.stages.migrate_result import MoveOutcome

_TAKEN: Final = frozenset({"23505", "23P01"})
"""SQLSTATEs of a row whose place another row has"""
_ROWS_AT_LEAST: Final = 1000
"""A transaction"""


@dataclass(slots=True, kw_only=True)
class CatchUp:
    """What the tables of a migration are behind by, and the work that ends it."""

    transfer: Transfer
    tables: dict[str, Behind]
    """By identity on the source, in the order of loading"""
    compared: frozenset[str]
    """All that were looked at: those that are not in `tables` were alike on both sides"""

    @classmethod
    def of(
        cls,
        transfer: Transfer,
        loads: Iterable[TableLoad],
        targets: Collection[str],
        catalogs: tuple[Catalog, Catalog],
        configuration: Configuration,
    ) -> CatchUp:
        """Compare what earlier runs finished, in the snapshot of this run; stale rows that nothing needs go at once.

        They go first, for their unique values may be those of new rows. PlanRefused: another migration moved what was
        moved. StatementFailed.
        """
        finished = [each for each in loads if each.finished]
        _ensure_ours(transfer, targets, known=bool(finished))
        tables = behind(transfer, finished, catalogs, configuration)
        found = cls(transfer=transfer, tables=tables, compared=frozenset(each.name for each in finished))
        found.remove()
        return found

    def bring(self, group: LoadGroup, names: Sequence[str], loaded: Mapping[str, Loaded]) -> None:
        """Write what is new or changed of the tables of a group; the groups come in the order of loading.

        StatementFailed: a transaction failed and is rolled back; those before it stand, in the ledger too.
        """
        tables = [self.tables[name] for name in names if name in self.tables]
        if group.one_transaction:
            self._together(tables, loaded)
            return
        for table in tables:
            if not table.key:
                self._anew(table, loaded[table.load.name])
            else:
                self._alone(table, loaded[table.load.name], whole=group.self_referencing or not table.exact)

    def untouched(self, outcomes: Iterable[MoveOutcome], target: Catalog) -> frozenset[str]:
        """The tables (by identity on the source) that were alike on both sides when they were compared, and that
        nothing of this run can have changed since.
        """
        moved = {each.name: each.projection for each in outcomes}
        alike = {name for name in moved if name in self.compared and name not in self.tables}
        written = {projection.target.identity for name, projection in moved.items() if name not in alike}
        touched = reached(written, target)
        if touched is None:
            return frozenset()
        return frozenset(
            name for name in alike if moved[name].target.identity not in touched and moved[name].source_where is None
        )

    def remove(self) -> dict[str, str]:
        """Delete the rows of ours that the source has no more, but for those that rows point to which stay.

        In one transaction, tables that point before those that are pointed to. Returns of which tables it could not be
        done (by identity on the source), and why.
        """
        listed = [each for each in reversed(self.tables.values()) if each.stale]
        failed: dict[str, str] = {}
        while any(each.load.name not in failed for each in listed):
            at: list[str] = []
            try:
                self._remove(listed, failed, at)
            except StatementFailed as failure:
                self.transfer.target.rollback()
                # The end of the transaction checks what was deferred: it does not say of which table.
                names = at[-1:] if len(at) <= len(listed) else [each.load.name for each in listed]
                failed |= dict.fromkeys(names, f"on the {failure.side}: {failure.reason}")
            else:
                break
        return failed

    def _remove(self, listed: Sequence[Behind], failed: Collection[str], at: list[str]) -> None:
        transfer = self.transfer
        with blaming(transfer.target_endpoint, transfer.target):
            transfer.target.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in listed:
                catch_up.forget_decisions(transfer.target, table.number, kept=table.load.name in failed)
            while sum(self._keep(table, listed) for table in listed):
                # A row that is kept may point to others, which stay then too.
                pass
            for table in listed:
                at.append(table.load.name)
                catch_up.delete_stale(transfer.target, table.number, table.projection, table.key, table.transactions)
            at.append("")
            transfer.target.commit()

    def _keep(self, table: Behind, listed: Sequence[Behind]) -> int:
        by_target = {each.projection.target.identity: each for each in listed}
        kept = 0
        for each in table.pointing:
            other = by_target.get(each.identity)
            pointing = (other.number, other.key) if other is not None else None
            kept += catch_up.keep_pointed(
                self.transfer.target, table.number, table.projection, table.key, each, pointing
            )
        return kept

    def _alone(self, table: Behind, loaded: Loaded, *, whole: bool) -> None:
        """The unequal segments of a table, some a transaction. `whole`: all in one, for rows point to each other, or a
        key may be in other segments on the other side. So are buckets: each group of them would be another scan.
        """
        whole = whole or not table.indexed
        groups = [list(table.unequal)] if whole else parted(table.unequal, self._rows_at_most(table))
        for number, wanted in enumerate(groups):
            self.transfer.crew.stop.check()
            try:
                self._written(table, wanted, loaded)
            except StatementFailed as failure:
                if failure.sqlstate not in _TAKEN or not _may_be_deleted(table):
                    raise
                # Values went from row to row, perhaps over the bounds of groups: what is left is one transaction.
                left = [each for group in groups[number:] for each in group]
                self._written(table, left, loaded, anew=True)
                return

    def _written(self, table: Behind, wanted: Collection[int], loaded: Loaded, *, anew: bool = False) -> None:
        transfer = self.transfer
        try:
            chunk = self._merged(table, wanted, loaded, anew=anew)
            with blaming(transfer.target_endpoint, transfer.target):
                transfer.target.commit()
        except BaseException:
            self._roll_back()
            raise
        _note(table, loaded, chunk)

    def _together(self, tables: Sequence[Behind], loaded: Mapping[str, Loaded]) -> None:
        """All tables of a cycle in one transaction, which checks its foreign keys at the end."""
        transfer = self.transfer
        chunks = []
        try:
            with blaming(transfer.target_endpoint, transfer.target):
                transfer.target.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in tables:
                write = self._merged if table.key else self._reloaded
                chunks.append(write(table, table.unequal, loaded[table.load.name]))
            with blaming(transfer.target_endpoint, transfer.target):
                transfer.target.commit()
        except BaseException:
            self._roll_back()
            raise
        for table, chunk in zip(tables, chunks, strict=True):
            _note(table, loaded[table.load.name], chunk)

    def _anew(self, table: Behind, loaded: Loaded) -> None:
        """The unequal buckets of a table without a key: what we wrote goes, and is moved again."""
        transfer = self.transfer
        try:
            chunk = self._reloaded(table, table.unequal, loaded)
            with blaming(transfer.target_endpoint, transfer.target):
                transfer.target.commit()
        except BaseException:
            self._roll_back()
            raise
        _note(table, loaded, chunk)

    def _merged(self, table: Behind, wanted: Collection[int], loaded: Loaded, *, anew: bool = False) -> Chunk | None:
        """Stage and merge the source's rows of some segments, with their line in the ledger; None where none was
        written. `anew`: rows that differ are deleted first, where that may be.
        """
        transfer, started = self.transfer, time.monotonic()
        pair, projection = transfer.crew.lead, table.projection
        columns = [each.name for each in projection.loaded]
        with blaming(transfer.target_endpoint, pair.target):
            pair.staged = None
            copy.create_staging(pair.target, projection)
        moved = piped(transfer, pair, table, wanted, copy.STAGING, columns)
        with blaming(transfer.target_endpoint, pair.target):
            if anew:
                catch_up.delete_changed(pair.target, projection, table.key, table.transactions, table.pointing)
            rows = pair.target.execute(copy.merge_statement(projection, table.key)).rowcount
            if not rows:
                return None
            return self._line(table, loaded, rows, moved.bytes, started)

    def _reloaded(self, table: Behind, wanted: Collection[int], loaded: Loaded) -> Chunk | None:
        transfer, started = self.transfer, time.monotonic()
        pair, projection = transfer.crew.lead, table.projection
        rows = table.of_target(wanted)
        with blaming(transfer.target_endpoint, pair.target):
            for each in table.pointing:
                if catch_up.has_rows(pair.target, each):
                    raise _refused(f"rows of {each.identity} may point to those that would be moved again")
            if others := catch_up.count_of_others(pair.target, rows, table.transactions):
                raise _refused(
                    f"{others:,} rows that others wrote are among those that differ, and cannot be told apart"
                )
            catch_up.delete_stored(pair.target, projection, rows, table.transactions)
        into = table_name(projection.target.schema, projection.target.name)
        moved = piped(transfer, pair, table, wanted, into, [each.name for each in projection.loaded])
        with blaming(transfer.target_endpoint, pair.target):
            return self._line(table, loaded, moved.rows, moved.bytes, started) if moved.rows else None

    def _line(self, table: Behind, loaded: Loaded, rows: int, size: int, started: float) -> Chunk:
        transfer = self.transfer
        taken = [*loaded.moved, *(each.ordinal for each in table.load.planned)]
        chunk = Chunk(
            table=table.load.name,
            ordinal=max(taken, default=-1) + 1,
            rows=rows,
            bytes=size,
            seconds=round(time.monotonic() - started, 6),
            snapshot=transfer.snapshot,
        )
        return ledger.add_chunk(transfer.target, transfer.migration, chunk)

    def _rows_at_most(self, table: Behind) -> int:
        """Rows a transaction: as many as a chunk has."""
        if self.transfer.batch_rows is not None:
            return self.transfer.batch_rows
        rows = sum(each.rows for each in table.load.earlier)
        size = sum(each.bytes for each in table.load.earlier)
        return max(_ROWS_AT_LEAST, self.transfer.batch_bytes * rows // size if size else 0)

    def _roll_back(self) -> None:
        pair = self.transfer.crew.lead
        pair.staged = None
        if not pair.target.closed:
            pair.target.rollback()


def _ensure_ours(transfer: Transfer, targets: Collection[str], *, known: bool) -> None:
    """PlanRefused where the ledger does not say of this migration (`known` to it) and this server what was moved."""
    with blaming(transfer.target_endpoint, transfer.target):
        ensure_never_opened(transfer.target)
        recorded = ledger.tables(transfer.target)
        elsewhere = catch_up.not_of_this_server(transfer.target, transfer.migration)
        transfer.target.commit()
    if elsewhere:
        raise PlanRefused(
            "the ledger (schema pgparity of the target) was written by another server: it cannot tell which rows of "
            "this one were moved",
            hint="Drop it, pgparity migrate --forget, and migrate without --catch-up: rows are then upserted.",
        )
    for each in recorded if not known else ():
        if each.migration != transfer.migration and each.target_table in targets:
            raise PlanRefused(
                f"{each.target_table} was moved by another migration: since then the mapping, the tables asked for, "
                "the source or the definition of a table has changed",
                hint="Without --catch-up rows are upserted; those that the source has no more stay, as differences.",
            )


def _note(table: Behind, loaded: Loaded, chunk: Chunk | None) -> None:
    if chunk is not None:
        table.transactions += chunk.transactions
        loaded.add(chunk, ChunkRange(ordinal=chunk.ordinal))


def _may_be_deleted(table: Behind) -> bool:
    """Whether a row can be deleted and inserted without losing what only the target has of it."""
    return not table.projection.target_only and not table.projection.defaulted


def _refused(reason: str) -> StatementFailed:
    return StatementFailed(Side.TARGET, "55000", f"the table has no key to bring it up to date by, and {reason}")
