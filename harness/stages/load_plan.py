"""Load plan: how each table is loaded (straight or by upsert, in which order of keys), or why it cannot be."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from harness.core.keys import chunk_key, upsert_key
from harness.core.ledger import Chunk, ChunkRange, LoadMode, WantedMode
from harness.core.load_order import LoadGroup, dependents
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.projection import TableProjection
from harness.errors import PlanRefused
from harness.postgres import copy, ledger
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.projected import copies_binary, described, described_source, target_rows
from harness.stages.load_state import TableLoad, Transfer
from harness.stages.table_comparison import TableComparison

FORGET = (
    "Run the migration that was interrupted to its end, or drop its ledger (pgparity migrate --forget) and start anew: "
    "tables that hold rows are then loaded by upsert."
)


def recorded_tables(transfer: Transfer, projections: Iterable[TableProjection]) -> dict[str, ledger.RecordedTable]:
    """What the ledger has of this migration, by source table.

    PlanRefused where another migration of one of the tables was interrupted: its chunks say nothing about this one's
    rows, and going on would double or mix them.
    """
    with blaming(transfer.target_endpoint, transfer.target):
        recorded = ledger.tables(transfer.target)
        transfer.target.commit()
    unfinished_by_others(recorded, transfer.migration, {each.target.identity for each in projections})
    return {each.source_table: each for each in recorded if each.migration == transfer.migration}


def unfinished_by_others(recorded: Iterable[ledger.RecordedTable], migration: str, targets: Container[str]) -> None:
    """PlanRefused where another migration of one of the target's tables was interrupted."""
    for each in recorded:
        if each.migration != migration and each.target_table in targets and not each.finished:
            raise PlanRefused(
                f"another migration of {each.target_table} was interrupted: since then the mapping, the tables asked "
                "for, the source or the definition of a table has changed",
                hint=FORGET,
            )


def refused_cycle(group: LoadGroup) -> str | None:
    """Why the tables of a cycle of foreign keys cannot be loaded; None where they can."""
    if group.refused is None:
        return None
    return (
        f"a cycle of foreign keys ({', '.join(group.tables)}) cannot be loaded: {group.refused} is not deferrable. "
        f"ALTER TABLE … ALTER CONSTRAINT {split(group.refused)[-1]} DEFERRABLE lets the tables be loaded together"
    )


def refused_group(
    group: LoadGroup, failed: Iterable[str], earlier: Iterable[str], target: Catalog, *, loads_none: bool
) -> str | None:
    """Why tables are not even tried: a cycle, where there is something to load of them; or they need rows of a table
    that `failed`. `earlier`: all that come before them, by identity on the target.
    """
    if not loads_none and (reason := refused_cycle(group)) is not None:
        return reason
    known = [*earlier, *group.tables]
    for identity in failed:
        if dependents(known, target.constraints, identity) & set(group.tables):
            return f"not moved: its foreign keys need the rows of {identity}, which were not moved"
    return None


def not_upserted() -> str:
    """Why rows cannot go to a table that holds rows already."""
    return (
        "the target's table holds rows already, and no unique key without NULL exists on both sides to upsert by; "
        "empty the table, or give it the key"
    )


def load_mode(wanted: WantedMode, known: ledger.RecordedTable | None, *, empty: bool) -> LoadMode:
    """How a table is loaded: as an earlier run began it, else as it is wanted, else by what the target holds."""
    if known is not None:
        return known.mode
    if wanted != "auto":
        return wanted
    return "copy" if empty else "upsert"


def ensure_modes(
    wanted: WantedMode,
    recorded: Mapping[str, ledger.RecordedTable],
    empty: Mapping[str, bool],
    projections: Mapping[str, TableProjection],
) -> None:
    """PlanRefused where a table cannot be loaded in the way that is wanted, before any is loaded.

    `empty`: whether the target's table has no row, by identity on the source.
    """
    if wanted == "auto":
        return
    unfinished = {table: each for table, each in recorded.items() if not each.finished and table in projections}
    other = [table for table, each in unfinished.items() if each.mode != wanted]
    if other:
        raise PlanRefused(
            f"an interrupted run of this migration loads {', '.join(other)} by {unfinished[other[0]].mode}, and "
            f"{wanted} is wanted now (--mode, migrate.mode)",
            hint="Run without it to go on from there, or drop the ledger (pgparity migrate --forget) and start anew.",
        )
    held = [each.target.identity for table, each in projections.items() if table not in recorded and not empty[table]]
    if wanted == "copy" and held:
        raise PlanRefused(
            f"rows are to be copied (--mode copy, migrate.mode), and {', '.join(held)} of the target holds rows",
            hint="Empty what is to be copied into, or let tables that hold rows be upserted: --mode auto.",
        )


def copies_as_binary(transfer: Transfer, projection: TableProjection) -> bool:
    """Whether a table's rows move in the binary format. Describing them checks the mapping's expressions as well."""
    sources = described_source(transfer.source, transfer.source_endpoint, projection)
    with blaming(transfer.target_endpoint, transfer.target):
        targets = described(transfer.target, target_rows(projection))
        transfer.target.commit()
    loaded = [each.writable for each in projection.columns]
    return copies_binary(
        tuple(each for each, wanted in zip(sources, loaded, strict=True) if wanted),
        tuple(each for each, wanted in zip(targets, loaded, strict=True) if wanted),
    )


def plan_load(
    transfer: Transfer,
    comparison: TableComparison,
    projection: TableProjection,
    catalogs: tuple[Catalog, Catalog],
    recorded: Mapping[str, ledger.RecordedTable],
    earlier: tuple[Chunk, ...],
    planned: tuple[ChunkRange, ...],
    wanted: WantedMode = "auto",
) -> TableLoad:
    """How a table is loaded: the way that an earlier run began, else by what the target holds.

    StatementFailed, with SQLSTATE 42P10 as ON CONFLICT would give it, where rows would have to be upserted and no key
    of both sides can name them.
    """
    name = projection.source.identity
    known = recorded.get(name)
    with blaming(transfer.target_endpoint, transfer.target):
        empty = known is None and copy.is_empty(transfer.target, projection.target)
        transfer.target.commit()
    mode = load_mode(wanted, known, empty=empty)
    # Also where rows are copied: what an earlier run moved is mended by it.
    arbiter = upsert_key(projection, *catalogs)
    finished = known is not None and known.finished
    if arbiter is None and mode == "upsert" and not finished:
        raise StatementFailed(
            transfer.target_endpoint.side,
            "42P10",
            f"42P10: {not_upserted()}",
        )
    key = chunk_key(catalogs[0], name)
    columns = {column.name: column for column in catalogs[0].columns_by_table.get(name, ())}
    return TableLoad(
        projection=projection,
        mode=mode,
        order=copy.KeyOrder(tuple(columns[each] for each in key)) if key else None,
        arbiter=arbiter or (),
        binary=copies_as_binary(transfer, projection),
        comparison=comparison,
        earlier=earlier,
        planned=planned,
        finished=finished,
    )
