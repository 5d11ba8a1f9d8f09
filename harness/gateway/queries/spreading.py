"""Spread resources (`...relation(columns)`): what the row around one has of it, and where its aggregates are made
(https://docs.postgrest.org/en/v16/references/api/resource_embedding.html#spread-embedded-resource).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Aggregate, SelectField

if TYPE_CHECKING:
    from harness.gateway.planning.read_plan import Node


@dataclass(frozen=True, slots=True)
class SpreadField:
    """What the row around a spread resource has of it: a column of its subquery (`*`: all), perhaps aggregated."""

    name: str
    alias: str | None = None
    aggregate: Aggregate | None = None
    cast: str | None = None


@dataclass(frozen=True, slots=True)
class _Hoisted:
    """An aggregate that is made further out: the subquery that it is taken from, and how."""

    label: str
    field: SpreadField


def _name(item: SelectField) -> str:
    return item.alias or item.field.name


def fields(node: Node) -> tuple[SpreadField, ...]:
    """The columns of a spread resource: its own, then those of what is embedded in it.

    An empty embed inside counts too, although there is no such column: PostgREST has PostgreSQL refuse it (42703).
    """
    own = [SpreadField(_name(item)) for item in node.select]
    for child in node.children:
        own += [SpreadField(field.name) for field in child.spread_fields] if child.spread else [SpreadField(child.name)]
    return tuple(own)


def hoisted(tree: Node) -> Node:
    """The tree with every aggregate of a to-one spread moved out, up to the row that all is spread into.

    One row has nothing to sum up: `select=client_id,...invoices(total.sum())` means the sum by client.
    """
    return _hoist(tree)[0]


def _hoist(node: Node) -> tuple[Node, list[_Hoisted]]:
    pairs = [_hoist(child) for child in node.children]
    children = tuple(child for child, _ in pairs)
    below = [one for _, several in pairs for one in several]
    if not (node.spread and node.to_one):
        return replace(node, children=tuple(_made_here(child, below) for child in children)), []
    own = [
        _Hoisted(node.label, SpreadField(_name(item), item.alias, item.aggregate, item.aggregate_cast))
        for item in node.select
        if item.aggregate is not None
    ]
    passed_on = [replace(one, label=node.label) for one in below]
    select = tuple(replace(item, aggregate=None, aggregate_cast=None) for item in node.select)
    return replace(node, select=select, children=children), own + passed_on


def _made_here(child: Node, below: Sequence[_Hoisted]) -> Node:
    """A spread child whose fields have the aggregates that were hoisted out of it."""
    if not child.spread:
        return child
    found: dict[str, SpreadField] = {}
    for one in below:
        if one.label == child.label:
            found.setdefault(one.field.name, one.field)
    return replace(child, spread_fields=tuple(found.get(field.name, field) for field in child.spread_fields))


def check_to_many(tree: Node) -> None:
    """PGRST127 where a to-many spread has aggregates: PostgREST does not have them either."""
    for node in tree.walk():
        if node.spreads_to_many and node.aggregates:
            raise RequestError(
                400,
                "PGRST127",
                "Feature not implemented",
                details="Aggregates are not implemented for one-to-many or many-to-many spreads.",
            )
