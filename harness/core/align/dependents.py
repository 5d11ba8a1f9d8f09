"""Dependents: what stands on objects that a plan drops, however far away, and the order in which all of it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.core.align.relations import parents
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.programs import Routine
from harness.core.model.relations import View
from harness.core.model.rules import Constraint, Policy, Trigger
from harness.core.names import qualified, split
from harness.core.order import CycleError, ordered

_PARTS = frozenset({"column", "constraint", "index", "trigger", "policy", "rule", "view column"})
_KEPT = frozenset(
    {
        "table", "foreign table", "column", "index", "sequence", "enum", "domain", "composite type", "range type",
        "base type", "domain constraint", "composite attribute", "schema", "extension", "large object", "database",
    }
)  # fmt: skip
"""Kinds that hold rows, or that what holds rows is made of"""
_DROP_RANKS = (Policy, Trigger, Constraint, View, Routine)


def owner(address: Address) -> Address:
    """The table, view or type that an address belongs to; itself where it stands alone."""
    space, identity = address
    if space in ("composite attribute", "domain constraint"):
        return ("type", qualified(*split(identity)[:2]))
    return (RELATION, qualified(*split(identity)[:2])) if space in _PARTS else address


def movable(each: CatalogObject) -> bool:
    """Whether it can be dropped and made again without losing a row."""
    if isinstance(each, Constraint):
        return each.type == "foreign key"
    return each.kind not in _KEPT


@dataclass(frozen=True)
class Dependents:
    """Who needs whom on a target."""

    target: Catalog

    @cached_property
    def objects(self) -> Mapping[Address, CatalogObject]:
        """The target's objects."""
        return {each.address: each for each in self.target.objects()}

    @cached_property
    def _holders(self) -> Mapping[Address, list[Address]]:
        """What needs a table, view or other object that stands alone, or a part of it."""
        holders: dict[Address, list[Address]] = {}
        for holder, needed in self.target.needs.items():
            for need in sorted(needed):
                holders.setdefault(self._carrier(need), []).append(holder)
        for table in self.target.tables:
            for parent in parents(table):
                holders.setdefault((RELATION, parent), []).append(table.address)
        return holders

    def holders(self, address: Address) -> Collection[Address]:
        """What needs it directly."""
        return self._holders.get(address, ())

    def _carrier(self, address: Address) -> Address:
        """The owner; for the sequence of a column, the column's table, which takes it along."""
        each = self.objects.get(address)
        carrier = next((part for part in (each.part_of if each else ()) if part[0] == RELATION), None)
        return carrier or owner(address)

    def standing_on(
        self, seed: Address, going: Collection[Address]
    ) -> tuple[dict[Address, CatalogObject], list[CatalogObject]]:
        """What has to make room when `seed` goes, and what cannot; parts of what is `going` anyway are neither."""
        moved: dict[Address, CatalogObject] = {}
        stuck: list[CatalogObject] = []
        waiting = [seed]
        seen = {seed}
        while waiting:
            for holder in self._holders.get(waiting.pop(), ()):
                each = self.objects.get(holder)
                home = self._carrier(holder)
                if each is None or holder in seen or home in seen or home in going:
                    continue
                seen.add(holder)
                if movable(each):
                    moved[holder] = each
                    waiting.append(holder)
                else:
                    stuck.append(each)
        return moved, stuck

    def drop_order(self, going: Mapping[Address, CatalogObject]) -> tuple[list[CatalogObject], list[CatalogObject]]:
        """Foreign keys to drop first because tables refer to each other in a circle, and everything in order."""
        circular = [each for each in self.target.constraints if self._between(each, going)]
        try:
            return [], self._in_order(going, frozenset())
        except CycleError:
            passed_over = frozenset(each.address for each in circular)
            return list(circular), self._in_order(going, passed_over)

    def _in_order(
        self, going: Mapping[Address, CatalogObject], passed_over: Collection[Address]
    ) -> list[CatalogObject]:
        before: dict[Address, list[Address]] = {}
        for address in going:
            holders = [holder for holder in self._holders.get(address, ()) if holder not in passed_over]
            before[address] = [holder if holder in going else self._carrier(holder) for holder in holders]
        return [going[address] for address in ordered(before, lambda address: _drop_rank(going[address]))]

    @staticmethod
    def _between(each: Constraint, going: Collection[Address]) -> bool:
        tables = {(RELATION, each.table_identity), (RELATION, each.references)}
        return each.type == "foreign key" and len(tables) == 2 and all(table in going for table in tables)


def _drop_rank(each: CatalogObject) -> tuple[int, str]:
    for rank, family in enumerate(_DROP_RANKS):
        if isinstance(each, family):
            return (rank, each.identity)
    return (len(_DROP_RANKS), each.identity)


def addresses_of(going: Iterable[CatalogObject], catalog: Catalog) -> set[Address]:
    """The objects and all that goes with them."""
    gone = {each.address for each in going}
    return gone | {each.address for each in catalog.objects() if not gone.isdisjoint(each.part_of)}
