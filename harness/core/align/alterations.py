"""Alterations: what the plan recreate changes in place, since nothing would be lost or gained by making it anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from harness.core.align.ddl.kind import Made, Sides
from harness.core.align.ddl.registry import KINDS
from harness.core.align.dependents import Dependents
from harness.core.align.marks import given_to
from harness.core.align.steps import told
from harness.core.change import Change
from harness.core.differences import NAME
from harness.core.model.objects import Address, CatalogObject, TablePart
from harness.core.model.relations import Table, View
from harness.core.plan import Step
from harness.core.schema_findings import title

_ACCESS = frozenset({"privilege", "default privilege", "security label"})
"""Kinds whose difference is no reason to make the table anew that they are about"""
_MARKS = frozenset({"owner", "comment"})
_EARLY = frozenset({"enum", "domain", "composite type", "range type", "base type", "collation", "sequence"})
"""Kinds that what is created may need as the source has them"""


@dataclass(slots=True)
class _Altered:
    now: CatalogObject
    wanted: CatalogObject
    why: str
    attributes: set[str] = field(default_factory=set)


@dataclass
class Alterations:
    """The objects on both sides of which neither is a table or a view, nor part of one; and the marks of all."""

    sides: Sides
    theirs: Dependents
    found: dict[Address, _Altered] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ours = {each.address: each for each in self.sides.source.objects()}

    def takes(self, change: Change, address: Address) -> bool:
        """Whether a change is no affair of a table that would be made anew; an alteration is kept."""
        now, wanted = self.theirs.objects.get(address), self._ours.get(address)
        mark = change.attribute in _MARKS
        alone = not isinstance(now or wanted, Table | View | TablePart) and change.kind != "foreign table"
        if not (mark or change.kind in _ACCESS or change.kind == "statistics object" or change.table is None):
            return False
        if not (mark or alone):
            return False
        if change.change == "altered" and change.attribute not in (None, NAME) and now and wanted:
            altered = self.found.setdefault(address, _Altered(now, wanted, title(change)))
            altered.attributes.add(change.attribute or "")
        return True

    def impossible(self) -> dict[Address, CatalogObject]:
        """What no ALTER makes equal."""
        return {address: each.now for address, each in self.found.items() if self._made(each) is None}

    def answers(self, change: Change, address: Address) -> bool:
        """Whether the object is altered so that the change goes away."""
        each = self.found.get(address)
        if each is None or change.attribute not in each.attributes:
            return False
        if change.attribute == "owner":
            return bool(given_to(each.wanted, each.now, self.sides))
        return change.attribute not in _MARKS and self._made(each) is not None

    def steps(self, made_again: Collection[Address]) -> tuple[list[Step], list[Step]]:
        """What comes before all else, and what comes behind it."""
        early, late = list[Step](), list[Step]()
        for address, each in self.found.items():
            made = None if address in made_again else self._made(each)
            steps = told(each.now, made or [], each.why)
            (early if each.now.kind in _EARLY else late).extend(steps)
        return early, late

    def _made(self, each: _Altered) -> Made | None:
        ddl = KINDS[each.now.kind]
        own = frozenset(each.attributes - _MARKS)
        if own and any(self._disturbed(each, own)):
            return None
        made = ddl.alter(each.now, each.wanted, own, self.sides) if own else []
        if made is None:
            return None
        late = own & ddl.late
        if late:
            after = ddl.late_alter
            made = [
                *made,
                *(
                    ddl.afterwards(each.wanted, self.sides.source)
                    if after is None
                    else after(each.now, each.wanted, late, self.sides)
                ),
            ]
        if "owner" in each.attributes:
            made = [*made, *given_to(each.wanted, each.now, self.sides)]
        return made

    def _disturbed(self, each: _Altered, own: frozenset[str]) -> Iterator[Address]:
        """What would have to make room for the change."""
        kinds = KINDS[each.now.kind].disturbs(each.now, each.wanted, own, self.sides)
        for address in self.theirs.holders(each.now.address) if kinds else ():
            holder = self.theirs.objects.get(address)
            if holder is not None and holder.kind in kinds:
                yield address
