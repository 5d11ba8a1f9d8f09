"""Names that a statement gives to its own subqueries and aliases, kept apart within PostgreSQL's 63 bytes."""

from __future__ import annotations

import hashlib

_LONGEST = 63
_DIGEST = 16


def label(*parts: object) -> str:
    """The parts joined by underscores.

    PostgreSQL cuts a name off after 63 bytes, after which two long ones may be the same. Where a name is longer, the
    end of it is a digest of the whole: equal names stay equal, others stay different.
    """
    name = "_".join(map(str, parts))
    raw = name.encode()
    if len(raw) <= _LONGEST:
        return name
    digest = hashlib.sha256(raw).hexdigest()[:_DIGEST]
    return f"{raw[: _LONGEST - _DIGEST - 1].decode(errors='ignore')}_{digest}"
