"""A rehearsal's record: what stands against it, what was not looked at, its exit code and its text."""

from __future__ import annotations

import pytest

from harness.core.cutover.load_figures import LoadFigures
from harness.core.cutover.record import CutoverCheck, CutoverRecord, CutoverStep, State
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.render.cutover_rehearsal import rehearsal_lines


def way(state: State) -> CutoverRecord:
    steps = (CutoverStep(name="fence", status="passed", seconds=0.4, summary="nobody writes"),)
    return CutoverRecord(id="c1", state=state, steps=steps, back=steps, downtime_seconds=1.5, rollback_seconds=2.5)


WHOLE = RehearsalRecord(
    of="two servers",
    cutover=way("open"),
    rollback=way("rolled back"),
    load=True,
    load_of="50 writes a second",
    there=LoadFigures(writes=400, downtime_seconds=1.75, errors={"source: permission 42501": 9}),
    back=LoadFigures(writes=300, downtime_seconds=1.25),
    judged=2,
)


def test_there_and_back_with_nothing_lost_is_go() -> None:
    assert (WHOLE.faults, WHOLE.unchecked, WHOLE.exit_code) == ((), (), 0)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"wrong": ("clients 1: acknowledged (a), and not there",)}, 1),
        ({"cutover": way("stopped"), "rollback": None, "judged": 1}, 1),
        ({"cutover": way("incomplete"), "rollback": None}, 1),
        ({"rollback": way("incomplete")}, 1),
        ({"rollback": None}, 1),
        ({"load": False, "there": None, "back": None, "judged": 0}, 3),
        ({"judged": 1}, 3),
    ],
)
def test_what_is_missing_is_never_go(changed: dict[str, object], code: int) -> None:
    assert WHOLE.model_copy(update=changed).exit_code == code


def test_a_check_that_was_not_made_makes_it_incomplete() -> None:
    check = CutoverCheck(name="switched hook", status="not checked", text="nothing tells")
    step = CutoverStep(name="preflight", status="passed", checks=(check,))
    record = WHOLE.model_copy(update={"cutover": way("open").model_copy(update={"steps": (step,)})})
    assert record.exit_code == 3
    assert record.unchecked == ("switched hook: nothing tells",)


def test_its_text_has_both_ways_with_their_times_what_failed_and_the_verdict() -> None:
    text = "\n".join(rehearsal_lines(WHOLE))
    assert text.startswith("GO: rehearsed with two servers\nload: 50 writes a second\n")
    for told in ("1.50 s", "1.75 s, as the application felt it", "2.50 s", "42501 9", "Judged 2 times, 700 writes"):
        assert told in text
    lost = WHOLE.model_copy(update={"wrong": ("clients 1: acknowledged (a), and not there",)})
    assert "  - clients 1: acknowledged (a), and not there" in list(rehearsal_lines(lost))
    assert next(rehearsal_lines(lost)).startswith("NO-GO")
