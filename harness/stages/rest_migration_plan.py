"""The plan of a migration through REST: tables in the order of their foreign keys, with their rows by count=exact."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.load_order import load_order
from harness.core.migration import firing_triggers
from harness.core.migration_plan import MigrationPlan, PlannedTable, changed_columns
from harness.core.projection import TableProjection, project
from harness.errors import ConnectionFailed
from harness.postgres import ledger
from harness.postgres.connect import Connection
from harness.postgres.failures import blaming
from harness.stages.learned import Learned, RunRequest
from harness.stages.load_plan import unfinished_by_others
from harness.stages.migrate import preflight
from harness.stages.rest_migration_tables import RestTable, refusal_of, rest_table
from harness.stages.rest_source import PAGE, RestFailed, RestSource


def planned_by_rest(
    rest: RestSource,
    request: RunRequest,
    learned: Learned,
    tables: Sequence[str],
    identity: str,
    connection: Connection,
) -> MigrationPlan:
    """How the tables will move; nothing is written. PgparityError: the project does not count, another migration of
    these tables is unfinished.
    """
    mapping, (served, catalog) = request.configuration.mapping, learned.catalogs
    blocked = {
        str(each.table): each.title.partition(": ")[2]
        for each in preflight(served, catalog, tables, request.configuration)
    }
    projections = {
        name: project(name, mapping, served, catalog)
        for name in tables
        if mapping.target_of(name) in catalog.table_by_identity
    }
    recorded, moved = _earlier(connection, request, identity, projections)
    by_target = {each.target.identity: rest_table(each, learned.catalogs) for each in projections.values()}
    planned: list[PlannedTable] = []
    for number, group in enumerate(load_order(tuple(by_target), catalog.constraints), start=1):
        members = [by_target[each] for each in group.tables]
        refused = refusal_of(group, members)
        for table in members:
            known = PlannedTable(
                table=table.name,
                target_table=table.projection.target.identity,
                group=number,
                rows=_count(rest, table.projection),
                moved=moved.get(table.name, 0),
                finished=recorded.get(table.name, False),
                refused=blocked.get(table.name) or refused,
            )
            planned.append(_detailed(known, table, learned))
    planned += [
        PlannedTable(table=name, target_table=mapping.target_of(name), group=len(planned) + 1, refused=blocked[name])
        for name in tables
        if name not in projections
    ]
    return MigrationPlan(
        migration=identity,
        source=rest.address,
        target=learned.sides[1].database,
        tables=tuple(planned),
        mapping=mapping,
        batch_rows=PAGE,
    )


def _detailed(known: PlannedTable, table: RestTable, learned: Learned) -> PlannedTable:
    projection, catalog = table.projection, learned.catalogs[1]
    target = projection.target.identity
    return known.model_copy(
        update={
            "mode": None if known.refused else "upsert",
            "chunk_key": table.source_key or None,
            "columns": changed_columns(projection),
            "lost": dict(projection.dropped),
            "generated": tuple(each.name for each in projection.columns if not each.writable),
            "triggers": tuple(each.identity for each in firing_triggers(catalog, [target])),
            "sequences": tuple(
                each.identity
                for each in catalog.sequences
                if each.owned_by is not None and each.table_identity == target
            ),
        }
    )


def _count(rest: RestSource, projection: TableProjection) -> int:
    try:
        return rest.count(projection.source.schema, projection.source.name)
    except RestFailed as failure:
        raise ConnectionFailed(
            f"the project does not tell how many rows {projection.source.identity} has: {failure.reason}",
            hint="Name the tables to move (--table), or give the key of service_role.",
        ) from None


def _earlier(
    connection: Connection, request: RunRequest, identity: str, projections: dict[str, TableProjection]
) -> tuple[dict[str, bool], dict[str, int]]:
    """Which tables the ledger has, whether they are finished, and how many rows of each."""
    with blaming(request.target, connection):
        if not ledger.exists(connection):
            return {}, {}
        recorded = ledger.tables(connection)
        chunks = ledger.chunks(connection, identity)
    unfinished_by_others(recorded, identity, {each.target.identity for each in projections.values()})
    finished = {each.source_table: each.finished for each in recorded if each.migration == identity}
    return finished, {name: sum(each.rows for each in parts) for name, parts in chunks.items()}
