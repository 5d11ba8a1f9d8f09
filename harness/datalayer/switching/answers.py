"""What an envelope says of itself, as far as it may be written down: whether it succeeded, else its kind and code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from harness.datalayer.envelope import ErrorKind
from harness.datalayer.observation.message_forms import known_code

_KINDS: Final = frozenset(get_args(ErrorKind))

NOBODY_KNOWS: Final = frozenset({"timeout", "connection", "internal"})
"""Kinds of errors that say nothing of the rows: a write may have been committed, a read may succeed the next time"""


def succeeded(answer: object) -> bool | None:
    """Whether an envelope is a success; None for what is no envelope."""
    if not isinstance(answer, Mapping) or not {"success", "data", "error"} <= answer.keys():
        return None
    return bool(answer["success"])


def error_of(answer: object) -> tuple[str | None, str | None]:
    """Kind and code of an envelope's error; "other" for what is none of ours and might be anything."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping):
        return None, None
    kind, code = error.get("kind"), error.get("code")
    return kind if kind in _KINDS else "other", known_code(code) if isinstance(code, str) else None
