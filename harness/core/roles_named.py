"""Roles named: the roles that the objects of a catalog name as owners, grantees, grantors and otherwise."""

from __future__ import annotations

from harness.core.model.catalog import Catalog
from harness.core.model.database import RoleSetting
from harness.core.model.foreign import UserMapping
from harness.core.model.privileges import DefaultPrivilege, Privilege
from harness.core.model.rules import Policy

_EVERYONE = frozenset({"", "public", "PUBLIC"})
"""Names that stand for no role, or for all"""


def roles_named(catalog: Catalog) -> frozenset[str]:
    """Every role that must be there before the objects can be."""
    found: set[str] = set()
    for each in catalog.objects():
        found.add(getattr(each, "owner", "") or "")
        if isinstance(each, Privilege):
            found |= {each.grantee, *each.grantors}
        elif isinstance(each, DefaultPrivilege):
            found |= {each.grantee, each.creator}
        elif isinstance(each, Policy):
            found |= {*each.roles}
        elif isinstance(each, RoleSetting):
            found.add(each.role)
        elif isinstance(each, UserMapping):
            found.add(each.user)
    return frozenset(found - _EVERYONE)
