"""Graph: the actions of an exact plan, and which of them has to come before which."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.room import constraint_of_index, holders
from harness.core.align.exact.rows import Kept, kept_rows
from harness.core.align.relations import parents
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.relations import Table
from harness.core.model.rules import Constraint, Index
from harness.core.names import qualified
from harness.core.order import CycleError, ordered
from harness.errors import PlanRefused

Action = Literal[
    "drop", "aside", "detach", "release", "loosen", "alter", "create", "retype", "attach", "restore", "fill", "forget"
]
"""release and fill: the default of a column goes and comes back; aside and forget: a type that is swapped is called
otherwise for a while, and dropped; loosen: a column holds text meanwhile; retype: it takes the new type; restore: the
rows of a table that was made again come back"""
Node = tuple[Action, Address]

_ORDER: tuple[Action, ...] = (
    "drop", "aside", "detach", "release", "loosen", "alter", "create", "retype", "attach", "restore", "fill",
    "forget",
)  # fmt: skip
_OF_TABLE = frozenset({"index", "constraint", "trigger", "policy", "rule", "statistics object"})
"""Kinds that stand on a table without pg_depend's normal dependencies saying so"""
_LAST = ("subscription", "privilege", "default privilege", "security label", "event trigger")
"""Kinds that come behind everything, in this order"""
_RANKS = (
    "schema", "extension", "language", "access method", "collation", "enum", "composite type", "domain", "range type",
    "base type", "sequence", "routine", "aggregate", "cast", "table", "foreign table", "column", "index", "constraint",
    "view", "rule", "trigger", "policy",
)  # fmt: skip


@dataclass
class Graph:
    """Nodes and what each has to wait for. `explicit` holds parts that are dropped on their own to break a circle."""

    decisions: Decisions
    explicit: set[Address] = field(default_factory=set)
    waits: dict[Node, set[Node]] = field(default_factory=dict)
    loose: set[tuple[Node, Node]] = field(default_factory=set)
    """Pairs (node, before) that are wished for rather than needed"""

    def in_order(self) -> list[Node]:
        """The nodes, each behind all that it waits for. PlanRefused where they wait for each other."""
        for _ in range(1 + len(self.decisions.drops) + len(self.decisions.creates) + len(self.decisions.alters)):
            self._build()
            try:
                return ordered(self.waits, self._rank)
            except CycleError as error:
                circle: list[Node] = error.args[1]
                if not self._loosened(circle):
                    names = ", ".join(f"{action} {identity}" for action, (_, identity) in circle)
                    raise PlanRefused(
                        f"the steps wait for each other in a circle: {names}",
                        hint="Make one of these objects equal by hand first.",
                    ) from None
        raise PlanRefused("no order of the steps was found", hint="Align with --strategy recreate.")

    def _loosened(self, circle: list[Node]) -> bool:
        """Whether something could be done about a circle: parts that go on their own, or a wish given up."""
        found = False
        for action, address in circle:
            if action != "drop":
                continue
            for part in self.decisions.parts[1].get(address, ()):
                if part.address in self.decisions.drops and part.address not in self.explicit and self._leans(part):
                    self.explicit.add(part.address)
                    found = True
        if found:
            return True
        for before, node in itertools.pairwise(circle):
            if (node, before) not in self._given_up and (node, before) in self.loose:
                self._given_up.add((node, before))
                return True
        return False

    @cached_property
    def _given_up(self) -> set[tuple[Node, Node]]:
        return set()

    def _leans(self, part: CatalogObject) -> bool:
        needs = self.decisions.sides.target.needs.get(part.address, frozenset())
        own = {part.address, *part.part_of}
        return part.kind in _OF_TABLE and any(self._carrier_of_drop(need) not in own for need in needs)

    # Which node stands for an object.

    def _carrier_of_drop(self, address: Address) -> Address:
        """What is dropped so that the object goes: itself, or what takes it along."""
        each = self.decisions.drops.get(address)
        if each is None or address in self.explicit:
            return address
        for carrier in (*each.part_of, *self.decisions.brought_by(each, source=False)):
            if carrier in self.decisions.drops and carrier != address:
                return self._carrier_of_drop(carrier)
        return address

    def _carrier_of_create(self, address: Address) -> Address:
        each = self.decisions.creates.get(address)
        if each is None:
            return address
        for carrier in self.decisions.brought_by(each, source=True):
            if carrier in self.decisions.creates and carrier != address:
                return self._carrier_of_create(carrier)
        return self._new_partition(each) or address

    def _new_partition(self, each: CatalogObject) -> Address | None:
        """The table with which an index comes: a new partition gets at once what its parent has already."""
        table = (RELATION, each.table_identity or "")
        if not isinstance(each, Constraint | Index) or not each.parents or table not in self.decisions.creates:
            return None
        above = [part for part in each.part_of if part != table]
        there = (part not in self.decisions.creates or self._carrier_of_create(part) != part for part in above)
        return table if above and all(there) else None

    def brought_by(self, address: Address) -> Address | None:
        """The created object whose CREATE brings this one; None where it has one of its own."""
        carrier = self._carrier_of_create(address)
        return None if carrier == address else carrier

    def goes_along(self, address: Address) -> bool:
        """Whether another object's DROP takes it."""
        return self._carrier_of_drop(address) != address

    def _leaving(self, address: Address) -> Node | None:
        """The node behind which an object of the target no longer is what it was; None where it stays."""
        decisions = self.decisions
        if address in decisions.swapped:
            return ("forget", address)
        if address in decisions.drops:
            return ("drop", self._carrier_of_drop(address))
        if address in decisions.alters:
            return ("alter", address)
        return None

    def _coming(self, address: Address) -> Node | None:
        """The node behind which an object is as the source has it; None where it is so already."""
        decisions = self.decisions
        if address in decisions.creates:
            return ("create", self._carrier_of_create(address))
        altered = self._altered_from.get(address)
        return None if altered is None else ("alter", altered)

    @cached_property
    def _altered_from(self) -> Mapping[Address, Address]:
        return {alteration.wanted.address: address for address, alteration in self.decisions.alters.items()}

    # The waits.

    def _build(self) -> None:
        self.waits = {}
        self.loose = set()
        decisions = self.decisions
        self._add_nodes()
        self._order_of_leaving()
        self._order_of_coming()
        self._order_of_tables()
        self._order_of_names()
        for column, kind in decisions.retyped.items():
            self._wait(("create", kind), ("aside", kind))
            self._wait(("drop", kind), ("loosen", column))
            self._wait(("retype", column), ("loosen", column))
            self._wait(("retype", column), ("create", kind))
            self._wait(("forget", kind), ("retype", column))
        for column in decisions.defaults:
            if ("alter", column) in self.waits:
                self._wait(("alter", column), ("release", column))
                self._wait(("fill", column), ("alter", column))
            self._wait(("fill", column), ("release", column))
        for child, parent in decisions.detached.items():
            self._wait(("drop", parent), ("detach", child))
            self._wait(("create", parent), ("detach", child))
            self._wait(("attach", child), ("create", parent))
        self._order_of_rows()
        for node, before in self._given_up:
            self.waits[node].discard(before)

    @cached_property
    def kept(self) -> dict[Address, Kept]:
        """The rows of tables that are made again."""
        return kept_rows(self.decisions)

    def _order_of_rows(self) -> None:
        """Rows come back into tables that have their partitions, and before anything is demanded of them."""
        if not self.kept:
            return
        for node in list(self.waits):
            each = self._object(node)
            for address in self.kept:
                if node[0] == "attach" or (node[0] == "create" and isinstance(each, Table)):
                    self._wait(("restore", address), node)
                elif node[0] == "create" and each is not None and (each.kind in _OF_TABLE or each.kind == "view"):
                    self._wait(node, ("restore", address), loose=True)

    def _add_nodes(self) -> None:
        decisions = self.decisions
        for address in self.kept:
            self.waits[("restore", address)] = set()
        for address in decisions.drops:
            if address in decisions.swapped:
                self.waits[("aside", address)] = set()
                self.waits[("forget", address)] = {("aside", address)}
            elif not self.goes_along(address):
                self.waits[("drop", address)] = set()
        for address in decisions.creates:
            if self._carrier_of_create(address) == address:
                self.waits[("create", address)] = set()
        for address in decisions.alters:
            self.waits[("alter", address)] = set()
        for column in decisions.defaults:
            self.waits[("release", column)] = set()
            self.waits[("fill", column)] = set()
        for column in decisions.retyped:
            self.waits[("retype", column)] = set()
        for column in decisions.loosened:
            self.waits[("loosen", column)] = set()
        for child in decisions.detached:
            self.waits[("detach", child)] = set()
            self.waits[("attach", child)] = set()

    def _wait(self, node: Node | None, before: Node | None, *, loose: bool = False) -> None:
        if node is None or before is None or node == before or node not in self.waits or before not in self.waits:
            return
        self.waits[node].add(before)
        if loose:
            self.loose.add((node, before))

    def _order_of_leaving(self) -> None:
        """What stands on something goes, or lets go, before it does."""
        decisions = self.decisions
        for need, standing in holders(decisions.sides.target).items():
            leaving = self._leaving(need)
            if leaving is None:
                continue
            for holder in standing:
                if holder in decisions.retyped and decisions.retyped[holder] == need:
                    continue
                if holder in decisions.defaults:
                    self._wait(leaving, ("release", holder))
                going = self._leaving(holder)
                if going is None:
                    continue
                if need in decisions.swapped and going[0] == "drop":
                    self._wait(("aside", need), going)
                if leaving[0] != "alter" or going[0] == "drop":
                    self._wait(leaving, going, loose=leaving[0] == "alter" or going[0] == "alter")
        for column in decisions.retyped:
            for holder in holders(decisions.sides.target).get(column, ()):
                going = self._leaving(holder)
                if going is not None and going[0] == "drop":
                    self._wait(("retype", column), going)
                    self._wait(("loosen", column), going)
        for address, each in decisions.drops.items():
            schema = getattr(each, "schema", None)
            if schema is not None:
                self._wait(self._leaving(("schema", qualified(schema))), self._leaving(address))

    def _order_of_coming(self) -> None:
        """What an object needs is there, and as it is wanted, before the object comes."""
        source = self.decisions.sides.source
        keys = constraint_of_index(source)
        for holder, needed in source.needs.items():
            coming = self._coming(keys.get(holder, holder))
            then: list[Node | None] = [coming]
            if holder in self.decisions.defaults:
                then = [("fill", holder)]
            for need in needed:
                provided = self._coming(keys.get(need, need))
                for node in then:
                    self._wait(node, provided, loose=node is not None and node[0] == "alter")
                if need in self.decisions.retyped:
                    self._wait(coming, ("retype", need))
        for address, each in self.decisions.creates.items():
            coming = self._coming(address)
            schema = getattr(each, "schema", None)
            if schema is not None:
                self._wait(coming, self._coming(("schema", qualified(schema))))
            # A sequence is there before the column that takes its default from it, and is given to it at the end.
            for carrier in each.part_of if each.kind != "sequence" else ():
                self._wait(coming, self._coming(carrier))
            for carrier in self.decisions.brought_by(each, source=True):
                self._wait(coming, self._coming(carrier))
        for table in source.tables:
            for parent in parents(table):
                self._wait(self._coming(table.address), self._coming((RELATION, parent)))
        for address in self.decisions.drops:
            each = self.decisions.drops[address]
            if each.kind in _LAST:
                for carrier in each.part_of:
                    self._wait(("drop", address), self._leaving(carrier))

    def _order_of_tables(self) -> None:
        """Rules of a table go before its columns change, and come behind them; foreign keys behind both tables."""
        decisions = self.decisions
        columns_leaving: dict[str, list[Node]] = {}
        columns_coming: dict[str, list[Node]] = {}
        for address, each in decisions.theirs.items():
            if each.kind == "column" and each.table_identity is not None:
                node = self._leaving(address)
                if node is not None:
                    columns_leaving.setdefault(each.table_identity, []).append(node)
                    if node[0] == "alter":
                        columns_coming.setdefault(each.table_identity, []).append(node)
                if address in decisions.retyped:
                    action: Action = "loosen" if address in decisions.loosened else "retype"
                    columns_leaving.setdefault(each.table_identity, []).append((action, address))
                    columns_coming.setdefault(each.table_identity, []).append(("retype", address))
        for address, each in decisions.creates.items():
            if each.kind == "column" and each.table_identity is not None:
                node = self._coming(address)
                if node is not None:
                    columns_coming.setdefault(each.table_identity, []).append(node)
        for address, each in decisions.drops.items():
            if each.kind in _OF_TABLE:
                for table in _tables(each):
                    for node in (*columns_leaving.get(table, ()), self._leaving((RELATION, table))):
                        if node is not None and node[1] != self._carrier_of_drop(address):
                            self._wait(node, ("drop", address), loose=True)
        for address, each in decisions.creates.items():
            if each.kind in _OF_TABLE:
                for table in _tables(each):
                    for node in (*columns_coming.get(table, ()), self._coming((RELATION, table))):
                        self._wait(("create", address), node)

    def _order_of_names(self) -> None:
        """A name is free before it is taken again."""
        taken: dict[tuple[str, str], list[Node]] = {}
        for address, each in self.decisions.drops.items():
            node: Node = (
                ("aside", address) if address in self.decisions.swapped else ("drop", self._carrier_of_drop(address))
            )
            for name in _names(each):
                taken.setdefault(name, []).append(node)
        for address, alteration in self.decisions.alters.items():
            if "name" in alteration.attributes:
                for name in _names(alteration.now):
                    taken.setdefault(name, []).append(("alter", address))
        for address, each in self.decisions.creates.items():
            for name in _names(each):
                for before in taken.get(name, ()):
                    self._wait(self._coming(address), before, loose=before[0] == "alter")
        for address, alteration in self.decisions.alters.items():
            if "name" in alteration.attributes:
                for name in _names(alteration.wanted):
                    for before in taken.get(name, ()):
                        self._wait(("alter", address), before, loose=True)

    def _rank(self, node: Node) -> tuple[int, int, int, str]:
        action, address = node
        each = self._object(node)
        kind = each.kind if each is not None else ""
        last = _LAST.index(kind) + 1 if kind in _LAST else 0
        if kind == "event trigger" and action == "drop":
            last = -1
        place = _RANKS.index(kind) if kind in _RANKS else len(_RANKS)
        if action == "drop":
            place = -place
        if isinstance(each, Constraint):
            place += {"primary key": 0, "unique": 0, "foreign key": 2}.get(each.type, 1)
        position = getattr(each, "position", 0)
        generated = getattr(each, "generated", None) is not None
        return (
            max(last, 0) if action != "drop" or last > 0 else last,
            _ORDER.index(action),
            place * 2 + generated if action != "drop" else place * 2 - generated,
            f"{address[1].rpartition('.')[0]} {position:05}" if kind == "column" else address[1],
        )

    def _object(self, node: Node) -> CatalogObject | None:
        action, address = node
        if action == "create":
            return self.decisions.creates.get(address)
        return self.decisions.theirs.get(address)


def _tables(each: CatalogObject) -> Iterable[str]:
    """The tables whose columns an object stands on."""
    if each.table_identity is not None:
        yield each.table_identity
    if isinstance(each, Constraint) and each.references is not None:
        yield each.references


def _names(each: CatalogObject) -> list[tuple[str, str]]:
    """(namespace, name) that an object takes: its own, and for a constraint with an index that one's."""
    schema = getattr(each, "schema", None)
    found = [each.address]
    if each.kind in ("table", "view", "sequence", "foreign table", "index") and schema is not None:
        found.append(("name", qualified(schema, each.key[-1])))
    if isinstance(each, Constraint) and each.type in ("primary key", "unique", "exclusion"):
        found.append(("name", qualified(each.schema, each.name)))
    if each.kind in ("enum", "domain", "composite type", "range type", "base type", "table", "view", "foreign table"):
        found.append(("type", qualified(str(schema), each.key[-1])))
    return found
