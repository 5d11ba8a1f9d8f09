"""Creation: a set of objects to make on the target becomes steps in an order that PostgreSQL accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.nodes import rank
from harness.core.align.relations import parents
from harness.core.align.steps import StepMaker, Wanted
from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart
from harness.core.model.privileges import Privilege
from harness.core.model.relations import Column, Sequence, Table
from harness.core.model.rules import Constraint, Index, Policy
from harness.core.names import qualified, split
from harness.core.order import CycleError, ordered
from harness.core.plan import Step
from harness.core.privileges import platform_left
from harness.errors import PlanRefused


@dataclass
class Creation:
    """What a plan creates on a target from which the addresses in `gone` have been dropped before.

    `leave_open`: tables whose row-level security is not taken over.
    """

    target: Catalog
    gone: set[Address] = field(default_factory=set)
    leave_open: Callable[[str], bool] = lambda _: False
    wanted: dict[Address, Wanted] = field(default_factory=dict)
    refused: list[tuple[CatalogObject, str]] = field(default_factory=list)
    nobody: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many privileges on what is created are left, by role and reason"""

    _parts: dict[int, Mapping[Address, list[CatalogObject]]] = field(default_factory=dict)

    def add(self, each: CatalogObject, catalog: Catalog, why: str) -> None:
        """Create this one object, with all that belongs to it."""
        if not getattr(each, "inherited", False):
            self._add(each, catalog, why)

    def _add(self, each: CatalogObject, catalog: Catalog, why: str) -> None:
        if each.address in self.wanted or not self._granted(each, catalog):
            return
        self.wanted[each.address] = Wanted(each, catalog, why)
        if id(catalog) not in self._parts:
            self._parts[id(catalog)] = parts(catalog)
        for part in self._parts_of(self.wanted[each.address]):
            if not self._left(part, each):
                feeds = f"feeds {part.owned_by}" if isinstance(part, Sequence) else None
                self._add(part, catalog, feeds or f"belongs to {each.kind} {each.identity}")

    def _parts_of(self, wanted: Wanted) -> Iterable[CatalogObject]:
        return self._parts[id(wanted.catalog)].get(wanted.object.address, ())

    def _left(self, part: CatalogObject, whole: CatalogObject) -> bool:
        """Whether a part is there already, comes with that of a parent table, or stays behind."""
        if isinstance(part, Policy):
            return self.leave_open(whole.identity)
        if isinstance(part, Sequence):
            return self._there(part)
        if isinstance(part, Privilege):
            return part.built_in and not part.with_grant_option
        return isinstance(part, TablePart) and not isinstance(part, Column) and getattr(part, "inherited", False)

    def _granted(self, each: CatalogObject, catalog: Catalog) -> bool:
        """Whether there is somebody to whom a privilege could be given."""
        if not isinstance(each, Privilege):
            return True
        if not each.role:
            self.nobody[each.grantee, "the target's server has no such role"] += 1
            return False
        if catalog is not self.target and each.grantee in PLATFORM_ROLES and platform_left(self.target):
            self.nobody[each.grantee, "none of the platform's roles has a privilege on the target"] += 1
            return False
        return True

    def notes(self) -> list[str]:
        """What is left of privileges, for people."""
        return [
            f"privileges of the role {role} on what is made: {count}, since {reason}"
            for (role, reason), count in self.nobody.items()
        ]

    def _there(self, each: CatalogObject) -> bool:
        return each.address in self.target.addresses and each.address not in self.gone

    def steps(self) -> list[Step]:
        """The steps in order. What needs something that will not be there goes to `refused`, with the reason.

        PlanRefused: objects need each other in a circle.
        """
        self._refuse_what_lacks_something()
        carried = self._carried()
        needs = {
            carrier: {self._carrier(self._node(need)) for each in group for need in self._needs(self.wanted[each])}
            for carrier, group in carried.items()
        }
        try:
            order = ordered(needs, lambda address: rank(("create", address), self.wanted[address].object))
        except CycleError as error:
            circle = ", ".join(identity for _, identity in error.args[1])
            raise PlanRefused(
                f"objects depend on each other in a circle: {circle}", hint="Create one of them by hand first."
            ) from None
        maker = StepMaker(self.target, self.gone, self.wanted, self.leave_open, self._brought, self._parts_of)
        steps = [step for carrier in order for each in carried[carrier] for step in maker.steps(self.wanted[each])]
        return steps + [step for carrier in order for step in maker.last(self.wanted[carrier])]

    def _brought(self, wanted: Wanted) -> bool:
        return self._carrier(wanted.object.address) != wanted.object.address

    def _carrier(self, address: Address) -> Address:
        """What is created so that the object is: itself, or what brings it along."""
        wanted = self.wanted.get(address)
        if wanted is None:
            return address
        for carrier in KINDS[wanted.object.kind].comes_with(wanted.object, wanted.catalog):
            if carrier in self.wanted and carrier != address:
                return self._carrier(carrier)
        return address

    def _carried(self) -> dict[Address, list[Address]]:
        """What comes with each object that is created for itself; that one first."""
        found: dict[Address, list[Address]] = {}
        for address in self.wanted:
            carrier = self._carrier(address)
            group = found.setdefault(carrier, [carrier])
            if address != carrier:
                group.append(address)
        return found

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
        # A sequence is there before the column that takes its default from it.
        if not isinstance(each, Sequence):
            needs.update(whole for whole in each.part_of if whole in catalog.addresses)
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
            lacking: list[tuple[list[Address], str]] = []
            for carrier, group in self._carried().items():
                missing = sorted(
                    {
                        need
                        for each in group
                        for need in self._needs(self.wanted[each])
                        if need not in there and need not in made and _required(need)
                    },
                    key=lambda need: (need[0] != RELATION, need),
                )
                if missing:
                    kind, identity = missing[0]
                    kind = "table" if kind == RELATION else kind
                    lacking.append((group, f"needs {kind} {identity}, which the target will not have"))
                elif not self._keyed(self.wanted[carrier].object):
                    lacking.append((group, "refers to columns that no unique index of the target covers"))
            if not lacking:
                return
            for group, reason in lacking:
                self.refused.append((self.wanted[group[0]].object, reason))
                for address in group:
                    del self.wanted[address]

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


def parts(catalog: Catalog) -> Mapping[Address, list[CatalogObject]]:
    """What belongs to each object and is compared: rules and columns of a table, privileges on anything, …"""
    found: dict[Address, list[CatalogObject]] = {}
    for each in catalog.objects():
        if each.compared:
            for whole in each.part_of:
                found.setdefault(whole, []).append(each)
    return found


def _required(need: Address) -> bool:
    """Which needs must be met by name. An index or a constraint may stand under another one; _keyed looks at those."""
    return need[0] not in ("index", "constraint")


def _holders(each: CatalogObject, catalog: Catalog) -> list[Address]:
    """Whose dependencies the creation of the object has: a table's columns are made with it."""
    if isinstance(each, Table):
        return [each.address, *(column.address for column in catalog.columns_by_table.get(each.identity, ()))]
    return [each.address]
