"""The migrate stage: rows move in foreign-key order, in chunks, exactly once; what arrived is counted on both sides."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.large_objects import origin_of
from harness.core.ledger import Ledger
from harness.core.load_order import load_order
from harness.core.migration import migration_identity
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.core.record import Side
from harness.errors import ConnectionFailed, MigrationFailed, TableMissing
from harness.postgres import copy, ledger, ledger_large_objects
from harness.postgres import rejects as rejected
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.privileges import require
from harness.postgres.shared_snapshot import SharedSnapshot
from harness.stages import migrate_result as result
from harness.stages.after_load import after_load
from harness.stages.catch_up import CatchUp
from harness.stages.crew import RESUME, Crew, Pair, Stop
from harness.stages.events import Events, Silent, TableEvents
from harness.stages.large_objects_chosen import ChosenObjects, ObjectsMoved, chosen_objects
from harness.stages.load import load_group
from harness.stages.load_chunk import roll_back
from harness.stages.load_plan import ensure_modes, plan_load, recorded_tables, refused_group
from harness.stages.load_state import Loaded, TableLoad, Transfer
from harness.stages.load_sums import TargetSums, summed
from harness.stages.migrate_result import MoveOutcome
from harness.stages.move_filters import check_conditions, check_named, comparing, conditions, filtered, left_out
from harness.stages.progress import Progress, table_sizes
from harness.stages.refreshed import refresh
from harness.stages.rejects_file import Rejects
from harness.stages.result import StageResult
from harness.stages.rows_prepared import SessionPair, prepared_comparisons, tables_to_compare
from harness.stages.table_comparison import TableComparison
from harness.stages.throttle import Throttle, chunk_bytes

_SILENT = Silent()


def migrate_stage(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: tuple[str, ...],
    configuration: Configuration,
    events: Events = _SILENT,
    *,
    stop: Stop | None = None,
    rejects: Rejects | None = None,
    catch_up: bool = False,
    seen: Callable[[Connection], None] | None = None,
) -> StageResult[Ledger]:
    """Move the rows of `tables` (identities on the source), or what an interrupted run of the same migration left.

    Nothing moves where the target would refuse a column of any table (MIG001). A table that fails (MIG002) does not
    keep others from moving unless their foreign keys need it. `rejects`: rows that the target refuses are left out
    (MIG004), named there, and the others of their table move. `catch_up`: what earlier runs finished is brought to what
    the source has in the snapshot of this one. `seen` is given the session that took the snapshot, in it, before
    anything is read; what it raises ends the stage. Raises TableMissing, ConfigurationError (the mapping), PlanRefused
    (another migration of these tables is unfinished), PrivilegeMissing, and MigrationFailed where a session was lost:
    the ledger says how far it came, and a rerun goes on from there.
    """
    check_mapping(configuration.mapping, source_catalog, target_catalog)
    for table in tables:
        if table not in source_catalog.table_by_identity and table not in target_catalog.table_by_identity:
            raise TableMissing(f"table {table} exists on neither side", hint="Check [scope], --table and the schemas.")
    wanted = tuple(table for table in tables if table in source_catalog.table_by_identity)
    alone = without_partitions(wanted, source_catalog)
    check_named(configuration, source_catalog, [table for table in wanted if table not in alone])
    chosen = conditions(configuration, alone)
    identity = migration_identity(configuration.mapping, wanted, source_catalog, target_catalog, chosen)
    blockers = preflight(source_catalog, target_catalog, alone, configuration)
    if blockers:
        return result.blocked(identity, alone, blockers)
    projections = {table: project(table, configuration.mapping, source_catalog, target_catalog) for table in alone}
    projections = filtered(projections, configuration)
    try:
        with (
            session(source, purpose="migrate") as reading,
            snapshot(reading) as snapshot_name,
            session(target, purpose="migrate", writable=True) as writing,
        ):
            if seen is not None:
                seen(reading)
            lead = SharedSnapshot(source, reading, snapshot_name, configuration.run.max_connections)
            transfer = Transfer(
                migration=identity,
                snapshot=snapshot_name,
                crew=Crew(snapshot=lead, target_endpoint=target, lead=Pair(reading, writing), stop=stop or Stop()),
                source_endpoint=source,
                target_endpoint=target,
                batch_rows=configuration.migrate.batch_rows,
                batch_bytes=chunk_bytes(configuration.migrate),
                progress=Progress(events),
                rejects=rejects,
                throttle=Throttle(configuration.migrate.throttle) if configuration.migrate.throttle else None,
            )
            try:
                catalogs = (source_catalog, target_catalog)
                chosen_large = chosen_objects((reading, source), projections.values(), configuration)
                moved = _move(transfer, projections, catalogs, configuration, catch_up=catch_up)
                # After the rows: triggers on them, such as lo_manage, may remove objects.
                large = _large_objects(transfer, chosen_large, source_catalog, catch_up=catch_up)
                left_behind = large.skipped
                left_behind += left_out((transfer.source, source), projections.values())
                found = refresh(transfer, [each.projection.target for each in moved if each.error is None])
            finally:
                transfer.crew.leave()
    except ConnectionFailed as error:
        raise MigrationFailed(error.message, hint=f"{error.hint} {RESUME}".strip()) from None
    except StatementFailed as failure:
        raise MigrationFailed(f"on the {failure.side}: {failure.reason}", hint=RESUME) from None
    return result.done(
        transfer,
        moved,
        target_catalog,
        partitions=tuple(table for table in wanted if table not in alone),
        absent=tuple(table for table in tables if table not in wanted),
        findings=(*found, *large.findings),
        left_behind=left_behind,
        large_objects=large,
    )


def preflight(
    source_catalog: Catalog, target_catalog: Catalog, tables: Sequence[str], configuration: Configuration
) -> tuple[Finding, ...]:
    """MIG001 for every table whose rows the target's schema would refuse, or whose columns have no place there."""
    findings: list[Finding] = []
    for table in tables:
        target = configuration.mapping.target_of(table)
        if target not in target_catalog.table_by_identity:
            findings.append(result.no_target_table(table, target))
            continue
        projection = project(table, configuration.mapping, source_catalog, target_catalog)
        if not projection.movable:
            findings.append(result.no_target_column(projection))
    return tuple(findings)


def _move(
    transfer: Transfer,
    projections: Mapping[str, TableProjection],
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
    *,
    catch_up: bool,
) -> tuple[MoveOutcome, ...]:
    _begin(transfer, tuple(projections.values()))
    sides = (transfer.source, transfer.source_endpoint), (transfer.target, transfer.target_endpoint)
    check_conditions(*sides, projections.values())
    comparisons = _comparisons(transfer, projections, catalogs, comparing(configuration))
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.create(transfer.target)
        ledger.lock(transfer.target)
        if transfer.rejects is not None:
            rejected.create(transfer.target)
        recorded = recorded_tables(transfer, projections.values())
        if configuration.migrate.mode != "auto":
            empty = {table: copy.is_empty(transfer.target, each.target) for table, each in projections.items()}
            ensure_modes(configuration.migrate.mode, recorded, empty, projections)
        earlier = ledger.chunks(transfer.target, transfer.migration)
        planned = ledger.planned(transfer.target, transfer.migration)
        transfer.target.commit()

    by_target = {each.target.identity: table for table, each in projections.items()}
    groups = load_order(tuple(by_target), catalogs[1].constraints)

    def planned_load(name: str) -> TableLoad:
        chunks = earlier.get(name, ()), planned.get(name, ())
        mode = configuration.migrate.mode
        return plan_load(transfer, comparisons[name], projections[name], catalogs, recorded, *chunks, mode)

    behind: CatchUp | None = None
    if catch_up:
        finished = [by_target[each] for group in groups for each in group.tables]
        finished = [name for name in finished if name in recorded and recorded[name].finished]
        behind = CatchUp.of(transfer, map(planned_load, finished), by_target, catalogs, configuration)
    outcomes: dict[str, MoveOutcome] = {}
    for group in groups:
        names = [by_target[identity] for identity in group.tables]
        loaded: dict[str, Loaded] = {}
        sums: dict[str, TargetSums] = {}
        # Nothing is left to load of tables that an earlier run finished; a catch-up may write to them.
        loads_none = behind is None and all(name in recorded and recorded[name].finished for name in names)
        failed_before = [identity for identity, outcome in outcomes.items() if outcome.error is not None]
        error = refused_group(group, failed_before, outcomes, catalogs[1], loads_none=loads_none)
        modes = {name: recorded[name].mode for name in names if name in recorded}
        if error is None:
            try:
                loads = [planned_load(name) for name in names]
                modes = {load.name: load.mode for load in loads}
                load_group(transfer, group, loads, loaded, catalogs[1])
                if behind is not None:
                    behind.bring(group, names, loaded)
                whole = [load for load in loads if _can_be_summed(load) and not loaded[load.name].rejected]
                sums = {load.name: summed(transfer, load, loaded[load.name]) for load in whole}
            except StatementFailed as failure:
                # Whichever session it was: the next table needs them all.
                for pair in transfer.crew.pairs:
                    roll_back(pair)
                error = f"on the {failure.side}: {failure.reason}"
        for name in names:
            of_target = sums.get(name)
            rows = _source_rows(transfer, projections[name], of_target)
            outcomes[projections[name].target.identity] = MoveOutcome(
                projection=projections[name],
                mode=modes.get(name, "copy"),
                loaded=loaded.get(name, Loaded()),
                reject_file=str(transfer.rejects.file) if transfer.rejects is not None else None,
                source_rows=rows,
                target_rows=of_target.rows if of_target else None,
                checksums=of_target.agree if of_target else None,
                error=error,
            )
    failed = behind.remove() if behind is not None else {}
    equal = behind.untouched(outcomes.values(), catalogs[1]) if behind is not None else frozenset()
    for identity, outcome in outcomes.items():
        error = outcome.error or failed.get(outcome.name)
        outcomes[identity] = dataclasses.replace(outcome, error=error, equal=outcome.name in equal)
    return tuple(after_load(transfer, outcome, catalogs) for outcome in outcomes.values())


def _can_be_summed(load: TableLoad) -> bool:
    """Whether what the target's table holds is to be what this migration wrote, chunk by chunk."""
    return load.mode == "copy" and not load.finished


def _source_rows(transfer: Transfer, projection: TableProjection, of_target: TargetSums | None) -> int:
    """Rows of the source's table in this run's snapshot."""
    if of_target is not None:
        return of_target.source_rows
    with blaming(transfer.source_endpoint, transfer.source):
        return copy.count_rows(transfer.source, projection.source, projection.source_where)


def _begin(transfer: Transfer, projections: Sequence[TableProjection]) -> None:
    """Check the roles' rights on every table."""
    with blaming(transfer.source_endpoint, transfer.source):
        sources = [each.source for each in projections]
        require(transfer.source, Side.SOURCE, [table.identity for table in sources])
    with blaming(transfer.target_endpoint, transfer.target):
        require(transfer.target, Side.TARGET, [each.target.identity for each in projections], write=True)
        transfer.target.commit()
    transfer.progress.total = sum(max(each.source.estimated_rows, 0) for each in projections)
    if isinstance(transfer.progress.events, TableEvents):
        transfer.progress.sized(table_sizes(transfer.source, transfer.source_endpoint, sources))


def _comparisons(
    transfer: Transfer,
    projections: Mapping[str, TableProjection],
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
) -> dict[str, TableComparison]:
    """How the rows of each table are hashed, by its identity on the source."""
    declared = {table: each for table, each in configuration.rows.tables.items() if table in projections}
    rows = configuration.rows.model_copy(update={"tables": declared})
    asked = tables_to_compare(tuple(projections), catalogs, configuration.model_copy(update={"rows": rows}))
    pair = SessionPair(
        source=transfer.source,
        source_endpoint=transfer.source_endpoint,
        target=transfer.target,
        target_endpoint=transfer.target_endpoint,
        snapshots_at=time.monotonic(),
    )
    found = prepared_comparisons(pair, asked, configuration)
    transfer.target.commit()
    return {each.projection.source.identity: each for each in found}


def _large_objects(transfer: Transfer, chosen: ChosenObjects, source: Catalog, *, catch_up: bool) -> ObjectsMoved:
    """What came of them. What moves them is loaded where there are some, or were when all were moved."""
    if chosen.left is not None:
        return ObjectsMoved(skipped=chosen.skipped)
    if not chosen.oids:
        if chosen.columns is not None:
            return ObjectsMoved()
        with blaming(transfer.target_endpoint, transfer.target):
            known = ledger_large_objects.exists(transfer.target)
            transfer.target.commit()
        if not known:
            return ObjectsMoved()
    from harness.stages.large_objects import move_large_objects

    return move_large_objects(transfer, chosen, origin_of(source, transfer.migration), catch_up=catch_up)
