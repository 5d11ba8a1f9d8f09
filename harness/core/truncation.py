"""The row cap of a REST interface: an answer that is exactly as long as the cap may be only the beginning of one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from harness.core.likeness import WITHOUT_FORM, opened


def is_capped(source: Any, cap: int) -> bool:
    """Whether the answer, or a part of it, is a list as long as the cap."""
    return cap in list_lengths(source)


def list_lengths(answer: Any) -> frozenset[int]:
    """How long the lists of an answer are, at any depth."""
    found: set[int] = set()
    pending = [answer]
    while pending:
        value = pending.pop()
        if type(value) not in (dict, list):
            _, value = opened(value)
        if isinstance(value, list):
            found.add(len(value))
            for each in _containers(value):
                # A row: what it holds is looked at here, where most of an answer is.
                if type(each) is not dict or not WITHOUT_FORM.issuperset(map(type, each.values())):
                    pending.append(each)
        elif isinstance(value, dict):
            pending += _containers(value.values())
    return frozenset(found)


def _containers(values: Collection[Any]) -> list[Any]:
    """Those that may hold lists: of a row there is nearly always none, which a look at the types alone tells."""
    if WITHOUT_FORM.issuperset(map(type, values)):
        return []
    return [each for each in values if type(each) not in WITHOUT_FORM]


def clipped(source: Any, target: Any, cap: int) -> Any:
    """The target's answer, with lists that go on after the source's was cut off cut off as well."""
    source_form, source_value = opened(source)
    target_form, target_value = opened(target)
    if isinstance(source_value, dict) and isinstance(target_value, dict) and source_form == target_form == "object":
        return {
            name: clipped(source_value[name], value, cap) if name in source_value else value
            for name, value in target_value.items()
        }
    if isinstance(source_value, list) and isinstance(target_value, list) and source_form == target_form == "list":
        kept = target_value[:cap] if len(source_value) == cap else target_value
        if len(kept) != len(source_value):
            return target
        return [clipped(one, other, cap) for one, other in zip(source_value, kept, strict=True)]
    return target
