"""Plans a migration: what each table needs and what speaks against it, read from both sides; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.keys import chunk_key, upsert_key
from harness.core.large_objects import origin_of
from harness.core.ledger import Chunk
from harness.core.load_order import LoadGroup, load_order
from harness.core.migration import firing_triggers, migration_identity
from harness.core.migration_plan import MigrationPlan, PlannedTable, changed_columns
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.plan import Plan, Step
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.errors import PlanRefused
from harness.postgres import copy, ledger
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.failures import blaming
from harness.postgres.sending import bytes_a_second
from harness.postgres.table_pieces import parts_of
from harness.stages.large_objects_chosen import planned_objects
from harness.stages.learned import Learned, RunRequest
from harness.stages.load_plan import ensure_modes, load_mode, not_upserted, refused_cycle, unfinished_by_others
from harness.stages.migrate import preflight
from harness.stages.move_filters import check_conditions, check_named, conditions, filtered


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaSteps:
    """What the target lacks of the source's schema, in two parts with the rows between them."""

    create: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    not_covered: tuple[str, ...] = ()
    plan: Plan | None = None


def schema_steps(request: RunRequest) -> SchemaSteps:
    """The steps that add what the target lacks. ConfigurationError, ConnectionFailed: a side cannot be read."""
    # Loaded where schemas are compared: a migration into tables that are there needs nothing of it.
    from harness.core.align.around_rows import around_rows
    from harness.stages.schema import plan_for, read_schemas

    configuration = request.configuration
    pair = read_schemas(request.source, request.target, configuration, scope=configuration.scope.schemas)
    plan = plan_for(pair, "add-missing")
    before, after = around_rows(plan.steps, pair.source)
    return SchemaSteps(
        create=before,
        after=after,
        not_covered=plan.not_covered,
        plan=plan,
    )


def plan_migration(request: RunRequest, learned: Learned, steps: SchemaSteps, *, tried: bool = False) -> MigrationPlan:
    """How the tables in scope will move; `tried`: with how fast the source sends rows. Raises what migrate_stage raises
    before it writes.
    """
    configuration, (source, target) = request.configuration, learned.catalogs
    check_mapping(configuration.mapping, source, target)
    wanted = tuple(table for table in learned.tables if table in source.table_by_identity)
    alone = without_partitions(wanted, source)
    made = {step.identity for step in steps.create if step.kind == "table"}
    refused = _refused(source, target, alone, configuration, made)
    projections = {
        table: project(table, configuration.mapping, source, target)
        for table in alone
        if configuration.mapping.target_of(table) in target.table_by_identity
    }
    check_named(configuration, source, [table for table in wanted if table not in alone])
    projections = filtered(projections, configuration)
    chosen = conditions(configuration, alone)
    identity = migration_identity(configuration.mapping, wanted, source, target, chosen)
    with (
        session(request.source, purpose="plan") as reading,
        snapshot(reading),
        session(request.target, purpose="plan") as there,
        snapshot(there),
    ):
        check_conditions((reading, request.source), (there, request.target), projections.values())
        parts = {table: parts_of(reading, request.source, source.table_by_identity[table]) for table in alone}
        sizes = {table: sum(part.bytes for part in found) for table, found in parts.items()}
        indexes = {table: sum(part.index_bytes for part in found) for table, found in parts.items()}
        speed = None
        if tried and alone:
            largest = source.table_by_identity[max(alone, key=lambda each: sizes[each])]
            speed = bytes_a_second(reading, request.source, largest)
        large = planned_objects(
            (reading, request.source),
            (there, request.target),
            identity,
            origin_of(source, identity),
            projections,
            configuration,
        )
        recorded, chunks = _earlier(there, request.target, identity, projections)
        empty = _empty(there, request.target, projections)
    ensure_modes(configuration.migrate.mode, recorded, empty, projections)
    tables = []
    for number, group in enumerate(_groups(alone, projections, learned), start=1):
        for table in group.tables:
            known = recorded.get(table)
            projection = projections.get(table)
            mode = load_mode(configuration.migrate.mode, known, empty=projection is None or empty[table])
            finished = known is not None and known.finished
            reason = refused.get(table) or (None if finished else refused_cycle(group))
            if projection is not None and mode == "upsert" and not finished:
                reason = reason or (not_upserted() if upsert_key(projection, source, target) is None else None)
            tables.append(
                PlannedTable(
                    table=table,
                    target_table=configuration.mapping.target_of(table),
                    group=number,
                    mode=None if reason else mode,
                    rows=_estimate(source.table_by_identity[table], source),
                    bytes=sizes[table],
                    index_bytes=indexes[table],
                    chunk_key=chunk_key(source, table),
                    where=chosen.get(table),
                    moved=sum(each.rows for each in chunks.get(table, ())),
                    finished=finished,
                    columns=changed_columns(projection) if projection else (),
                    lost=dict(projection.dropped) if projection else {},
                    generated=tuple(each.name for each in projection.columns if not each.writable)
                    if projection
                    else (),
                    triggers=tuple(
                        each.identity for each in firing_triggers(target, [configuration.mapping.target_of(table)])
                    ),
                    sequences=tuple(
                        each.identity
                        for each in target.sequences
                        if each.owned_by is not None and each.table_identity == configuration.mapping.target_of(table)
                    ),
                    refused=reason,
                )
            )
    return MigrationPlan(
        migration=identity,
        source=learned.sides[0].database,
        target=learned.sides[1].database,
        tables=tuple(tables),
        create=steps.create,
        after=steps.after,
        mapping=configuration.mapping,
        batch_rows=configuration.migrate.batch_rows,
        batch_bytes=configuration.migrate.batch_bytes,
        wanted_mode=configuration.migrate.mode,
        not_covered=steps.not_covered,
        sent_a_second=speed,
        large_objects=large,
    )


def ensure_same(saved: MigrationPlan, now: MigrationPlan) -> None:
    """PlanRefused where a saved plan is not of what both sides are now."""
    if saved.migration != now.migration:
        raise PlanRefused(
            "the plan was made for another migration: since then a table in scope, its definition on a side, the "
            "mapping or the source has changed",
            hint="Make the plan again: pgparity migrate --dry-run --format json --output FILE.",
        )
    if [step.sql for step in (*saved.create, *saved.after)] != [step.sql for step in (*now.create, *now.after)]:
        raise PlanRefused(
            "the plan would make other objects than the target lacks now",
            hint="Make the plan again, with --create-schema where the target's tables are to be made.",
        )


def _refused(
    source: Catalog, target: Catalog, tables: Sequence[str], configuration: Configuration, made: set[str]
) -> dict[str, str]:
    findings: tuple[Finding, ...] = preflight(source, target, tables, configuration)
    return {
        str(each.table): each.title.partition(": ")[2]
        for each in findings
        if configuration.mapping.target_of(str(each.table)) not in made
    }


def _groups(tables: Sequence[str], projections: Mapping[str, TableProjection], learned: Learned) -> list[LoadGroup]:
    """The groups in the order of loading, by identities of the source.

    Tables that are still to be made have no foreign keys while they are loaded.
    """
    by_target = {each.target.identity: table for table, each in projections.items()}
    there = load_order(tuple(by_target), learned.catalogs[1].constraints)
    groups = [
        LoadGroup(
            tables=tuple(by_target[each] for each in group.tables),
            deferred=group.deferred,
            refused=group.refused,
            self_referencing=group.self_referencing,
        )
        for group in there
    ]
    return groups + [LoadGroup(tables=(table,)) for table in tables if table not in projections]


def _estimate(table: Table, catalog: Catalog) -> int | None:
    """Rows by the statistics of the table, or of its partitions."""
    if table.estimated_rows >= 0 and table.partition_key is None:
        return table.estimated_rows
    parts = [
        _estimate(each, catalog)
        for each in catalog.tables
        if (each.partition_of or "").startswith(f"{table.identity} ")
    ]
    return sum(each for each in parts if each is not None) if parts and None not in parts else None


def _earlier(
    connection: Connection, endpoint: Endpoint, identity: str, projections: Mapping[str, TableProjection]
) -> tuple[dict[str, ledger.RecordedTable], dict[str, tuple[Chunk, ...]]]:
    """What the ledger has of this migration. PlanRefused: another one of these tables is unfinished."""
    with blaming(endpoint, connection):
        if not ledger.exists(connection):
            return {}, {}
        recorded = ledger.tables(connection)
        chunks = ledger.chunks(connection, identity)
    unfinished_by_others(recorded, identity, {each.target.identity for each in projections.values()})
    return {each.source_table: each for each in recorded if each.migration == identity}, chunks


def _empty(connection: Connection, endpoint: Endpoint, projections: Mapping[str, TableProjection]) -> dict[str, bool]:
    with blaming(endpoint, connection):
        return {table: copy.is_empty(connection, each.target) for table, each in projections.items()}
