"""Rows that row-level security hides from the source's role: the source answers without them, and without an error.

https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.likeness import likeness, opened
from harness.core.model.catalog import Catalog
from harness.core.observations import Observation, message_of
from harness.core.repeated_statements import relations_of

_NOT_FOUND = frozenset({"PGRST116", "406", "P0002"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsSeen:
    """How much of something the source's role sees, and how much there is for a role that no policy binds."""

    what: str
    """A table, or a request as it may be shown"""
    role: str
    seen: int
    there: int

    @property
    def words(self) -> str:
        """anon sees 3 of 7 rows of public.clients."""
        return f"{self.role} sees {self.seen:,} of {self.there:,} rows of {self.what}"


AskRowsSeen = Callable[[Observation], Sequence[RowsSeen]]
"""Asks the source's clone about what a call asked for; none where that cannot be told"""


def secured_relations(source: Observation) -> tuple[str, ...]:
    """Tables of the source's statements whose policies bind the role that asked."""
    if not source.secured:
        return ()
    return tuple(each for each in relations_of(source.statements) if each in source.secured)


def refused_by_policy(source: Observation, target: Observation) -> bool:
    """Whether the source failed, and the target not, as a call does whose rows policies hide or refuse."""
    error = source.error
    if error is None or target.error is not None:
        return False
    if error.code == "42501":  # also the SQLSTATE of a missing GRANT, which is no policy
        return "permission denied" not in message_of(source)
    return error.code in _NOT_FOUND or error.kind in ("not_found", "permission")


def is_less(source: Any, target: Any) -> bool:
    """Whether the source's answer is the target's with something left out: rows, or all of it; or a smaller number."""
    one, other = opened(source)[1], opened(target)[1]
    if isinstance(one, list) and isinstance(other, list):
        left = Counter(likeness(each) for each in one) - Counter(likeness(each) for each in other)
        return len(one) < len(other) and not left
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one < other
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        changed = [name for name in one if likeness(one[name]) != likeness(other[name])]
        return bool(changed) and all(is_less(one[name], other[name]) for name in changed)
    return not one and bool(other)


def policies_told(relations: tuple[str, ...], catalog: Catalog | None) -> str:
    """The tables, each with its policies by name."""
    told = []
    for relation in relations:
        names = [each.name for each in catalog.policies if each.table_identity == relation] if catalog else []
        told.append(f"{relation} ({', '.join(names) or 'without a policy, which hides every row'})")
    return ", ".join(told)
