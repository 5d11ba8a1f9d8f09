"""The strategy recreate: what differs is dropped and created as the source has it; the target's own things stay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.core.align import relations, rules
from harness.core.align.add_missing import label_steps
from harness.core.align.creation import Creation
from harness.core.align.ddl.routines import drop_routine
from harness.core.align.ddl.views import drop_view
from harness.core.align.dependents import Dependents, addresses_of
from harness.core.align.outline import OpenTables, Outline, left_out, locks, remaining
from harness.core.align.steps import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE
from harness.core.change import Change
from harness.core.model.catalog import Catalog, address_of
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.programs import Routine
from harness.core.model.relations import Sequence as SequenceObject
from harness.core.model.relations import Table, View
from harness.core.model.rules import Constraint, Policy, Trigger
from harness.core.names import quote
from harness.core.plan import Cost, Hazard, Step
from harness.core.record import Severity
from harness.core.schema_findings import title

_NEW_SIGNATURE = frozenset({"returns", "parameters", "type"})
"""What CREATE OR REPLACE does not change of a routine"""
_WHOLE = frozenset({"schema", "extension", "enum", "sequence", "table", "view", "routine"})
"""Kinds that stand alone: their parts come with them"""


def recreate(
    source: Catalog, target: Catalog, changes: Sequence[Change], out_of_scope: Collection[str] = ()
) -> Outline:
    """Drop and create every table on both sides that differs in more than cosmetics, and all that stands on it.

    A table stays as it is where something that lives on the target alone could not be made again; the outline says so.
    """
    blocked: dict[Address, str] = {}
    while True:
        attempt = _Attempt(source, target, changes, frozenset(out_of_scope), blocked)
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
    seeds: dict[Address, CatalogObject] = field(default_factory=dict)
    moved: dict[Address, CatalogObject] = field(default_factory=dict)
    causes: dict[Address, set[Address]] = field(default_factory=dict)
    """The seeds that each moved object makes room for"""
    replaced: set[Address] = field(default_factory=set)
    drops: list[Step] = field(default_factory=list)
    creates: list[Step] = field(default_factory=list)
    creation: Creation | None = None

    def make(self) -> dict[Address, str]:
        """Fill the steps; what is returned must be left alone in the next try."""
        self.theirs = Dependents(self.target)
        self.ours = {each.address: each for each in self.source.objects()}
        self._choose_seeds()
        found = self._follow_dependents()
        if found:
            return found
        going = self.seeds | self.moved
        gone = {address for each in going.values() for address in addresses_of(each, self.target)}
        self.creation = Creation(self.target, gone, OpenTables(self.source, self.target))
        self._fill_creation(self.creation)
        self.creates = self.creation.steps()
        found = self._lost(self.creation.refused)
        if not found:
            self._drop(going)
            self._restore_owners(going)
        return found

    def _choose_seeds(self) -> None:
        for change in self.changes:
            if change.severity is Severity.COSMETIC or change.equivalence is not None:
                continue
            address = address_of(change.kind, change.identity)
            if change.table is not None:
                address = (RELATION, change.table)
            each = self.theirs.objects.get(address)
            if each is None or address not in self.ours or address in self.blocked:
                continue
            if isinstance(each, Table | View):
                self.seeds[address] = each
            elif isinstance(each, Routine) and change.change == "altered":
                if change.attribute in _NEW_SIGNATURE:
                    self.seeds[address] = each
                else:
                    self.replaced.add(address)

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
            if change.change == "removed" and change.equivalence is None and each is not None and change.kind in _WHOLE:
                creation.add(each, self.source, title(change))
        for address, each in self.seeds.items():
            creation.add(self.ours[address], self.source, f"{each.kind} {each.identity} differs and is made anew")
        for address in sorted(self.replaced - set(self.seeds) - set(self.moved)):
            creation.add(self.ours[address], self.source, f"function {address[1]} differs")
        for address, each in self.moved.items():
            reasons = ", ".join(sorted(identity for _, identity in self.causes[address]))
            why = f"made room for {reasons} and comes back"
            if address in self.ours and each.table_identity not in self.out_of_scope:
                creation.add(self.ours[address], self.source, why)
            else:
                creation.add(self._for_later(each), self.target, why)

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
        self.drops += (
            _step(each, rules.drop_constraint(each), "tables that are made anew refer to each other in a circle")
            for each in circular
            if isinstance(each, Constraint)
        )
        for each in order:
            why = "differs from the source's" if each.address in self.seeds else "stands on what is made anew"
            self.drops.append(_step(each, _drop_sql(each), f"{each.kind} {each.identity} {why}"))

    def _restore_owners(self, going: Mapping[Address, CatalogObject]) -> None:
        """What is made anew belongs to whoever makes it, unless this is said."""
        for address, each in going.items():
            owner = getattr(each, "owner", "")
            if owner and self.creation is not None and address in self.creation.wanted:
                kind = "TABLE" if isinstance(each, Table) else "FUNCTION"
                if isinstance(each, View):
                    kind = "MATERIALIZED VIEW" if each.materialized else "VIEW"
                elif isinstance(each, Routine) and each.type == "procedure":
                    kind = "PROCEDURE"
                sql = f"ALTER {kind} {each.identity} OWNER TO {quote(owner)};"
                self.creates.append(
                    Step(sql=sql, why="it keeps the owner that it had", kind=each.kind, identity=each.identity)
                )

    def outline(self) -> Outline:
        """The steps, what they cost and what they leave."""
        labels: list[Step] = []
        altered: list[Step] = []
        left: list[Change] = []
        for change in self.changes:
            if change.kind == "enum" and change.attribute == "labels":
                steps = label_steps(self.source, self.target, change)
                labels += steps
            elif change.kind == "sequence" and change.change == "altered" and change.equivalence is None:
                steps = self._alter_sequence(change)
                altered += steps
            else:
                steps = []
            if not steps and not self._answered(change):
                left.append(change)
        tables = [each for each in self.seeds.values() if isinstance(each, Table)]
        notes = [f"{space} {identity} stays as it is: {reason}" for (space, identity), reason in self.blocked.items()]
        if self.seeds or self.moved:
            names = ", ".join(each.identity for each in (self.seeds | self.moved).values() if hasattr(each, "owner"))
            notes.append(
                f"privileges that were granted on {names}: give them again, this version does not compare them"
            )
        unknown = [table.identity for table in tables if table.estimated_rows < 0]
        if unknown:
            notes.append(f"rows of {', '.join(unknown)}: their number is not known and not in the costs")
        steps = [*labels, *altered, *self.drops, *self.creates]
        refused = self.creation.refused if self.creation else []
        return Outline(
            steps=steps,
            not_covered=[*left_out(refused), *notes, *remaining(left)],
            cost=Cost(
                rows_affected=sum(max(table.estimated_rows, 0) for table in tables),
                columns_lost=tuple(self._columns_lost(tables)),
                locks=locks(steps),
            ),
        )

    def _alter_sequence(self, change: Change) -> list[Step]:
        each = self.ours.get(address_of(change.kind, change.identity))
        if not isinstance(each, SequenceObject) or (RELATION, each.table_identity) in self.seeds:
            return []
        sql = relations.alter_sequence(each)
        return [Step(sql=sql, why=title(change), kind=each.kind, identity=each.identity)]

    def _answered(self, change: Change) -> bool:
        """Whether the plan makes the change go away, or leaves on purpose what lives on the target alone."""
        address = address_of(change.kind, change.identity)
        if change.equivalence is not None or change.change == "renamed":
            return True
        if (RELATION, change.table) in self.seeds or address in self.seeds or address in self.replaced:
            return True
        if self.creation is not None and address in self.creation.wanted:
            return True
        return change.change == "added" and change.severity is Severity.COSMETIC

    def _columns_lost(self, tables: Iterable[Table]) -> Iterable[str]:
        for table in tables:
            for column in self.target.columns_by_table.get(table.identity, ()):
                if column.address not in self.ours:
                    yield column.identity


def _step(each: CatalogObject, sql: str, why: str) -> Step:
    lock: str | None = None
    hazards: tuple[Hazard, ...] = ()
    if isinstance(each, Table):
        lock, hazards = ACCESS_EXCLUSIVE, (Hazard.LOCK, Hazard.DATA_LOSS)
    elif isinstance(each, View | Constraint | Policy):
        lock, hazards = ACCESS_EXCLUSIVE, (Hazard.LOCK,)
    elif isinstance(each, Trigger):
        lock, hazards = SHARE_ROW_EXCLUSIVE, (Hazard.LOCK,)
    return Step(sql=sql, why=why, kind=each.kind, identity=each.identity, hazards=hazards, lock=lock)


def _drop_sql(each: CatalogObject) -> str:
    if isinstance(each, Table):
        return relations.drop_table(each)
    if isinstance(each, View):
        return drop_view(each)
    if isinstance(each, Routine):
        return drop_routine(each)
    if isinstance(each, Constraint):
        return rules.drop_constraint(each)
    if isinstance(each, Trigger):
        return rules.drop_trigger(each)
    if isinstance(each, Policy):
        return rules.drop_policy(each)
    raise TypeError(f"no DROP for a {each.kind}")
