"""Sessions together: no piece of a table is read before all sessions that there is room for have joined.

How many sessions read a table depends on how soon each of them is there: a small one may be read before the second is.
"""

from __future__ import annotations

import time
from typing import Any, Final

from harness.postgres.shared_snapshot import SharedSnapshot
from harness.stages import rows_scan

_PATIENCE: Final = 60.0
_PIECE: Final = rows_scan._piece
_ROOM: Final = SharedSnapshot.room
_rooms: dict[int, int] = {}


def _room(snapshot: SharedSnapshot, wanted: int) -> int:
    _rooms[id(snapshot)] = _ROOM(snapshot, wanted)
    return _rooms[id(snapshot)]


def _piece(reading: rows_scan.Reading, number: int, *rest: Any) -> Any:
    side = reading.sides[number]
    until = time.monotonic() + _PATIENCE
    while side.sessions < _rooms[id(side.snapshot)] and time.monotonic() < until:
        time.sleep(0.001)
    return _PIECE(reading, number, *rest)


TOGETHER: Final = (
    ("harness.stages.rows_scan._piece", _piece),
    ("harness.postgres.shared_snapshot.SharedSnapshot.room", _room),
)
"""What is put in the place of what, for monkeypatch.setattr"""
