"""Whatever happens to a cutover, in whatever order: what may follow what holds."""

from __future__ import annotations

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.cutover.steps import (
    ROLLING_BACK,
    STEPS,
    STOPPING,
    Event,
    OutOfOrder,
    add,
    may_have_been_open,
    next_step,
    progress_of,
)

EVENTS = get_args(Event)
NAMES = ("", *dict.fromkeys((*STEPS, *STOPPING, *ROLLING_BACK)))

Happening = tuple[Event, str]
Draw = tuple[int, int, int]


def smoothly(number: int) -> list[Happening]:
    """The first so many steps of a cutover and, beyond them, of its rollback, as they go where nothing happens."""
    found: list[Happening] = [("attempt", "")]
    for name in STEPS[:number]:
        found.append(("started", name))
        if name == "fence":
            found.append(("fenced", ""))
        found.append(("passed", name))
    if number > len(STEPS):
        found.append(("rolling back", ""))
        for name in ROLLING_BACK[: number - len(STEPS) - 1]:
            found += [("started", name), ("passed", name)]
    return found


def happenings(told: tuple[int, list[Draw]]) -> list[Happening]:
    """Events that may follow one another: some steps that go well, then mostly what a process would do, at times
    anything.
    """
    number, draws = told
    found = smoothly(number)
    progress = progress_of(found)
    for how, which, what in draws:
        step = next_step(progress) or ""
        likely: list[Happening] = [("started", step), ("passed", step), ("passed", step), ("failed", step)]
        likely += [("fenced", ""), ("attempt", ""), ("stopping", ""), ("rolling back", ""), ("stopped", "")]
        likely += [("rolled back", ""), ("started", step)]
        event, name = likely[which % len(likely)] if how else (EVENTS[which % len(EVENTS)], NAMES[what % len(NAMES)])
        try:
            add(progress, event, name)
        except OutOfOrder:
            continue
        found.append((event, name))
    return found


STORIES = st.tuples(
    st.integers(0, len(STEPS) + 1 + len(ROLLING_BACK)),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(0, 40)), max_size=40),
).map(happenings)


def since_the_last(event: Event, story: list[Happening]) -> list[Happening]:
    places = [number for number, (each, _) in enumerate(story) if each == event]
    return story[places[-1] :] if places else story


@given(STORIES)
@settings(deadline=None, max_examples=80)
def test_the_target_is_opened_only_after_all_other_steps_passed_in_one_attempt(story: list[Happening]) -> None:
    for number, (event, step) in enumerate(story):
        if (event, step) == ("started", "open") and not may_have_been_open(progress_of(story[:number])):
            passed = [name for each, name in since_the_last("attempt", story[:number]) if each == "passed"]
            assert passed == list(STEPS[:-1])


@given(STORIES)
@settings(deadline=None, max_examples=80)
def test_once_the_target_may_be_open_nothing_is_moved_there_and_the_source_is_given_back_only_after_carrying_back(
    story: list[Happening],
) -> None:
    opened = next((number for number, each in enumerate(story) if each == ("started", "open")), None)
    if opened is None:
        return
    begun = [name for event, name in story[opened:] if event == "started"]
    assert set(begun) <= {"open", *ROLLING_BACK}
    later = story[opened:]
    for number, happening in enumerate(later):
        if happening == ("started", "unfence"):
            assert ("passed", "carry back") in later[:number]
            assert ("passed", "switch back") in later[:number]


@given(STORIES)
@settings(deadline=None, max_examples=80)
def test_once_the_source_is_being_given_back_nothing_is_carried_there(story: list[Happening]) -> None:
    given_back = next((number for number, each in enumerate(story) if each == ("started", "unfence")), None)
    if given_back is not None:
        assert {name for event, name in story[given_back:] if event == "started"} <= {"unfence"}


@given(STORIES)
@settings(deadline=None, max_examples=80)
def test_every_story_that_was_cut_off_can_be_read_and_has_a_next_step_or_an_end(story: list[Happening]) -> None:
    for number in range(len(story) + 1):
        progress = progress_of(story[:number])
        ended = progress.phase in ("stopped", "rolled back", "open")
        turned = progress.phase in ("stopping", "rolling back")
        assert ended or turned or next_step(progress) is not None


@given(STORIES)
@settings(deadline=None, max_examples=80)
def test_a_new_attempt_before_the_opening_makes_every_step_again(story: list[Happening]) -> None:
    progress = progress_of(story)
    if progress.phase == "forward":
        add(progress, "attempt", "")
        assert next_step(progress) == "preflight"
