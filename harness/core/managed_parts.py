"""Managed parts: two catalogs without what a policy leaves out, and how many differences lie in that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.core.differences import differences, without_parts
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.narrowing import keeping
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
