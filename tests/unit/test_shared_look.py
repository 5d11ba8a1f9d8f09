"""A look that is shared: one at a time, fresh for a second, and nobody waits longer than the limit."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from harness.core.health.judging import HealthLimits
from harness.datalayer.envelope import Envelope
from harness.service.monitor import Monitor, Observed, TooManyCompanies
from harness.service.shared_look import SharedLook


def test_all_who_ask_at_once_get_one_look() -> None:
    looks = []

    def look() -> int:
        looks.append(1)
        time.sleep(0.05)
        return len(looks)

    async def crowd() -> list[int]:
        shared = SharedLook(look)
        return await asyncio.gather(*(shared.within(5) for _ in range(50)))

    assert asyncio.run(crowd()) == [1] * 50


def test_a_look_is_taken_again_when_it_is_no_longer_fresh() -> None:
    looks = iter(range(10))
    shared = SharedLook(lambda: next(looks), fresh_seconds=0.05)

    async def ask() -> int:
        return await shared.within(5)

    assert [asyncio.run(ask()), asyncio.run(ask())] == [0, 0]
    time.sleep(0.06)
    assert asyncio.run(ask()) == 1


def test_who_comes_while_a_look_hangs_is_told_at_once_and_starts_no_other() -> None:
    release, looks = threading.Event(), []

    def hang() -> str:
        looks.append(1)
        release.wait(10)
        return "there"

    async def ask() -> tuple[float, str]:
        shared = SharedLook(hang)
        with pytest.raises(TimeoutError):
            await shared.within(0.2)
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(TimeoutError):
                await shared.within(0.2)
        waited = time.monotonic() - began
        release.set()
        return waited, await shared.within(60)

    waited, found = asyncio.run(ask())
    assert (found, looks) == ("there", [1])
    assert waited < 0.2


def test_what_a_look_raises_is_raised_to_all_and_the_next_look_is_another_one() -> None:
    failing = [True]

    def look() -> str:
        if failing:
            raise ValueError(failing.pop())
        return "there"

    async def ask() -> str:
        shared = SharedLook(look, fresh_seconds=0.1)
        for each in await asyncio.gather(*(shared.within(5) for _ in range(3)), return_exceptions=True):
            assert isinstance(each, ValueError)
        await asyncio.sleep(0.11)
        return await shared.within(5)

    assert asyncio.run(ask()) == "there"


def test_sessions_of_many_companies_at_once_are_refused_and_do_not_pile_up() -> None:
    release = threading.Event()
    threads = threading.active_count()

    def hang(_: int) -> Envelope:
        release.wait(10)
        return {
            "success": False,
            "data": None,
            "error": {"kind": "timeout", "code": "timeout", "message": "No answer."},
        }

    async def ask() -> tuple[int, int]:
        monitor = Monitor(Observed(sessions=hang, limits=HealthLimits(seconds=0.3)))
        asked = [asyncio.ensure_future(monitor.sessions_health(company_id)) for company_id in range(1, 101)]
        refused = sum(
            isinstance(each, TooManyCompanies) for each in await asyncio.gather(*asked, return_exceptions=True)
        )
        most = threading.active_count() - threads
        release.set()
        return refused, most

    refused, most = asyncio.run(ask())
    assert refused == 98
    assert most <= 3
