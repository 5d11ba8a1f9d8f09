"""Creation: a set of objects to make on the target becomes steps in an order that PostgreSQL accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.core.align.relations import parents
from harness.core.align.steps import StepMaker, Wanted
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart
from harness.core.model.programs import Enum, Extension, Routine
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import qualified, split
from harness.core.order import CycleError, ordered
from harness.core.plan import Step
from harness.errors import PlanRefused

_RANKS: tuple[type[CatalogObject], ...] = (
    Schema, Extension, Enum, Sequence, Routine, Table, Column, Constraint, Index, View, Trigger, Policy,
)  # fmt: skip


@dataclass(slots=True)
class Creation:
    """What a plan creates on a target from which the addresses in `gone` have been dropped before.

    `leave_open`: tables whose row-level security is not taken over.
    """

    target: Catalog
    gone: set[Address] = field(default_factory=set)
    leave_open: Callable[[str], bool] = lambda _: False
    wanted: dict[Address, Wanted] = field(default_factory=dict)
    refused: list[tuple[CatalogObject, str]] = field(default_factory=list)

    def add(self, each: CatalogObject, catalog: Catalog, why: str) -> None:
        """Create this one object; a table with all that belongs to it."""
        if isinstance(each, TablePart) and getattr(each, "inherited", False):
            return
        self.wanted.setdefault(each.address, Wanted(each, catalog, why))
        if isinstance(each, Table | View):
            part = f"belongs to {each.kind} {each.identity}"
            for other in parts(catalog, each):
                if not isinstance(other, Policy) or not self.leave_open(each.identity):
                    self.add(other, catalog, part)
        if isinstance(each, Table | Column):
            for sequence in catalog.sequences:
                if each.address in sequence.part_of and not sequence.identity_sequence and not self._there(sequence):
                    self.add(sequence, catalog, f"feeds {sequence.owned_by}")

    def _there(self, each: CatalogObject) -> bool:
        return each.address in self.target.addresses and each.address not in self.gone

    def steps(self) -> list[Step]:
        """The steps in order. What needs something that will not be there goes to `refused`, with the reason.

        PlanRefused: objects need each other in a circle.
        """
        self._refuse_what_lacks_something()
        needs = {address: self._needs(wanted) for address, wanted in self.wanted.items()}
        try:
            order = ordered({key: [self._node(need) for need in value] for key, value in needs.items()}, self._rank)
        except CycleError as error:
            circle = ", ".join(identity for _, identity in error.args[1])
            raise PlanRefused(
                f"objects depend on each other in a circle: {circle}", hint="Create one of them by hand first."
            ) from None
        maker = StepMaker(self.target, self.gone, self.wanted, self.leave_open)
        return [step for address in order for step in maker.steps(self.wanted[address])]

    def _rank(self, address: Address) -> tuple[int, int, str]:
        each = self.wanted[address].object
        rule = 0
        if isinstance(each, Constraint):
            rule = {"primary key": 0, "unique": 1, "foreign key": 3}.get(each.type, 2)
        # What has no place of its own (types, collations, …) comes where enum types do; its needs say the rest.
        place = type(each) if type(each) in _RANKS else Enum
        return (_RANKS.index(place), rule, each.identity)

    def _node(self, address: Address) -> Address:
        """What creates the address: the table for a column of a new table, the constraint for its index."""
        if address in self.wanted:
            return address
        if address[0] == "index" and ("constraint", address[1]) in self.wanted:
            return ("constraint", address[1])
        if address[0] == "column":
            return (RELATION, qualified(*split(address[1])[:2]))
        return address

    def _needs(self, wanted: Wanted) -> set[Address]:
        """Addresses that have to exist before the object can."""
        each, catalog = wanted.object, wanted.catalog
        needs: set[Address] = set()
        if isinstance(each, TablePart):
            needs.update(each.part_of)
        schema = getattr(each, "schema", None)
        if schema is not None:
            needs.add(("schema", qualified(schema)))
        if isinstance(each, Table):
            needs.update((RELATION, name) for name in parents(each))
        if isinstance(each, Constraint | Index) and each.table_identity in catalog.table_by_identity:
            needs.update(
                ("column", qualified(each.schema, each.table, name)) for name in each.columns if name[:1] != "("
            )
        if isinstance(each, Constraint) and each.references:
            needs.add((RELATION, each.references))
            parts_of_name = split(each.references)
            needs.update(("column", qualified(*parts_of_name, name)) for name in each.references_columns)
        for holder in _holders(each, catalog):
            needs |= catalog.needs.get(holder, frozenset())
        return needs - {each.address}

    def _refuse_what_lacks_something(self) -> None:
        there = self.target.addresses - self.gone
        while True:
            made = self._made()
            lacking: list[tuple[Address, str]] = []
            for address, wanted in self.wanted.items():
                missing = sorted(
                    (
                        need
                        for need in self._needs(wanted)
                        if need not in there and need not in made and _required(need)
                    ),
                    key=lambda need: (need[0] != RELATION, need),
                )
                if missing:
                    kind, identity = missing[0]
                    kind = "table" if kind == RELATION else kind
                    lacking.append((address, f"needs {kind} {identity}, which the target will not have"))
                elif not self._keyed(wanted.object):
                    lacking.append((address, "refers to columns that no unique index of the target covers"))
            if not lacking:
                return
            for address, reason in lacking:
                self.refused.append((self.wanted.pop(address).object, reason))

    def _made(self) -> set[Address]:
        made = set(self.wanted)
        for wanted in self.wanted.values():
            if isinstance(wanted.object, Table):
                columns = wanted.catalog.columns_by_table.get(wanted.object.identity, ())
                made.update(column.address for column in columns)
        return made

    def _keyed(self, each: CatalogObject) -> bool:
        """Whether a foreign key will find a unique index on exactly the columns that it refers to."""
        if not isinstance(each, Constraint) or each.references is None:
            return True
        columns = set(each.references_columns)
        for index in self.target.indexes_by_table.get(each.references, ()):
            if index.unique and index.valid and index.predicate is None and index.immediate:
                owner = ("constraint", qualified(index.schema, index.table, index.constraint or index.name))
                gone = index.address in self.gone or owner in self.gone
                if not gone and set(index.columns) == columns:
                    return True
        for wanted in self.wanted.values():
            rule = wanted.object
            if isinstance(rule, Constraint | Index) and rule.table_identity == each.references:
                unique = rule.unique if isinstance(rule, Index) else rule.type in ("primary key", "unique")
                if unique and set(rule.columns) == columns:
                    return True
        return False


def parts(catalog: Catalog, relation: CatalogObject) -> list[CatalogObject]:
    """What belongs to a table or view and is made after it: constraints, indexes, triggers, policies."""
    families: tuple[tuple[CatalogObject, ...], ...] = (
        catalog.constraints, catalog.indexes, catalog.triggers, catalog.policies,
    )  # fmt: skip
    return [each for family in families for each in family if relation.address in each.part_of and each.compared]


def _required(need: Address) -> bool:
    """Which needs must be met by name. An index or a constraint may stand under another one; _keyed looks at those."""
    return need[0] not in ("index", "constraint")


def _holders(each: CatalogObject, catalog: Catalog) -> list[Address]:
    """Whose dependencies the creation of the object has: a table's columns are made with it."""
    if isinstance(each, Table):
        return [each.address, *(column.address for column in catalog.columns_by_table.get(each.identity, ()))]
    return [each.address]
