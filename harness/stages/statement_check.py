"""The whole contract check: rehearse both data layers, have both servers prepare what was said, judge all of it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.statements import CapturedStatement
from harness.core.usage import Usage
from harness.postgres.connect import Endpoint
from harness.stages.contract import contract_stage
from harness.stages.events import Events
from harness.stages.rehearsal import prepare_alone, rehearse
from harness.stages.result import StageResult
from harness.stages.scratch import ScratchStack
from harness.stages.subjects import Subjects


def check_statements(
    source: Endpoint,
    target: Endpoint,
    catalogs: tuple[Catalog, Catalog],
    subjects: Subjects | None,
    files: Sequence[CapturedStatement],
    configuration: Configuration,
    events: Events,
    *,
    stack: ScratchStack,
) -> StageResult[tuple[Usage, ...]]:
    """What the data layers say to empty clones of both schemas, and what files hold, against both schemas.

    DataLayerFailed, LocalStackError: the data layers cannot be rehearsed.
    """
    if subjects is None or not configuration.contract.rehearse:
        said = prepare_alone(source, target, files, configuration, stack=stack)
    else:
        said = rehearse(source, target, subjects, configuration, events, stack=stack, besides=files)
    return contract_stage(
        *catalogs,
        (*said.statements, *files),
        configuration,
        rehearsed=said.called,
        prepared=said.prepared,
    )
