"""Graph: the actions of an exact plan in an order in which PostgreSQL takes them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.nodes import Node, rank
from harness.core.align.exact.places import Places
from harness.core.align.exact.waits import Waits
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
        if found:
            return True
        for before, node in itertools.pairwise(circle):
            if (node, before) not in self.waits.given_up and (node, before) in self.waits.loose:
                self.waits.given_up.add((node, before))
                return True
        return False

    @cached_property
    def _given_up(self) -> set[tuple[Node, Node]]:
        return set()
