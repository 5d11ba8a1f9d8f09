"""Decisions: what an exact plan does with every object: create, drop, alter in place, or drop and create again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.align.ddl.kind import Made, Sides
from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.standing import holders
from harness.core.differences import NAME, Difference
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.rules import Constraint, Index

GENERAL = frozenset({NAME, "comment", "owner"})
"""Attributes that the plan settles for every kind alike"""


@dataclass(slots=True)
class Alteration:
    """An object that is on both sides and differs."""

    now: CatalogObject
    wanted: CatalogObject
    attributes: set[str] = field(default_factory=set)
    made: Made = field(default_factory=list)
    """What its own kind says, without name, comment and owner"""

    @property
    def own(self) -> frozenset[str]:
        """The attributes that are its kind's affair at the time of altering."""
        ddl = KINDS[self.now.kind]
        return frozenset(self.attributes - GENERAL - (ddl.late if ddl.late_alter is None else frozenset()))


@dataclass
class Decisions:
    """Objects by address: what is dropped by the target's, what is created by the source's, what is altered by the
    target's; `reasons` says why, in words."""

    sides: Sides
    drops: dict[Address, CatalogObject] = field(default_factory=dict)
    creates: dict[Address, CatalogObject] = field(default_factory=dict)
    alters: dict[Address, Alteration] = field(default_factory=dict)
    reasons: dict[tuple[str, Address], str] = field(default_factory=dict)
    """("drop", "create" or "alter", address)"""
    partners: dict[Address, CatalogObject] = field(default_factory=dict)
    """The source's object by the address of a target's that is called otherwise"""
    defaults: set[Address] = field(default_factory=set)
    """Columns of the target whose default makes room for a while"""
    swapped: set[Address] = field(default_factory=set)
    """Types of the target that are put aside, replaced, and dropped once no column uses them"""
    retyped: dict[Address, Address] = field(default_factory=dict)
    """Columns of the target to the type that is made again, which they take anew"""
    loosened: set[Address] = field(default_factory=set)
    """Those of them that hold text meanwhile, because their type cannot be put aside"""
    later: set[Address] = field(default_factory=set)
    """Columns of the source that are made without their default, which is set when what it calls is there"""
    freed: set[Address] = field(default_factory=set)
    """Columns of the target that lose their default before they go"""
    sketched: set[Address] = field(default_factory=set)
    """Views of the source that stand there as a sketch before what they need is there"""
    blanked: set[Address] = field(default_factory=set)
    """Views of the target that become a sketch before they go"""
    detached: dict[Address, Address] = field(default_factory=dict)
    """Tables of the target to the parent that is made again, from which they are detached meanwhile"""

    @cached_property
    def ours(self) -> dict[Address, CatalogObject]:
        """The source's objects."""
        return {each.address: each for each in self.sides.source.objects()}

    @cached_property
    def theirs(self) -> dict[Address, CatalogObject]:
        """The target's objects."""
        return {each.address: each for each in self.sides.target.objects()}

    @cached_property
    def parts(self) -> tuple[dict[Address, list[CatalogObject]], dict[Address, list[CatalogObject]]]:
        """What belongs to each object, on the source and on the target."""
        return _parts(self.ours.values()), _parts(self.theirs.values())

    @cached_property
    def makers(self) -> tuple[dict[Address, Address], dict[Address, Address]]:
        """Functions that cannot be made without their type, nor it without them, to the type; of either side."""
        return _makers(self.ours.values()), _makers(self.theirs.values())

    def brought_by(self, each: CatalogObject, *, source: bool) -> tuple[Address, ...]:
        """What brings an object along when it is created, and takes it along when it is dropped."""
        catalog = self.sides.source if source else self.sides.target
        maker = self.makers[0 if source else 1].get(each.address)
        brought = KINDS[each.kind].comes_with(each, catalog)
        return brought if maker is None else (*brought, maker)

    @cached_property
    def standing(self) -> dict[Address, set[Address]]:
        """What needs each object of the target."""
        return holders(self.sides.target)

    def partner(self, address: Address) -> CatalogObject | None:
        """What the source has for an object of the target."""
        return self.partners.get(address) or self.ours.get(address)

    def create(self, each: CatalogObject, why: str) -> None:
        """Create an object of the source, and all that belongs to it."""
        if each.address in self.creates or not each.compared:
            return
        self.creates[each.address] = each
        self.reasons["create", each.address] = why
        for part in self.parts[0].get(each.address, ()):
            if not self._stays(part):
                self.create(part, f"belongs to {each.kind} {each.identity}")

    def _stays(self, part: CatalogObject) -> bool:
        """Whether the target has it already and keeps it: an index that becomes a partition of a new one."""
        address = self._called.get(part.address, part.address)
        there = self.theirs.get(address)
        return there is not None and there.compared and address not in self.drops

    def leaves(self, part: CatalogObject) -> bool:
        """Whether an index leaves its parent with the partition that it is on, and stays."""
        table = self.alters.get((RELATION, part.table_identity or ""))
        detached = table is not None and "partition_of" in table.attributes
        return detached and isinstance(part, Constraint | Index) and self.partner(part.address) is not None

    @property
    def _called(self) -> dict[Address, Address]:
        return {wanted.address: address for address, wanted in self.partners.items()}

    def drop(self, each: CatalogObject, why: str) -> None:
        """Drop an object of the target; what belongs to it goes along, and stays where it is no part of the source."""
        if each.address in self.drops or not each.compared:
            return
        self.drops[each.address] = each
        self.reasons["drop", each.address] = why
        self.alters.pop(each.address, None)
        self.defaults.discard(each.address)
        self.retyped.pop(each.address, None)
        self.loosened.discard(each.address)
        for part in self.parts[1].get(each.address, ()):
            if part.address not in self.drops and not self.leaves(part):
                self.drop(part, f"belongs to {each.kind} {each.identity}")
                kept = self.partner(part.address)
                if kept is not None:
                    self.create(kept, f"belongs to {each.kind} {each.identity}, which is made again")

    def replace(self, now: CatalogObject, wanted: CatalogObject, why: str) -> None:
        """Drop an object and create what the source has for it."""
        self.drop(now, why)
        self.create(wanted, why)


def _parts(objects: Iterable[CatalogObject]) -> dict[Address, list[CatalogObject]]:
    found: dict[Address, list[CatalogObject]] = {}
    for each in objects:
        for carrier in each.part_of:
            found.setdefault(carrier, []).append(each)
    return found


def _makers(objects: Iterable[CatalogObject]) -> dict[Address, Address]:
    return {("routine", name): each.address for each in objects for name in getattr(each, "functions", ())}


def decided(differences: Iterable[Difference], sides: Sides) -> Decisions:
    """What the differences themselves ask for, before anything makes room for anything else."""
    decisions = Decisions(sides)
    for each in differences:
        if each.attribute is None:
            continue
        if each.source is None or each.target is None:
            continue
        address = each.target.address
        alteration = decisions.alters.setdefault(address, Alteration(each.target, each.source))
        alteration.attributes.add(each.attribute)
        if each.source.address != address:
            decisions.partners[address] = each.source
        _to_the_table(decisions, each)
    for each in differences:
        if each.attribute is None and each.source is None and each.target is not None:
            decisions.drop(each.target, f"{each.target.kind} {each.target.identity} lives on the target alone")
        elif each.attribute is None and each.source is not None:
            decisions.create(each.source, f"{each.source.kind} {each.source.identity} is missing on the target")
    for address, alteration in list(decisions.alters.items()):
        if address not in decisions.alters:
            continue
        now, wanted = alteration.now, alteration.wanted
        why = f"{now.kind} {now.identity} differs in {', '.join(sorted(alteration.attributes))}"
        own = alteration.own
        made = KINDS[now.kind].alter(now, wanted, own, sides) if own else []
        if made is None:
            decisions.replace(now, wanted, why)
        else:
            alteration.made = made
            decisions.reasons["alter", address] = why
    return decisions


def _to_the_table(decisions: Decisions, each: Difference) -> None:
    """Let the table settle what its part cannot."""
    attribute = KINDS[each.object.kind].of_table.get(each.attribute or "")
    table = (RELATION, each.object.table_identity or "")
    if attribute is not None and table in decisions.theirs and table in decisions.ours:
        alteration = Alteration(decisions.theirs[table], decisions.ours[table])
        decisions.alters.setdefault(table, alteration).attributes.add(attribute)


def reorder(decisions: Decisions, tables: Collection[str]) -> None:
    """Make these tables again, with their rows, because a column cannot be moved."""
    for identity in tables:
        now = decisions.theirs.get((RELATION, identity))
        wanted = decisions.partner((RELATION, identity))
        if now is not None and wanted is not None:
            decisions.replace(now, wanted, f"the columns of {identity} stand in another order")
