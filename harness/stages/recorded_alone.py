"""The row comparison with a recorded side as a run of its own: what `data diff` does where a side is a file."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.declared_tables import with_views
from harness.core.deltas import TableRows
from harness.core.digest import DigestedTable, DigestRequest
from harness.core.document import RunDocument, ScopeTable, ServerFacts
from harness.core.names import qualified, split
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.core.record import Side
from harness.core.recorded_answers import RecordedAnswers, answers_of
from harness.core.scope import scope_of
from harness.errors import SameDatabase
from harness.postgres.connect import Connection, Endpoint, ensure_session_kept, server_facts, session, snapshot
from harness.postgres.introspect import introspect
from harness.postgres.privileges import require
from harness.stages import rows_result as result
from harness.stages.digest_checks import naming
from harness.stages.digest_diff import ComparedDigest, compare_digests
from harness.stages.digest_pair import digest_pair
from harness.stages.digest_scan import side_reading
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.policy import policy_of
from harness.stages.recorded_side import LiveSide, RecordedSide, request_of
from harness.stages.result import StageResult
from harness.stages.rows_checks import compare_checks, with_checks


def compare_recorded(
    source: RecordedSide | Endpoint,
    target: RecordedSide | Endpoint,
    configuration: Configuration,
    events: Events | None = None,
    *,
    asked: bool = False,
) -> tuple[RunDocument, tuple[DigestRequest, ...]]:
    """Compare the rows where at least one side is recorded; and what to ask of the recorded sides to know more.
    `asked`: the tables were named for this comparison, so that the others are left out by decision.

    PgparityError: the recorded side cannot be compared with this one (DocumentError), a table is on neither side.
    """
    started_at, started = now(), time.perf_counter()
    journal = Journal(configuration, events or Silent())
    requests: list[DigestRequest] = []
    with contextlib.ExitStack() as opened:
        sides = tuple(_opened(each, configuration, opened) for each in (source, target))
        _ensure_distinct(*(_facts(each) for each in sides))
        catalogs = (sides[0].catalog, sides[1].catalog)
        scope = scope_of(*catalogs, configuration.scope, configuration.mapping, policy_of(configuration.schema_.policy))
        scope = named_alone(scope) if asked else scope
        check_mapping(configuration.mapping, *catalogs)
        learned = Learned(sides=(_facts(sides[0]), _facts(sides[1])), catalogs=catalogs, scope=scope)
        tables = without_partitions(_wanted(scope, sides, configuration), catalogs[0])
        done = journal.perform("rows", lambda: _compared(sides[0], sides[1], tables, configuration, journal, requests))
        learned.rows = done or ()
    request = RunRequest(
        configuration=configuration,
        base=Path(),
        source=_endpoint(source, Side.SOURCE),
        target=_endpoint(target, Side.TARGET),
        title="",
    )
    return document_of(request, journal, learned, started_at, time.perf_counter() - started), tuple(requests)


def named_alone(scope: Sequence[ScopeTable]) -> tuple[ScopeTable, ...]:
    """The scope without the tables that nobody named."""
    return tuple(each for each in scope if each.scope not in ("unnamed", "target only"))


def _wanted(
    scope: Sequence[ScopeTable], sides: Sequence[RecordedSide | LiveSide], configuration: Configuration
) -> tuple[str, ...]:
    """The tables to compare, by identity on the source: of a side that was recorded in part, that part.

    A table that only the target has is one of them where nobody named tables: its absence is a gap.
    """
    found = [each.table for each in scope if each.scope == "compared"]
    named = bool(configuration.scope.tables)
    for side, of_side in zip(sides, (Side.SOURCE, Side.TARGET), strict=True):
        if isinstance(side, RecordedSide) and side.document.asked and not named:
            name = (lambda table: table) if of_side is Side.SOURCE else configuration.mapping.target_of
            found = [each for each in found if name(each) in side.document.asked]
            named = True
    if not named:
        found += [each.table for each in scope if each.scope == "target only" and not each.reason]
    return tuple(found)


def _opened(
    side: RecordedSide | Endpoint, configuration: Configuration, opened: contextlib.ExitStack
) -> RecordedSide | LiveSide:
    if isinstance(side, RecordedSide):
        return side
    ensure_session_kept(side)
    connection = opened.enter_context(session(side, purpose="rows"))
    exported = opened.enter_context(snapshot(connection))
    asked = {*configuration.scope.tables, *configuration.rows.tables}
    if side.side is Side.TARGET:
        asked = {configuration.mapping.target_of(each) for each in asked}
    return LiveSide(
        connection=connection,
        endpoint=side,
        reading=opened.enter_context(side_reading((connection, side), exported, configuration)),
        catalog=with_views(introspect(connection, schemas=configuration.scope.schemas), asked),
        facts=server_facts(connection, side),
    )


def _compared(
    source: RecordedSide | LiveSide,
    target: RecordedSide | LiveSide,
    tables: Sequence[str],
    configuration: Configuration,
    journal: Journal,
    requests: list[DigestRequest],
) -> StageResult[tuple[TableRows, ...]]:
    missing: list[result.MissingTable] = []
    projections: list[TableProjection] = []
    for table in tables:
        other = configuration.mapping.target_of(table)
        on_source, on_target = (
            table in source.catalog.table_by_identity,
            other in target.catalog.table_by_identity,
        )
        if on_source and on_target:
            projections.append(project(table, configuration.mapping, source.catalog, target.catalog))
        else:
            missing.append(result.MissingTable(table=table, target=other, on_source=on_source))
    for side in (source, target):
        if isinstance(side, LiveSide):
            own = [each.source if side is source else each.target for each in projections]
            require(side.connection, side.endpoint.side, [table.identity for table in own])
    # Before the tables: what is wrong with a check is said at once.
    checks = compare_checks(_answering(source), _answering(target), configuration.rows.checks, configuration)
    found: list[ComparedDigest] = []
    for number, projection in enumerate(projections):
        journal.events.progress("rows", number, len(projections), projection.source.identity)
        found.append(_one(projection, source, target, configuration))
    for side, of_side in ((source, Side.SOURCE), (target, Side.TARGET)):
        wanted: list[DigestedTable] = [each.wanted[of_side] for each in found if of_side in each.wanted]
        if isinstance(side, RecordedSide) and wanted:
            requests.append(request_of(side, wanted))
    done = result.done([each.table for each in found], missing, projections, configuration)
    decided = tuple(
        Skipped(item=name, reason=f"left out when the side was recorded: {reason}", decided=True)
        for side in (source, target)
        if isinstance(side, RecordedSide)
        for name, reason in side.document.decided.items()
    )
    named = {each.item for each in done.coverage.skipped}
    unhashed = tuple(
        Skipped(item=item, reason=f"left out when the side was recorded: {reason}", decided=True)
        for side in (source, target)
        if isinstance(side, RecordedSide)
        for table in side.document.tables
        for name, reason in table.left_out.items()
        if (item := qualified(*split(table.table), name)) not in named
    )
    in_part = tuple(
        Skipped(item="other tables", reason=f"only {len(side.document.asked)} tables were recorded", decided=True)
        for side in (source, target)
        if isinstance(side, RecordedSide) and side.document.asked
    )
    coverage = done.coverage.model_copy(update={"skipped": (*done.coverage.skipped, *decided, *unhashed, *in_part)})
    return with_checks(dataclasses.replace(done, coverage=coverage), checks)


def _answering(side: RecordedSide | LiveSide) -> RecordedAnswers | tuple[Connection, Endpoint]:
    """Who answers the checks of a side."""
    if isinstance(side, RecordedSide):
        return answers_of(side.document.side, side.document.answers)
    return side.connection, side.endpoint


def _one(
    projection: TableProjection,
    source: RecordedSide | LiveSide,
    target: RecordedSide | LiveSide,
    configuration: Configuration,
) -> ComparedDigest:
    with contextlib.ExitStack() as files, naming(projection.source.identity):
        pair = digest_pair(projection, source, target, configuration)
        rows = {
            side: files.enter_context(each.rows(pair.recorded[side].table))
            for side, each in ((Side.SOURCE, source), (Side.TARGET, target))
            if isinstance(each, RecordedSide)
        }
        return compare_digests(pair, rows)


def _facts(side: RecordedSide | LiveSide) -> ServerFacts:
    return side.document.server if isinstance(side, RecordedSide) else side.facts


def _endpoint(side: RecordedSide | Endpoint, which: Side) -> Endpoint:
    return Endpoint(which, "", side.name) if isinstance(side, RecordedSide) else side


def _ensure_distinct(source: ServerFacts, target: ServerFacts) -> None:
    """Refuse a database that is compared with its own record. A promoted physical copy has the same identifier, so
    the address counts as well.
    """
    known = source.system_identifier is not None and source.system_identifier == target.system_identifier
    if known and (source.database, source.address) == (target.database, target.address):
        raise SameDatabase(
            "source and target are the same database, one of them as it was recorded",
            hint="Give two databases: comparing one with itself proves nothing.",
        )
