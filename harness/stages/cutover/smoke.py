"""The smoke comparison: a reading case of each method on the two real servers, both read only; ready before the fence.

Sessions of the data layers begin read only (`options` of the DSN): a case that writes fails and changes nothing.
Which cases read is found out while the source is live: those that succeed on such sessions of both sides.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from harness.core.cutover.record import CutoverCheck
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.pairs import Rules, compare_calls
from harness.core.record import Side
from harness.errors import PgparityError
from harness.stages.cutover.live_layer import LiveLayer
from harness.stages.cutover.request import Outcome, Situation, decided, failed, judged, ok, unchecked
from harness.stages.layers import hosting
from harness.stages.scratch import ROW_CAP
from harness.stages.subjects import Subjects, load_subjects


@dataclass(slots=True)
class Smoke:
    """Both data layers on their real servers, and the cases that read. `close` ends them."""

    layers: tuple[LiveLayer, LiveLayer]
    cases: tuple[Case, ...]
    rules: Rules
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the layers and the relays."""
        self._open.close()


def planned_smoke(situation: Situation) -> CutoverCheck:
    """Make the comparison ready; or why there is none. What it learns stays in the situation."""
    request, name = situation.request, "smoke comparison"
    if request.section.no_smoke is not None:
        return decided(name, request.section.no_smoke)
    try:
        subjects = load_subjects(request.configuration, request.base)
        if subjects is None:
            return unchecked(name, "no data layer is configured", "Set [methods], or cutover.no_smoke to the reason.")
        if situation.smoke is not None:
            situation.smoke.close()
        situation.smoke = _ready(situation, subjects)
    except PgparityError as error:
        return failed(name, error.message, error.hint)
    wanted = set(request.section.smoke_cases)
    missing = wanted - {each.id for each in situation.smoke.cases}
    if missing:
        return failed(name, f"case {sorted(missing)[0]} is not there, or does not read alone", "Name cases that read.")
    if not situation.smoke.cases:
        return unchecked(
            name, "no written case reads on both sides", "Write cases, or set cutover.no_smoke to the reason."
        )
    methods = len({each.method for each in situation.smoke.cases})
    return ok(name, f"{len(situation.smoke.cases)} cases of {methods} methods read on both servers")


def smoke(situation: Situation) -> Outcome:
    """Call the cases on both sides, and compare."""
    request = situation.request
    if situation.smoke is None:
        return Outcome(summary=f"left out: {request.section.no_smoke}", skipped=True)
    until = time.monotonic() + request.section.smoke_seconds
    checks: list[CutoverCheck] = []
    for case in situation.smoke.cases:
        if time.monotonic() > until:
            left = len(situation.smoke.cases) - len(checks)
            late = f"{left} cases were not called in {request.section.smoke_seconds:g} s"
            checks.append(failed("time", late, "Name fewer cases in cutover.smoke_cases, or allow more seconds."))
            break
        checks.append(_judged(situation.smoke, case))
    alike = sum(each.ok for each in checks)
    return Outcome(checks=tuple(checks), summary=f"{alike} of {len(situation.smoke.cases)} cases are answered alike")


def _judged(known: Smoke, case: Case) -> CutoverCheck:
    source, target = (layer.observe(case) for layer in known.layers)
    found = compare_calls(case, source, target, known.rules)
    name = f"case {case.id}"
    if found.verdict == "equal" and not found.gap:
        error = source.error or target.error
        return judged(
            name, error is None, f"{case.method}: both answer alike" if error is None else f"{case.method}: both fail"
        )
    paths = ", ".join(delta.path for delta in found.deltas[:3])
    why = found.gap or (f"differs at {paths}" if paths else f"is {found.verdict}")
    return failed(name, f"{case.method}: {why}")


def _ready(situation: Situation, subjects: Subjects) -> Smoke:
    """Build the layers, which opens their connections, and learn which cases read."""
    request = situation.request
    rules = Rules(
        ignore=frozenset(request.configuration.methods.ignore_fields),
        personal_columns=frozenset(request.configuration.personal.columns),
        row_cap=ROW_CAP,
        catalog=situation.catalogs[0],
    )
    with contextlib.ExitStack() as opening:
        opening.enter_context(hosting(subjects.folders))
        layers = (
            opening.enter_context(LiveLayer(request, subjects.source, Side.SOURCE)),
            opening.enter_context(LiveLayer(request, subjects.target, Side.TARGET)),
        )
        wanted, seconds = request.section.smoke_cases, request.section.smoke_seconds
        cases = _reading(layers, _candidates(subjects.cases, wanted), seconds, all_of_a_method=bool(wanted))
        return Smoke(layers, cases, rules, opening.pop_all())


def _candidates(cases: Sequence[Case], wanted: Sequence[str]) -> list[Case]:
    return [each for each in cases if (each.id in wanted if wanted else not each.bad_input)]


def _reading(
    layers: tuple[LiveLayer, LiveLayer], cases: Sequence[Case], seconds: float, *, all_of_a_method: bool
) -> tuple[Case, ...]:
    """Those that succeed where nothing can be written, and ask their server: the first of a method, or all."""
    until = time.monotonic() + seconds
    found: list[Case] = []
    hit: set[str] = set()
    for case in cases:
        if time.monotonic() > until:
            break
        if case.method in hit and not all_of_a_method:
            continue
        if all(_hits(layer.observe(case)) for layer in layers):
            found.append(case)
            hit.add(case.method)
    return tuple(found)


def _hits(seen: Observation) -> bool:
    return seen.error is None and not seen.gave_up and seen.has_content and bool(seen.exchanges)
