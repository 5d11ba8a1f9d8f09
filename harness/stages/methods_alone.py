"""The method comparison as a run of its own: structure and scope are learned as in a whole run, then the methods."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from harness.core.coverage import Skipped
from harness.core.document import RunDocument
from harness.core.findings import Finding, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.record import Severity
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint, ensure_comparable, session, table_name
from harness.postgres.counting import count_up_to
from harness.stages.chosen_methods import only
from harness.stages.contract import contract_stage
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal, now
from harness.stages.learned import Learned, RunRequest, document_of
from harness.stages.methods import STAGE, MethodsArtifact, methods_stage
from harness.stages.result import StageResult
from harness.stages.scratch import ScratchStack
from harness.stages.structure import learn_structure
from harness.stages.subjects import Subjects, load_subjects

_OF_STATEMENTS = frozenset({"CTR009", "CTR010", "CTR011"})
"""Operators and casts, values that are cut, indexes that are missed"""


def compare_methods(
    request: RunRequest,
    events: Events | None = None,
    *,
    seed: int = 0,
    methods: Collection[str] = (),
    scratch: ScratchStack | None = None,
) -> RunDocument:
    """Compare the methods alone, or those of these names; neither database is written.

    Unlike in a whole run, what keeps the stage from its work (a factory that raises, no server for the clones) ends
    it: PgparityError. What the databases differ in beside the methods is not told; what is not in scope is.
    """
    started_at, started = now(), time.perf_counter()
    subjects = load_subjects(request.configuration, request.base)
    if subjects is None:
        raise ConfigurationError(
            "no data layer is given",
            hint="Use --source-layer and --target-layer module:factory, or [methods] in pgparity.toml.",
        )
    subjects = only(subjects, methods)
    ensure_comparable(request.source, request.target)
    journal = Journal(request.configuration, events or Silent())
    learned = learn_structure(request, journal)
    for endpoint, catalog in zip((request.source, request.target), learned.catalogs, strict=True):
        _refuse_nothing(endpoint, catalog, request.configuration.scope.schemas)
    journal.forget(*(each.name for each in journal.stages if each.status != "incomplete"))
    with contextlib.ExitStack() as cleanup:
        stack = scratch or cleanup.enter_context(ScratchStack())
        learned.methods = journal.require(STAGE, lambda: _compared(request, journal, learned, subjects, stack, seed))
    return document_of(request, journal, learned, started_at, time.perf_counter() - started)


def _compared(
    request: RunRequest, journal: Journal, learned: Learned, subjects: Subjects, stack: ScratchStack, seed: int
) -> StageResult[MethodsArtifact]:
    result = methods_stage(
        request.source,
        request.target,
        *learned.catalogs,
        learned.tables,
        subjects,
        request.configuration,
        journal.events,
        stack=stack,
        seed=seed,
    )
    result = replace(result, findings=(*result.findings, *_about_statements(result.artifact, request, learned)))
    if any_row(request.source, learned.tables, learned.catalogs[0].table_by_identity):
        return result
    gap = Skipped(item="rows", reason="every table in scope is empty on the source: equal emptiness is no evidence")
    coverage = result.coverage.model_copy(update={"skipped": (*result.coverage.skipped, gap)})
    return StageResult(
        artifact=result.artifact,
        coverage=coverage,
        findings=(*result.findings, _empty_source(len(learned.tables))),
        summary=result.summary,
    )


def _refuse_nothing(endpoint: Endpoint, catalog: Catalog, schemas: Sequence[str]) -> None:
    """Every call of a method would fail on a database that holds nothing, and say nothing about the method."""
    if not (catalog.tables or catalog.views or catalog.foreign_tables or catalog.routines):
        where = f"the schema{'' if len(schemas) == 1 else 's'} {', '.join(schemas)}" if schemas else "any schema"
        raise ConfigurationError(
            f"the {endpoint.side} has no table in {where}",
            hint=f"Check the database that --{endpoint.side} names, or create its schema first.",
        )


def _about_statements(artifact: MethodsArtifact, request: RunRequest, learned: Learned) -> list[Finding]:
    """What both servers made of the statements that the methods sent; names that are missing show in the calls."""
    checked = contract_stage(*learned.catalogs, artifact.statements, request.configuration, prepared=artifact.prepared)
    return [each for each in checked.findings if each.code in _OF_STATEMENTS]


def any_row(source: Endpoint, tables: tuple[str, ...], known: Collection[str]) -> bool:
    """Whether some table in scope has a row on the source."""
    with session(source, purpose=STAGE) as connection:
        for identity in tables:
            if identity in known:
                schema, name = split(identity)
                if count_up_to(connection, table_name(schema, name), 1):
                    return True
    return False


def _empty_source(tables: int) -> Finding:
    return Finding(
        code="COV002",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="database", identity="source"),
        title=f"the source has no row in any of the {tables} tables in scope",
    )
