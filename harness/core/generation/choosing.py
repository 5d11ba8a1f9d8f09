"""Choosing: which calls are made into cases, by turns from every lane, none twice, as many as are wanted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from harness.core.generation.calls import Call, Lane
from harness.core.outcomes import Case

_CHANCES = 400
"""Calls of chance that are looked at: most of them are there already where there is little to change"""


def budget(each: int, places: int, *, writes_rows: bool) -> int:
    """How many cases a method gets: more where there is more to change, at most twice as many."""
    share = 1 + max(0, places - 3) / 4 + (0.5 if writes_rows else 0)
    return round(each * min(2.0, share))


def chosen(method: str, bases: Sequence[Call], calls: Iterable[Call], chance: Lane, number: int) -> tuple[Case, ...]:
    """At most `number` cases: the bases, then the calls, at last what chance gives."""
    found: dict[str, Call] = {}
    for call in chain(bases, calls):
        found.setdefault(_identity(call), call)
        if len(found) >= number:
            break
    if len(found) < number:
        for call in islice(chance, _CHANCES):
            found.setdefault(_identity(call), call)
            if len(found) >= number:
                break
    return tuple(_cases(method, found.values()))


def by_turns(lanes: Iterable[Lane], *, until: Lane | None = None) -> Iterator[Call]:
    """One call of each lane, then the next of each; to the end of all, or of the lane `until`."""
    waiting = deque(lanes)
    while waiting:
        lane = waiting.popleft()
        call = next(lane, None)
        if call is not None:
            yield call
            waiting.append(lane)
        elif lane is until:
            return


def _identity(call: Call) -> str:
    return repr(sorted(call.arguments.items()))


def _cases(method: str, calls: Iterable[Call]) -> Iterator[Case]:
    used: dict[str, int] = {}
    for call in calls:
        number = used[call.words] = used.get(call.words, 0) + 1
        words = call.words if number == 1 else f"{call.words} ({number})"
        yield Case(
            id=f"generated: {method}: {words}",
            method=method,
            kwargs=dict(call.arguments),
            origin="generated",
            purpose=words,
            bad_input=call.bad,
        )
