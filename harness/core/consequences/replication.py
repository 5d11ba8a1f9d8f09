"""Consequences of publications and subscriptions: what stops arriving, and what leaves the database."""

from __future__ import annotations

from harness.core.consequences.judges import Judge, by_change
from harness.core.differences import Difference
from harness.core.model.replication import Publication
from harness.core.names import split
from harness.core.record import Consequence

_WRONG_RESULTS = Consequence.WRONG_RESULTS
_COSMETIC = Consequence.COSMETIC


def removed(_: Difference) -> Consequence:
    """A copy of the rows goes stale."""
    return _WRONG_RESULTS


def added(_: Difference) -> Consequence:
    """Nobody of the source's world listens to it."""
    return _COSMETIC


def altered(each: Difference) -> Consequence:
    """More that leaves is exposure, less leaves somebody with stale rows."""
    if each.attribute == "owner":
        return _COSMETIC
    if isinstance(each.source, Publication) and isinstance(each.target, Publication):
        return _publication(each.source, each.target, each.attribute)
    match each.attribute:
        case "binary" | "streaming":
            return Consequence.PERFORMANCE
        case "password_required":
            return Consequence.EXPOSURE if each.target_value == "false" else Consequence.WRITES_FAIL
        case "run_as_owner":
            return Consequence.EXPOSURE if each.target_value == "true" else Consequence.WRITES_FAIL
    return _WRONG_RESULTS


def _publication(source: Publication, target: Publication, attribute: str | None) -> Consequence:
    match attribute:
        case "all_tables":
            return Consequence.EXPOSURE if target.all_tables else _WRONG_RESULTS
        case "tables":
            if any(not _published(table, source) for table in target.tables):
                return Consequence.EXPOSURE
            return _WRONG_RESULTS if any(not _published(table, target) for table in source.tables) else _COSMETIC
        case "schemas":
            more = set(target.schemas) - set(source.schemas) and not source.all_tables
            return Consequence.EXPOSURE if more else _WRONG_RESULTS
        case "columns" | "row_filter":
            # Which of two lists or conditions lets more through is not told from their texts: the worse is assumed.
            ours, theirs = getattr(source, attribute), getattr(target, attribute)
            return Consequence.EXPOSURE if set(ours) - set(theirs) else _WRONG_RESULTS
    return _WRONG_RESULTS


def _published(table: str, publication: Publication) -> bool:
    return publication.all_tables or table in publication.tables or split(table)[0] in publication.schemas


JUDGES: dict[str, Judge] = dict.fromkeys(
    ("publication", "subscription"), by_change(removed=removed, added=added, altered=altered)
)
