"""The migration as a run of its own: planned, shown, carried out, and every row compared on both sides after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.core.document import RunDocument
from harness.core.index_builds import index_builds
from harness.core.ledger import Ledger
from harness.core.migration_plan import MigrationPlan
from harness.core.plan import Hazard, Plan
from harness.errors import MigrationFailed, PgparityError
from harness.postgres.apply import apply
from harness.postgres.connect import ensure_comparable, session
from harness.postgres.index_builds import build
from harness.postgres.introspect import FAMILIES_OF_MOVES
from harness.postgres.kept_sessions import keeping_sessions
from harness.stages.crew import RESUME, Stop
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.loading import loading
from harness.stages.migrate import migrate_stage
from harness.stages.migrate_plan import SchemaSteps, ensure_same, plan_migration, schema_steps
from harness.stages.move_filters import comparing
from harness.stages.rejects_file import Rejects
from harness.stages.rows import Summed, rows_stage, whole
from harness.stages.structure import learn_structure

Decide = Callable[[MigrationPlan], bool]
"""Shown the plan; whether to carry it out"""


@dataclass(frozen=True, slots=True)
class Migrated:
    """The plan, and the document of the run; None where nothing was moved, for nobody wanted it."""

    plan: MigrationPlan
    document: RunDocument | None = None


def migrate_rows(
    request: RunRequest,
    decide: Decide,
    events: Events | None = None,
    *,
    asked: bool = False,
    create_schema: bool = False,
    saved: MigrationPlan | None = None,
    stop: Stop | None = None,
    tried: bool = False,
    rejects: Rejects | None = None,
    catch_up: bool = False,
) -> Migrated:
    """Plan how the rows in scope move, and move them where `decide` says so; then compare every row of both sides.

    `asked`: the tables in scope were named for this migration, so that the others are left out by decision.
    `create_schema`: what the target lacks of the source's schema is made, tables first, indexes, keys and the rest once
    rows are there. `saved`: a plan that was shown before; PlanRefused where it is not of what both sides are now.
    `rejects`: where rows that the target refuses are listed, while all others move. `catch_up`: what earlier runs
    finished is brought up to date with the source, deletes too.
    `tried`: the plan says how fast the source sends rows. `stop`: how the work is ended from outside, between chunks
    or in the middle of them.
    Raises what migrate_stage and rows_stage raise.
    """
    started_at, started = now(), time.perf_counter()
    journal = Journal(request.configuration, events or Silent())
    # What compares schemas is much, and loaded while the servers tell of their tables.
    with keeping_sessions():
        with loading(*(["harness.stages.schema"] if create_schema else [])):
            ensure_comparable(request.source, request.target)
            learned = _learned(request, Journal(request.configuration, Silent()), asked=asked)
        steps = schema_steps(request) if create_schema else SchemaSteps()
        plan = plan_migration(request, learned, steps, tried=tried)
        plan = plan.model_copy(update={"catch_up": catch_up})
        if saved is not None:
            ensure_same(saved, plan)
        if not decide(plan):
            return Migrated(plan)
        if create_schema:
            _make(request, journal, steps, after=False)
        learned = _learned(request, journal, asked=asked)
    journal.forget("introspect")
    learned.ledger = journal.require(
        "migrate",
        lambda: migrate_stage(
            request.source,
            request.target,
            *learned.catalogs,
            learned.tables,
            request.configuration,
            journal.events,
            stop=stop,
            rejects=rejects,
            catch_up=catch_up,
        ),
    )
    if stop is not None:
        stop.check()
    if not journal.has("MIG001"):
        configuration = comparing(whole(request.configuration))
        with keeping_sessions():
            if create_schema and not journal.has("MIG002"):
                _finish_schema(request, journal, learned, steps, asked=asked)
            learned.rows = journal.require(
                "rows",
                lambda: rows_stage(
                    request.source,
                    request.target,
                    *learned.catalogs,
                    learned.tables,
                    configuration,
                    journal.events,
                    summed=summed(learned.ledger),
                ),
            )
    return Migrated(plan, document_of(request, journal, learned, started_at, time.perf_counter() - started))


def _learned(request: RunRequest, journal: Journal, *, asked: bool) -> Learned:
    return learn_structure(request, journal, asked=asked, families=FAMILIES_OF_MOVES)


def summed(ledger: Ledger | None) -> dict[str, Summed]:
    """The tables whose rows were all summed on both sides, and agreed: to scan them again would prove no more."""
    found = {}
    for each in ledger.tables if ledger is not None else ():
        if each.equal_rows is not None:
            found[each.table] = Summed(
                each.equal_rows,
                "summed on both sides by the catch-up, in the snapshot that it read the source in; it wrote nothing "
                "that reaches them",
            )
        elif each.checksums:
            found[each.table] = Summed(
                each.rows,
                f"summed in {each.chunks:,} chunks on the source, in the snapshot that they were moved from, and on "
                "the target by the transactions that wrote them",
            )
    return found


def _finish_schema(request: RunRequest, journal: Journal, learned: Learned, steps: SchemaSteps, *, asked: bool) -> None:
    """Make what waits for the rows."""
    try:
        plain = frozenset(each.identity for each in learned.catalogs[1].tables if each.partition_key is None)
        _make(request, journal, steps, after=True, plain_tables=plain)
    except PgparityError as error:
        raise MigrationFailed(error.message, hint=f"{error.hint} {RESUME}".strip()) from None
    again = _learned(request, Journal(request.configuration, Silent()), asked=asked)
    learned.sides, learned.catalogs, learned.scope = again.sides, again.catalogs, again.scope


def _make(
    request: RunRequest,
    journal: Journal,
    steps: SchemaSteps,
    *,
    after: bool,
    plain_tables: frozenset[str] = frozenset(),
) -> None:
    """Apply one part of the plan that adds what the target lacks."""
    wanted = steps.after if after else steps.create
    if steps.plan is None or not wanted:
        return
    stage = "align"
    journal.events.stage_started(stage)
    started = time.perf_counter()

    def told(done: int, total: int, what: str) -> None:
        journal.events.progress(stage, done, total, what)

    if after:
        # The rows are those of the source, whose rules they keep: nothing has to be asked of them first.
        builds, wanted = index_builds(wanted, plain_tables)
        build(request.target, builds, request.configuration.run.max_connections, told)
    part: Plan = steps.plan.model_copy(update={"steps": wanted})
    with session(request.target, purpose="apply", writable=True) as connection:
        # The plan was made a moment ago by this run. It adds and takes nothing away: making it was asked for by name.
        allowed = frozenset({Hazard.LOCK, Hazard.REWRITE})
        apply(connection, part, target_catalog=None, allow=allowed, run_prechecks=not after, progress=told)
    summary = f"{len(steps.after if after else steps.create)} statements {'after' if after else 'before'} the rows"
    journal.events.stage_finished(stage, "passed", time.perf_counter() - started, summary)
