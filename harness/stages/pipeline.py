"""The pipeline: the stages in order. Read this first: it is the map of everything that a run does."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace

from harness.core.document import RunDocument
from harness.core.model.database import LargeObject
from harness.core.plan import Plan
from harness.core.statements import CapturedStatement
from harness.postgres.connect import ensure_comparable, session
from harness.stages.align import align_stage, check_plan
from harness.stages.contract import contract_stage
from harness.stages.diff import DiffArtifact
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned as Learned
from harness.stages.learned import RunRequest as RunRequest
from harness.stages.learned import document_of as document_of
from harness.stages.live_evidence import compared_live
from harness.stages.methods import methods_stage
from harness.stages.migrate import migrate_stage
from harness.stages.move_filters import comparing
from harness.stages.result import StageResult
from harness.stages.rows import rows_stage
from harness.stages.schema import apply_to
from harness.stages.scratch import ScratchStack
from harness.stages.statement_check import check_statements
from harness.stages.statement_files import read_statement_files
from harness.stages.structure import learn_structure
from harness.stages.subjects import Subjects, load_subjects

NOT_ASKED = "rows are moved only with --yes, or migrate.enabled = true in the configuration"
NO_LAYERS = "no data layer is configured: set [methods], or leave the stage out by name under [run.exclude_stages]"
REFUSED = "the schema of the target would refuse the rows"


def run(request: RunRequest, events: Events | None = None, *, scratch: ScratchStack | None = None) -> RunDocument:
    """Run every stage that is not left out by name, and decide.

    Raises a PgparityError where the run cannot begin or go on (exit code 2). `scratch` lets several runs share the
    local servers of rehearsals and clones.
    """
    started_at, started = now(), time.perf_counter()
    subjects = load_subjects(request.configuration, request.base)
    statements = read_statement_files(request.base, request.configuration.contract.statements)
    ensure_comparable(request.source, request.target)
    journal = Journal(request.configuration, events or Silent())
    with contextlib.ExitStack() as cleanup:
        scratch = scratch or cleanup.enter_context(ScratchStack())
        learned = learn_structure(request, journal)
        _compare_structure(request, journal, learned)
        _check_statements(request, journal, learned, subjects, statements, scratch)
        if _move_rows(request, journal, learned):
            _compare_rows(request, journal, learned)
            _compare_methods(request, journal, learned, subjects, scratch)
        else:
            journal.not_run("rows", REFUSED)
            journal.not_run("methods", REFUSED)
    return document_of(request, journal, learned, started_at, time.perf_counter() - started)


def _compare_structure(request: RunRequest, journal: Journal, learned: Learned) -> None:
    """diff and align: what differs, and the plans that mend it; one is applied where that was asked for."""
    configuration = request.configuration
    learned.diff = journal.perform("diff", lambda: _compared(request, learned)) or learned.diff
    learned.plans = journal.perform("align", lambda: _checked_plans(request, learned)) or ()
    wanted = next((plan for plan in learned.plans if plan.strategy == configuration.run.align), None)
    if wanted is not None and wanted.steps and request.consent:
        apply_to(request.target, wanted, configuration, request.allow)
        _compare_again(request, journal, learned)


def _compare_again(request: RunRequest, journal: Journal, learned: Learned) -> None:
    """Learn both sides anew, for the target is another one by now, and find what they differ in."""
    journal.forget("introspect", "scope", "diff")
    again = learn_structure(request, journal)
    learned.sides, learned.catalogs, learned.scope = again.sides, again.catalogs, again.scope
    learned.diff = journal.perform("diff", lambda: _compared(request, learned)) or learned.diff


def _compared(request: RunRequest, learned: Learned) -> StageResult[DiffArtifact]:
    return compared_live(request.source, request.target, learned.catalogs, request.configuration)


def _checked_plans(request: RunRequest, learned: Learned) -> StageResult[tuple[Plan, ...]]:
    """The plans that have something to do, with their prechecks answered by the target's rows."""
    result = align_stage(*learned.catalogs, learned.diff.changes, request.configuration)
    findings = list(result.findings)
    plans: list[Plan] = []
    with session(request.target, purpose="align") as target:
        for plan in result.artifact:
            if plan.steps:
                checked, found = check_plan(target, plan)
                plans.append(checked)
                findings += found
    return replace(result, artifact=tuple(plans), findings=tuple(findings))


def _check_statements(
    request: RunRequest,
    journal: Journal,
    learned: Learned,
    subjects: Subjects | None,
    statements: tuple[CapturedStatement, ...],
    scratch: ScratchStack,
) -> None:
    """contract: what the data layers say to empty clones of both schemas, and files hold, against both schemas."""
    if subjects is None and not statements:
        journal.not_run("contract", NO_LAYERS)
        return

    journal.perform(
        "contract",
        lambda: check_statements(
            request.source,
            request.target,
            learned.catalogs,
            subjects,
            statements,
            request.configuration,
            journal.events,
            stack=scratch,
        ),
    )


def _move_rows(request: RunRequest, journal: Journal, learned: Learned) -> bool:
    """migrate: False where the target's schema would refuse the rows, so that comparing them would prove nothing."""
    if not request.consent:
        journal.leave_out("migrate", NOT_ASKED)
        return True
    learned.ledger = journal.perform(
        "migrate",
        lambda: migrate_stage(
            request.source,
            request.target,
            *learned.catalogs,
            learned.tables,
            request.configuration,
            journal.events,
        ),
    )
    large = learned.ledger.large_objects if learned.ledger is not None else None
    if large is not None and any(each.kind == LargeObject.kind for each in learned.diff.changes):
        # They came with the rows, and are objects of the database as well.
        _compare_again(request, journal, learned)
        if request.configuration.run.align == "plan":
            journal.forget("align")
            learned.plans = journal.perform("align", lambda: _checked_plans(request, learned)) or ()
    return not journal.has("MIG001")


def _compare_rows(request: RunRequest, journal: Journal, learned: Learned) -> None:
    """rows: every row of every table in scope, and the large objects that no migration looked at a moment ago."""
    learned.rows = (
        journal.perform(
            "rows",
            lambda: rows_stage(
                request.source,
                request.target,
                *learned.catalogs,
                learned.tables,
                comparing(request.configuration),
                journal.events,
                large_objects=learned.ledger is None,
            ),
        )
        or ()
    )


def _compare_methods(
    request: RunRequest, journal: Journal, learned: Learned, subjects: Subjects | None, scratch: ScratchStack
) -> None:
    """methods: every public method of both data layers, on clones."""
    if subjects is None:
        journal.not_run("methods", NO_LAYERS)
        return
    learned.methods = (
        journal.perform(
            "methods",
            lambda: methods_stage(
                request.source,
                request.target,
                *learned.catalogs,
                learned.tables,
                subjects,
                request.configuration,
                journal.events,
                stack=scratch,
            ),
        )
        or learned.methods
    )
    # What the code says only once there are rows is not known to a rehearsal on empty clones.
    said = learned.methods.statements
    if said and journal.exclusion("contract") is None:
        checked = contract_stage(*learned.catalogs, said, request.configuration, prepared=learned.methods.prepared)
        journal.add("contract", checked)
