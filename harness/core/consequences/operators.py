"""Consequences of casts, operators and their classes, access methods, languages, transforms and text search."""

from __future__ import annotations

from harness.core.consequences.judges import Judge, by_change
from harness.core.differences import Difference
from harness.core.record import Consequence

_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

_CONTEXTS = ("explicit", "assignment", "implicit")

_ALTERED: dict[tuple[str, str], Consequence] = {
    ("operator", "commutator"): _PERFORMANCE,
    ("operator", "negator"): _PERFORMANCE,
    ("operator", "restrict"): _PERFORMANCE,
    ("operator", "join"): _PERFORMANCE,
    ("operator", "hashes"): _PERFORMANCE,
    ("operator", "merges"): _PERFORMANCE,
    ("operator class", "family"): _PERFORMANCE,
    ("operator class", "operator"): _PERFORMANCE,
    ("operator class", "storage"): _WRITES_FAIL,
    ("operator class", "type"): _WRITES_FAIL,
    ("operator family", "members"): _PERFORMANCE,
    ("access method", "type"): _WRITES_FAIL,
    ("text search template", "init"): _WRITES_FAIL,
}
"""What differs and only slows the planner, or refuses; all else answers otherwise"""


def removed(_: Difference) -> Consequence:
    """Statements that use it fail."""
    return _WRITES_FAIL


def added(_: Difference) -> Consequence:
    """Nothing of the source can use it."""
    return _COSMETIC


def altered(each: Difference) -> Consequence:
    """By what the attribute decides."""
    kind, attribute = each.object.kind, each.attribute or ""
    source, target = each.source_value, each.target_value
    match (kind, attribute):
        case (_, "owner"):
            return _COSMETIC
        case ("cast", "context"):
            # What was cast by itself is refused; or it is, and other operators and functions are chosen.
            return _WRITES_FAIL if _CONTEXTS.index(target) < _CONTEXTS.index(source) else _WRONG_RESULTS
        case ("language", "trusted"):
            return Consequence.EXPOSURE if target else _WRITES_FAIL
        case ("language", "inline") | ("text search parser", "headline"):
            if source is None:
                return _COSMETIC
            return _WRITES_FAIL if target is None else _WRONG_RESULTS
    return _ALTERED.get((kind, attribute), _WRONG_RESULTS)


JUDGES: dict[str, Judge] = dict.fromkeys(
    (
        "cast", "operator", "operator class", "operator family", "access method", "language", "transform",
        "text search configuration", "text search dictionary", "text search parser", "text search template",
    ),
    by_change(removed=removed, added=added, altered=altered),
)  # fmt: skip
