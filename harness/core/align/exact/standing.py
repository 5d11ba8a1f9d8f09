"""Standing: what needs what in a catalog, as the order of a plan has to know it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from harness.core.align.relations import parents
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.relations import Column
from harness.core.names import qualified, quote

WORD = re.compile(r'"(?:[^"]|"")+"|\w+')
"""A name as it stands in a deparsed text"""


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
    for each, relation, text in _of_columns(catalog):
        said = set(WORD.findall(text))
        for column in catalog.columns_by_table.get(relation, ()):
            if quote(column.name) in said:
                found.setdefault((Column.kind, column.identity), set()).add(each.address)
    return found


def _of_columns(catalog: Catalog) -> Iterator[tuple[CatalogObject, str, str]]:
    """What goes silently with a column of its table, and the text that names its columns."""
    for index in catalog.indexes:
        if index.constraint is None:
            yield index, index.table_identity or "", index.definition.partition(" USING ")[2]
    for rule in catalog.constraints:
        if rule.type in ("primary key", "unique", "exclusion"):
            yield rule, rule.table_identity or "", rule.definition
        elif rule.type == "foreign key":
            yield rule, rule.table_identity or "", " ".join(map(quote, rule.columns))
    for statistics in catalog.statistics:
        text = " ".join((*map(quote, statistics.columns), statistics.expressions or ""))
        yield statistics, statistics.table, text


def constraint_of_index(catalog: Catalog) -> Mapping[Address, Address]:
    """Addresses of indexes that belong to a constraint, to the constraint's."""
    return {
        each.address: ("constraint", qualified(each.schema, each.table, each.constraint))
        for each in catalog.indexes
        if each.constraint is not None
    }
