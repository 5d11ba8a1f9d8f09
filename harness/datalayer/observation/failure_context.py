"""What a call that failed was about, without a value: the table, and the columns and operators of its filters."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Final

from harness.datalayer.filters import AllOf, AnyOf, Comparison, Filter, Membership, Not, Nullness, Pattern
from harness.datalayer.observation.message_forms import known_name

_FILTERS: Final = (AllOf, AnyOf, Comparison, Membership, Not, Nullness, Pattern)
_MOST_FILTERS: Final = 20
_MOST_FRAMES: Final = 50


@dataclass(frozen=True, slots=True)
class CallContext:
    """The table of the repository that failed, None where none did, and the shapes of its filters."""

    table: str | None
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A line of code that an error passed through; outermost first in a list of them."""

    module: str
    function: str
    line: int


def filter_shape(condition: Filter) -> str:
    """A filter as its columns and operators: `phone =`, `id IN (3)`, `name ILIKE`, `OR(active =, rating IS NULL)`."""
    match condition:
        case Comparison():
            return f"{known_name(condition.column)} {condition.operator}"
        case Pattern():
            return f"{known_name(condition.column)} {'ILIKE' if condition.ignore_case else 'LIKE'}"
        case Membership():
            return f"{known_name(condition.column)} IN ({len(condition.values)})"
        case Nullness():
            return f"{known_name(condition.column)} IS {'NULL' if condition.is_null else 'NOT NULL'}"
        case AnyOf():
            return f"OR({', '.join(map(filter_shape, condition.filters[:_MOST_FILTERS]))})"
        case AllOf():
            return f"AND({', '.join(map(filter_shape, condition.filters[:_MOST_FILTERS]))})"
        case Not():
            return f"NOT({filter_shape(condition.filter)})"


def context_of(error: BaseException) -> CallContext:
    """The context of the innermost call of a repository that the error passed through.

    It is found in the error's traceback: by the interface of repositories (interface.py), the filters of a call are its
    argument `where`, ids are `column` and `ids`, and a repository has its `table`. A call that succeeds pays nothing.
    """
    frames = [frame.f_locals for frame, _ in reversed(_frames(error))]
    shapes = next(filter(None, map(_filter_shapes, frames)), ())
    return CallContext(next(filter(None, map(_table, frames)), None), shapes)


def places_of(error: BaseException) -> list[CodePlace]:
    """The modules, functions and lines of an error's traceback, the last 50; no paths, no source, no variables."""
    return [
        CodePlace(str(frame.f_globals.get("__name__", "?")), frame.f_code.co_name, line)
        for frame, line in _frames(error)
    ]


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    return list(traceback.walk_tb(error.__traceback__))[-_MOST_FRAMES:]


def _filter_shapes(names: Mapping[str, object]) -> tuple[str, ...]:
    where, column, ids = names.get("where"), names.get("column"), names.get("ids")
    found = [filter_shape(one) for one in where if isinstance(one, _FILTERS)] if isinstance(where, list | tuple) else []
    if isinstance(column, str) and isinstance(ids, list | tuple):
        found.append(f"{known_name(column)} IN ({len(ids)})")
    return tuple(found[:_MOST_FILTERS])


def _table(names: Mapping[str, object]) -> str | None:
    name = getattr(getattr(names.get("self"), "table", None), "name", None)
    return known_name(name) if isinstance(name, str) else None
