"""Outline: what a strategy decides; a plan is made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.change import Change
from harness.core.equivalence import bound_to_platform
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.nouns import NOUNS
from harness.core.plan import Cost, Step
from harness.core.schema_findings import title


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Steps in order, what they leave as it is, and what they cost."""

    steps: list[Step]
    not_covered: list[str]
    cost: Cost


def left_out(refused: Iterable[tuple[CatalogObject, str]]) -> list[str]:
    """Objects that a plan cannot create, with the reason, for people."""
    return [f"{NOUNS.get(each.kind, each.kind)} {each.identity}: {reason}" for each, reason in refused]


def remaining(changes: Iterable[Change]) -> list[str]:
    """Changes that a plan does not answer, for people; harmless ones are not worth a line."""
    return [title(change) for change in changes if change.equivalence is None]


def locks(steps: Iterable[Step]) -> tuple[str, ...]:
    """Which lock is taken on which table, once each."""
    found = dict.fromkeys(
        f"{step.lock} on {step.identity if step.kind in ('table', 'view') else step.identity.rpartition('.')[0]}"
        for step in steps
        if step.lock
    )
    return tuple(found)


class OpenTables:
    """Tables whose row-level security stays behind: it binds roles of the platform that cannot reach them."""

    def __init__(self, source: Catalog, target: Catalog) -> None:
        self._source, self._target = source, target

    def __call__(self, table: str) -> bool:
        found = self._source.table_by_identity.get(table)
        return found is not None and found.row_security and bound_to_platform(table, self._source, self._target)
