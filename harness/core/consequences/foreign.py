"""Consequences of foreign data wrappers, servers, user mappings and foreign tables."""

from __future__ import annotations

from harness.core.consequences.judges import Judge, by_change
from harness.core.differences import Difference
from harness.core.model.foreign import UserMapping
from harness.core.record import Consequence

_COSMETIC = Consequence.COSMETIC


def removed(_: Difference) -> Consequence:
    """Statements that reach through it fail."""
    return Consequence.WRITES_FAIL


def added(each: Difference) -> Consequence:
    """A way out for everybody is one too many; anything else is nothing to the application."""
    extra = each.object
    return Consequence.EXPOSURE if isinstance(extra, UserMapping) and not extra.user else _COSMETIC


def altered(each: Difference) -> Consequence:
    """It reaches another place, or the same one in another way; as a part of another table it takes and gives rows."""
    if each.attribute == "owner":
        return _COSMETIC
    return Consequence.WRONG_RESULTS


JUDGES: dict[str, Judge] = dict.fromkeys(
    ("foreign data wrapper", "foreign server", "user mapping", "foreign table"),
    by_change(removed=removed, added=added, altered=altered),
)
