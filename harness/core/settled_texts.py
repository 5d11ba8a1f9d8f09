"""Settled texts: differences between two catalogs whose deparsed texts mean the same are none."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.differences import Difference

_TEXTS = frozenset({"definition", "default", "generated", "using", "check", "body"})
"""Attributes that hold deparsed SQL; of bodies, those in standard SQL"""


def settled(found: Iterable[Difference]) -> list[Difference]:
    """The differences without those whose texts mean the same."""
    return [
        each
        for each in found
        if each.attribute not in _TEXTS
        or (each.attribute == "body" and not _in_standard_sql(each.source_value))
        or not _alike(each.source_value, each.target_value)
    ]


def _in_standard_sql(body: object) -> bool:
    """Whether the body of a routine is deparsed rather than the text that somebody wrote."""
    return isinstance(body, str) and body.lstrip().startswith(("RETURN ", "BEGIN ATOMIC"))


def _alike(one: object, other: object) -> bool:
    """Whether two values of an attribute mean the same: two texts, or two lists of as many texts."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    if one == other:
        return True
    # The parser of SQL is loaded where two texts are not the same.
    from harness.core.normalise import same_meaning

    return same_meaning(one, other)
