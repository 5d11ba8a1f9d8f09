"""The steps of a cutover over time, with the downtime across them, as geometry for SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.cutover.record import CutoverRecord, CutoverStep

WIDTH = 600
_NARROWEST = 1.5
"""A step that took no time is there all the same"""


@dataclass(frozen=True, slots=True)
class StepBar:
    """A step and where it stands; `width` 0: it was not carried out."""

    step: CutoverStep
    x: float
    width: float
    back: bool


@dataclass(frozen=True, slots=True)
class CutoverBars:
    """All steps on one scale of `seconds`; the downtime from `x` on, None where there was none."""

    bars: tuple[StepBar, ...]
    seconds: float
    downtime: tuple[float, float] | None
    """x and width"""


def cutover_bars(record: CutoverRecord | None) -> CutoverBars | None:
    """The drawing; None where no step was carried out.

    A rollback may come days after: its steps have a scale of their own, which begins where the others end.
    """
    if record is None:
        return None
    done = [(step, back) for steps, back in ((record.steps, False), (record.back, True)) for step in steps]
    there = [step for step, back in done if step.started_at is not None and not back]
    returned = [step for step, back in done if step.started_at is not None and back]
    if not there and not returned:
        return None
    end = max((step.offset + step.seconds for step in there), default=0.0)
    if record.downtime_offset is not None and record.downtime_seconds is not None:
        end = max(end, record.downtime_offset + record.downtime_seconds) if record.state == "open" else end
    gap = min((step.offset for step in returned), default=0.0) - end
    shift = max(gap, 0.0)
    whole = max([end, *(step.offset + step.seconds - shift for step in returned)], default=0.0) or 1.0
    scale = WIDTH / whole
    return CutoverBars(tuple(_bars(done, scale, shift)), whole, _downtime(record, scale, whole))


def _bars(done: list[tuple[CutoverStep, bool]], scale: float, shift: float) -> Iterator[StepBar]:
    for step, back in done:
        if step.started_at is None:
            yield StepBar(step, 0.0, 0.0, back)
            continue
        x = min(max(step.offset - (shift if back else 0.0), 0.0) * scale, WIDTH - _NARROWEST)
        yield StepBar(step, round(x, 1), round(min(max(step.seconds * scale, _NARROWEST), WIDTH - x), 1), back)


def _downtime(record: CutoverRecord, scale: float, whole: float) -> tuple[float, float] | None:
    if record.downtime_offset is None or record.downtime_seconds is None or record.downtime_offset > whole:
        return None
    x = record.downtime_offset * scale
    return round(x, 1), round(min(record.downtime_seconds * scale, WIDTH - x), 1)
