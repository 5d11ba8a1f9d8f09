"""The migrate stage: rows move in foreign-key order, in chunks, exactly once; what arrived is counted on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.ledger import Ledger
from harness.core.load_order import LoadGroup, dependents, load_order
from harness.core.migration import migration_identity
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.core.record import Side
from harness.errors import ConnectionFailed, MigrationFailed, TableMissing
from harness.postgres import copy, ledger
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.privileges import require
from harness.stages import migrate_result as result
from harness.stages.after_load import after_load
from harness.stages.events import Events, Silent
from harness.stages.load import Loaded, Progress, Transfer, load_group
from harness.stages.load_plan import copies_as_binary, plan_load, recorded_tables, refused_cycle
from harness.stages.migrate_result import MoveOutcome
from harness.stages.result import StageResult

RESUME = "What was moved stands in the ledger of the target: run again to go on from there."
_SILENT = Silent()


def migrate_stage(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: tuple[str, ...],
    configuration: Configuration,
    events: Events = _SILENT,
) -> StageResult[Ledger]:
    """Move the rows of `tables` (identities on the source), or what an interrupted run of the same migration left.

    Nothing moves where the target would refuse a column of any table (MIG001). A table that fails (MIG002) does not
    keep others from moving unless their foreign keys need it. Raises TableMissing, ConfigurationError (the mapping),
    PlanRefused (another migration of these tables is unfinished), PrivilegeMissing, and MigrationFailed where a session
    was lost: the ledger says how far it came, and a rerun goes on from there.
    """
    check_mapping(configuration.mapping, source_catalog, target_catalog)
    for table in tables:
        if table not in source_catalog.table_by_identity and table not in target_catalog.table_by_identity:
            raise TableMissing(f"table {table} exists on neither side", hint="Check [scope], --table and the schemas.")
    wanted = tuple(table for table in tables if table in source_catalog.table_by_identity)
    identity = migration_identity(configuration.mapping, wanted, source_catalog, target_catalog)
    alone = without_partitions(wanted, source_catalog)
    blockers = preflight(source_catalog, target_catalog, alone, configuration)
    if blockers:
        return result.blocked(identity, alone, blockers)
    projections = {table: project(table, configuration.mapping, source_catalog, target_catalog) for table in alone}
    try:
        with (
            session(source, purpose="migrate") as reading,
            snapshot(reading) as snapshot_name,
            session(target, purpose="migrate", writable=True) as writing,
        ):
            transfer = Transfer(
                migration=identity,
                snapshot=snapshot_name,
                source=reading,
                source_endpoint=source,
                target=writing,
                target_endpoint=target,
                batch_rows=configuration.migrate.batch_rows,
                progress=Progress(events),
            )
            moved = _move(transfer, projections, (source_catalog, target_catalog))
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
    transfer: Transfer, projections: Mapping[str, TableProjection], catalogs: tuple[Catalog, Catalog]
) -> tuple[MoveOutcome, ...]:
    counts = _begin(transfer, tuple(projections.values()))
    binary = {table: copies_as_binary(transfer, each) for table, each in projections.items()}
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.create(transfer.target)
        ledger.lock(transfer.target)
        recorded = recorded_tables(transfer, projections.values())
        earlier = ledger.chunks(transfer.target, transfer.migration)
        transfer.target.commit()

    by_target = {each.target.identity: table for table, each in projections.items()}
    outcomes: dict[str, MoveOutcome] = {}
    for group in load_order(tuple(by_target), catalogs[1].constraints):
        names = [by_target[identity] for identity in group.tables]
        loaded: dict[str, Loaded] = {}
        error = _refusal(group, outcomes, catalogs[1])
        modes = {name: recorded[name].mode for name in names if name in recorded}
        if error is None:
            try:
                loads = [
                    plan_load(
                        transfer, projections[name], catalogs, recorded, earlier.get(name, ()), binary=binary[name]
                    )
                    for name in names
                ]
                modes = {load.name: load.mode for load in loads}
                load_group(transfer, group, loads, loaded)
            except StatementFailed as failure:
                error = f"on the {failure.side}: {failure.reason}"
        for name in names:
            outcomes[projections[name].target.identity] = MoveOutcome(
                projection=projections[name],
                mode=modes.get(name, "copy"),
                loaded=loaded.get(name, Loaded()),
                source_rows=counts[name],
                error=error,
            )
    return tuple(after_load(transfer, outcome, catalogs) for outcome in outcomes.values())


def _begin(transfer: Transfer, projections: Sequence[TableProjection]) -> dict[str, int]:
    """Check the roles' rights on every table, and count what there is to move."""
    with blaming(transfer.source_endpoint, transfer.source):
        sources = [each.source for each in projections]
        require(transfer.source, Side.SOURCE, [table.identity for table in sources])
        counts = {table.identity: copy.count_rows(transfer.source, table) for table in sources}
    with blaming(transfer.target_endpoint, transfer.target):
        require(transfer.target, Side.TARGET, [each.target.identity for each in projections], write=True)
        transfer.target.commit()
    transfer.progress.total = sum(counts.values())
    return counts


def _refusal(group: LoadGroup, outcomes: Mapping[str, MoveOutcome], target: Catalog) -> str | None:
    """Why a group is not even tried."""
    if (reason := refused_cycle(group)) is not None:
        return reason
    known = [*outcomes, *group.tables]
    for identity, outcome in outcomes.items():
        if outcome.error is not None and dependents(known, target.constraints, identity) & set(group.tables):
            return f"not moved: its foreign keys need the rows of {identity}, which were not moved"
    return None
