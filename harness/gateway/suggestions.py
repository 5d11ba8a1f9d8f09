"""The name that was perhaps meant, for the hints of errors."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# below this likeness (of 1.0) PostgREST suggests nothing
_LIKENESS = 0.75
_LONGEST = 200


def nearest(name: str, known: Iterable[str], *, likeness: float = _LIKENESS) -> str | None:
    """The known name that is most like `name`, or None where none is like it."""
    if len(name) > _LONGEST:
        return None
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=likeness)
    return found[0] if found else None
