"""Waits: which action of an exact plan has to come before which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.align.exact.nodes import CALLED, LAST, OF_TABLE, Action, Node, names, tables
from harness.core.align.exact.places import Places
from harness.core.align.exact.retyping import parents_first
from harness.core.align.exact.rows import Kept, kept_rows
from harness.core.align.exact.standing import constraint_of_index
from harness.core.align.relations import parents
from harness.core.differences import NAME
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint, Index
from harness.core.names import qualified


@dataclass
class Waits:
    """What each node has to wait for, built anew whenever `places` has changed."""

    places: Places
    before: dict[Node, set[Node]] = field(default_factory=dict)
    loose: set[tuple[Node, Node]] = field(default_factory=set)
    """Pairs (node, before) that are wished for rather than needed"""
    given_up: set[tuple[Node, Node]] = field(default_factory=set)
    """Those of them that would close a circle"""

    def __post_init__(self) -> None:
        self.decisions = self.places.decisions

    def build(self) -> None:
        """Find them all."""
        self.before = {}
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
            self._wait(("alter", column), ("retype", column))
            for generated in self._generated_beside(column):
                self._wait(self.places.coming(generated), ("retype", column))
            for parent in parents_first(decisions, column):
                self._wait(("retype", column), ("retype", parent))
                self._wait(("loosen", column), ("loosen", parent))
        for column in decisions.later:
            self._wait(("fill", column), self.places.coming(column))
        for column in decisions.freed:
            self._wait(self.places.leaving(column), ("release", column))
        for view in decisions.sketched:
            self._wait(("create", view), ("sketch", view))
        for column in decisions.defaults:
            if ("alter", column) in self.before:
                self._wait(("alter", column), ("release", column))
                self._wait(("fill", column), ("alter", column))
            self._wait(("fill", column), ("release", column))
        for child, parent in decisions.detached.items():
            self._wait(("drop", parent), ("detach", child))
            self._wait(("create", parent), ("detach", child))
            self._wait(("attach", child), ("create", parent))
        self._order_of_rows()
        for node, before in self.given_up:
            self.before[node].discard(before)

    def _generated_beside(self, column: Address) -> Iterator[Address]:
        """Columns that are made again out of others of their table; not every version says of which."""
        table = self.decisions.theirs[column].table_identity
        for address, each in self.decisions.creates.items():
            if isinstance(each, Column) and each.generated is not None and each.table_identity == table:
                yield address

    @cached_property
    def kept(self) -> dict[Address, Kept]:
        """The rows of tables that are made again."""
        return kept_rows(self.decisions)

    def _order_of_rows(self) -> None:
        """Rows come back into tables that have their partitions, and before anything is demanded of them."""
        if not self.kept:
            return
        for node in list(self.before):
            each = self.object(node)
            for address in self.kept:
                if node[0] == "attach" or (node[0] == "create" and isinstance(each, Table)):
                    self._wait(("restore", address), node)
                elif node[0] == "create" and each is not None and (each.kind in OF_TABLE or each.kind == "view"):
                    self._wait(node, ("restore", address), loose=True)

    def _add_nodes(self) -> None:
        decisions = self.decisions
        for address in decisions.drops:
            if address in decisions.swapped:
                self.before[("aside", address)] = set()
                self.before[("forget", address)] = {("aside", address)}
            elif not self.places.goes_along(address):
                self.before[("drop", address)] = set()
        for address in decisions.creates:
            if self.places.carrier_of_create(address) == address:
                self.before[("create", address)] = set()
        actions: tuple[tuple[Action, Iterable[Address]], ...] = (
            ("restore", self.kept), ("alter", decisions.alters), ("release", decisions.defaults),
            ("fill", decisions.defaults), ("fill", decisions.later), ("release", decisions.freed),
            ("sketch", decisions.sketched), ("blank", decisions.blanked), ("retype", decisions.retyped),
            ("loosen", decisions.loosened), ("detach", decisions.detached), ("attach", decisions.detached),
        )  # fmt: skip
        for action, addresses in actions:
            for address in addresses:
                self.before[(action, address)] = set()

    def _wait(self, node: Node | None, before: Node | None, *, loose: bool = False) -> None:
        if node is None or before is None or node == before or node not in self.before or before not in self.before:
            return
        self.before[node].add(before)
        if loose:
            self.loose.add((node, before))

    def _order_of_leaving(self) -> None:
        """What stands on something goes, or lets go, before it does."""
        decisions = self.decisions
        for need, standing in decisions.standing.items():
            leaving = self.places.leaving(need)
            for holder in standing if leaving is not None else ():
                if decisions.retyped.get(holder) != need:
                    self._leave_before(leaving, holder, need)
        for column in decisions.retyped:
            for holder in decisions.standing.get(column, ()):
                going = self.places.leaving(holder)
                if going is not None and going[0] == "drop":
                    self._wait(("retype", column), going)
                    self._wait(("loosen", column), going)
        for address, each in decisions.drops.items():
            schema = getattr(each, "schema", None)
            if schema is not None:
                self._wait(self.places.leaving(("schema", qualified(schema))), self.places.leaving(address))
            for carrier in each.part_of if each.kind in LAST else ():
                self._wait(("drop", address), self.places.leaving(carrier))
            if isinstance(each, Constraint | Index) and each.attached is not None:
                # It can go on its own as soon as the partition has left.
                self._wait(("drop", address), ("alter", (RELATION, each.table_identity or "")), loose=True)

    def _leave_before(self, leaving: Node | None, holder: Address, need: Address) -> None:
        if holder in self.decisions.defaults:
            self._wait(leaving, ("release", holder))
        going = self._letting_go(holder, need)
        if leaving is None or going is None:
            return
        if leaving[0] == "alter" and self.decisions.theirs[need].kind == "enum":
            return  # a label more disturbs nobody, and comes before all that has to be one transaction
        if need in self.decisions.swapped and going[0] == "drop":
            self._wait(("aside", need), going)
        if leaving[0] != "alter" or going[0] == "drop":
            self._wait(leaving, going, loose="alter" in (leaving[0], going[0]))

    def _letting_go(self, holder: Address, need: Address) -> Node | None:
        """The node behind which an object of the target no longer stands on another one."""
        if need[0] in CALLED and holder in self.decisions.freed:
            return ("release", holder)
        if need[0] in CALLED and holder in self.decisions.blanked:
            return ("blank", holder)
        return self.places.leaving(holder)

    def _provided(self, need: Address, holder: Address) -> Node | None:
        """The node behind which an object of the source can lean on another one."""
        if holder[0] in CALLED and need in self.decisions.sketched:
            return ("sketch", need)
        return self.places.coming(need)

    def _order_of_coming(self) -> None:
        """What an object needs is there, and as it is wanted, before the object comes."""
        source = self.decisions.sides.source
        keys = constraint_of_index(source)
        for holder, needed in source.needs.items():
            coming = self.places.coming(keys.get(holder, holder))
            fill: Node = ("fill", holder)
            node = fill if holder in self.decisions.defaults else coming
            for need in needed:
                later = holder in self.decisions.later and need[0] in CALLED
                provided = self._provided(keys.get(need, need), holder)
                self._wait(fill if later else node, provided, loose=self._wished(node, provided))
                if need in self.decisions.retyped:
                    self._wait(coming, ("retype", need))
        for address, each in self.decisions.creates.items():
            for above in self._above(each):
                self._wait(self.places.coming(address), self.places.coming(above))
        for table in source.tables:
            for parent in parents(table):
                self._wait(self.places.coming(table.address), self.places.coming((RELATION, parent)))

    def _above(self, each: CatalogObject) -> Iterator[Address]:
        """What has to be there because the object is in it."""
        schema = getattr(each, "schema", None)
        if schema is not None:
            yield ("schema", qualified(schema))
        # A sequence is there before the column that takes its default from it, and is given to it at the end.
        if each.kind != "sequence":
            yield from each.part_of
        yield from self.decisions.brought_by(each, source=True)

    def _wished(self, node: Node | None, provided: Node | None) -> bool:
        """Whether what is there already may do as well."""
        if node is None or provided is None:
            return False
        return node[0] == "alter" or (provided[0] == "alter" and node[1][0] in CALLED)

    def _order_of_tables(self) -> None:
        """Rules of a table go before its columns change, and come behind them; foreign keys behind both tables."""
        leaving, coming = self._columns()
        for address, each in self.decisions.drops.items():
            for table in tables(each) if each.kind in OF_TABLE else ():
                for node in (*leaving.get(table, ()), self.places.leaving((RELATION, table))):
                    detached = getattr(each, "attached", None) and node == ("alter", (RELATION, table))
                    if node is not None and node[1] != self.places.carrier_of_drop(address) and not detached:
                        self._wait(node, ("drop", address), loose=True)
        for address, each in self.decisions.creates.items():
            for table in tables(each) if each.kind in OF_TABLE else ():
                for node in (*coming.get(table, ()), self.places.coming((RELATION, table))):
                    self._wait(("create", address), node)

    def _columns(self) -> tuple[dict[str, list[Node]], dict[str, list[Node]]]:
        """The actions behind which the columns of a table are no more what they were, and are what they shall be."""
        decisions = self.decisions
        leaving: dict[str, list[Node]] = defaultdict(list)
        coming: dict[str, list[Node]] = defaultdict(list)
        for address, each in decisions.theirs.items():
            if not isinstance(each, Column):
                continue
            table = each.table_identity or ""
            node = self.places.leaving(address)
            if node is not None:
                leaving[table].append(node)
                coming[table] += [node] if node[0] == "alter" else []
            if address in decisions.retyped:
                leaving[table].append(("loosen" if address in decisions.loosened else "retype", address))
                coming[table].append(("retype", address))
        for address, each in decisions.creates.items():
            node = self.places.coming(address) if isinstance(each, Column) else None
            if node is not None:
                coming[each.table_identity or ""].append(node)
        return leaving, coming

    def _order_of_names(self) -> None:
        """A name is free before it is taken again."""
        decisions = self.decisions
        renamed = {address: each for address, each in decisions.alters.items() if NAME in each.attributes}
        taken: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for address, each in decisions.drops.items():
            aside: Node = ("aside", address)
            node = aside if address in decisions.swapped else ("drop", self.places.carrier_of_drop(address))
            for name in names(each):
                taken[name].append(node)
        for address, alteration in renamed.items():
            for name in names(alteration.now):
                taken[name].append(("alter", address))
        for address, each in decisions.creates.items():
            for before in (node for name in names(each) for node in taken.get(name, ())):
                self._wait(self.places.coming(address), before, loose=before[0] == "alter")
        for address, alteration in renamed.items():
            for before in (node for name in names(alteration.wanted) for node in taken.get(name, ())):
                self._wait(("alter", address), before, loose=True)

    def object(self, node: Node) -> CatalogObject | None:
        """What the node is about."""
        action, address = node
        if action in ("create", "sketch"):
            return self.decisions.creates.get(address)
        return self.decisions.theirs.get(address)
