"""exact_plan: the differences of two catalogs become the statements that make the target equal to the source."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.align.ddl.kind import Sides
from harness.core.align.exact.decisions import decided
from harness.core.align.exact.graph import Graph
from harness.core.align.exact.room import make_room
from harness.core.align.exact.statements import Writer
from harness.core.differences import Difference, differences
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address, CatalogObject
from harness.core.normalise import settled
from harness.core.plan import Plan, Step
from harness.core.privileges import comparable_privileges, settled_access


def exact_plan(source: Catalog, target: Catalog, found: Sequence[Difference] | None = None) -> Plan:
    """The plan after which the target equals the source; columns are not reordered.

    `found` are the settled differences, of parts of missing objects too (diff.Comparison.differences); without them
    the catalogs are compared here. Everything that the target has alone is dropped: that is what was asked for.

    PlanRefused: the steps would wait for each other in a circle.
    """
    source, target = comparable_privileges(source, target)
    sides = Sides(source=source, target=target)
    if found is None:
        found = settled_access(settled(differences(source, target)), source, target)
    decisions = decided(found, sides)
    make_room(decisions)
    graph = Graph(decisions)
    order = graph.in_order()
    writer = Writer(decisions, taken={each.now.address[1] for each in decisions.alters.values()}, rows=graph.kept)
    brought: dict[Address, list[CatalogObject]] = {}
    for address, each in decisions.creates.items():
        carrier = graph.brought_by(address)
        if carrier is not None:
            brought.setdefault(carrier, []).append(each)
    steps: list[Step] = list(writer.saved())
    for node in order:
        steps += writer.steps(node)
        for each in brought.get(node[1], ()) if node[0] == "create" else ():
            steps += writer.completed(each)
    created = [node for node in order if node[0] == "create"]
    created += [("create", key) for key in decisions.creates if ("create", key) not in set(created)]
    steps += writer.last(created, [node for node in order if node[0] == "alter"])
    return Plan(
        strategy="exact",
        source_fingerprint=source.fingerprint,
        target_fingerprint=target.fingerprint,
        steps=tuple(steps),
    )
