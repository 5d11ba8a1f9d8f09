"""Reads queries and the statements that can stand in a CTE: sources, scopes, and the role of every column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from harness.core.names import qualified
from harness.core.sql.found import Names, Unresolved
from harness.core.sql.sources import KEY_WORD_VALUES, Scope, Source, meaning_of
from harness.core.sql.tree import (
    ROW_TYPE_FUNCTIONS,
    alias_of,
    child,
    children,
    function_columns,
    function_name,
    is_star,
    is_system,
    listed,
    name_of,
    output_name,
    relation_name,
    row_type,
)
from harness.core.sql.writes import WRITES
from harness.core.usage import ColumnRole, RelationRole, RelationUse


class QueryReader:
    """Reads one statement's queries into `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    # Rows: whatever can be a statement, a subquery or a CTE ------------------------------------------------------

    def rows(self, node: exp.Expression, scope: Scope) -> Source:
        """Read something that gives rows; what it offers. `scope` is what it may name from around it."""
        ctes = self.ctes(node, scope)
        inner = scope.inner(ctes)
        if isinstance(node, exp.Select):
            return self._select(node, inner)
        if isinstance(node, exp.SetOperation):
            offered = self.rows(node.this, inner)
            self.rows(node.expression, inner)
            return offered
        if isinstance(node, exp.Subquery):
            if isinstance(node.this, exp.Table):
                self.add_source(node, inner)
                return _all_of(inner.sources)
            return self.rows(node.this, inner)
        if isinstance(node, exp.Values):
            for row in node.expressions:
                self.walk(row, inner, "select")
            width = len(node.expressions[0].expressions) if node.expressions else 0
            return Source(columns=frozenset(f"column{number}" for number in range(1, width + 1)))
        write = WRITES.get(type(node))
        if write is not None:
            return write(self, node, inner)
        raise Unresolved(f"{node.key.upper()} is not known to give rows")

    def ctes(self, node: exp.Expression, scope: Scope) -> Mapping[str, Source]:
        """The CTEs that the parts of a statement can read: those around it and its own."""
        clause = child(node, exp.With)
        if clause is None:
            return scope.ctes
        known = dict(scope.ctes)
        for cte in clause.expressions:
            name, columns = alias_of(cte)
            self.names.not_functions.add(name)
            if clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                known[name] = self.rows(cte.this.this, scope.inner(known)).called(name, columns)
            known[name] = self.rows(cte.this, scope.inner(known)).called(name, columns)
        return known

    def _select(self, node: exp.Select, scope: Scope) -> Source:
        into = child(node, exp.Into)
        if into is not None:
            if not into.args.get("temporary"):
                raise Unresolved("SELECT INTO creates a table")
            self.names.creates[name_of(into.this.this)] = None
        clause = child(node, exp.From)
        if clause is not None:
            self.add_source(clause.this, scope)
        self.joins(node, scope)
        outputs = frozenset(filter(None, map(output_name, node.expressions)))
        for projection in node.expressions:
            self.walk(projection, scope, "select")
        for part in children(node):
            if isinstance(part, (exp.Where, exp.Having)):
                self.walk(part, scope, "filter")
            elif isinstance(part, exp.Order):
                self._sorted(part, scope, outputs, "order")
            elif isinstance(part, (exp.Group, exp.Distinct)):
                self._sorted(part, scope, outputs, "select")
            elif isinstance(part, (exp.Limit, exp.Offset, exp.Fetch)):
                self.walk(part, scope, "select")
        for window in listed(node, "windows"):
            self.walk(window, scope, "select")
        return self.offer(node.expressions, scope)

    def _sorted(self, node: exp.Expression, scope: Scope, outputs: frozenset[str], role: ColumnRole) -> None:
        """ORDER BY, GROUP BY and DISTINCT ON may name a column of the select list where an expression could stand."""
        for part in children(node):
            if isinstance(part, exp.Column) and not part.args.get("table") and name_of(part.this) in outputs:
                continue
            if isinstance(part, (exp.Ordered, exp.Tuple, exp.Paren, exp.Rollup, exp.Cube, exp.GroupingSets)):
                self._sorted(part, scope, outputs, role)
            else:
                self.walk(part, scope, role)

    def offer(self, projections: Iterable[exp.Expression], scope: Scope) -> Source:
        """The columns that a select list or RETURNING gives."""
        offered = Source()
        for projection in projections:
            if is_star(projection):
                qualifier = name_of(projection.args.get("table"))
                named = scope.source(qualifier) if qualifier else None
                star = _all_of([named] if named else scope.sources)
                offered = replace(
                    offered,
                    columns=offered.columns | star.columns,
                    relations=(*offered.relations, *star.relations),
                    opaque=offered.opaque or star.opaque,
                )
            else:
                name = output_name(projection)
                offered = replace(
                    offered,
                    columns=offered.columns | ({name} if name else set()),
                    opaque=offered.opaque or not name,
                )
        return offered

    # Sources ---------------------------------------------------------------------------------------------------

    def add_source(self, node: exp.Expression, scope: Scope) -> None:
        """Something of a FROM clause, with what is joined to it."""
        alias, columns = alias_of(node)
        self.names.not_functions.add(alias)
        if isinstance(node, exp.Table):
            scope.sources.append(self.table(node, scope))
        elif isinstance(node, exp.Lateral):
            source = self._of_rows(node.this, scope, alias, columns)
            scope.sources.append(source.called(alias or source.name, columns))
        elif isinstance(node, exp.Subquery) and isinstance(node.this, (exp.Table, exp.Subquery)) and not alias:
            self.add_source(node.this, scope)  # parentheses around a join
        elif isinstance(node, (exp.Query, exp.Values)):
            around = scope.around or Scope()
            scope.sources.append(self.rows(node, around.inner(scope.ctes)).called(alias, columns))
        else:
            scope.sources.append(self._of_rows(node, scope, alias, columns))
        self.joins(node, scope)

    def table(self, node: exp.Table, scope: Scope, *, role: RelationRole = "read") -> Source:
        """A table, a view, a CTE or a function with a place in FROM."""
        alias, columns = alias_of(node)
        functions = listed(node, "rows_from")
        if functions:
            parts = [self.table(each, scope) for each in functions if isinstance(each, exp.Table)]
            return _all_of(parts).called(alias, columns)
        if not isinstance(node.this, exp.Identifier):
            return self._of_rows(node.this, scope, alias, columns)
        schema, name = relation_name(node)
        self.names.not_functions.update((name, alias))
        if schema is None and role == "read" and name in scope.ctes:
            return scope.ctes[name].called(alias or name, columns)
        if is_system(schema, name):
            return Source(name=alias or name, columns=columns, opaque=True)
        identity = qualified(schema or self.names.schema, name)
        self.names.relations[RelationUse(relation=identity, role=role)] = None
        place = None if alias else (schema or self.names.schema)
        return Source(name=alias or name, schema=place, columns=columns, relations=(identity,))

    def _of_rows(self, node: exp.Expression, scope: Scope, alias: str, columns: frozenset[str]) -> Source:
        """A subquery after LATERAL, or a function: both see the sources that stand before them."""
        if isinstance(node, exp.Query):
            return self.rows(node, scope.inner()).called(alias, columns)
        self.walk(node, scope, "select")
        if isinstance(node, exp.Unnest) and isinstance(node.args.get("offset"), exp.Identifier):
            columns |= {name_of(node.args["offset"])}
        name = function_name(node)
        if name in ROW_TYPE_FUNCTIONS:
            identity = row_type(node, self.names.schema)
            if identity is not None:
                self.names.relations[RelationUse(relation=identity, role="row type")] = None
                return Source(name=alias or name, columns=columns, relations=(identity,))
        known = function_columns(name, alias)
        given = columns | {alias or name}
        return Source(name=alias or name, columns=given | (known or frozenset()), opaque=known is None and not columns)

    def joins(self, node: exp.Expression, scope: Scope) -> None:
        for join in listed(node, "joins"):
            left = list(scope.sources)
            self.add_source(join.this, scope)
            self.walk(join.args.get("on"), scope, "filter")
            for name in map(name_of, join.args.get("using") or []):
                for side in (left, scope.sources[len(left) :]):
                    meaning = meaning_of(Scope(sources=side), name)
                    if meaning is not None:
                        self.names.use(meaning, name, "filter")

    # Expressions -------------------------------------------------------------------------------------------------

    def walk(self, node: object, scope: Scope, role: ColumnRole) -> None:
        """Every column and every query in an expression."""
        waiting: list[tuple[exp.Expression, ColumnRole]] = [(node, role)] if isinstance(node, exp.Expression) else []
        while waiting:
            each, as_role = waiting.pop()
            if isinstance(each, exp.Column):
                self._column(each, scope, as_role)
            elif isinstance(each, exp.Query):
                self.rows(each, scope)
            elif isinstance(each, exp.Dot) and self._field_of_row(each, scope, as_role):
                continue
            elif not isinstance(each, (exp.Identifier, exp.DataType, exp.Table)):
                inner: ColumnRole = "order" if isinstance(each, exp.Order) and as_role == "select" else as_role
                waiting.extend((part, inner) for part in reversed(list(children(each))))

    def _field_of_row(self, node: exp.Dot, scope: Scope, role: ColumnRole) -> bool:
        """`(clients).name`: a column of a source. Fields of other composite values are not followed."""
        row = node.this.this if isinstance(node.this, exp.Paren) else None
        if not isinstance(row, exp.Column) or row.args.get("table") or not isinstance(node.expression, exp.Identifier):
            return False
        source = scope.source(name_of(row.this))
        if source is not None:
            self.names.use_of(source, name_of(node.expression), role)
        return source is not None

    def _column(self, node: exp.Column, scope: Scope, role: ColumnRole) -> None:
        qualifier, schema = name_of(node.args.get("table")), name_of(node.args.get("db"))
        if isinstance(node.this, exp.Star):
            return
        name = name_of(node.this)
        if qualifier:
            source = scope.source(qualifier, schema or None)
            if source is None:
                raise Unresolved(f"{qualified(*filter(None, (schema, qualifier)), name)}: nothing is called so there")
            self.names.use_of(source, name, role)
        elif name not in KEY_WORD_VALUES or node.this.args.get("quoted"):
            meaning = meaning_of(scope, name)
            if meaning is None:
                raise Unresolved(f"{qualified(name)}: no table of the statement can have this column")
            self.names.use(meaning, name, role)


def _all_of(sources: Iterable[Source]) -> Source:
    """One source with the columns of all."""
    merged = Source()
    for source in sources:
        merged = Source(
            columns=merged.columns | source.columns,
            relations=(*merged.relations, *source.relations),
            opaque=merged.opaque or source.opaque,
        )
    return merged
