"""From the request model to a tree of what is read from where: embedded resources with their joins, rows, order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Self

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import Condition, OrderTerm, Query, RowRange, SelectField, SelectRelation
from harness.gateway.cache.relationships import Relationship, find
from harness.gateway.cache.schema_cache import Name, SchemaCache, Table
from harness.gateway.planning import aggregates, targets
from harness.gateway.planning.targets import Target
from harness.gateway.queries import spreading
from harness.gateway.queries.labels import label
from harness.gateway.queries.spreading import SpreadField
from harness.gateway.settings import GatewaySettings

# far more than anybody asks for, and far less than takes all of Python's stack
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Node:
    """One relation that is read, and below it those embedded in it.

    `source` is None where rows come from the statement's own CTE (a write or a call). `qualifier` are the parts of
    the name that its columns go by in the statement. `label` names the joined subquery of an embedded resource.
    `spread_fields` are what a spread one gives to the row around it. `legacy_name` is the relation of an aliased one,
    where filters, orders or ranges call it so.
    """

    name: str
    origin: Name
    source: Name | None
    qualifier: tuple[str, ...]
    table: Table | None
    select: tuple[SelectField, ...]
    conditions: tuple[Condition, ...]
    order: tuple[OrderTerm, ...]
    rows: RowRange
    children: tuple[Node, ...] = ()
    relationship: Relationship | None = None
    join: Literal["inner", "left"] | None = None
    spread: bool = False
    label: str = ""
    spread_fields: tuple[SpreadField, ...] = ()
    legacy_name: str | None = None

    @property
    def to_one(self) -> bool:
        """Whether it is embedded, at most one row of it."""
        return self.relationship is not None and self.relationship.to_one

    @property
    def spreads_to_many(self) -> bool:
        """Whether it is spread and has many rows: each column becomes an array."""
        return self.spread and not self.to_one

    @property
    def selects_nothing(self) -> bool:
        """Whether the answer has nothing of it: an empty embed, there only to filter by."""
        return not self.select and all(child.selects_nothing for child in self.children)

    @property
    def aggregates(self) -> bool:
        """Whether its rows are groups: it selects aggregates, or a resource spread into it does."""
        spread = (field for child in self.children for field in child.spread_fields)
        return any(item.aggregate for item in self.select) or any(field.aggregate for field in spread)

    def child(self, name: str) -> Node | None:
        """The embedded resource that the request calls by this name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator[Node]:
        """The node and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def legacy_names(self) -> tuple[tuple[str, str], ...]:
        """Relation and alias of every embedded resource that the request calls by its relation in spite of an alias."""
        return tuple((node.legacy_name, node.name) for node in self.walk() if node.legacy_name is not None)


def _limited(rows: RowRange, most: int | None) -> RowRange:
    if most is None or (rows.limit is not None and rows.limit <= most):
        return rows
    return replace(rows, limit=most)


@dataclass(frozen=True, slots=True)
class ReadPlanner:
    """Plans reads against one schema cache.

    `most_rows` caps every relation that is read (None: no cap), `aggregates` says whether they are allowed,
    `legacy_names` whether an aliased resource answers to its relation too.
    """

    cache: SchemaCache
    most_rows: int | None
    aggregates: bool
    legacy_names: bool = True

    @classmethod
    def by(cls, cache: SchemaCache, settings: GatewaySettings, *, capped: bool = True) -> Self:
        """The planner that the settings ask for; representations of writes are not capped."""
        most_rows = settings.db_max_rows if capped else None
        return cls(cache, most_rows, settings.db_aggregates_enabled, settings.url_use_legacy_target_names)

    def plan(
        self,
        query: Query,
        rows: RowRange,
        origin: Name,
        table: Table | None,
        *,
        from_statement: bool,
        root_conditions: bool,
        ranges: bool = True,
    ) -> Node:
        """The tree of a request.

        :param origin: the relation that embedded resources are looked up from.
        :param from_statement: the root's rows come from the CTE of a write or call.
        :param root_conditions: whether the root's filters apply to what is read (not in a write: there they chose
            the rows that it touches).
        :param ranges: whether `limit` and `offset` apply (not in a write).
        :raises RequestError: PGRST108, 118, 123, 127, 200 or 201; 501 for resources embedded too deep.
        """
        target = targets.resolve(
            query, rows, root_conditions=root_conditions, ranges=ranges, legacy_names=self.legacy_names
        )
        root = Node(
            name=origin.name,
            origin=origin,
            source=None if from_statement else origin,
            qualifier=(origin.name,) if from_statement else (origin.schema, origin.name),
            table=table,
            select=(),
            conditions=(),
            order=(),
            rows=RowRange(),
        )
        tree = self._filled(root, target, depth=0, grouped=False)
        for node in tree.walk():
            _check_related_order(node)
        if not self.aggregates:
            aggregates.check_absent(tree)
        tree = spreading.hoisted(tree)
        spreading.check_to_many(tree)
        return tree

    def _filled(self, node: Node, target: Target, *, depth: int, grouped: bool) -> Node:
        """A node with its columns and everything below it; `grouped` says that a level above has aggregates."""
        grouped = grouped or node.spreads_to_many or any(column.aggregate for column in target.columns)
        children = [
            self._filled(self._embedded(node, child, child.item, depth + 1), child, depth=depth + 1, grouped=grouped)
            for child in target.children
            if child.item is not None
        ]
        columns = aggregates.expanded(target.columns, node.table, grouped=grouped)
        filled = replace(
            node,
            select=tuple(aggregates.named(column, node.table, spread=node.spread) for column in columns),
            conditions=tuple(target.conditions),
            order=target.order,
            rows=_limited(target.rows, self.most_rows),
            children=tuple(children),
        )
        return replace(filled, spread_fields=spreading.fields(filled)) if node.spread else filled

    def _embedded(self, parent: Node, target: Target, item: SelectRelation, depth: int) -> Node:
        if depth > _DEEPEST:
            raise not_implemented(f"resources embedded more than {_DEEPEST} levels deep are not implemented")
        relationship = find(self.cache, parent.origin, item.name, item.hint)
        name = item.alias or item.name
        qualifier = (label(relationship.foreign.name, depth),)
        if qualifier == parent.qualifier:
            # a write to, or a call of, what is called like this alias already
            qualifier = (label(*qualifier, depth),)
        return Node(
            name=name,
            origin=relationship.foreign,
            source=relationship.foreign,
            qualifier=qualifier,
            table=self.cache.tables.get(relationship.foreign),
            select=(),
            conditions=(),
            order=(),
            rows=RowRange(),
            relationship=relationship,
            join=item.join,
            spread=item.spread,
            label=label(relationship.table.name, name, depth),
            legacy_name=item.name if target.by_relation else None,
        )


def _check_related_order(node: Node) -> None:
    for term in node.order:
        if term.relation is None:
            continue
        related = node.child(term.relation)
        if related is None:
            raise targets.not_embedded(term.relation)
        if not related.to_one:
            origin = "pgrst_source" if node.source is None else node.origin.name
            raise RequestError(
                400,
                "PGRST118",
                f"A related order on '{term.relation}' is not possible",
                details=f"'{origin}' and '{term.relation}' do not form a many-to-one or one-to-one relationship",
            )
