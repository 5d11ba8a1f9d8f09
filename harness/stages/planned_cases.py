"""Planned cases: the written ones and those that are generated for the methods of both layers, reads before writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from harness.core.configuration import MethodsSection
from harness.core.model.catalog import Catalog
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.errors import CaseError
from harness.stages.generation import generated_cases, sample
from harness.stages.paired_run import PairedRun


def planned_cases(
    run: PairedRun,
    written: Sequence[Case],
    catalog: Catalog,
    tables: Sequence[str],
    settings: MethodsSection,
    *,
    seed: int,
    only: Collection[str] | None = None,
) -> tuple[Case, ...]:
    """The cases of methods that both layers have, or of those that `only` names. CaseError where two have one id.

    `catalog` and `tables` are the source's. What the arguments are like is learned by calls of the source's layer on
    its clone. Cases of methods that wrote meanwhile come last: until then neither clone has to be put back.
    """
    methods = run.methods[0] & run.methods[1]
    if only is not None:
        methods &= frozenset(only)
    writing: set[str] = set()

    def explore(case: Case) -> tuple[Observation, tuple[CapturedStatement, ...]]:
        observed = run.explore(case)
        if observed[0].effects.touched:
            writing.add(case.method)
        return observed

    generated: tuple[Case, ...] = ()
    if settings.generate:
        signatures = {method: run.source.layer.signature(method) for method in sorted(methods)}
        rows = sample(run.source.stand, catalog, tables, seed=seed)
        generated = generated_cases(signatures, rows, catalog, explore, each=settings.generate, seed=seed)
        # The first cases are timed as all others are: not beside the making of a clone.
        if run.source.touched:
            run.renew([Side.SOURCE])
        for subject in run.subjects:
            subject.stand.slot.settle()
    cases = [case for case in (*written, *generated) if case.method in methods]
    doubled = [each for each, number in Counter(case.id for case in cases).items() if number > 1]
    if doubled:
        raise CaseError(f"two cases have the id {doubled[0]!r}", hint="Give every case an id of its own.")
    return tuple(sorted(cases, key=lambda case: case.method in writing))
