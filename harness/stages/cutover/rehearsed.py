"""One rehearsal: there and back by the engine itself, on servers of its own, with a load that is judged twice."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from harness.core.cutover.load_figures import LoadFigures
from harness.core.cutover.record import CutoverRecord
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.errors import LocalStackError
from harness.postgres.connect import Endpoint
from harness.stages.cutover.document import cutover_document
from harness.stages.cutover.engine import cut_over
from harness.stages.cutover.load import Load
from harness.stages.cutover.request import CutoverRequest
from harness.stages.cutover.rollback import roll_back
from harness.stages.events import Events
from harness.stages.run_folders import write_run

LOAD_SECONDS: Final = 3.0
"""So long the load goes on before, between and after"""


@dataclass(slots=True)
class _Seen:
    """What is gathered on the way."""

    cutover: CutoverRecord | None = None
    rollback: CutoverRecord | None = None
    there: LoadFigures | None = None
    back: LoadFigures | None = None
    judged: int = 0
    wrong: tuple[str, ...] = ()


def there_and_back(
    request: CutoverRequest,
    load: Load | None,
    events: Events,
    *,
    of: str,
    load_of: str,
    notes: tuple[str, ...] = (),
    report: Path | None = None,
) -> RehearsalRecord:
    """Cut over; let the application go on; go back. Ends where something is wrong on the way there.

    `report`: the folder for the run document of the way there, and its page.
    """
    seen = _Seen()
    began = time.time()
    _go_on(load)
    started = datetime.now(UTC)
    seen.cutover = cut_over(request, _yes, events)
    _go_on(load)
    if report is not None:
        write_run(cutover_document(request, seen.cutover, started), report)
    opened = seen.cutover.state == "open"
    first, second = (request.target, request.source) if opened else (request.source, request.target)
    with _judging(seen, load, first, second):
        seen.there = load.figures(began) if load is not None else None
    if opened:
        began = time.time()
        _go_on(load)
        seen.rollback = roll_back(request, _yes, events)
        _go_on(load)
        with _judging(seen, load, request.source, request.target):
            seen.back = load.figures(began) if load is not None else None
    return RehearsalRecord(
        of=of,
        cutover=seen.cutover,
        rollback=seen.rollback,
        load=load is not None,
        load_of=load_of,
        there=seen.there,
        back=seen.back,
        judged=seen.judged,
        wrong=seen.wrong,
        notes=notes,
    )


def _yes(record: CutoverRecord) -> bool:  # noqa: ARG001 - what is shown to whoever decides
    """The servers are the rehearsal's own: nobody has to be asked."""
    return True


def _go_on(load: Load | None) -> None:
    if load is not None:
        time.sleep(LOAD_SECONDS)


@contextlib.contextmanager
def _judging(seen: _Seen, load: Load | None, primary: Endpoint, secondary: Endpoint) -> Iterator[None]:
    """Judge the load while no write is on its way."""
    if load is None:
        yield
        return
    try:
        with load.paused():
            yield
            seen.wrong += load.judged(primary, secondary)
            seen.judged += 1
    except LocalStackError as error:
        seen.wrong += (f"{error.message}, though the {primary.side} is to be open",)
