"""Classify: what a difference does at a cutover; the order of severity is that of Consequence, worst first."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.consequences import rules
from harness.core.consequences.foreign import JUDGES as _FOREIGN
from harness.core.consequences.operators import JUDGES as _OPERATORS
from harness.core.consequences.privileges import JUDGES as _PRIVILEGES
from harness.core.consequences.privileges import owner
from harness.core.consequences.programs import JUDGES as _PROGRAMS
from harness.core.consequences.programs import overload
from harness.core.consequences.relations import ALTERED as _RELATIONS
from harness.core.consequences.relations import empty_schema, required
from harness.core.consequences.replication import JUDGES as _REPLICATION
from harness.core.consequences.type_change import type_change as type_change
from harness.core.consequences.types import JUDGES as _TYPES
from harness.core.consequences.types import other_enum
from harness.core.consequences.views import JUDGES as _VIEWS
from harness.core.differences import NAME, Difference
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.record import Consequence

DATA_LOSS = Consequence.DATA_LOSS
EXPOSURE = Consequence.EXPOSURE
WRITES_FAIL = Consequence.WRITES_FAIL
WRONG_RESULTS = Consequence.WRONG_RESULTS
PERFORMANCE = Consequence.PERFORMANCE
COSMETIC = Consequence.COSMETIC


def consequence(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    """What the difference does once the application runs on the target instead of the source."""
    kind, change = each.object.kind, each.change
    if each.equivalence is None and each.attribute == "owner":
        return owner(each)
    if each.equivalence is None and kind in rules.KINDS:
        return rules.judge(each, source, target)
    if each.equivalence is not None or each.attribute in (NAME, "comment"):
        return COSMETIC
    if overload(each, source.routines, target.routines):
        return WRONG_RESULTS
    if other_enum(each, source.enums, target.enums):
        return WRITES_FAIL
    judge_of_kind = _JUDGES.get(kind)
    if judge_of_kind is not None:
        return judge_of_kind(each)
    judge_of_access = _PRIVILEGES.get(kind)
    if judge_of_access is not None:
        return judge_of_access(each, source, target)
    if change == "removed":
        return WRITES_FAIL if empty_schema(each, source) else _removed(each)
    if change == "added":
        return _added(each)
    judge = _ALTERED.get(kind)
    return WRONG_RESULTS if judge is None else judge(each)


def _removed(each: Difference) -> Consequence:
    """Missing on the target."""
    return DATA_LOSS if each.object.kind in ("schema", "table", "column") else WRITES_FAIL


def _added(each: Difference) -> Consequence:
    """On the target only."""
    extra = each.object
    if isinstance(extra, Column):
        return WRITES_FAIL if required(extra) else COSMETIC
    return COSMETIC


def _extension(each: Difference) -> Consequence:
    return WRITES_FAIL if each.attribute == "schema" else WRONG_RESULTS


_JUDGES: dict[str, Callable[[Difference], Consequence]] = {
    **_OPERATORS,
    **_FOREIGN,
    **_REPLICATION,
    **_PROGRAMS,
    **_VIEWS,
    **_TYPES,
}
"""Kinds whose family judges them"""

_ALTERED: dict[str, Callable[[Difference], Consequence]] = {
    **_RELATIONS,
    "extension": _extension,
}
