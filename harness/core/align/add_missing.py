"""The strategy add-missing: what the target lacks is added, and nothing that is there is touched."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.core.align.creation import Creation
from harness.core.align.outline import OpenTables, Outline, left_out, locks, remaining
from harness.core.align.programs import add_labels
from harness.core.change import Change
from harness.core.model.catalog import Catalog, address_of
from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Enum
from harness.core.model.rules import Constraint
from harness.core.plan import Cost, Step
from harness.core.privileges import comparable_privileges
from harness.core.record import Severity
from harness.core.schema_findings import title


def add_missing(
    source: Catalog, target: Catalog, changes: Sequence[Change], _out_of_scope: Collection[str] = ()
) -> Outline:
    """Objects of every kind that are missing, with their owners, comments and privileges."""
    source, target = comparable_privileges(source, target)
    creation = Creation(target, leave_open=OpenTables(source, target))
    objects = {each.address: each for each in source.objects()}
    labels: list[Step] = []
    left: list[Change] = []
    refused: list[tuple[CatalogObject, str]] = []
    for change in changes:
        address = address_of(change.kind, change.identity)
        each = objects.get(address)
        if change.change == "removed" and change.equivalence is None and each is not None:
            if _has_other_primary_key(each, target):
                refused.append((each, "the target's table has another primary key, and it can have one only"))
            else:
                creation.add(each, source, title(change))
        elif change.kind == "enum" and change.attribute == "labels":
            steps = label_steps(source, target, change)
            labels += steps
            if not steps:
                left.append(change)
        elif change.change == "altered" or (change.change == "added" and change.severity is not Severity.COSMETIC):
            left.append(change)
    steps = labels + creation.steps()
    return Outline(
        steps=steps,
        not_covered=[*left_out([*refused, *creation.refused]), *creation.notes(), *remaining(left)],
        cost=Cost(locks=locks(steps)),
    )


def label_steps(source: Catalog, target: Catalog, change: Change) -> list[Step]:
    """The labels that an enum of the target lacks; none where adding does not make it equal."""
    ours, theirs = _enum(source, change.identity), _enum(target, change.identity)
    statements = add_labels(ours, theirs) if ours and theirs else None
    return [
        Step(sql=sql, why=title(change), kind=change.kind, identity=change.identity, transactional=False)
        for sql in statements or ()
    ]


def _enum(catalog: Catalog, identity: str) -> Enum | None:
    return next((each for each in catalog.enums if each.identity == identity), None)


def _has_other_primary_key(each: CatalogObject, target: Catalog) -> bool:
    if not isinstance(each, Constraint) or each.type != "primary key":
        return False
    there = target.constraints_by_table.get(each.table_identity or "", ())
    return any(constraint.type == "primary key" for constraint in there)
