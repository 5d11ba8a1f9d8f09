"""From the request model to a tree of what is read from where: embedded resources with their joins, rows, order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import (
    Condition,
    Field,
    OrderTerm,
    Placed,
    Query,
    RowRange,
    SelectField,
    SelectItem,
    SelectRelation,
)
from harness.gateway.relationships import Relationship, find
from harness.gateway.schema_cache import Name, SchemaCache, Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """One relation that is read, and below it those embedded in it.

    `source` is None where rows come from the statement's own CTE (a write or a call). `qualifier` are the parts of
    the name that its columns go by in the statement. `label` names the joined subquery of an embedded resource.
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

    @property
    def selects_nothing(self) -> bool:
        """Whether the answer has nothing of it: an empty embed, there only to filter by."""
        return not self.select and all(child.selects_nothing for child in self.children)

    def child(self, name: str) -> Node | None:
        """The embedded resource that the request calls by this name."""
        return next((child for child in self.children if child.name == name), None)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The filters, order and ranges of one embedded resource and of those below it."""

    conditions: tuple[Placed[Condition], ...]
    order: tuple[Placed[tuple[OrderTerm, ...]], ...]
    ranges: tuple[Placed[RowRange], ...]

    def here(self) -> tuple[tuple[Condition, ...], tuple[OrderTerm, ...], RowRange]:
        order = next((at.value for at in self.order if not at.path), ())
        rows = next((at.value for at in self.ranges if not at.path), RowRange())
        return tuple(at.value for at in self.conditions if not at.path), order, rows

    def below(self, names: Sequence[str]) -> _Asked:
        return _Asked(_below(self.conditions, names), _below(self.order, names), _below(self.ranges, names))

    def heads(self) -> list[str]:
        """The embedded resources that are spoken of, as the request calls them."""
        paths = [at.path for at in self.conditions] + [at.path for at in self.order] + [at.path for at in self.ranges]
        return [path[0] for path in paths if path]


def _below(placed: tuple[Placed[T], ...], names: Sequence[str]) -> tuple[Placed[T], ...]:
    return tuple(Placed(at.path[1:], at.value) for at in placed if at.path and at.path[0] in names)


def _limited(rows: RowRange, most: int | None) -> RowRange:
    if most is None or (rows.limit is not None and rows.limit <= most):
        return rows
    return replace(rows, limit=most)


def _automatic_alias(item: SelectField) -> str | None:
    """The name of a column that is a JSON path: its last key."""
    if item.alias is not None or item.aggregate is not None or not item.field.path:
        return item.alias
    keys = [step.operand for step in item.field.path if isinstance(step.operand, str)]
    return keys[-1] if keys else item.field.name


@dataclass(frozen=True, slots=True)
class ReadPlanner:
    """Plans reads against one schema cache; `most_rows` caps every relation that is read (None: no cap)."""

    cache: SchemaCache
    most_rows: int | None
    aggregates: bool

    def plan(
        self,
        query: Query,
        rows: RowRange,
        origin: Name,
        table: Table | None,
        *,
        from_statement: bool,
        root_conditions: bool,
        order: bool = True,
    ) -> Node:
        """The tree of a request.

        :param origin: the relation that embedded resources are looked up from.
        :param from_statement: the root's rows come from the CTE of a write or call.
        :param root_conditions: whether the root's filters apply to what is read (not in a write: there they chose
            the rows that it touches).
        :raises RequestError: PGRST108, 118, 123, 200, 201, or 501.
        """
        at_root = (at for at in query.conditions if at.path or root_conditions)
        asked = _Asked(
            tuple(at_root),
            query.order if order else (),
            (Placed((), rows), *query.ranges) if order else (),
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
        return self._filled(root, query.select, asked, depth=0)

    def _filled(self, node: Node, items: Sequence[SelectItem], asked: _Asked, *, depth: int) -> Node:
        relations = [item for item in items if isinstance(item, SelectRelation)]
        names = {name for item in relations for name in (item.name, item.alias)}
        missing = next((head for head in asked.heads() if head not in names), None)
        if missing is not None:
            raise RequestError(
                400,
                "PGRST108",
                f"'{missing}' is not an embedded resource in this request",
                hint=f"Verify that '{missing}' is included in the 'select' query parameter.",
            )
        conditions, order, rows = asked.here()
        taken: set[str] = set()
        children: list[Node] = []
        for item in relations:
            # of two embeds that a path could mean the first has it
            mine = [name for name in (item.alias, item.name) if name is not None and name not in taken]
            taken.update(mine)
            child = self._embedded(node, item, depth + 1)
            children.append(self._filled(child, item.items, asked.below(mine), depth=depth + 1))
        filled = replace(
            node,
            select=self._columns(node, [item for item in items if isinstance(item, SelectField)], bool(children)),
            conditions=conditions,
            order=order,
            rows=_limited(rows, self.most_rows),
            children=tuple(children),
        )
        _check_related_order(filled)
        return filled

    def _embedded(self, parent: Node, item: SelectRelation, depth: int) -> Node:
        relationship = find(self.cache, parent.origin, item.name, item.hint)
        if item.spread and not relationship.to_one:
            raise not_implemented(f"spreading the to-many relationship '{item.name}' is not implemented")
        name = item.alias or item.name
        return Node(
            name=name,
            origin=relationship.foreign,
            source=relationship.foreign,
            qualifier=(f"{relationship.foreign.name}_{depth}",),
            table=self.cache.table(relationship.foreign),
            select=(),
            conditions=(),
            order=(),
            rows=RowRange(),
            relationship=relationship,
            join=item.join,
            spread=item.spread,
            label=f"{relationship.table.name}_{name}_{depth}",
        )

    def _columns(self, node: Node, items: Sequence[SelectField], has_children: bool) -> tuple[SelectField, ...]:
        if any(item.aggregate is not None for item in items):
            if not self.aggregates:
                raise RequestError(400, "PGRST123", "Use of aggregate functions is not allowed")
            if node.spread or has_children:
                raise not_implemented("aggregates together with embedded resources are not implemented")
            items = [column for item in items for column in _expanded(item, node.table)]
        return tuple(replace(item, alias=_automatic_alias(item)) for item in items)


def _expanded(item: SelectField, table: Table | None) -> Sequence[SelectField]:
    """A `*` beside an aggregate stands for the columns themselves: they are what is grouped by."""
    if item.field != Field("*") or item.aggregate is not None or table is None:
        return (item,)
    return [SelectField(Field(name)) for name in table.columns]


def _check_related_order(node: Node) -> None:
    for term in node.order:
        if term.relation is None:
            continue
        related = node.child(term.relation)
        if related is None or related.relationship is None:
            raise RequestError(
                400,
                "PGRST108",
                f"'{term.relation}' is not an embedded resource in this request",
                hint=f"Verify that '{term.relation}' is included in the 'select' query parameter.",
            )
        if not related.relationship.to_one:
            raise RequestError(
                400,
                "PGRST118",
                f"A related order on '{term.relation}' is not possible",
                details=(
                    f"'{node.origin.name}' and '{term.relation}' do not form a many-to-one or one-to-one relationship"
                ),
            )
