"""Tolerance: whether two values of a column lie so close together that the configuration takes them for one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from harness.core.cell_classes import CellKind
from harness.core.cell_times import seconds_apart
from harness.core.configuration import Tolerance
from harness.core.row_forms import CellForm
from harness.errors import ConfigurationError

_TIMES: Final[frozenset[CellKind]] = frozenset({"timestamp", "time", "interval"})
_TAKES: Final[dict[CellKind, str]] = {
    "number": "a number, which takes absolute and relative",
    "timestamp": "a date or a time, which takes seconds",
    "time": "a time, which takes seconds",
    "interval": "an interval, which takes seconds",
}


def within(source: str | None, target: str | None, kind: CellKind, tolerance: Tolerance) -> bool:
    """Whether the values that two texts stand for lie within a tolerance. NULL, NaN and infinity lie near nothing but
    themselves. `absolute` is in the column's unit, `relative` a share of the larger magnitude, `seconds` as it says;
    any of them suffices. A month counts as 30 days, as PostgreSQL compares intervals.
    """
    if source is None or target is None:
        return source is target
    if source == target:
        return True
    if kind == "number":
        return _near(source, target, tolerance)
    if kind in _TIMES:
        apart = seconds_apart(source, target)
        return apart is not None and bool(tolerance.seconds) and apart <= _exact(tolerance.seconds)
    return False


def _near(source: str, target: str, tolerance: Tolerance) -> bool:
    try:
        left, right = Decimal(source), Decimal(target)
    except InvalidOperation:
        return False
    if not left.is_finite() or not right.is_finite():
        return False
    apart = abs(left - right)
    if tolerance.absolute and apart <= _exact(tolerance.absolute):
        return True
    return bool(tolerance.relative) and apart <= max(abs(left), abs(right)) * _exact(tolerance.relative)


def _exact(bound: float) -> Decimal:
    """A bound as it was written: 0.01 is one hundredth, not the float next to it."""
    return Decimal(str(bound))


def check_tolerances(where: str, tolerances: Mapping[str, Tolerance], forms: Mapping[str, CellForm]) -> None:
    """Check the tolerances of one table (`where` names its place in the configuration) against its compared columns.

    ConfigurationError: a column that is not compared, with the nearest name; a bound that its type does not take, or
    none at all.
    """
    for name, tolerance in tolerances.items():
        place = f"{where}.tolerances.{name}"
        if name not in forms:
            near = difflib.get_close_matches(name, sorted(forms), n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Compared: {', '.join(list(forms)[:8])}"
            raise ConfigurationError(f"{place}: no column {name} is compared", hint=hint)
        kind = forms[name].kind
        if kind not in _TAKES:
            raise ConfigurationError(
                f"{place}: only numbers, dates, times and intervals take a tolerance, and {name} is none",
                hint="Take the column out of tolerances, or leave it out of the comparison under rows.ignore_columns.",
            )
        of_number, of_time = bool(tolerance.absolute or tolerance.relative), bool(tolerance.seconds)
        if not of_number and not of_time:
            raise ConfigurationError(f"{place}: no bound is given", hint=f"{name} is {_TAKES[kind]}.")
        if of_number != (kind == "number") or of_time == (kind == "number"):
            raise ConfigurationError(f"{place}: the bound does not fit the type", hint=f"{name} is {_TAKES[kind]}.")
