"""Invented rows of the chat session that live on the target alone: its auth state and its keys."""

from __future__ import annotations

import base64
import random
from datetime import timedelta
from typing import Final

from harness.reference.invented.moments import BASE

Row = dict[str, object]

SESSION_ID: Final = "company_900100"
KEY_COUNT: Final = 728

_DAYS_TO_LIVE: Final = {
    "pre-key": 7,
    "session": 7,
    "lid-mapping": 7,
    "sender-key": 14,
    "app-state-sync-key": 14,
    "app-state-sync-version": 14,
}
_KEY_TYPES: Final = ("pre-key",) * 8 + ("session",) * 4 + ("lid-mapping",) * 4 + (
    "sender-key", "app-state-sync-key", "app-state-sync-version",
)  # fmt: skip


def auth_row(rng: random.Random) -> Row:
    """The one row of the session's auth state."""
    return {
        "id": 1,
        "session_id": SESSION_ID,
        "company_id": 900100,
        "creds": {
            "noiseKey": {"private": _buffer_as_list(rng, 32), "public": _buffer_as_text(rng, 32)},
            "registrationId": rng.randrange(1, 16_380),
            "account": {"details": _buffer_as_text(rng, 24)},
            "platform": "smba",
        },
        "phone": "70005559001",
        "status": "active",
        "last_connected_at": BASE,
        "created_at": BASE - timedelta(days=40),
        "updated_at": BASE,
    }


def key_rows(rng: random.Random) -> list[Row]:
    """The session's keys; those last written longer ago than their time to live are expired at BASE."""
    rows: list[Row] = []
    for number in range(1, KEY_COUNT + 1):
        key_type = _KEY_TYPES[number % len(_KEY_TYPES)]
        written = BASE - timedelta(seconds=rng.randrange(20 * 86_400))
        rows.append(
            {
                "id": number,
                "session_id": SESSION_ID,
                "key_type": key_type,
                "key_id": f"{number}.{rng.randrange(10)}",
                "value": _value(key_type, rng),
                "expires_at": written + timedelta(days=_DAYS_TO_LIVE[key_type]),
                "created_at": written,
                "updated_at": written,
            }
        )
    return rows


def _value(key_type: str, rng: random.Random) -> object:
    if key_type == "lid-mapping":
        return f"{rng.randrange(10**14, 10**15)}@lid"
    if key_type == "pre-key":
        return {"public": _buffer_as_list(rng, 32), "private": _buffer_as_list(rng, 32)}
    return {"keyData": _buffer_as_text(rng, 48), "fingerprint": {"rawId": rng.randrange(2**32), "deviceIndexes": []}}


def _buffer_as_list(rng: random.Random, size: int) -> Row:
    return {"type": "Buffer", "data": list(rng.randbytes(size))}


def _buffer_as_text(rng: random.Random, size: int) -> Row:
    return {"type": "Buffer", "data": base64.b64encode(rng.randbytes(size)).decode("ascii")}
