"""Consequences of routines, aggregates and event triggers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.core.differences import Difference
from harness.core.model.programs import Aggregate, Routine
from harness.core.record import Consequence

_EXPOSURE = Consequence.EXPOSURE
_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

_INPUT = frozenset("ibv")
"""Modes of parameters that a caller gives: IN, INOUT, VARIADIC"""


def inputs(routine: Routine) -> tuple[tuple[str, str], ...]:
    """Name and mode of the parameters that a caller gives, in order; the empty name where one has none."""
    count = max(len(routine.argument_names), len(routine.argument_modes))
    names = routine.argument_names or ("",) * count
    modes = routine.argument_modes or ("i",) * count
    return tuple((name, mode) for name, mode in zip(names, modes, strict=True) if mode in _INPUT)


def overload(each: Difference, source: Iterable[Routine], target: Iterable[Routine]) -> bool:
    """Whether a routine of the target alone takes calls away from one of its name that both sides have."""
    extra = each.target
    if each.source is not None or not isinstance(extra, Routine):
        return False
    name = (extra.schema, extra.name)
    ours, theirs = ({each.key for each in side if (each.schema, each.name) == name} for side in (source, target))
    return not ours.isdisjoint(theirs)


def _routine(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Routine):
        return _COSMETIC
    if not isinstance(its, Routine):
        return _WRITES_FAIL
    match each.attribute:
        case "security_definer":
            return _EXPOSURE if its.security_definer else _WRONG_RESULTS
        case "cost" | "rows" | "parallel" | "support":
            return _PERFORMANCE
        case "leakproof":
            return _EXPOSURE if its.leakproof else _PERFORMANCE
        case "type":
            return _WRITES_FAIL
        case "parameters":
            return _WRITES_FAIL if _refuses(mine, its) else _WRONG_RESULTS
        case "settings":
            # With the rights of its owner it runs whatever the caller's search_path finds first.
            return _EXPOSURE if its.security_definer and _fixed(mine) and not _fixed(its) else _WRONG_RESULTS
        case "owner":
            return _EXPOSURE if mine.security_definer or its.security_definer else _COSMETIC
    return _WRONG_RESULTS


def _refuses(mine: Routine, its: Routine) -> bool:
    """Whether calls that the source takes fail: by parameters left out, by name, or with any number of them."""
    if its.defaults < mine.defaults:
        return True
    for (name, mode), (new_name, new_mode) in zip(inputs(mine), inputs(its), strict=False):
        if (name and name != new_name) or (mode == "v" and new_mode != "v"):
            return True
    return bool(inputs(mine)) and not inputs(its) and any(name or mode == "v" for name, mode in inputs(mine))


def _fixed(routine: Routine) -> bool:
    return any(setting.startswith("search_path=") for setting in routine.settings)


_ESTIMATES = frozenset({"combinefunc", "serialfunc", "deserialfunc", "sspace", "msspace", "sortop", "parallel"})
_MOVING = frozenset(
    {"msfunc", "minvfunc", "mstype", "mfinalfunc", "mfinalfunc_extra", "mfinalfunc_modify", "minitcond"}
)


def _aggregate(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Aggregate):
        return _COSMETIC
    if not isinstance(its, Aggregate):
        return _WRITES_FAIL
    if each.attribute in _ESTIMATES:
        both = each.source_value is not None and each.target_value is not None
        return (
            _WRONG_RESULTS if both and each.attribute in ("combinefunc", "serialfunc", "deserialfunc") else _PERFORMANCE
        )
    if each.attribute in _MOVING and (mine.msfunc is None or its.msfunc is None):
        # Without a moving state the plain one is computed anew for every frame.
        return _PERFORMANCE
    if each.attribute in ("finalfunc_modify", "mfinalfunc_modify"):
        return _WRITES_FAIL
    return _COSMETIC if each.attribute == "owner" else _WRONG_RESULTS


def _event_trigger(each: Difference) -> Consequence:
    return _COSMETIC if each.attribute == "owner" else _WRONG_RESULTS


JUDGES: dict[str, Callable[[Difference], Consequence]] = {
    "routine": _routine,
    "aggregate": _aggregate,
    "event trigger": _event_trigger,
}
