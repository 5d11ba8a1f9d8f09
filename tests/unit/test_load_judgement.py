"""The judge of a load: what it says of rows that are lost, doubled, half, foreign, or where they may not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.cutover.load_events import Acknowledged, Begun, Event, ReadDone, Refused, events, line
from harness.core.cutover.load_figures import figures
from harness.core.cutover.load_judgement import HeldRow, judge, unanswered

CLIENT, BOOKING, TALK = "clients 9950001", "bookings 9950001", "dialog_contexts 9950002@c.us"
NOTED: list[Event] = [
    Begun(1.0, 0, "a1", "a booking with its client", (CLIENT, BOOKING)),
    Acknowledged(1.1, 0, "a1", "source", 0.1, (7, 8)),
    Begun(2.0, 0, "a2", "a client again", (CLIENT,)),
    Refused(2.1, 0, "a2", "source", "permission", "42501"),
    Acknowledged(4.0, 0, "a2", "target", 2.0, (7,)),
    Begun(2.5, 1, "b1", "a conversation", (TALK,)),
]
HELD = [HeldRow(CLIENT, "a2", 7), HeldRow(BOOKING, "a1", 8, CLIENT)]
OLD = [HeldRow(CLIENT, "a1", 7), HeldRow(BOOKING, "a1", 8, CLIENT)]


def test_nothing_is_wrong_where_all_is_there_once_and_the_other_server_is_behind() -> None:
    assert judge(NOTED, HELD, OLD) == ()
    assert judge(NOTED, HELD, []) == ()


def test_a_write_without_an_answer_may_be_there_or_not() -> None:
    assert judge(NOTED, [*HELD, HeldRow(TALK, "b1", 3)], OLD) == ()
    assert unanswered(NOTED) == 1


@pytest.mark.parametrize(
    ("primary", "secondary", "told"),
    [
        (HELD[1:], [], "clients 9950001: acknowledged (a2), and not there"),
        (OLD, [], "clients 9950001: holds a1, and a2 was acknowledged after it"),
        ([*HELD, HeldRow(CLIENT, "a2", 9)], [], "clients 9950001: is there 2 times on the primary"),
        ([replace(HELD[0], number=9), HELD[1]], [], "clients 9950001: is the row 9, and was acknowledged as 7"),
        (HELD[1:], [], "bookings 9950001: is there without clients 9950001"),
        ([*HELD, HeldRow("clients 9950003", "x", 1)], [], "clients 9950003: nobody wrote it, and the primary has it"),
        ([HELD[0], HeldRow(BOOKING, "a2", 8, CLIENT)], [], "bookings 9950001: holds a2 on the primary"),
        (HELD, [HeldRow(TALK, "b1", 3)], f"{TALK}: the secondary has it (b1), and the primary does not"),
        (OLD, HELD, "clients 9950001: the secondary holds a2, which came after the primary's a1"),
        (HELD, [HeldRow(CLIENT, "a1", 7)] * 2, "clients 9950001: is there 2 times on the secondary"),
    ],
)
def test_it_is_told(primary: Sequence[HeldRow], secondary: Sequence[HeldRow], told: str) -> None:
    assert any(each.startswith(told) for each in judge(NOTED, primary, secondary))


def test_a_read_that_is_behind_is_wrong() -> None:
    noted = [*NOTED, ReadDone(5.0, "source", 0.01, behind=True)]
    assert judge(noted, HELD, OLD) == ("1 reads showed less than what had been acknowledged before them",)


def test_a_journal_is_read_back_and_a_torn_line_counts_for_nothing() -> None:
    lines = [line(each) for each in NOTED]
    assert list(events([*lines, lines[0][:-5]])) == NOTED


def test_the_downtime_is_the_longest_time_without_an_acknowledgement() -> None:
    noted = [
        event
        for number, (began, ended, writer) in enumerate([(1, 1.1, 0), (1.2, 1.3, 1), (1.4, 4.3, 0), (4.4, 4.5, 1)])
        for event in (
            Begun(began, writer, f"t{number}", "a client", (f"clients {number}",)),
            Acknowledged(ended, writer, f"t{number}", "source", ended - began, (number,)),
        )
    ]
    found = figures(noted)
    assert found.downtime_seconds == pytest.approx(3.0)
    assert found.downtime_began == pytest.approx(1.3)
    assert found.longest_wait_of_each_writer == pytest.approx((3.2, 3.2))
    assert [found.before.writes, found.during.writes, found.after.writes] == [2, 1, 1]
    assert found.during.worst == pytest.approx(2900)


def test_errors_are_counted_by_backend_kind_and_code_and_the_open_write_is_told() -> None:
    found = figures(NOTED)
    assert found.errors == {"source: permission 42501": 1}
    assert found.unanswered == 1


@given(st.data())
def test_any_acknowledged_write_that_is_taken_away_or_put_back_is_missed(data: st.DataObject) -> None:
    noted: list[Event] = []
    held: dict[str, list[str]] = {}
    for number in range(data.draw(st.integers(1, 20))):
        name = f"clients {data.draw(st.integers(0, 4))}"
        noted.append(Begun(number, 0, f"t{number}", "a client", (name,)))
        noted.append(Acknowledged(number + 0.5, 0, f"t{number}", "source", 0.5, (int(name[-1]),)))
        held.setdefault(name, []).append(f"t{number}")
    rows = {name: HeldRow(name, tokens[-1], int(name[-1])) for name, tokens in held.items()}
    assert judge(noted, list(rows.values()), []) == ()
    hurt = data.draw(st.sampled_from(sorted(rows)))
    older = held[hurt][:-1]
    without = [each for name, each in rows.items() if name != hurt]
    assert judge(noted, without, [])
    if older:
        assert judge(noted, [*without, replace(rows[hurt], token=data.draw(st.sampled_from(older)))], [])
