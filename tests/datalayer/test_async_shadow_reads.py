"""Shadow reads of coroutines: the primary's answer is the caller's, whatever the other coroutine does."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from harness.datalayer.envelope import Envelope
from harness.datalayer.methods import reads
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.shadow_records import ShadowSettings
from tests.datalayer.salons import recorded, switches


class AsyncThings:
    def __init__(self, data: object, *, delay: float = 0.0, error: BaseException | None = None) -> None:
        self.data, self.delay, self.error = data, delay, error

    @reads("things", key="number", plain_arguments=("number",))
    async def get(self, number: int) -> Envelope:
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        return {"success": True, "data": self.data, "error": None}


@pytest.mark.parametrize(
    ("secondary", "outcome"),
    [
        (AsyncThings(1.0), "equal"),
        (AsyncThings("1"), "different"),
        (AsyncThings(1, delay=5), "timed_out"),
        (AsyncThings(1, error=SystemExit(3)), "failed"),
        (AsyncThings(1, error=asyncio.CancelledError()), "failed"),
    ],
)
def test_coroutines_are_read_twice_as_well(secondary: AsyncThings, outcome: str, tmp_path: Path) -> None:
    file = tmp_path / "shadow.jsonl"

    async def run() -> float:
        facade: Any = open_facade(
            switches(shadow_read_rate=1.0),
            source=lambda: AsyncThings(1),
            target=lambda: secondary,
            beside=Beside(shadow_outcomes=JsonLinesFile(file), shadow_reads=ShadowSettings(time_limit=0.5)),
        )
        began = time.perf_counter()
        for _ in range(3):
            assert (await facade.layer.get(1))["data"] == 1
        taken = time.perf_counter() - began
        while sum(facade.shadow_reads.counts.values()) < 3:
            await asyncio.sleep(0.01)
        await facade.aclose()
        return taken

    assert asyncio.run(asyncio.wait_for(run(), 10)) < 0.5
    assert [one["outcome"] for one in recorded(file)] == [outcome] * 3
