"""The methods stage: every case on both data layers, on clones of both databases, compared and attested."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from harness.core.call_sequences import known_cases
from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.expected import unused_expectations
from harness.core.method_findings import STAGE, clone_findings, unused_layer
from harness.core.method_results import JudgedPair
from harness.core.model.catalog import Catalog
from harness.core.pairs import Rules
from harness.core.record import Side
from harness.core.watching import watched_tables
from harness.errors import DataLayerFailed
from harness.postgres.connect import Endpoint
from harness.stages.cases import check_cases
from harness.stages.concurrency import ConcurrencyResult, concurrent_calls
from harness.stages.events import Events
from harness.stages.hidden_evidence import HiddenEvidence
from harness.stages.layers import hosting
from harness.stages.methods_result import Learned, MethodsArtifact, accepted, added_up
from harness.stages.paired_run import PairedRun
from harness.stages.planned_cases import planned_cases
from harness.stages.preparation import prepare_on
from harness.stages.real_project import open_project
from harness.stages.recorded_cases import replay
from harness.stages.result import StageResult
from harness.stages.scratch import ROW_CAP, ScratchStack
from harness.stages.sequences import SequenceResult, diverging_sequences
from harness.stages.slow_methods import times_of_suspects
from harness.stages.stand import stands
from harness.stages.subject import Subject
from harness.stages.subjects import Subjects

__all__ = ["STAGE", "MethodsArtifact", "methods_stage", "paired"]


@contextlib.contextmanager
def paired(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: Sequence[str],
    subjects: Subjects,
    configuration: Configuration,
    *,
    stack: ScratchStack,
    seed: int = 0,
) -> Iterator[PairedRun]:
    """Both data layers on clones of their databases, ready to be called with any case of `subjects`.

    `tables` are the source's tables in scope. The databases are read once, to be copied, and never written.
    DataLayerFailed, CaseError, CloneFailed, LocalStackError: it cannot be done.
    """
    watched = watched_tables(
        source_catalog,
        target_catalog,
        configuration.mapping,
        excluded=[table.identity for table in source_catalog.tables if table.identity not in set(tables)],
    )
    rules = Rules(
        ignore=frozenset(configuration.methods.ignore_fields),
        personal_columns=frozenset(configuration.personal.columns),
        row_cap=ROW_CAP,
        catalog=source_catalog,
        show_values=configuration.methods.show_values,
    )
    with hosting(subjects.folders), stands(source, target, stack, configuration) as both, ExitStack() as cleanup:
        for stand, tables_of_side in zip(both, watched, strict=True):
            stand.watch(tables_of_side)
        rules = replace(rules, rows_like=both[0].rows_like, rows_seen=HiddenEvidence(both[0]).rows_seen)
        source_subject = Subject(both[0], subjects.source)
        cleanup.callback(source_subject.close)
        target_subject = Subject(both[1], subjects.target)
        cleanup.callback(target_subject.close)
        for subject, factory in ((source_subject, subjects.source), (target_subject, subjects.target)):
            if not subject.layer.methods:
                raise DataLayerFailed(
                    f"the {subject.side} layer {factory.name} has no public method",
                    hint="The factory has to return an object whose public methods are to be compared.",
                )
        check_cases(subjects.cases, source_subject.layer, target_subject.layer)
        run = cleanup.enter_context(
            PairedRun(source_subject, target_subject, rules, seed=seed, expected=configuration.methods.expected)
        )
        run.project = open_project(configuration.methods, subjects.source, both[0].context)
        if run.project is not None:
            cleanup.callback(run.project.close)
        yield run


def methods_stage(
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
    tables: Sequence[str],
    subjects: Subjects,
    configuration: Configuration,
    events: Events,
    *,
    stack: ScratchStack,
    seed: int = 0,
) -> StageResult[MethodsArtifact]:
    """Call every case on both sides and compare what comes back and what is left behind; see `paired`.

    Written cases, generated ones, sequences of calls, then calls at the same moment.
    """
    catalogs = (source_catalog, target_catalog)
    with paired(source, target, *catalogs, tables, subjects, configuration, stack=stack, seed=seed) as run:
        learned = _learned(run, subjects, source_catalog, tables, configuration, events, seed=seed)
    return added_up(learned, configuration)


def _learned(
    run: PairedRun,
    subjects: Subjects,
    source_catalog: Catalog,
    tables: Sequence[str],
    configuration: Configuration,
    events: Events,
    *,
    seed: int,
) -> Learned:
    settings = configuration.methods
    layers = [subject.layer for subject in run.subjects]
    replayed = replay(subjects.cases, run.source.stand, layers, source_catalog)
    run.rules = replace(run.rules, personal_arguments=replayed.personal)
    cases = planned_cases(run, replayed.cases, source_catalog, tables, settings, seed=seed)
    pairs: dict[str, list[JudgedPair]] = {}
    for number, judged in enumerate(run.run(cases), start=1):
        pairs.setdefault(judged.pair.method, []).append(judged)
        events.progress(STAGE, number, len(cases), judged.pair.method)
    by_id = {case.id: case for case in cases}
    more_times = times_of_suspects(run, pairs, by_id, settings)
    known = known_cases(
        [case for case in cases if case.method not in {*run.excused, *run.given_up}],
        [each for of_method in pairs.values() for each in of_method],
        run.statements,
        tables,
    )
    sequences = SequenceResult()
    if settings.sequences:
        events.progress(STAGE, len(cases), len(cases), "sequences of calls")
        sequences = diverging_sequences(run, known, sequences=settings.sequences, seed=seed)
        for each in sequences.pairs:
            pairs.setdefault(each.pair.method, []).append(each)
        if not sequences.executed:
            unmade = "no sequence of calls was made: no case that was alike alone goes with another"
            sequences = replace(sequences, notes=(*sequences.notes, unmade))
    concurrency = ConcurrencyResult()
    if settings.concurrency > 1:
        events.progress(STAGE, len(cases), len(cases), "calls at the same moment")
        judged_pairs = [each for of_method in pairs.values() for each in of_method]
        concurrency = concurrent_calls(run, known, judged_pairs, callers=settings.concurrency)
    unused = [subject.side for subject in run.subjects if cases and not subject.used]
    copies = {subject.side: subject.stand.copy for subject in run.subjects}
    methods = run.methods
    return Learned(
        methods=methods,
        pairs=pairs,
        without_arguments=frozenset(
            method for method in methods[0] & methods[1] if not run.source.layer.signature(method).parameters
        ),
        more_times=more_times.every,
        more_times_of_hits=more_times.of_hits,
        concurrent=concurrency.methods,
        statements=run.statements,
        prepared=prepare_on((run.source.stand, run.target.stand), run.statements, configuration.scope.schemas),
        findings=(
            *(unused_layer(side, _factory_name(subjects, side)) for side in unused),
            *(each for side, copy in copies.items() for each in clone_findings(side, copy.lacking, copy.notes)),
            *sequences.findings,
            *concurrency.findings,
            *(run.project.findings() if run.project is not None else ()),
        ),
        skipped=(
            *replayed.skipped,
            *concurrency.skipped,
            *(
                Skipped(item=f"clone of the {side}", reason=f"{len(copy.lacking)} objects could not be made in it")
                for side, copy in copies.items()
                if copy.lacking
            ),
            *accepted(run.excused),
        ),
        notes=(
            *run.target.stand.remarks,
            *sequences.notes,
            *unused_expectations(settings.expected, {each for used in run.excused.values() for each in used}),
        ),
    )


def _factory_name(subjects: Subjects, side: Side) -> str:
    return subjects.source.name if side is Side.SOURCE else subjects.target.name
