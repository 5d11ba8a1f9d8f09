"""exact_plan: the differences of two catalogs become the statements that make the target equal to the source."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from harness.core.align.ddl.kind import Sides
from harness.core.align.exact.decisions import decided, reorder
from harness.core.align.exact.graph import Graph
from harness.core.align.exact.guards import unguarded
from harness.core.align.exact.left import left
from harness.core.align.exact.room import make_room
from harness.core.align.exact.statements import Writer
from harness.core.differences import Difference, differences
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address, CatalogObject
from harness.core.plan import Plan, Step
from harness.core.privileges import comparable_privileges, settled_access
from harness.core.settled_texts import settled
from harness.core.versions import without_what_the_target_lacks
from harness.errors import PlanRefused


def exact_plan(
    source: Catalog,
    target: Catalog,
    found: Sequence[Difference] | None = None,
    *,
    reordered: Collection[str] = (),
    online: bool = False,
) -> Plan:
    """The plan after which the target equals the source; of `reordered` tables the order of columns, too.

    `online`: with the variants of statements that let writers go on, each in a transaction of its own.

    `found` are the settled differences, of parts of missing objects too (diff.Comparison.differences); without them
    the catalogs are compared here. Everything that the target has alone is dropped: that is what was asked for.

    PlanRefused: the steps would wait for each other in a circle.
    """
    source, target = comparable_privileges(*without_what_the_target_lacks(source, target))
    sides = Sides(source=source, target=target)
    if found is None:
        found = settled_access(settled(differences(source, target)), source, target)
    decisions = decided(found, sides)
    reorder(decisions, reordered)
    make_room(decisions)
    graph = Graph(decisions)
    order = graph.in_order()
    writer = Writer(
        decisions,
        taken={each.now.address[1] for each in decisions.alters.values()},
        rows=graph.waits.kept,
        online=online,
    )
    brought: dict[Address, list[CatalogObject]] = {}
    for address, each in decisions.creates.items():
        carrier = graph.places.brought_by(address)
        if carrier is not None:
            brought.setdefault(carrier, []).append(each)
    steps: list[Step] = []
    kept_yet = False
    for node in order:
        made = list(writer.steps(node))
        if not kept_yet and all(step.transactional for step in made):
            # Rows are kept in the transaction that takes their table away, behind what PostgreSQL runs on its own.
            steps += writer.saved()
            kept_yet = True
        steps += made
        for each in brought.get(node[1], ()) if node[0] == "create" else ():
            steps += writer.completed(each)
    created = [address for action, address in order if action == "create"]
    explicit = set(created)
    created += [address for address in decisions.creates if address not in explicit]
    steps += writer.last(created, [address for action, address in order if action == "alter"])
    steps = unguarded(steps, sides)
    return Plan(
        strategy="exact",
        source_fingerprint=source.fingerprint,
        target_fingerprint=target.fingerprint,
        steps=_on_their_own(steps) if online and not graph.waits.kept else tuple(steps),
        not_covered=left(decisions),
    )


def reversed_plan(source: Catalog, target: Catalog, found: Sequence[Difference]) -> tuple[Step, ...]:
    """The steps that give a target which was made equal its former structure back; none where no order is found."""
    backwards = [
        replace(
            each,
            source=each.target,
            target=each.source,
            source_value=each.target_value,
            target_value=each.source_value,
        )
        for each in found
    ]
    try:
        return exact_plan(target, source, backwards).steps
    except PlanRefused:
        return ()


def _on_their_own(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Each step in a transaction of its own, so that no lock is held longer than for its own sake."""
    return tuple(step.model_copy(update={"transactional": False}) for step in steps)
