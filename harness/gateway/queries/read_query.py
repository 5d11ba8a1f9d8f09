"""From a read plan to SELECT: embedded resources become lateral joins, their rows JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from psycopg.sql import SQL, Composable

from harness.core.postgrest.model import Field, OrderTerm, SelectField
from harness.gateway.planning.aggregates import STAR
from harness.gateway.planning.read_plan import Node
from harness.gateway.queries.fragments import Parameters, Scope, commas, identifier, spaced
from harness.gateway.queries.labels import label
from harness.gateway.queries.spreading import SpreadField

SOURCE = "pgrst_source"
_ALL = SelectField(STAR)


def _has_joined_rows(child: Node) -> Callable[[], Composable]:
    return lambda: SQL("({} IS DISTINCT FROM NULL)").format(identifier(child.label))


def _by_name(node: Node, condition: Callable[[Node], Callable[[], Composable]]) -> dict[str, Callable[[], Composable]]:
    """A condition on each embedded resource, by the name that filters call it; of two with one name the first."""
    return {child.name: condition(child) for child in reversed(node.children)}


def _whole_row(qualifier: tuple[str, ...], table: tuple[str, str]) -> Composable:
    """A row as a value of its table's type: overloaded functions are told apart by it, and a CTE has no type."""
    return SQL("({}.*)::{}").format(identifier(*qualifier), identifier(*table))


def _from(node: Node, parent: tuple[str, ...]) -> Composable:
    relationship = node.relationship
    alias = identifier(*node.qualifier)
    tables: list[Composable]
    if relationship is not None and relationship.function is not None:
        function, table = relationship.function, relationship.table
        row = _whole_row(parent, (table.schema, table.name))
        tables = [SQL("{}({}) AS {}").format(identifier(function.schema, function.name), row, alias)]
    elif node.source is None:
        tables = [SQL("{} AS {}").format(identifier(SOURCE), alias)]
    else:
        name = (node.source.schema, node.source.name)
        tables = [identifier(*name) if node.qualifier == name else SQL("{} AS {}").format(identifier(*name), alias)]
    if relationship is not None and relationship.junction is not None:
        middle = relationship.junction.table
        junction = identifier(_junction_alias(node))
        tables.append(SQL("{} AS {}").format(identifier(middle.schema, middle.name), junction))
    return SQL("FROM {}").format(commas(tables))


def _junction_alias(node: Node) -> str:
    return label(node.label, "junction")


def join_conditions(node: Node, parent: tuple[str, ...]) -> list[Composable]:
    """What ties the rows of an embedded resource to a row of its parent; a computed one is tied by its function."""
    relationship = node.relationship
    if relationship is None:
        return []
    junction = relationship.junction
    if junction is None:
        pairs = [((*parent, here), (*node.qualifier, there)) for here, there in relationship.pairs]
    else:
        middle = _junction_alias(node)
        pairs = [((*parent, here), (middle, there)) for here, there in junction.source_pairs]
        pairs += [((*node.qualifier, here), (middle, there)) for here, there in junction.target_pairs]
    return [SQL("{} = {}").format(identifier(*one), identifier(*other)) for one, other in pairs]


def _select_item(scope: Scope, item: SelectField) -> Composable:
    if item.field == STAR and item.aggregate is None and item.alias is not None:
        # a count() that is made further out: there it counts the rows for which this is there at all
        return SQL("TRUE AS {}").format(identifier(item.alias))
    return scope.select_item(item)


def _spread_item(scope: Scope, field: SpreadField) -> Composable:
    return scope.select_item(SelectField(Field(field.name), field.alias, None, field.aggregate, field.cast))


def _embedded_items(child: Node, parameters: Parameters) -> Iterable[Composable]:
    joined = identifier(child.label)
    if child.spread:
        scope = Scope((child.label,), None, parameters)
        yield from (_spread_item(scope, field) for field in child.spread_fields)
    elif child.selects_nothing:
        return
    elif child.to_one:
        yield SQL("row_to_json({}.*)::jsonb AS {}").format(joined, identifier(child.name))
    else:
        rows = identifier(child.label, child.label)
        yield SQL("COALESCE({}, '[]') AS {}").format(rows, identifier(child.name))


def _order_alias(node: Node, number: int, term: OrderTerm) -> str:
    return label(node.label, term.field.name, number)


def _order_items(node: Node, scope: Scope) -> Iterable[Composable]:
    """What the arrays of a to-many spread are ordered by, so that it is there to order by after the grouping."""
    for number, term in enumerate(node.order, 1):
        related = node.child(term.relation) if term.relation is not None else None
        if related is None:
            value = scope.field(term.field)
        else:
            value = Scope((related.label,), None, scope.parameters).joined_field(term.field)
        yield SQL("{} AS {}").format(value, identifier(_order_alias(node, number, term)))


def _arrays(child: Node, parameters: Parameters) -> list[Composable]:
    """The columns of a to-many spread, each an array of all rows' values in one and the same order."""
    scope = Scope((child.label,), None, parameters)
    ordered = [
        OrderTerm(Field(_order_alias(child, number, term)), None, term.direction, term.nulls)
        for number, term in enumerate(child.order, 1)
    ]
    arrays: list[Composable] = []
    for field in child.spread_fields:
        values = spaced(scope.column(field.name), scope.order(ordered, {}))
        arrays.append(SQL("COALESCE(json_agg({}), '[]')::jsonb AS {}").format(values, identifier(field.name)))
    return arrays


def _join(child: Node, parameters: Parameters, parent: tuple[str, ...]) -> Composable:
    joined = identifier(child.label)
    rows = select(child, parameters, parent)
    kind = SQL("INNER") if child.join == "inner" else SQL("LEFT")
    condition: Composable = SQL("TRUE")
    if not child.to_one:
        items: list[Composable] = [SQL("json_agg({0})::jsonb AS {0}").format(joined)]
        if child.spread:
            items += _arrays(child, parameters)
        rows = SQL("SELECT {} FROM ({}) AS {}").format(commas(items), rows, joined)
        if child.join == "inner":
            condition = SQL("{} IS NOT NULL").format(joined)
    return SQL("{} JOIN LATERAL ({}) AS {} ON {}").format(kind, rows, joined, condition)


def _grouping(node: Node, scope: Scope) -> Composable | None:
    """GROUP BY everything that is not aggregated.

    An empty embed counts too, although there is no such column: PostgREST has PostgreSQL refuse it (42703).
    """
    if not node.aggregates:
        return None
    terms = [
        identifier(item.alias) if item.alias is not None else scope.field(item.field)
        for item in node.select
        if item.aggregate is None
    ]
    for child in node.children:
        if child.spread:
            names = [field.alias or field.name for field in child.spread_fields if field.aggregate is None]
            terms += [identifier(child.label, name) for name in names]
        else:
            terms.append(identifier(child.name))
    return SQL("GROUP BY {}").format(commas(terms)) if terms else None


def select(node: Node, parameters: Parameters, parent: tuple[str, ...] = ()) -> Composable:
    """The SELECT of a node and of everything embedded in it."""
    scope = Scope(node.qualifier, node.table, parameters, _by_name(node, _has_joined_rows))
    columns = node.select or (() if node.children else (_ALL,))
    items = [_select_item(scope, item) for item in columns]
    if node.spreads_to_many:
        items += _order_items(node, scope)
    items += [item for child in node.children for item in _embedded_items(child, parameters)]
    joins = [_join(child, parameters, node.qualifier) for child in node.children]
    related = {child.name: child.label for child in reversed(node.children)}
    return spaced(
        SQL("SELECT"),
        commas(items),
        _from(node, parent),
        *joins,
        scope.where(node.conditions, join_conditions(node, parent)),
        _grouping(node, scope),
        # the arrays of a to-many spread are ordered one by one, around this
        scope.order(node.order, related) if not node.spreads_to_many else None,
        scope.limit(node.rows),
    )


def limited(rows: Composable, most: int, parameters: Parameters) -> Composable:
    """At most so many of the rows."""
    return SQL("{} LIMIT {}").format(rows, parameters.add(str(most)))


def count(node: Node, parameters: Parameters, parent: tuple[str, ...] = ()) -> Composable:
    """A SELECT with as many rows as the node has without its range.

    Inner joins, and filters on whether an embedded resource has rows, become EXISTS: a join could double rows.
    """

    def exists(child: Node) -> Composable:
        return SQL("EXISTS ({})").format(count(child, parameters, node.qualifier))

    def existence(child: Node) -> Callable[[], Composable]:
        return lambda: exists(child)

    scope = Scope(node.qualifier, node.table, parameters, _by_name(node, existence))
    inner = [exists(child) for child in node.children if child.join == "inner"]
    return spaced(
        SQL("SELECT 1"),
        _from(node, parent),
        scope.where(node.conditions, [*join_conditions(node, parent), *inner]),
    )
