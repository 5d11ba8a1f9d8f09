"""Denied: the GRANT that a statement which reads would have needed, by what the server says of it (SQLSTATE 42501)."""

from __future__ import annotations

import re
from typing import Final

_DENIED: Final = re.compile(
    r"permission denied for (table|view|materialized view|foreign table|schema|function) ([^{}]+)\Z"
)
_RIGHTS: Final = {
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), "SELECT"),
    "schema": "USAGE",
    "function": "EXECUTE",
}


def grant_for(message: str) -> str | None:
    """The GRANT; None where the message names nothing that is known here, as in another language than English."""
    match = _DENIED.match(message)
    if match is None:
        return None
    right = _RIGHTS[match[1]]
    kind = "" if right == "SELECT" else f"{match[1].upper()} "
    return f"GRANT {right} ON {kind}{match[2]}"
