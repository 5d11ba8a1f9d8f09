"""A cutover in a report: its section holds whatever stands in its texts, and says what a reader has to know."""

from __future__ import annotations

import json

import pytest

from harness.core.cutover.journal import JournalLine
from harness.core.cutover.record import CutoverCheck, CutoverRecord, CutoverStep, State
from harness.core.cutover.steps import DOES, ROLLING_BACK, STEPS
from harness.core.document import RunDocument
from harness.render.cutover_bar import WIDTH, cutover_bars
from harness.render.formats import FORMATS
from tests.report.contracts import contract
from tests.report.nasty import NASTY, nasty
from tests.report.reading import Reading
from tests.unit.test_cutover_journal import IDENTITY


def steps(names: tuple[str, ...], text: str, offset: float = 0) -> tuple[CutoverStep, ...]:
    checks = tuple(
        CutoverCheck.model_validate({"name": text or "a", "status": status, "text": text, "hint": text})
        for status in ("ok", "failed", "not checked", "decided")
    )
    return tuple(
        CutoverStep(
            name=name,
            status="passed",
            does=DOES[name],
            started_at="2027-01-31T10:00:00+00:00",
            offset=offset + number,
            seconds=1,
            checks=checks,
            summary=text,
        )
        for number, name in enumerate(names)
    )


def with_cutover(text: str, state: State = "rolled back", later: float = 86_400) -> RunDocument:
    record = CutoverRecord(
        id=text,
        state=state,
        steps=steps(STEPS, text),
        back=steps(ROLLING_BACK, text, later) if state == "rolled back" else (),
        fenced=(text,),
        downtime_seconds=7,
        downtime_offset=2,
        rollback_seconds=4,
        exceptions=(text,),
        message=text,
        next_command=text,
    )
    return nasty(text).model_copy(update={"cutover": record})


@pytest.mark.parametrize("text", ["plain", "", *NASTY])
def test_no_text_of_a_cutover_becomes_markup(text: str) -> None:
    page = Reading(FORMATS["html"](with_cutover(text)))
    # What the same text becomes elsewhere is tested elsewhere.
    others = [Reading(FORMATS["html"](each)) for each in (with_cutover("plain"), nasty(text))]
    assert page.faults == []
    assert set(page.tags) <= {tag for each in others for tag in each.tags}
    assert len(page.ids) == len(set(page.ids))
    assert "cutover" in page.ids


@pytest.mark.parametrize("state", ["planned", "stopped", "open", "rolled back", "incomplete"])
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_tells_of_a_cutover_in_every_state(name: str, state: State) -> None:
    assert FORMATS[name](with_cutover("plain", state))


@pytest.mark.parametrize("state", ["stopped", "open", "rolled back", "incomplete"])
def test_bars_stay_inside_their_drawing_also_where_the_rollback_came_a_day_later(state: State) -> None:
    bars = cutover_bars(with_cutover("plain", state).cutover)
    assert bars is not None
    assert bars.seconds < 100
    assert all(each.x >= 0 and each.x + each.width <= WIDTH + 0.1 for each in bars.bars)
    assert bars.downtime is not None
    assert bars.downtime[0] + bars.downtime[1] <= WIDTH + 0.1


def test_a_cutover_and_its_document_are_what_their_contracts_say() -> None:
    document = with_cutover("plain")
    assert document.cutover is not None
    contract("cutover").validate(json.loads(document.cutover.to_json()))
    contract("run").validate(json.loads(FORMATS["json"](document)))
    assert RunDocument.from_json(FORMATS["json"](document)) == document
    identity, line = (
        IDENTITY.to_json(),
        JournalLine(at="", event="started", step="open", result=document.cutover.steps[0]),
    )
    contract("cutover-journal").validate(json.loads(identity))
    contract("cutover-journal-line").validate(json.loads(line.to_json()))
