"""From a read plan to SELECT: embedded resources become lateral joins, their rows JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from psycopg import sql
from psycopg.sql import SQL, Composable

from harness.core.postgrest.model import Field, SelectField
from harness.gateway.fragments import Parameters, Scope, commas, identifier, spaced
from harness.gateway.read_plan import Node

SOURCE = "pgrst_source"
_ALL = SelectField(Field("*"))


def _has_joined_rows(child: Node) -> Callable[[], Composable]:
    return lambda: SQL("({} IS DISTINCT FROM NULL)").format(identifier(child.label))


def _scope(node: Node, parameters: Parameters) -> Scope:
    embeds = {child.name: _has_joined_rows(child) for child in node.children}
    return Scope(node.qualifier, node.table, parameters, embeds)


def _from(node: Node) -> Composable:
    relation = identifier(SOURCE) if node.source is None else identifier(node.source.schema, node.source.name)
    own_name = node.source is not None and node.qualifier == (node.source.schema, node.source.name)
    tables: list[Composable] = [relation if own_name else SQL("{} AS {}").format(relation, identifier(*node.qualifier))]
    junction = node.relationship.junction if node.relationship is not None else None
    if junction is not None:
        middle = identifier(junction.table.schema, junction.table.name)
        tables.append(SQL("{} AS {}").format(middle, identifier(_junction_alias(node))))
    return SQL("FROM {}").format(commas(tables))


def _junction_alias(node: Node) -> str:
    return f"{node.label}_junction"


def join_conditions(node: Node, parent: tuple[str, ...]) -> list[Composable]:
    """What ties the rows of an embedded resource to a row of its parent."""
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


def _spread_items(child: Node) -> Iterable[Composable]:
    """The columns of a spread resource, as columns of the row it is spread into."""
    for item in child.select:
        if item.field == _ALL.field and item.alias is None:
            yield SQL("{}.*").format(identifier(child.label))
        else:
            yield identifier(child.label, item.alias or item.field.name)
    for below in child.children:
        if below.spread:
            yield from (identifier(child.label, name) for name in _spread_names(below))
        elif not below.selects_nothing:
            yield identifier(child.label, below.name)


def _spread_names(node: Node) -> Iterable[str]:
    for item in node.select:
        if item.field == _ALL.field and item.alias is None:
            yield from node.table.columns if node.table is not None else ()
        else:
            yield item.alias or item.field.name
    for below in node.children:
        if below.spread:
            yield from _spread_names(below)
        elif not below.selects_nothing:
            yield below.name


def _embedded_items(child: Node) -> Iterable[Composable]:
    label = identifier(child.label)
    if child.spread:
        yield from _spread_items(child)
    elif child.selects_nothing:
        return
    elif child.relationship is not None and child.relationship.to_one:
        yield SQL("row_to_json({}.*)::jsonb AS {}").format(label, identifier(child.name))
    else:
        rows = identifier(child.label, child.label)
        yield SQL("COALESCE({}, '[]') AS {}").format(rows, identifier(child.name))


def _join(child: Node, parameters: Parameters, parent: tuple[str, ...]) -> Composable:
    label = identifier(child.label)
    rows = select(child, parameters, parent)
    kind = SQL("INNER") if child.join == "inner" else SQL("LEFT")
    condition: Composable = SQL("TRUE")
    if child.relationship is not None and not child.relationship.to_one:
        rows = SQL("SELECT json_agg({label})::jsonb AS {label} FROM ({rows}) AS {label}").format(label=label, rows=rows)
        if child.join == "inner":
            condition = SQL("{} IS NOT NULL").format(label)
    return SQL("{} JOIN LATERAL ({}) AS {} ON {}").format(kind, rows, label, condition)


def _grouping(node: Node, scope: Scope) -> Composable | None:
    if all(item.aggregate is None for item in node.select):
        return None
    terms = [
        identifier(item.alias) if item.alias is not None else scope.field(item.field)
        for item in node.select
        if item.aggregate is None
    ]
    return SQL("GROUP BY {}").format(commas(terms)) if terms else None


def select(node: Node, parameters: Parameters, parent: tuple[str, ...] = ()) -> Composable:
    """The SELECT of a node and of everything embedded in it."""
    scope = _scope(node, parameters)
    columns = node.select or (() if node.children else (_ALL,))
    items = [scope.select_item(item) for item in columns]
    items += [item for child in node.children for item in _embedded_items(child)]
    joins = [_join(child, parameters, node.qualifier) for child in node.children]
    return spaced(
        SQL("SELECT"),
        commas(items),
        _from(node),
        *joins,
        scope.where(node.conditions, join_conditions(node, parent)),
        _grouping(node, scope),
        scope.order(node.order, {child.name: child.label for child in node.children}),
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

    embeds = {child.name: existence(child) for child in node.children}
    scope = Scope(node.qualifier, node.table, parameters, embeds)
    inner = [exists(child) for child in node.children if child.join == "inner"]
    return spaced(
        sql.SQL("SELECT 1"),
        _from(node),
        scope.where(node.conditions, [*join_conditions(node, parent), *inner]),
    )
