"""What may be asked of the chat-session store: an auth state, keys by type and id, and how long a key lives."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.datalayer.envelope import InvalidInput
from harness.datalayer.validation import IsoMoment, Name, Phone, Text, checked, checked_list
from harness.reference.session_values import encoded

MOST_KEYS_WRITTEN: Final = 5000
"""In one call, and so in one transaction: a session that is paired anew writes about a thousand."""
MOST_KEYS_ASKED: Final = 1000

_LONGEST_KEY: Final = 255
_KEY_NAME: Final[TypeAdapter[str]] = TypeAdapter(Annotated[Text, Field(min_length=1, max_length=_LONGEST_KEY)])
"""Not trimmed: `a` and `a ` are two keys."""

_SHORT_LIVED: Final = ("pre-key", "session")
_SHORT_LIFE: Final = timedelta(days=7)
_LONG_LIFE: Final = timedelta(days=14)


class AuthState(BaseModel):
    """A session's auth state as it is written. What is None stays as it is stored; a new session is `active`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    creds: Any
    phone: Phone | None = None
    status: Name | None = None
    last_connected_at: IsoMoment | None = None


def time_to_live(key_type: str) -> timedelta:
    """How long a key lives after it was last written: 7 days for pre-keys, sessions and mappings, 14 otherwise."""
    return _SHORT_LIFE if key_type in _SHORT_LIVED or key_type.endswith("mapping") else _LONG_LIFE


def creds(value: object) -> dict[str, Any]:
    """The credentials of an auth state as JSON has them."""
    if not isinstance(value, dict):
        raise InvalidInput("state.creds: has to be an object.")
    written: dict[str, Any] = encoded(value)
    return written


def key_type(value: object) -> str:
    """The type of a key."""
    return checked(_KEY_NAME, "key_type", value)


def key_ids(values: object) -> list[str]:
    """At most 1,000 ids of keys, sorted, each once."""
    ids = checked_list("key_ids", values, most=MOST_KEYS_ASKED)
    return sorted({checked(_KEY_NAME, f"key_ids[{n}]", one) for n, one in enumerate(ids)})


def key_rows(keys: object, now: datetime) -> list[dict[str, Any]]:
    """The rows of `{key_type: {key_id: value}}`, in the order of type and id, so that two writers cannot deadlock.

    A value that is None is refused: in a chat library it may mean that the key is to be removed.
    """
    rows = [row for kind, values in _members("keys", keys) for row in _rows_of_type(kind, values, now)]
    if len(rows) > MOST_KEYS_WRITTEN:
        raise InvalidInput(f"keys: at most {MOST_KEYS_WRITTEN} can be written at once.")
    return sorted(rows, key=lambda row: (row["key_type"], row["key_id"]))


def _rows_of_type(kind: object, values: object, now: datetime) -> list[dict[str, Any]]:
    name = checked(_KEY_NAME, "keys: a key type", kind)
    expires_at = (now + time_to_live(name)).isoformat()
    rows = []
    for key_id, value in _members("keys: what a key type has", values):
        if value is None:
            raise InvalidInput("keys: a value cannot be None; use remove_keys.")
        named = checked(_KEY_NAME, "keys: a key id", key_id)
        rows.append({"key_type": name, "key_id": named, "value": encoded(value), "expires_at": expires_at})
    return rows


def _members(name: str, value: object) -> list[tuple[object, object]]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{name}: has to be an object.")
    return list(value.items())
