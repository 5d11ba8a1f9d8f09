"""Rehearsal: every case is called on empty clones of both schemas, to learn what the data layers ask for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from harness.core.configuration import Configuration
from harness.core.outcomes import Case
from harness.core.statements import CapturedStatement
from harness.errors import DataLayerFailed
from harness.postgres.connect import Endpoint
from harness.stages.events import Events
from harness.stages.layers import LayerFactory, hosting
from harness.stages.scratch import ScratchStack
from harness.stages.stand import Stand, stands
from harness.stages.subject import Subject
from harness.stages.subjects import Subjects

STAGE = "contract"


def rehearse(
    source: Endpoint,
    target: Endpoint,
    subjects: Subjects,
    configuration: Configuration,
    events: Events,
    *,
    stack: ScratchStack,
) -> tuple[CapturedStatement, ...]:
    """The statements and requests of both data layers, each once a method; no row of the databases is read.

    The source layer speaks to a clone of the source's schema, the target layer to one of the target's. Errors are
    expected there. A data layer that cannot be built on an empty database has no statements.
    """
    captured: dict[tuple[object, ...], CapturedStatement] = {}
    with (
        hosting(subjects.folders),
        stands(source, target, stack, configuration, schema_only=True) as both,
    ):
        for position, (stand, factory) in enumerate(zip(both, (subjects.source, subjects.target), strict=True)):
            for number, (case, statements) in enumerate(_said(stand, factory, subjects.cases), start=1):
                events.progress(STAGE, position * len(subjects.cases) + number, 2 * len(subjects.cases), case.method)
                for each in statements:
                    captured.setdefault((each.side, each.origin, each.sql, each.request), each)
    return tuple(captured.values())


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
                yield case, subject.rehearse(case)
