"""The journal of a cutover: torn lines, times, and the record that follows from it."""

from __future__ import annotations

import pytest

from harness.core.cutover.journal import CutoverIdentity, DatabaseIdentity, Journal, JournalLine, parse_journal
from harness.core.cutover.record import CutoverCheck, CutoverStep
from harness.core.cutover.steps import STEPS, Event
from harness.core.cutover.summary import record_of
from harness.errors import DocumentError

DATABASE = DatabaseIdentity(address="127.0.0.1:5432", database="salon", system_identifier="1")
IDENTITY = CutoverIdentity(
    id="c0ffee", source=DATABASE, target=DATABASE, configuration="f", began_at="2027-01-31T10:00:00+00:00"
)


def line(second: int, event: Event, step: str = "", status: str = "") -> JournalLine:
    result = CutoverStep.model_validate({"name": step, "status": status}) if status else None
    return JournalLine(at=f"2027-01-31T10:00:{second:02}.000000+00:00", event=event, step=step, result=result)


def forward(until: str, second: int = 0) -> list[JournalLine]:
    lines = [line(second, "attempt")]
    for name in STEPS[: STEPS.index(until) + 1]:
        second += 1
        lines.append(line(second, "started", name))
        if name == "fence":
            lines.append(line(second, "fenced"))
        lines.append(line(second, "passed", name, "passed"))
    return lines


def text_of(lines: list[JournalLine]) -> bytes:
    return "".join(f"{each.to_json()}\n" for each in (IDENTITY, *lines)).encode()


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_line_that_was_being_written_when_the_process_ended_is_as_if_it_were_not_there(cut: int) -> None:
    lines = forward("compare")
    text = text_of(lines)
    found = parse_journal(text[:-cut])
    assert found is not None
    journal, whole = found
    assert journal.lines == tuple(lines[:-1])
    assert text[:whole] == text_of(lines[:-1])


def test_a_file_without_one_whole_line_is_no_journal() -> None:
    assert parse_journal(IDENTITY.to_json().encode()) is None
    assert parse_journal(b"") is None


def test_a_line_in_the_middle_that_is_none_is_refused() -> None:
    with pytest.raises(DocumentError):
        parse_journal(IDENTITY.to_json().encode() + b"\nnonsense\n" + forward("fence")[0].to_json().encode() + b"\n")


def test_lines_in_an_order_that_no_cutover_writes_are_refused() -> None:
    journal = Journal(identity=IDENTITY, lines=(line(0, "attempt"), line(1, "started", "open")))
    with pytest.raises(DocumentError, match="not in order"):
        _ = journal.progress


def test_the_downtime_runs_from_the_first_fence_to_the_opening_over_all_attempts() -> None:
    lines = [*forward("catch-up"), *forward("open", second=20)]
    found = record_of(Journal(identity=IDENTITY, lines=tuple(lines)))
    assert (found.state, found.attempts) == ("open", 2)
    assert found.downtime_seconds == 29 - 3
    assert found.downtime_offset == 3
    assert found.exit_code == 0


def test_a_step_that_began_and_never_ended_was_interrupted() -> None:
    lines = [*forward("catch-up"), line(9, "started", "compare")]
    found = record_of(Journal(identity=IDENTITY, lines=tuple(lines)), fenced=("source", "target"))
    assert [each.status for each in found.steps][4:6] == ["interrupted", "not run"]
    assert (found.state, found.exit_code) == ("incomplete", 3)


def test_a_cutover_that_went_back_has_the_time_that_took_and_ends_with_one() -> None:
    lines = [*forward("catch-up"), line(9, "started", "compare"), line(9, "failed", "compare", "failed")]
    lines += [line(10, "stopping"), line(10, "started", "switch back"), line(10, "passed", "switch back", "skipped")]
    lines += [line(11, "started", "unfence"), line(12, "passed", "unfence", "passed"), line(13, "stopped")]
    found = record_of(Journal(identity=IDENTITY, lines=tuple(lines)))
    assert (found.state, found.exit_code, found.rollback_seconds) == ("stopped", 1, 3)
    assert found.downtime_seconds == 12 - 3


def test_what_was_not_checked_is_never_a_zero() -> None:
    lines = forward("open")
    check = CutoverCheck(name="smoke comparison", status="not checked", text="no data layer")
    result = CutoverStep(name="open", status="passed", checks=(check,))
    lines[-1] = lines[-1].model_copy(update={"result": result})
    assert record_of(Journal(identity=IDENTITY, lines=tuple(lines))).exit_code == 3
