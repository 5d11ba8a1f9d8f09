"""Around the rows: which steps of a plan are taken before rows move into its tables, and which once they are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from harness.core.model.catalog import Catalog, address_of
from harness.core.model.objects import Address
from harness.core.plan import Step

AFTER_ROWS: Final = frozenset(
    {"index", "constraint", "view", "trigger", "rule", "policy", "publication", "event trigger", "statistics"}
)
"""Kinds that are made once rows are there: quicker for indexes and keys, and triggers must not fire on rows moved"""


def around_rows(steps: Sequence[Step], source: Catalog) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps of a plan that adds what the target lacks of `source`, before and after the rows, each in its order.

    What needs one that comes after (a privilege on a view, a function that returns its rows) comes after too; but what
    a table needs comes before, whatever it is.
    """
    objects = {each.address: each for each in source.objects()}

    def needs(address: Address) -> Iterable[Address]:
        each = objects.get(address)
        yield from each.part_of if each is not None else ()
        yield from source.needs.get(address, ())
        if each is not None and each.kind == "table":
            for column in source.columns_by_table.get(each.identity, ()):
                yield from source.needs.get(column.address, ())

    held = [address_of(step.kind, step.identity) for step in steps if step.kind in ("table", "column")]
    for_tables: set[Address] = set()
    while held:
        address = held.pop()
        if address not in for_tables:
            for_tables.add(address)
            held += needs(address)
    late: set[Address] = set()
    before: list[Step] = []
    after: list[Step] = []
    for step in steps:
        address = address_of(step.kind, step.identity)
        waits = step.kind in AFTER_ROWS or any(need in late for need in needs(address))
        if waits and address not in for_tables:
            late.add(address)
            after.append(step)
        else:
            before.append(step)
    return tuple(before), tuple(after)
