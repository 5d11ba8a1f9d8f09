"""Functions: the one behind decorators that hide its parameters, and the names that its code mentions."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any


def mentions(function: Any) -> tuple[str, ...]:
    """Texts in a function's code that are names."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    found: dict[str, None] = {}
    waiting = [code] if isinstance(code, types.CodeType) else []
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, types.CodeType):
                waiting.append(constant)
            elif isinstance(constant, str) and constant.isidentifier():
                found[constant] = None
    return tuple(found)


def uncovered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function behind decorators that show only *args and **kwargs; a bound method keeps its first argument."""
    own = getattr(function, "__self__", None)
    inner = inspect.unwrap(getattr(function, "__func__", function))
    seen: set[int] = set()
    while _shows_nothing(inner) and id(inner) not in seen:
        seen.add(id(inner))
        cells = [cell.cell_contents for cell in getattr(inner, "__closure__", None) or () if _filled(cell)]
        covered = [each for each in cells if inspect.isfunction(each) or inspect.ismethod(each)]
        same = [each for each in covered if next(iter(inspect.signature(each).parameters), "") == "self"]
        if len(same or covered) != 1:
            break
        inner = inspect.unwrap((same or covered)[0])
    if inner is getattr(function, "__func__", function) or not inspect.isfunction(inner):
        return function
    return types.MethodType(inner, own) if own is not None else inner


def _shows_nothing(function: Any) -> bool:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return False
    named = [each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    return len(named) < len(parameters) and all(each.name == "self" for each in named)


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
