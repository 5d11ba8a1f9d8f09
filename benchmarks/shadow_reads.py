"""What the facade, dual write and shadow reads cost the caller of a call, in microseconds.

    python -m benchmarks.shadow_reads [--calls 20000] [--rounds 5]

The backends answer at once with a row of twenty columns, so that what is left is the library's own cost. A round calls
every contender the same number of times, in turn; printed are medians over the rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.datalayer.envelope import Envelope
from harness.datalayer.methods import reads, writes
from harness.datalayer.switching.assembly import Beside, OpenFacade, open_facade
from harness.datalayer.switching.breaker import BreakerSettings
from harness.datalayer.switching.dual_write_records import DualWriteSettings
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.shadow_records import ShadowSettings
from harness.datalayer.switching.switches import read_switches

_ROW = {f"column_{number}": f"value {number}" for number in range(20)}
_SECRETS = {"supabase_url": "http://127.0.0.1:1", "supabase_key": "key", "database_dsn": "host=/nowhere"}
_OPEN_BEYOND = BreakerSettings(p95_limit=60, error_rate=1, primary_slowdown=1000, least_slowdown=60)
_UNHURRIED = 0.0005
"""Seconds between calls that are repeated: a queue that fills up would measure how it refuses"""


class _AtOnce:
    @reads("rows", key="company_id")
    def get(self, company_id: int, name: str) -> Envelope:
        return {"success": True, "data": {**_ROW, "company_id": company_id, "name": name}, "error": None}

    @writes("rows", key="company_id")
    def put(self, company_id: int, name: str) -> Envelope:
        return {"success": True, "data": {**_ROW, "company_id": company_id, "name": name}, "error": None}

    @writes("rows", key="rows.company_id")
    def put_all(self, rows: list[dict[str, Any]]) -> Envelope:
        return {"success": True, "data": [dict(row) for row in rows], "error": None}


def _opened(folder: Path, stack: contextlib.ExitStack, **on: Any) -> OpenFacade[_AtOnce]:
    beside = Beside(
        divergences=JsonLinesFile(folder / "divergences.jsonl"),
        shadow_outcomes=JsonLinesFile(folder / "shadow.jsonl"),
        dual_write=DualWriteSettings(queue_size=100_000),
        shadow_reads=ShadowSettings(queue_size=100_000, breaker=_OPEN_BEYOND),
    )
    opened = open_facade(read_switches(**_SECRETS, **on), source=_AtOnce, target=_AtOnce, beside=beside)
    stack.callback(opened.close)
    return opened


def measure(calls: int, rounds: int) -> dict[str, float]:
    """Microseconds a call (medians of medians) by contender."""
    both = {"use_repository_pattern": True}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:

        def layer(**on: Any) -> _AtOnce:
            return _opened(Path(folder), stack, **on).layer

        batch = [{**_ROW, "company_id": 900_100, "name": f"name {number}"} for number in range(500)]
        written = layer(**both, enable_dual_write=True)
        contenders: dict[str, tuple[Callable[[int, str], Envelope], float]] = {
            "a read, bare": (_AtOnce().get, 0),
            "facade, one backend": (layer().get, 0),
            "facade, ramp at 50 %": (
                layer(**both, target_is_primary=True, target_percent=50, enable_dual_write=True).get,
                0,
            ),
            "shadow rate 0.0001": (layer(**both, shadow_read_rate=0.0001).get, 0),
            "shadow rate 1": (layer(**both, shadow_read_rate=1.0).get, _UNHURRIED),
            "dual write": (written.put, _UNHURRIED),
            "500 rows, bare": (lambda *_: _AtOnce().put_all(batch), _UNHURRIED * 40),
            "500 rows, dual write": (lambda *_: written.put_all(batch), _UNHURRIED * 40),
        }
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, (ask, pause) in contenders.items():
                found[name].append(_median(ask, max(20, int(calls * 0.00002 / pause)) if pause else calls, pause))
    return {name: statistics.median(of) for name, of in found.items()}


def _median(ask: Callable[[int, str], Envelope], calls: int, pause: float) -> float:
    taken = []
    for number in range(calls):
        began = time.perf_counter()
        ask(900_100 + number % 100, "a name")
        taken.append((time.perf_counter() - began) * 1_000_000)
        if pause:
            time.sleep(pause)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000, help="calls a contender and round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    found = measure(given.calls, given.rounds)
    bare = found["a read, bare"]
    print(f"{'':22} {'median µs':>10} {'more':>10}")
    for name, microseconds in found.items():
        than = found["500 rows, bare"] if name.startswith("500") else bare
        print(f"{name:22} {microseconds:10.2f} {microseconds - than:10.2f}")


if __name__ == "__main__":
    main()
