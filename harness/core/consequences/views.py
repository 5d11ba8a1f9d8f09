"""Consequences of views, their columns, and rules."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.differences import Difference
from harness.core.model.relations import View
from harness.core.model.views import Rule
from harness.core.record import Consequence

_EXPOSURE = Consequence.EXPOSURE
_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

_SEVERITY = tuple(Consequence)


def _view(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, View):
        return _COSMETIC
    if not isinstance(its, View):
        return _WRITES_FAIL
    match each.attribute:
        case "columns" | "definition":
            return _query(mine, its)
        case "options":
            return _options(mine, its)
        case "populated":
            # Reading one that was never filled is an error.
            return _COSMETIC if its.populated else _WRITES_FAIL
        case "owner":
            # The rights of its owner are those with which a view reads its tables.
            return _COSMETIC if mine.materialized or "security_invoker=true" in mine.options else _EXPOSURE
        case "access_method" | "tablespace":
            return _PERFORMANCE
        case "replica_identity":
            return _COSMETIC
    return _WRONG_RESULTS


def _query(mine: View, its: View) -> Consequence:
    """Another query: statements that name a column which is gone fail; the order alone is cosmetic."""
    names, others = ({column.split(" ", 1)[0] for column in view.columns} for view in (mine, its))
    if names - others:
        return _WRITES_FAIL
    moved = mine.columns != its.columns and sorted(mine.columns) == sorted(its.columns)
    return _COSMETIC if moved and _lines(mine.definition) == _lines(its.definition) else _WRONG_RESULTS


def _lines(definition: str) -> list[str]:
    """The lines of a query, sorted, without what only their order asks for: PostgreSQL writes a column a line."""
    text = definition.strip().removesuffix(";").removeprefix("SELECT ")
    return sorted(line.strip().removesuffix(",") for line in text.splitlines())


def _options(mine: View, its: View) -> Consequence:
    """The worst of what its options do."""
    if mine.materialized and its.materialized:
        return _PERFORMANCE
    lost, gained = set(mine.options) - set(its.options), set(its.options) - set(mine.options)
    found = {_WRONG_RESULTS if "security_invoker=true" in gained else _PERFORMANCE}
    if lost & {"security_invoker=true", "security_barrier=true"}:
        found.add(_EXPOSURE)
    checks = tuple(any(each.startswith("check_option=") for each in side) for side in (lost, gained))
    if checks[0]:
        found.add(_WRONG_RESULTS)
    elif checks[1]:
        found.add(_WRITES_FAIL)
    return min(found, key=_SEVERITY.index)


def _column(each: Difference) -> Consequence:
    if each.attribute == "default":
        return _WRITES_FAIL if each.target_value is None else _WRONG_RESULTS
    return _COSMETIC if each.attribute is None else _PERFORMANCE


def _rule(each: Difference) -> Consequence:
    missing = each.source if each.target is None else None
    return _WRITES_FAIL if isinstance(missing, Rule) and missing.of_view else _WRONG_RESULTS


JUDGES: dict[str, Callable[[Difference], Consequence]] = {"view": _view, "view column": _column, "rule": _rule}
