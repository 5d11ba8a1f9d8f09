"""A migration whose source is REST alone, as a run of its own: planned, moved page by page, and every row compared."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.ledger import Ledger
from harness.core.migration import migration_identity
from harness.core.migration_plan import MigrationPlan
from harness.core.model.catalog import Catalog
from harness.core.projection import check_mapping, project, without_partitions
from harness.core.record import Side
from harness.core.scope import compared, scope_of
from harness.errors import ConfigurationError, ConnectionFailed, MigrationFailed, TableMissing
from harness.postgres import ledger
from harness.postgres.connect import Connection, ensure_session_kept, server_facts, session, snapshot
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.introspect import FAMILIES_OF_MOVES, introspect
from harness.postgres.privileges import require
from harness.stages import migrate_result as result
from harness.stages.after_load import after_load
from harness.stages.crew import RESUME, Stop
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.load_plan import unfinished_by_others
from harness.stages.migrate import preflight
from harness.stages.migrate_alone import Migrated
from harness.stages.policy import policy_of
from harness.stages.recorded_alone import named_alone
from harness.stages.refreshed import refresh
from harness.stages.rest_alone import rest_facts, rest_rows_stage, without_views
from harness.stages.rest_migration_plan import planned_by_rest
from harness.stages.rest_migration_progress import RowsRead
from harness.stages.rest_migration_tables import RestTable, RestTransfer, move_tables, rest_table
from harness.stages.rest_source import RestSource
from harness.stages.result import StageResult
from harness.stages.rows import whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be moved, by what both sides are."""

    identity: str
    """Of the migration"""
    tables: tuple[str, ...]
    """Identities on the source"""
    learned: Learned

    @property
    def catalogs(self) -> tuple[Catalog, Catalog]:
        """What the project serves, and the target's."""
        return self.learned.catalogs


def migrate_by_rest(
    rest: RestSource,
    request: RunRequest,
    decide: Callable[[MigrationPlan], bool],
    events: Events | None = None,
    *,
    asked: bool = False,
    stop: Stop | None = None,
) -> Migrated:
    """Plan how the rows of tables that the project serves and the target has will move, and move them where `decide`
    says so; then compare every row of both sides. `asked`, `stop`: as migrate_rows has them.

    REST has no snapshot: an interrupted run goes on behind the last page that its ledger has, and what changed in the
    pages before it the comparison tells. A table without a primary key is refused by name (MIG002), its pages have no
    order. Raises PgparityError: the project or the target cannot be reached or refuses, a table is not served, another
    migration of these tables is unfinished.
    """
    _ensure_applies(request.configuration)
    ensure_session_kept(request.target)
    started_at, started = now(), time.perf_counter()
    journal = Journal(request.configuration, events or Silent())
    with session(request.target, purpose="plan") as connection, snapshot(connection):
        wanted = _asked(rest, request, connection, asked=asked)
        plan = planned_by_rest(rest, request, wanted.learned, wanted.tables, wanted.identity, connection)
    if not decide(plan):
        return Migrated(plan)
    learned = wanted.learned
    learned.ledger = journal.require(
        "migrate", lambda: _migrate_stage(rest, request, wanted, plan, journal.events, stop or Stop())
    )
    if not journal.has("MIG001"):
        configuration = whole(request.configuration)
        with session(request.target, purpose="rows") as connection, snapshot(connection):
            target = (connection, request.target)
            learned.rows = journal.require(
                "rows",
                lambda: rest_rows_stage(rest, target, learned, configuration, journal.events, twice=False),
            )
    document = document_of(request, journal, learned, started_at, time.perf_counter() - started)
    return Migrated(plan, document)


def _ensure_applies(configuration: Configuration) -> None:
    """Refuse what would be without effect."""
    section = configuration.migrate
    settings: tuple[tuple[str, object], ...] = (
        ("migrate.tables", section.tables),
        ("migrate.throttle", section.throttle),
        ("migrate.mode = copy", section.mode == "copy"),
    )
    for name, given in settings:
        if given:
            raise ConfigurationError(
                f"{name} has no effect where the source is REST", hint="Take it out, or migrate from a database."
            )


def _asked(rest: RestSource, request: RunRequest, connection: Connection, *, asked: bool) -> _Asked:
    configuration = request.configuration
    catalog = introspect(connection, schemas=configuration.scope.schemas, families=FAMILIES_OF_MOVES)
    served = without_views(rest.catalog(configuration.scope.schemas), catalog, configuration)
    # The project's address belongs to what a migration is: another project's pages must not be gone on from.
    served = dataclasses.replace(served, server=dataclasses.replace(served.server, database=rest.address))
    check_mapping(configuration.mapping, served, catalog)
    policy = policy_of(configuration.schema_.policy)
    scope = scope_of(served, catalog, configuration.scope, configuration.mapping, policy)
    facts = (rest_facts(rest), server_facts(connection, request.target))
    learned = Learned(sides=facts, catalogs=(served, catalog), scope=named_alone(scope) if asked else scope)
    names = compared(learned.scope)
    for name in names if asked else ():
        if name not in served.table_by_identity:
            raise TableMissing(
                f"the project does not serve the table {name}",
                hint="Is its schema exposed, may the key's role read it, and is the name right?",
            )
    # A table that only the project has is told by the comparison, unless it was asked for: it may be a view there.
    tables = [
        name
        for name in names
        if name in served.table_by_identity
        and (asked or configuration.mapping.target_of(name) in catalog.table_by_identity)
    ]
    by_target = {configuration.mapping.target_of(name): name for name in tables}
    alone = tuple(by_target[each] for each in without_partitions(tuple(by_target), catalog))
    return _Asked(
        identity=migration_identity(configuration.mapping, alone, served, catalog), tables=alone, learned=learned
    )


def _migrate_stage(
    rest: RestSource, request: RunRequest, asked: _Asked, plan: MigrationPlan, events: Events, stop: Stop
) -> StageResult[Ledger]:
    configuration, target = request.configuration, request.target
    blockers = preflight(*asked.catalogs, asked.tables, configuration)
    if blockers:
        return result.blocked(asked.identity, asked.tables, blockers)
    try:
        with session(target, purpose="migrate", writable=True) as connection:
            transfer = RestTransfer(
                migration=asked.identity,
                rest=rest,
                target=connection,
                target_endpoint=target,
                progress=RowsRead(events=events, rows={each.table: each.rows or 0 for each in plan.tables}),
                stop=stop,
            )
            tables = _tables(transfer, asked, request)
            moved = tuple(
                after_load(transfer, outcome, asked.catalogs)
                for outcome in move_tables(transfer, tables, asked.catalogs[1])
            )
            found = refresh(transfer, [each.projection.target for each in moved if each.error is None])
    except ConnectionFailed as error:
        raise MigrationFailed(error.message, hint=f"{error.hint} {RESUME}".strip()) from None
    except StatementFailed as failure:
        raise MigrationFailed(f"on the {failure.side}: {failure.reason}", hint=RESUME) from None
    return result.done(transfer, moved, asked.catalogs[1], findings=found)


def _tables(transfer: RestTransfer, asked: _Asked, request: RunRequest) -> dict[str, RestTable]:
    """How each table moves and how far an earlier run came, by identity on the target; the ledger is locked."""
    projections = [project(name, request.configuration.mapping, *asked.catalogs) for name in asked.tables]
    with blaming(transfer.target_endpoint, transfer.target):
        require(transfer.target, Side.TARGET, [each.target.identity for each in projections], write=True)
        transfer.target.commit()
        ledger.create(transfer.target)
        ledger.lock(transfer.target)
        recorded = ledger.tables(transfer.target)
        earlier = ledger.chunks(transfer.target, transfer.migration)
        transfer.target.commit()
    unfinished_by_others(recorded, transfer.migration, {each.target.identity for each in projections})
    finished = {each.source_table for each in recorded if each.migration == transfer.migration and each.finished}
    return {
        each.target.identity: dataclasses.replace(
            rest_table(each, asked.catalogs),
            earlier=earlier.get(each.source.identity, ()),
            finished=each.source.identity in finished,
        )
        for each in projections
    }
