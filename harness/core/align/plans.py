"""Plans: the changes between two catalogs and a strategy become one plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal

from harness.core.align.add_missing import add_missing
from harness.core.align.outline import Outline
from harness.core.align.recreate import recreate
from harness.core.change import Change
from harness.core.model.catalog import Catalog
from harness.core.plan import Plan

Offered = Literal["recreate", "add-missing"]
STRATEGIES: tuple[Offered, ...] = ("recreate", "add-missing")

_OUTLINES: dict[Offered, Callable[[Catalog, Catalog, Sequence[Change], Collection[str]], Outline]] = {
    "recreate": recreate,
    "add-missing": add_missing,
}


def align(
    source: Catalog,
    target: Catalog,
    changes: Sequence[Change],
    strategy: Offered,
    *,
    out_of_scope: Collection[str] = (),
) -> Plan:
    """The plan that answers the changes.

    `recreate` drops the tables that differ and creates them as the source has them; `add-missing` adds what the target
    lacks and touches nothing else. `source` is the catalog that the changes were made from, so under the target's names
    where renames are declared. `out_of_scope` holds tables that a decision leaves out: they are not touched, and what
    the plan must take from them for a moment it gives back.

    PlanRefused: objects need each other in a circle.
    """
    outline = _OUTLINES[strategy](source, target, changes, out_of_scope)
    return Plan(
        strategy=strategy,
        source_fingerprint=source.fingerprint,
        target_fingerprint=target.fingerprint,
        steps=tuple(outline.steps),
        untouched=tuple(
            f"{change.kind} {change.identity}"
            for change in changes
            if change.change == "added" and (change.table is None or change.kind == "table")
        ),
        not_covered=tuple(dict.fromkeys(outline.not_covered)),
        cost=outline.cost,
    )
