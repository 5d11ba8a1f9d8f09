"""Standing: what needs what in a catalog, as the order of a plan has to know it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.align.relations import parents
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address
from harness.core.names import qualified


def holders(catalog: Catalog) -> dict[Address, set[Address]]:
    """What needs each object; the index of a constraint stands for the constraint."""
    found: dict[Address, set[Address]] = {}
    keys = constraint_of_index(catalog)
    for holder, needed in catalog.needs.items():
        for need in needed:
            found.setdefault(keys.get(need, need), set()).add(keys.get(holder, holder))
    for table in catalog.tables:
        for parent in parents(table):
            found.setdefault((RELATION, parent), set()).add(table.address)
    return found


def constraint_of_index(catalog: Catalog) -> Mapping[Address, Address]:
    """Addresses of indexes that belong to a constraint, to the constraint's."""
    return {
        each.address: ("constraint", qualified(each.schema, each.table, each.constraint))
        for each in catalog.indexes
        if each.constraint is not None
    }
