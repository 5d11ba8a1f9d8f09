"""Rehearsal: every case is called on empty clones of both schemas, to learn what the data layers ask for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.configuration import Configuration
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.errors import DataLayerFailed, LocalStackError
from harness.postgres.connect import Endpoint
from harness.stages.events import Events
from harness.stages.layers import LayerFactory, hosting
from harness.stages.preparation import UNPREPARED, Preparation, prepare_on
from harness.stages.recorded_cases import without_tokens
from harness.stages.scratch import ScratchStack
from harness.stages.stand import Stand, stands
from harness.stages.subject import Subject
from harness.stages.subjects import Subjects

STAGE = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of calling everything on empty clones."""

    statements: tuple[CapturedStatement, ...] = ()
    """The statements and requests of both data layers, each once a method"""
    called: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    """The methods that were called on each side"""
    prepared: Preparation = UNPREPARED
    """What both servers say of the statements, of those that were only to be prepared too"""


def rehearse(
    source: Endpoint,
    target: Endpoint,
    subjects: Subjects,
    configuration: Configuration,
    events: Events,
    *,
    stack: ScratchStack,
    besides: Sequence[CapturedStatement] = (),
) -> Rehearsal:
    """Call every case on empty clones of both schemas, and have both servers prepare what was said; no row is read.

    The source layer speaks to a clone of the source's schema, the target layer to one of the target's. Errors are
    expected there. A data layer that cannot be built on an empty database has no statements. `besides`: statements
    that nobody calls, to be prepared with the others.
    """
    captured: dict[tuple[object, ...], CapturedStatement] = {}
    called: dict[Side, tuple[str, ...]] = {}
    with (
        hosting(subjects.folders),
        stands(source, target, stack, configuration, schema_only=True) as both,
    ):
        for position, (stand, factory) in enumerate(zip(both, (subjects.source, subjects.target), strict=True)):
            said = _said(stand, factory, subjects.cases)
            for number, (case, statements) in enumerate(said, start=1):
                events.progress(STAGE, position * len(subjects.cases) + number, 2 * len(subjects.cases), case.method)
                called[stand.side] = tuple(dict.fromkeys((*called.get(stand.side, ()), case.method)))
                for each in statements:
                    key = (each.side, each.origin, each.sql, each.request)
                    captured[key] = _more_telling(captured.get(key), each)
        statements = tuple(captured.values())
        prepared = prepare_on(both, (*statements, *besides), configuration.scope.schemas)
    return Rehearsal(statements=statements, called=called, prepared=prepared)


def prepare_alone(
    source: Endpoint,
    target: Endpoint,
    statements: Sequence[CapturedStatement],
    configuration: Configuration,
    *,
    stack: ScratchStack,
) -> Rehearsal:
    """The same for statements of files alone. Without servers for clones the names are checked, and that is said."""
    if not statements or not configuration.contract.rehearse:
        return Rehearsal()
    try:
        with stands(source, target, stack, configuration, schema_only=True) as both:
            return Rehearsal(prepared=prepare_on(both, statements, configuration.scope.schemas))
    except LocalStackError as error:
        return Rehearsal(prepared=Preparation(missing=error.message))


def _more_telling(known: CapturedStatement | None, each: CapturedStatement) -> CapturedStatement:
    """Of two that differ in the types of their parameters alone, the one that leaves less open: None has no type."""
    return each if known is None or known.types.count(0) > each.types.count(0) else known


def _said(
    stand: Stand, factory: LayerFactory, cases: tuple[Case, ...]
) -> Iterator[tuple[Case, tuple[CapturedStatement, ...]]]:
    """What passed the relays of a stand while each case was called."""
    try:
        subject = Subject(stand, factory)
    except DataLayerFailed:
        return
    with contextlib.closing(subject):
        methods = subject.layer.methods
        for case in cases:
            if case.method in methods:
                yield case, subject.rehearse(without_tokens(case))
