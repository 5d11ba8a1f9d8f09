"""Graph: the actions of an exact plan in an order in which PostgreSQL takes them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.nodes import CALLED, Node, rank
from harness.core.align.exact.places import Places
from harness.core.align.exact.waits import Waits
from harness.core.model.objects import Address
from harness.core.model.relations import Column, View
from harness.core.order import CycleError, ordered
from harness.errors import PlanRefused


@dataclass
class Graph:
    """The decisions as actions that wait for each other."""

    decisions: Decisions

    @cached_property
    def places(self) -> Places:
        """Which action stands for which object."""
        return Places(self.decisions)

    @cached_property
    def waits(self) -> Waits:
        """What waits for what."""
        return Waits(self.places)

    def in_order(self) -> list[Node]:
        """The nodes, each behind all that it waits for. PlanRefused where they wait for each other."""
        for _ in range(1 + len(self.decisions.drops) + len(self.decisions.creates) + len(self.decisions.alters)):
            self.waits.build()
            try:
                return ordered(self.waits.before, lambda node: rank(node, self.waits.object(node)))
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
                if (
                    part.address in self.decisions.drops
                    and part.address not in self.places.explicit
                    and self.places.leans(part)
                ):
                    self.places.explicit.add(part.address)
                    found = True
        if found or any(self._stood_in_for(before, node) for before, node in itertools.pairwise(circle)):
            return True
        wishes = [
            (node, before)
            for before, node in itertools.pairwise(circle)
            if (node, before) not in self.waits.given_up and (node, before) in self.waits.loose
        ]
        if wishes:
            # What is there already serves something new better than something new serves what is there.
            self.waits.given_up.add(min(wishes, key=lambda wish: (wish[0][0], wish[1][0]) != ("create", "alter")))
        return bool(wishes)

    def _stood_in_for(self, before: Node, node: Node) -> bool:
        """Whether a view or a default can let go of a function that takes or returns its own rows."""
        decisions = self.decisions
        if before[0] == node[0] == "create":
            columns = self._calling(node[1], before[1], source=True) - decisions.later
            decisions.later |= columns
            views, sketches = decisions.creates, decisions.sketched
        elif before[0] == node[0] == "drop":
            columns = self._calling(before[1], node[1], source=False) - decisions.freed
            decisions.freed |= columns
            views, sketches = decisions.drops, decisions.blanked
        else:
            return False
        view = views.get(before[1])
        if not columns and isinstance(view, View) and not view.materialized and node[1][0] in CALLED:
            found = before[1] not in sketches
            sketches.add(before[1])
            return found
        return bool(columns)

    def _calling(self, table: Address, routine: Address, *, source: bool) -> set[Address]:
        """Columns that come or go with a table and whose default calls the routine."""
        if routine[0] not in CALLED:
            return set()
        decisions = self.decisions
        sides = decisions.sides
        carrier = self.places.carrier_of_create if source else self.places.carrier_of_drop
        objects, catalog = (decisions.creates, sides.source) if source else (decisions.drops, sides.target)
        found = {
            address
            for address, each in objects.items()
            if isinstance(each, Column)
            and each.default is not None
            and each.generated is None
            and carrier(address) == table
            and routine in catalog.needs.get(address, frozenset())
        }
        if not source:
            return found
        # A partition has the same default, of its own.
        return found | {
            address
            for address, each in objects.items()
            if isinstance(each, Column) and each.default is not None and _heirs(each) & found
        }


def _heirs(column: Column) -> set[Address]:
    return {(Column.kind, each) for each in column.inherited_from}
