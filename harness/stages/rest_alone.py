"""The row comparison with a source that is reached by REST alone, as a run of its own."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped, of_check
from harness.core.deltas import TableRows
from harness.core.document import RunDocument, ScopeTable, ServerFacts
from harness.core.keys import match_key
from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.projection import check_mapping, project
from harness.core.record import Side
from harness.core.row_forms import DescribedType, cell_form
from harness.core.row_keys import personal_among
from harness.core.scope import compared, scope_of
from harness.core.tolerance import check_tolerances
from harness.postgres.connect import (
    Connection,
    Endpoint,
    ensure_session_kept,
    server_facts,
    session,
    snapshot,
)
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.introspect import introspect
from harness.postgres.named_rows import TextTable
from harness.postgres.privileges import require
from harness.postgres.projected import check_filters, described, target_rows
from harness.stages import rows_result as result
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.policy import policy_of
from harness.stages.recorded_alone import named_alone
from harness.stages.rest_comparison import RestComparison
from harness.stages.rest_filtered import FilteredTable, filtered
from harness.stages.rest_rows import compare_by_rest
from harness.stages.rest_source import RestSource
from harness.stages.result import StageResult
from harness.stages.rows_recheck import Patience
from harness.stages.rows_table import ComparedTable

_INTEGERS = frozenset({"smallint", "integer"})
"""PostgREST calls both int32"""


def compare_rest(
    rest: RestSource,
    target: Endpoint,
    configuration: Configuration,
    events: Events | None = None,
    *,
    twice: bool = False,
    asked: bool = False,
) -> RunDocument:
    """Compare every table that the project serves and that is in scope. `twice`: read the source a second time, to see
    whether it was the same. `asked`: the tables were named for this comparison, so that the others are left out by
    decision.

    Raises PgparityError: the project or the target cannot be reached or refuses, a table is on neither side, a
    condition is configured that REST cannot be asked.
    """
    ensure_session_kept(target)
    started_at, started = now(), time.perf_counter()
    journal = Journal(configuration, events or Silent())
    with session(target, purpose="rows") as connection, snapshot(connection):
        catalog = introspect(connection, schemas=configuration.scope.schemas)
        served = without_views(rest.catalog(configuration.scope.schemas), catalog, configuration)
        check_mapping(configuration.mapping, served, catalog)
        scope = scope_of(
            served, catalog, configuration.scope, configuration.mapping, policy_of(configuration.schema_.policy)
        )
        facts = (rest_facts(rest), server_facts(connection, target))
        learned = Learned(sides=facts, catalogs=(served, catalog), scope=named_alone(scope) if asked else scope)
        learned.rows = (
            journal.perform(
                "rows",
                lambda: rest_rows_stage(
                    rest, (connection, target), learned, configuration, journal.events, twice=twice
                ),
            )
            or ()
        )
    source = Endpoint(Side.SOURCE, "", rest.host)
    request = RunRequest(configuration=configuration, base=Path(), source=source, target=target)
    return document_of(request, journal, learned, started_at, time.perf_counter() - started)


def rest_rows_stage(
    rest: RestSource,
    target: tuple[Connection, Endpoint],
    learned: Learned,
    configuration: Configuration,
    events: Events,
    *,
    twice: bool,
) -> StageResult[tuple[TableRows, ...]]:
    """Compare the tables in scope; the target's session holds its snapshot. Raises what compare_rest raises."""
    served, catalog = learned.catalogs
    missing: list[result.MissingTable] = []
    projections: list[FilteredTable] = []
    for table in compared(learned.scope):
        other = configuration.mapping.target_of(table)
        if table in served.table_by_identity and other in catalog.table_by_identity:
            projections.append(filtered(project(table, configuration.mapping, served, catalog), served, configuration))
        else:
            on_source = table in served.table_by_identity
            missing.append(result.MissingTable(table=table, target=other, on_source=on_source))
    require(target[0], Side.TARGET, [each.sides.target.identity for each in projections])
    for each in projections:
        # The source's condition is asked of REST, not of a session.
        check_filters(target, target, dataclasses.replace(each.sides, source_where=None))
    found: list[ComparedTable] = []
    for number, projection in enumerate(projections):
        events.progress("rows", number, len(projections), projection.sides.source.identity)
        found.append(_one(rest, target, projection, learned, configuration, twice=twice))
    events.progress("rows", len(projections), len(projections), "")
    done = result.done(found, missing, [each.sides for each in projections], configuration)
    gaps = () if configuration.scope.tables else tuple(_not_served(learned.scope, catalog))
    coverage = done.coverage.model_copy(update={"skipped": (*done.coverage.skipped, *gaps, *_not_asked(configuration))})
    return StageResult(artifact=done.artifact, coverage=coverage, findings=done.findings, summary=done.summary)


def _one(
    rest: RestSource,
    target: tuple[Connection, Endpoint],
    table: FilteredTable,
    learned: Learned,
    configuration: Configuration,
    *,
    twice: bool,
) -> ComparedTable:
    connection, endpoint = target
    projection = table.sides
    ignored = result.ignored_columns(projection, configuration)
    rules = configuration.rows.tables.get(projection.source.identity)
    key = rules.key if rules is not None and rules.key else ()
    if not key:
        match = match_key(projection, *learned.catalogs)
        key = match.columns if match is not None and not ignored.keys() & set(match.columns) else ()
    rows = target_rows(projection)
    plain = {column.name: column for column in projection.columns if column.source is not None}
    key = key if set(key) <= plain.keys() else ()
    chosen = {*rules.columns, *key} if rules is not None and rules.columns else plain.keys()
    names = tuple(name for name in plain if name not in ignored and name in chosen)
    try:
        # A savepoint: a statement that fails on one table must not cost the others the snapshot.
        with connection.transaction():
            with blaming(endpoint, connection):
                every = described(connection, rows)
            types = dict(zip((column.name for column in projection.columns), every, strict=True))
            forms = {name: cell_form(types[name], types[name]) for name in names}
            tolerances = rules.tolerances if rules is not None else {}
            check_tolerances(f"rows.tables.{projection.source.identity!r}", tolerances, forms)
            comparison = RestComparison(
                projection=projection,
                rest=rest,
                source_columns=tuple(plain[name].source or "" for name in names),
                target=TextTable(
                    connection=connection, endpoint=endpoint, rows=rows, columns=names, key=key, types=types
                ),
                forms=forms,
                type_drift=tuple(name for name in names if _drifts(plain[name].source_type or "", types[name])),
                personal=personal_among(key, projection, configuration.personal.columns),
                uncompared=(
                    *(name for name in projection.missing if name not in ignored),
                    *(column.name for column in projection.columns if column.source is None),
                ),
                limit=configuration.rows.limit,
                patience=Patience(seconds=configuration.rows.settle_seconds, since=0),
                tolerances=tolerances,
                hidden=personal_among(names, projection, configuration.personal.columns),
                where=table.asked,
                twice=twice,
            )
            return compare_by_rest(comparison)
    except StatementFailed as failure:
        rows_of = TableRows(
            table=projection.source.identity,
            target_table=projection.target.identity,
            status="incomplete",
            source_rows=0,
            target_rows=0,
            reason=f"on the {failure.side}: {failure.reason}",
        )
        return ComparedTable(rows_of, Counter())


def _drifts(served: str, target: DescribedType) -> bool:
    return served != target.sql and not {served, target.sql} <= _INTEGERS


def without_views(served: Catalog, target: Catalog, configuration: Configuration) -> Catalog:
    """The served tables without what is a view on the target: a view has no rows of its own."""
    views = {qualified(view.schema, view.name) for view in target.views}
    tables = tuple(each for each in served.tables if configuration.mapping.target_of(each.identity) not in views)
    return Catalog(
        server=served.server,
        scope=served.scope,
        schemas=served.schemas,
        tables=tables,
        columns=served.columns,
        constraints=served.constraints,
    )


def _not_served(scope: tuple[ScopeTable, ...], target: Catalog) -> Iterator[Skipped]:
    """Tables of the target that the project does not name: whether they are on the source is not told."""
    for each in scope:
        table = target.table_by_identity.get(each.table)
        if each.scope == "target only" and each.reason is None and table is not None and table.partition_of is None:
            yield Skipped(
                item=each.table, reason="the project does not serve it: whether the source has rows is not known"
            )


def _not_asked(configuration: Configuration) -> Iterator[Skipped]:
    """Checks are SQL, which REST takes none of: gaps, each by its name."""
    for each in configuration.rows.checks:
        yield Skipped(item=of_check(each.name), reason="it is SQL that both sides answer, and REST takes none")


def rest_facts(rest: RestSource) -> ServerFacts:
    """What a document says of a source that is REST alone."""
    return ServerFacts(
        label="source",
        address=rest.host,
        database="project",
        role=rest.role or "not told",
        version="not told through REST",
        encoding="UTF8",
        collation="not told through REST",
    )
