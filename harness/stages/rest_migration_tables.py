"""Tables moved through REST: pages in the order of the key, each in one transaction with its line in the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.keys import upsert_key
from harness.core.ledger import Chunk, ChunkRange
from harness.core.load_order import LoadGroup, dependents, load_order
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection
from harness.postgres import copy, ledger
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.rest_rows_written import json_columns, stage_page
from harness.stages.crew import Stop
from harness.stages.load_plan import refused_cycle
from harness.stages.load_state import Loaded
from harness.stages.migrate_result import MoveOutcome
from harness.stages.rest_migration_progress import RowsRead
from harness.stages.rest_source import JsonPage, RestFailed, RestSource

SNAPSHOT: Final = "none: read through REST"
"""What the ledger's lines say of the snapshot"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestTransfer:
    """What is the same for all tables of a migration whose source is REST."""

    migration: str
    rest: RestSource
    target: Connection
    target_endpoint: Endpoint
    progress: RowsRead
    stop: Stop
    snapshot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestTable:
    """How one table is read and written."""

    projection: TableProjection
    key: tuple[str, ...]
    """Of the target: what ON CONFLICT names, and what pages are in the order of; empty: see `refused`"""
    refused: str | None
    earlier: tuple[Chunk, ...] = ()
    finished: bool = False

    @property
    def name(self) -> str:
        """Identity of the source's table."""
        return self.projection.source.identity

    @property
    def columns(self) -> tuple[str, ...]:
        """Of the source, in the order of the loaded columns."""
        return tuple(column.source or "" for column in self.projection.loaded)

    @property
    def source_key(self) -> tuple[str, ...]:
        """The key by the source's names."""
        names = self.projection.by_name
        return tuple(names[name].source or "" for name in self.key)


def rest_table(
    projection: TableProjection,
    catalogs: tuple[Catalog, Catalog],
    *,
    earlier: tuple[Chunk, ...] = (),
    finished: bool = False,
) -> RestTable:
    """How a table moves, or why it cannot through REST."""
    refused = None
    by_sql = [column.name for column in projection.loaded if column.source is None]
    key = upsert_key(projection, *catalogs)
    if by_sql:
        refused = f"the mapping fills {', '.join(by_sql)} by SQL over the source's rows, which REST takes none of"
    elif key is None:
        refused = "it has no primary key that both sides have: pages read through REST would have no order"
    return RestTable(projection=projection, key=key or (), refused=refused, earlier=earlier, finished=finished)


def move_tables(transfer: RestTransfer, tables: Mapping[str, RestTable], target: Catalog) -> tuple[MoveOutcome, ...]:
    """Move what is not moved yet; `tables` by identity on the target. A table that fails keeps only those back whose
    foreign keys need it. PgparityError: the project or the target cannot be reached, or the work was stopped.
    """
    outcomes: dict[str, MoveOutcome] = {}
    for group in load_order(tuple(tables), target.constraints):
        members = [tables[identity] for identity in group.tables]
        loaded = {each.name: Loaded() for each in members}
        error = _refusal(group, members, outcomes, target)
        counts: dict[str, int] = {}
        if error is None:
            try:
                _move_group(transfer, group, members, loaded)
                counts = {each.name: _count(transfer, each) for each in members}
            except StatementFailed as failure:
                transfer.target.rollback()
                error = f"on the {failure.side}: {failure.reason}"
            except RestFailed as failure:
                transfer.target.rollback()
                error = f"through REST: {failure.reason}"
        for each in members:
            outcomes[each.projection.target.identity] = MoveOutcome(
                projection=each.projection,
                mode="upsert",
                loaded=loaded[each.name],
                source_rows=counts.get(each.name, 0),
                error=error,
            )
    return tuple(outcomes.values())


def refusal_of(group: LoadGroup, members: Sequence[RestTable]) -> str | None:
    """Why the tables of a group cannot be moved."""
    return refused_cycle(group) or next(
        (each.refused if len(members) == 1 else f"{each.name}: {each.refused}" for each in members if each.refused),
        None,
    )


def _refusal(
    group: LoadGroup, members: Sequence[RestTable], outcomes: Mapping[str, MoveOutcome], target: Catalog
) -> str | None:
    if (reason := refusal_of(group, members)) is not None:
        return reason
    known = [*outcomes, *group.tables]
    for identity, outcome in outcomes.items():
        if outcome.error is not None and dependents(known, target.constraints, identity) & set(group.tables):
            return f"not moved: its foreign keys need the rows of {identity}, which were not moved"
    return None


def _move_group(
    transfer: RestTransfer, group: LoadGroup, members: Sequence[RestTable], loaded: Mapping[str, Loaded]
) -> None:
    with blaming(transfer.target_endpoint, transfer.target):
        for each in members:
            target = each.projection.target.identity
            ledger.begin_table(transfer.target, transfer.migration, each.name, target, "upsert")
        transfer.target.commit()
    waiting = [each for each in members if not each.finished]
    # Rows that point to each other must be there at once: all pages are staged, and one transaction writes them.
    together = group.one_transaction or group.self_referencing
    for each in members:
        for chunk in each.earlier:
            loaded[each.name].add(chunk, _range_of(chunk))
            transfer.progress.moved(chunk)
    if not together:
        for each in waiting:
            _move_pages(transfer, each, loaded[each.name])
    elif waiting:
        _move_at_once(transfer, waiting, loaded)
    with blaming(transfer.target_endpoint, transfer.target):
        for each in waiting:
            ledger.finish_table(transfer.target, transfer.migration, each.name)
        copy.drop_staging(transfer.target)
        transfer.target.commit()


def _move_pages(transfer: RestTransfer, table: RestTable, loaded: Loaded) -> None:
    """Each page in a transaction of its own, from behind the last one that the ledger has."""
    as_json = _staged(transfer, table)
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.commit()
    last = table.earlier[-1] if table.earlier else None
    lower = tuple(str(value) for value in last.upper or ()) if last else ()
    ordinal = last.ordinal + 1 if last else 0
    started = time.monotonic()
    for page in _pages(transfer, table, lower):
        upper = _key_of(table, page)
        with blaming(transfer.target_endpoint, transfer.target):
            stage_page(transfer.target, table.projection, page.text, as_json)
            transfer.target.execute(copy.merge_statement(table.projection, table.key))
            chunk = Chunk(
                table=table.name,
                ordinal=ordinal,
                lower=lower or None,
                upper=upper,
                rows=len(page.rows),
                bytes=len(page.text.encode()),
                seconds=round(time.monotonic() - started, 6),
                snapshot=SNAPSHOT,
            )
            chunk = ledger.add_chunk(transfer.target, transfer.migration, chunk)
            transfer.target.commit()
        loaded.add(chunk, _range_of(chunk))
        transfer.progress.moved(chunk)
        lower, ordinal, started = upper, ordinal + 1, time.monotonic()


def _move_at_once(transfer: RestTransfer, tables: Sequence[RestTable], loaded: Mapping[str, Loaded]) -> None:
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.execute("SET CONSTRAINTS ALL DEFERRED")
    done: list[Chunk] = []
    for table in tables:
        started = time.monotonic()
        as_json = _staged(transfer, table)
        rows = size = 0
        for page in _pages(transfer, table, ()):
            with blaming(transfer.target_endpoint, transfer.target):
                stage_page(transfer.target, table.projection, page.text, as_json)
            rows += len(page.rows)
            size += len(page.text.encode())
        with blaming(transfer.target_endpoint, transfer.target):
            transfer.target.execute(copy.merge_statement(table.projection, table.key))
            seconds = round(time.monotonic() - started, 6)
            chunk = Chunk(table=table.name, ordinal=0, rows=rows, bytes=size, seconds=seconds, snapshot=SNAPSHOT)
            done.append(ledger.add_chunk(transfer.target, transfer.migration, chunk))
    with blaming(transfer.target_endpoint, transfer.target):
        transfer.target.commit()
    for chunk in done:
        loaded[chunk.table].add(chunk, _range_of(chunk))
        transfer.progress.moved(chunk)


def _staged(transfer: RestTransfer, table: RestTable) -> frozenset[str]:
    """Make the temporary table; which of its columns are JSON."""
    with blaming(transfer.target_endpoint, transfer.target):
        copy.create_staging(transfer.target, table.projection)
        return json_columns(transfer.target, table.projection)


def _pages(transfer: RestTransfer, table: RestTable, after: Sequence[str]) -> Iterator[JsonPage]:
    """The pages behind a key, until the work is to be stopped."""
    source = table.projection.source
    pages = transfer.rest.json_pages(source.schema, source.name, table.columns, table.source_key, after=after)
    while True:
        transfer.stop.check()
        page = next(pages, None)
        if page is None:
            return
        yield page


def _count(transfer: RestTransfer, table: RestTable) -> int:
    return transfer.rest.count(table.projection.source.schema, table.projection.source.name)


def _key_of(table: RestTable, page: JsonPage) -> tuple[str, ...]:
    """The key of a page's last row."""
    places = [table.columns.index(name) for name in table.source_key]
    values = [page.rows[-1][place] for place in places]
    if None in values:
        raise RestFailed("the key holds NULL: rows cannot be read page by page")
    return tuple(value or "" for value in values)


def _range_of(chunk: Chunk) -> ChunkRange:
    lower, upper = (
        None if bound is None else tuple(str(value) for value in bound) for bound in (chunk.lower, chunk.upper)
    )
    return ChunkRange(ordinal=chunk.ordinal, lower=lower, upper=upper)
