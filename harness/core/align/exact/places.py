"""Places: which action stands for an object, since much is created and dropped along with something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.nodes import OF_TABLE, Node
from harness.core.align.relations import partition_parent
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.rules import Constraint, Index


@dataclass
class Places:
    """`explicit` holds parts that are dropped on their own, to break a circle."""

    decisions: Decisions
    explicit: set[Address] = field(default_factory=set)

    def carrier_of_drop(self, address: Address) -> Address:
        """What is dropped so that the object goes: itself, or what takes it along."""
        each = self.decisions.drops.get(address)
        if each is None or address in self.explicit:
            return address
        for carrier in (*each.part_of, *_partitioned(each), *self.decisions.brought_by(each, source=False)):
            if carrier in self.decisions.drops and carrier != address:
                return self.carrier_of_drop(carrier)
        return address

    def carrier_of_create(self, address: Address) -> Address:
        each = self.decisions.creates.get(address)
        if each is None:
            return address
        for carrier in self.decisions.brought_by(each, source=True):
            if carrier in self.decisions.creates and carrier != address:
                return self.carrier_of_create(carrier)
        return self._new_partition(each) or address

    def _new_partition(self, each: CatalogObject) -> Address | None:
        """The table with which an index comes: a new partition gets at once what its parent has already."""
        table = (RELATION, each.table_identity or "")
        if not isinstance(each, Constraint | Index) or not each.parents or table not in self.decisions.creates:
            return None
        above = [part for part in each.part_of if part != table]
        there = (part not in self.decisions.creates or self.carrier_of_create(part) != part for part in above)
        return table if above and all(there) else None

    def brought_by(self, address: Address) -> Address | None:
        """The created object whose CREATE brings this one; None where it has one of its own."""
        carrier = self.carrier_of_create(address)
        return None if carrier == address else carrier

    def goes_along(self, address: Address) -> bool:
        """Whether another object's DROP takes it."""
        return self.carrier_of_drop(address) != address

    def leaving(self, address: Address) -> Node | None:
        """The node behind which an object of the target no longer is what it was; None where it stays."""
        decisions = self.decisions
        if address in decisions.swapped:
            return ("forget", address)
        if address in decisions.drops:
            return ("drop", self.carrier_of_drop(address))
        if address in decisions.alters:
            return ("alter", address)
        return None

    def coming(self, address: Address) -> Node | None:
        """The node behind which an object is as the source has it; None where it is so already."""
        decisions = self.decisions
        if address in decisions.creates:
            return ("create", self.carrier_of_create(address))
        altered = self._altered_from.get(address)
        return None if altered is None else ("alter", altered)

    @cached_property
    def _altered_from(self) -> Mapping[Address, Address]:
        return {alteration.wanted.address: address for address, alteration in self.decisions.alters.items()}

    def leans(self, part: CatalogObject) -> bool:
        needs = self.decisions.sides.target.needs.get(part.address, frozenset())
        own = {part.address, *part.part_of}
        return part.kind in OF_TABLE and any(self.carrier_of_drop(need) not in own for need in needs)


def _partitioned(each: CatalogObject) -> tuple[Address, ...]:
    """The table that takes a partition along, which may hold foreign keys of its own that keep the partition."""
    of = getattr(each, "partition_of", None)
    return () if of is None else ((RELATION, partition_parent(of)[0]),)
