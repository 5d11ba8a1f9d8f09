"""The row comparison as a run of its own: structure and scope are learned first, then the rows and nothing else."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from harness.core.declared_tables import with_asked_views
from harness.core.deltas import RowDelta, TableRows
from harness.core.document import RunDocument, ScopeTable
from harness.core.record import Side
from harness.core.scope import compared
from harness.postgres.connect import ensure_comparable, server_facts, session, snapshot
from harness.postgres.introspect import FAMILIES_OF_ROWS
from harness.postgres.kept_sessions import keeping_sessions
from harness.postgres.privileges import require
from harness.stages.asked_names import ensure_names_exist
from harness.stages.events import Events, Silent
from harness.stages.introspect import introspect_stage
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.loading import loading
from harness.stages.result import StageResult
from harness.stages.scope import scope_stage


def compare_rows_alone(
    request: RunRequest,
    events: Events | None = None,
    *,
    asked: bool = False,
    heard: Callable[[RowDelta], None] | None = None,
) -> RunDocument:
    """Compare the rows alone; neither database is written.

    `asked`: the tables in scope were named for this comparison, so that the others are left out by decision. Else a
    table that one side alone has is incomplete too, as is one with rows that the scope does not name. What the
    databases differ in beside their rows is not told. `heard` is told of every difference as it is found. PgparityError
    where the comparison cannot begin.
    """
    started_at, started = now(), time.perf_counter()
    journal = Journal(request.configuration, events or Silent())
    # The sessions that learn what there is are those that read the rows then.
    with keeping_sessions():
        # Half of what is loaded is what reads rows: that is done while the servers tell of their tables.
        with loading("harness.stages.rows"):
            ensure_comparable(request.source, request.target)
            learned = _learned(request, journal, asked=asked)
        tables = (*learned.tables, *_on_the_target_alone(learned.scope, asked=asked))
        learned.rows = journal.require("rows", lambda: _compared(request, journal, learned, tables, heard))
    return document_of(request, journal, learned, started_at, time.perf_counter() - started)


def _learned(request: RunRequest, journal: Journal, *, asked: bool) -> Learned:
    """introspect and scope, as in a whole run, with the views that were asked for among the tables."""
    configuration = request.configuration
    with (
        session(request.source, purpose="introspect") as source,
        session(request.target, purpose="introspect") as target,
        snapshot(source),
        snapshot(target),
    ):
        sides = server_facts(source, request.source), server_facts(target, request.target)
        catalogs = journal.require(
            "introspect", lambda: introspect_stage(source, target, configuration, families=FAMILIES_OF_ROWS)
        )
        ensure_names_exist(source, target, catalogs, configuration)
        known = with_asked_views(catalogs, configuration)
        scope = journal.require("scope", lambda: scope_stage(source, target, known, configuration, asked=asked))
        tables = compared(scope)
        require(source, Side.SOURCE, tables)
        require(target, Side.TARGET, [configuration.mapping.target_of(table) for table in tables])
    journal.forget(*(each.name for each in journal.stages if each.status != "incomplete" and each.name != "scope"))
    return Learned(sides=sides, catalogs=catalogs, scope=scope)


def _on_the_target_alone(scope: tuple[ScopeTable, ...], *, asked: bool) -> tuple[str, ...]:
    """Tables that only the target has and nobody excluded: no other stage of this comparison tells of them."""
    return () if asked else tuple(each.table for each in scope if each.scope == "target only" and not each.reason)


def _compared(
    request: RunRequest,
    journal: Journal,
    learned: Learned,
    tables: tuple[str, ...],
    heard: Callable[[RowDelta], None] | None,
) -> StageResult[tuple[TableRows, ...]]:
    from harness.stages.rows import rows_stage

    result = rows_stage(
        request.source,
        request.target,
        *learned.catalogs,
        tables,
        request.configuration,
        journal.events,
        heard=heard,
        large_objects=True,
    )
    if not any(each.code == "COV002" for each in result.findings):
        return result
    # An empty source is no evidence of anything, not even of rows that the target should not have.
    findings = tuple(each for each in result.findings if each.code != "ROW002")
    return dataclasses.replace(result, findings=findings)
