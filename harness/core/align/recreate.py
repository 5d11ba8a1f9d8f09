"""The strategy recreate: what differs is dropped and created as the source has it; the target's own things stay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.core.align.alterations import Alterations
from harness.core.align.creation import Creation
from harness.core.align.ddl.kind import Sides
from harness.core.align.ddl.registry import KINDS
from harness.core.align.dependents import Dependents, addresses_of, movable
from harness.core.align.outline import OpenTables, Outline, left_out, locks, remaining
from harness.core.align.steps import told
from harness.core.change import Change
from harness.core.model.catalog import Catalog, address_of
from harness.core.model.foreign import ForeignTable
from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart
from harness.core.model.privileges import Privilege
from harness.core.model.relations import Table, View
from harness.core.model.rules import Constraint
from harness.core.plan import Cost, Step
from harness.core.privileges import comparable_privileges
from harness.core.record import Severity
from harness.core.schema_findings import title


def recreate(
    source: Catalog, target: Catalog, changes: Sequence[Change], out_of_scope: Collection[str] = ()
) -> Outline:
    """Drop and create every table on both sides that differs in more than cosmetics, and all that stands on it.

    A table stays as it is where something that lives on the target alone could not be made again; the outline says so.
    """
    held = target.privileges_by_object
    source, target = comparable_privileges(source, target)
    blocked: dict[Address, str] = {}
    while True:
        attempt = _Attempt(source, target, changes, frozenset(out_of_scope), blocked, held)
        found = attempt.make()
        if not found:
            return attempt.outline()
        blocked |= found


@dataclass
class _Attempt:
    """One try, with some tables left alone because an earlier try showed what they hold up."""

    source: Catalog
    target: Catalog
    changes: Sequence[Change]
    out_of_scope: frozenset[str]
    blocked: Mapping[Address, str]
    held: Mapping[Address, tuple[Privilege, ...]]
    """Privileges on the target as they are"""
    seeds: dict[Address, CatalogObject] = field(default_factory=dict)
    moved: dict[Address, CatalogObject] = field(default_factory=dict)
    causes: dict[Address, set[Address]] = field(default_factory=dict)
    """The seeds that each moved object makes room for"""
    drops: list[Step] = field(default_factory=list)
    creates: list[Step] = field(default_factory=list)
    creation: Creation | None = None

    def make(self) -> dict[Address, str]:
        """Fill the steps; what is returned must be left alone in the next try."""
        self.theirs = Dependents(self.target)
        self.ours = {each.address: each for each in self.source.objects()}
        self.alterations = Alterations(Sides(source=self.source, target=self.target), self.theirs)
        self._choose_seeds()
        found = self._follow_dependents()
        if found:
            return found
        going = self.seeds | self.moved
        gone = addresses_of(going.values(), self.target)
        self.creation = Creation(self.target, gone, OpenTables(self.source, self.target))
        self._fill_creation(self.creation)
        self._fill_privileges(self.creation, gone)
        self.creates = self.creation.steps()
        found = self._lost(self.creation.refused)
        if not found:
            self._drop(going)
        return found

    def _choose_seeds(self) -> None:
        for change in self.changes:
            if change.severity is Severity.COSMETIC or change.equivalence is not None:
                continue
            address = address_of(change.kind, change.identity)
            if self.alterations.takes(change, address):
                continue
            if change.table is not None:
                address = (RELATION, change.table)
            each = self.theirs.objects.get(address)
            if each is None or address not in self.ours or address in self.blocked:
                continue
            if isinstance(each, Table | View | ForeignTable):
                self.seeds[address] = each
        for address, now in self.alterations.impossible().items():
            if address not in self.blocked and movable(now):
                self.seeds[address] = now

    def _follow_dependents(self) -> dict[Address, str]:
        found: dict[Address, str] = {}
        for seed in list(self.seeds):
            moved, stuck = self.theirs.standing_on(seed, self.seeds)
            for each in stuck:
                if isinstance(each, Table) and each.address in self.ours and each.address not in self.blocked:
                    self.seeds[each.address] = each
                    return self._follow_dependents()
                found[seed] = f"{each.kind} {each.identity} depends on it and cannot be dropped for a while"
            for address, each in moved.items():
                self.moved[address] = each
                self.causes.setdefault(address, set()).add(seed)
        for address in self.seeds:
            self.moved.pop(address, None)
        return found

    def _fill_creation(self, creation: Creation) -> None:
        for change in self.changes:
            address = address_of(change.kind, change.identity)
            each = self.ours.get(address)
            missing = change.change == "removed" and change.equivalence is None
            # A part of a table that is there comes with the table.
            if missing and each is not None and not isinstance(each, TablePart):
                creation.add(each, self.source, title(change))
        for address, each in self.seeds.items():
            creation.add(self.ours[address], self.source, f"{each.kind} {each.identity} differs and is made anew")
        for address, each in self.moved.items():
            reasons = ", ".join(sorted(identity for _, identity in self.causes[address]))
            why = f"made room for {reasons} and comes back"
            if address in self.ours and each.table_identity not in self.out_of_scope:
                creation.add(self.ours[address], self.source, why)
            else:
                creation.add(self._for_later(each), self.target, why)

    def _fill_privileges(self, creation: Creation, gone: Iterable[Address]) -> None:
        """What roles could do with what is made anew they can do afterwards."""
        for address in sorted(gone):
            if address in creation.wanted:
                for each in self.held.get(address, ()):
                    if not each.revoked and (not each.built_in or each.with_grant_option):
                        creation.add(each, self.target, f"{each.grantee} had it on what is made anew")

    def _for_later(self, each: CatalogObject) -> CatalogObject:
        """A foreign key to a table that is empty now cannot hold for the rows that are there: they are not checked."""
        if not isinstance(each, Constraint):
            return each
        compared = each.table_identity in self.source.table_by_identity and each.table_identity not in self.out_of_scope
        return each if compared else replace(each, validated=False)

    def _lost(self, refused: Iterable[tuple[CatalogObject, str]]) -> dict[Address, str]:
        """The seeds that moved objects would not come back for."""
        found: dict[Address, str] = {}
        for each, reason in refused:
            for seed in self.causes.get(each.address, ()):
                found[seed] = f"{each.kind} {each.identity} could not be made again: it {reason}"
        return found

    def _drop(self, going: Mapping[Address, CatalogObject]) -> None:
        circular, order = self.theirs.drop_order(going)
        for each in circular:
            self._drop_one(each, "tables that are made anew refer to each other in a circle")
        for each in order:
            why = "differs from the source's" if each.address in self.seeds else "stands on what is made anew"
            self._drop_one(each, f"{each.kind} {each.identity} {why}")

    def _drop_one(self, each: CatalogObject, why: str) -> None:
        self.drops += told(each, KINDS[each.kind].drop(each, self.target), why)

    def outline(self) -> Outline:
        """The steps, what they cost and what they leave."""
        made_again = {*self.seeds, *self.moved}
        left = [change for change in self.changes if not self._answered(change)]
        tables = [each for each in self.seeds.values() if isinstance(each, Table)]
        notes = [f"{space} {identity} stays as it is: {reason}" for (space, identity), reason in self.blocked.items()]
        unknown = [table.identity for table in tables if table.estimated_rows < 0]
        if unknown:
            notes.append(f"rows of {', '.join(unknown)}: their number is not known and not in the costs")
        early, late = self.alterations.steps(made_again)
        steps = [*early, *self.drops, *self.creates, *late]
        refused = self.creation.refused if self.creation else []
        creation_notes = self.creation.notes() if self.creation else []
        return Outline(
            steps=steps,
            not_covered=[*left_out(refused), *notes, *creation_notes, *remaining(left)],
            cost=Cost(
                rows_affected=sum(max(table.estimated_rows, 0) for table in tables),
                columns_lost=tuple(self._columns_lost(tables)),
                locks=locks(steps),
            ),
        )

    def _answered(self, change: Change) -> bool:
        """Whether the plan makes the change go away, or leaves on purpose what lives on the target alone."""
        address = address_of(change.kind, change.identity)
        if change.equivalence is not None or change.change == "renamed":
            return True
        if change.attribute == "owner":
            return self.alterations.answers(change, address) and address not in self.seeds
        if (RELATION, change.table) in self.seeds or address in self.seeds or self.alterations.answers(change, address):
            return True
        if self.creation is not None and address in self.creation.wanted:
            return True
        return change.change == "added" and change.severity is Severity.COSMETIC

    def _columns_lost(self, tables: Iterable[Table]) -> Iterable[str]:
        for table in tables:
            for column in self.target.columns_by_table.get(table.identity, ()):
                if column.address not in self.ours:
                    yield column.identity
