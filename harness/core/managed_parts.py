"""Managed parts: two catalogs without what a policy leaves out, and how many differences lie in that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.core.differences import differences, without_parts
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.privileges import Privilege, SecurityLabel
from harness.core.model.relations import Schema
from harness.core.model.rules import Constraint, Trigger
from harness.core.model.rules import Policy as RowPolicy
from harness.core.names import quote
from harness.core.narrowing import keeping, schema_of
from harness.core.policy import ManagedPolicy


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """Both catalogs as the user made them."""

    source: Catalog
    target: Catalog
    filtered: dict[str, int]
    """Reason of the policy to the number of differences that it leaves out"""


def unmanaged(source: Catalog, target: Catalog, policy: ManagedPolicy | None) -> Unmanaged:
    """Both catalogs without what the policy says is the platform's.

    A policy or trigger of the user's on a managed table stays where both sides have the table: it can be made there.
    """
    if policy is None:
        return Unmanaged(source, target, {})
    shared = set(source.table_by_identity) & set(target.table_by_identity)

    absent = _roles(source) ^ _roles(target)

    def decided(each: CatalogObject) -> str | None:
        reason = policy.decision(each) or policy.decision_on_grant(each, absent)
        if reason is None and policy.users_part(each) and each.table_identity not in shared:
            return f"policy {policy.name}: on a table that is {policy.about} and not there on both sides"
        return reason

    filtered: Counter[str] = Counter()
    managed = [keeping(catalog, lambda each: decided(each) is not None) for catalog in (source, target)]
    for each in without_parts(differences(*managed)):
        reason = decided(each.object)
        if reason is not None:
            filtered[reason] += 1
    ours, theirs = (
        keeping(catalog, lambda each: decided(each) is None, lambda each: policy.decision_unmodelled(each) is None)
        for catalog in (source, target)
    )
    return Unmanaged(ours, theirs, dict(sorted(filtered.items())))


def _roles(catalog: Catalog) -> set[str]:
    """Roles that the server has, as far as they are known."""
    return {*catalog.server.roles, *catalog.server.platform_roles}


def grounded(whole: Catalog, kept: Catalog, wanted: Catalog, wanted_whole: Catalog) -> Catalog:
    """`kept` with the managed objects of `whole` that it stands on, or that `wanted` of the other side would stand on.

    A foreign key needs the table that it points to with its key, a policy its function. What nobody needs in order to
    exist (privileges, policies, triggers and foreign keys of managed tables) is left out.
    """
    there = {each.address: each for each in whole.objects()}
    parts: dict[Address, list[CatalogObject]] = {}
    for each in there.values():
        for carrier in each.part_of:
            parts.setdefault(carrier, []).append(each)
    staying = set(kept.addresses)
    waiting = [need for each in kept.objects() for need in _needs(each, whole)]
    waiting += [need for each in wanted.objects() for need in _needs(each, wanted_whole)]
    while waiting:
        address = waiting.pop()
        found = there.get(address)
        if address in staying or found is None:
            continue
        staying.add(address)
        waiting += _needs(found, whole)
        waiting += (part.address for part in parts.get(address, ()) if not _beside(part))
    return keeping(whole, lambda each: each.address in staying)


def _needs(each: CatalogObject, catalog: Catalog) -> list[Address]:
    schema = schema_of(each)
    return [
        *catalog.needs.get(each.address, ()),
        *each.part_of,
        *([(RELATION, each.references)] if isinstance(each, Constraint) and each.references else ()),
        *([(Schema.kind, quote(schema))] if schema else ()),
    ]


def _beside(part: CatalogObject) -> bool:
    """Whether a table is the same ground without it."""
    return isinstance(part, Privilege | SecurityLabel | RowPolicy | Trigger) or (
        isinstance(part, Constraint) and part.references is not None
    )
