"""Inherited columns: what a column of a child comes from, and which columns of children come from one."""

from __future__ import annotations

from harness.core.align.ddl.kind import Sides
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column


def parents_of(column: Column, catalog: Catalog) -> list[Column]:
    """The columns of parents that it is merged from."""
    wanted = set(column.inherited_from)
    return [
        each
        for parent in {identity.rpartition(".")[0]: None for identity in column.inherited_from}
        for each in catalog.columns_by_table.get(parent, ())
        if each.identity in wanted
    ]


def heirs(now: Column, sides: Sides) -> list[tuple[Column, Column]]:
    """The columns of children, and of theirs, that take its type along: on the target and on the source."""
    wanted = {each.identity: each for each in sides.source.columns if each.inherited_from}
    found: dict[str, tuple[Column, Column]] = {}
    above = {now.identity}
    while above:
        below = [each for each in sides.target.columns if above & set(each.inherited_from)]
        above = {each.identity for each in below} - set(found)
        for each in below:
            mine = wanted.get(each.identity)
            if mine is not None and each.generated is None and mine.generated is None:
                found[each.identity] = (each, mine)
    return list(found.values())
