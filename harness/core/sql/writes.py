"""Reads INSERT, UPDATE, DELETE and MERGE: what they write, what they infer a conflict from, what they return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from sqlglot import exp

from harness.core.sql.found import Names, Unresolved
from harness.core.sql.sources import Scope, Source
from harness.core.sql.tree import child, children, listed, name_of
from harness.core.usage import ColumnRole, ConflictUse, RelationRole


class Reader(Protocol):
    """What reads the queries inside a write: harness.core.sql.queries.QueryReader."""

    names: Names

    def rows(self, node: exp.Expression, scope: Scope) -> Source:
        """Read something that gives rows; what it offers."""

    def ctes(self, node: exp.Expression, scope: Scope) -> Mapping[str, Source]:
        """The CTEs that the parts of a statement can read."""

    def table(self, node: exp.Table, scope: Scope, *, role: RelationRole = "read") -> Source:
        """Read a table's name."""

    def add_source(self, node: exp.Expression, scope: Scope) -> None:
        """Read something of a FROM clause into the scope."""

    def joins(self, node: exp.Expression, scope: Scope) -> None:
        """Read what is joined to something of a FROM clause."""

    def offer(self, projections: Iterable[exp.Expression], scope: Scope) -> Source:
        """The columns that a select list gives."""

    def walk(self, node: object, scope: Scope, role: ColumnRole) -> None:
        """Read an expression."""


def insert(reader: Reader, node: exp.Expression, scope: Scope) -> Source:
    """INSERT, with its ON CONFLICT clause."""
    schema = child(node, exp.Schema)
    target = _target(reader, node if schema is None else schema, scope)
    for column in schema.expressions if schema is not None else []:
        reader.names.use_of(target, name_of(column), "insert")
    if isinstance(node.expression, exp.Expression):
        reader.rows(node.expression, scope)
    inside = scope.inner()
    inside.sources.append(target)
    conflict = child(node, exp.OnConflict)
    if conflict is not None:
        _conflict(reader, conflict, target, inside)
    return _returning(reader, node, target, inside)


def update(reader: Reader, node: exp.Expression, scope: Scope) -> Source:
    """UPDATE, with its FROM clause."""
    target = _target(reader, node, scope)
    scope.sources.append(target)
    reader.joins(node.this, scope)
    clause = child(node, exp.From)
    if clause is not None:
        reader.add_source(clause.this, scope)
        reader.joins(node, scope)
    _assignments(reader, listed(node, "expressions"), target, scope)
    reader.walk(child(node, exp.Where), scope, "filter")
    return _returning(reader, node, target, scope)


def delete(reader: Reader, node: exp.Expression, scope: Scope) -> Source:
    """DELETE, with its USING clause."""
    target = _target(reader, node, scope)
    scope.sources.append(target)
    if isinstance(node.args.get("using"), list):
        for source in listed(node, "using"):
            reader.add_source(source, scope)
    reader.walk(child(node, exp.Where), scope, "filter")
    return _returning(reader, node, target, scope)


def merge(reader: Reader, node: exp.Expression, scope: Scope) -> Source:
    """MERGE, with what it does when matched and when not."""
    target = _target(reader, node, scope)
    scope.sources.append(target)
    reader.add_source(node.args["using"], scope)
    reader.walk(node.args.get("on"), scope, "filter")
    for when in node.find_all(exp.When):
        reader.walk(when.args.get("condition"), scope, "filter")
        then = when.args.get("then")
        if isinstance(then, exp.Update):
            _assignments(reader, listed(then, "expressions"), target, scope)
        elif isinstance(then, exp.Insert):
            for column in then.this.expressions if isinstance(then.this, exp.Tuple) else []:
                reader.names.use_of(target, name_of(column.this), "insert")
            if isinstance(then.expression, exp.Expression):
                for value in children(then.expression):
                    reader.walk(value, scope, "select")
    return _returning(reader, node, target, scope)


WRITES: Mapping[type[exp.Expression], Callable[[Reader, exp.Expression, Scope], Source]] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
    exp.Merge: merge,
}


def _target(reader: Reader, node: exp.Expression, scope: Scope) -> Source:
    """The table that is written."""
    if not isinstance(node.this, exp.Table):
        raise Unresolved("it writes to no table")
    return reader.table(node.this, scope, role="write")


def _assignments(reader: Reader, pairs: Iterable[exp.Expression], target: Source, scope: Scope) -> None:
    """SET column = value, (column, column) = (value, value)."""
    for pair in pairs:
        if not isinstance(pair, exp.EQ):
            raise Unresolved("a SET clause of an unknown form")
        columns = pair.this.expressions if isinstance(pair.this, exp.Tuple) else [pair.this]
        for column in columns:
            reader.names.use_of(target, _assigned(column), "update")
        reader.walk(pair.expression, scope, "select")


def _assigned(node: exp.Expression) -> str:
    """The column of a SET clause: its first name, whatever field or element of it follows."""
    column = node if isinstance(node, exp.Column) else node.find(exp.Column)
    if column is None:
        raise Unresolved("a SET clause of an unknown form")
    return next(filter(None, (name_of(column.args.get(part)) for part in ("catalog", "db", "table", "this"))))


def _returning(reader: Reader, node: exp.Expression, target: Source, scope: Scope) -> Source:
    """RETURNING; since PostgreSQL 18 it knows the rows before and after as old and new."""
    clause = child(node, exp.Returning)
    if clause is None:
        return Source()
    versions = [replace(target, name=name, schema=None) for name in ("old", "new") if scope.source(name) is None]
    qualified = Scope(Scope(sources=versions), scope.ctes, scope.sources)
    for projection in clause.expressions:
        qualifiers = {name_of(column.args.get("table")) for column in projection.find_all(exp.Column)}
        reader.walk(projection, qualified if qualifiers & {"old", "new"} else scope, "returning")
    return reader.offer(clause.expressions, scope)


def _conflict(reader: Reader, node: exp.OnConflict, target: Source, scope: Scope) -> None:
    """https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT"""
    action = node.args.get("action")
    keys = [_inference_element(each) for each in listed(node, "conflict_keys")]
    use = _conflict_use(node, keys, target, updates=action is not None and "UPDATE" in action.name.upper())
    if use is not None:
        reader.names.conflicts[use] = None
    for key in keys:
        reader.walk(key.this if isinstance(key, exp.Opclass) else key, scope, "conflict")
    reader.walk(node.args.get("index_predicate"), scope, "conflict")
    excluded = Source(name="excluded", relations=target.relations, opaque=target.opaque)
    updating = Scope(scope.around, scope.ctes, [target, excluded])
    _assignments(reader, listed(node, "expressions"), target, updating)
    reader.walk(node.args.get("where"), updating, "filter")


def _conflict_use(
    node: exp.OnConflict, keys: list[exp.Expression], target: Source, *, updates: bool
) -> ConflictUse | None:
    """The target of ON CONFLICT; None for DO NOTHING without one, which needs no index, and for system tables."""
    constraint = name_of(node.args.get("constraint")) or None
    if not keys and constraint is None and updates:
        raise Unresolved("ON CONFLICT DO UPDATE needs columns or a constraint")
    if not target.relations or (not keys and constraint is None):
        return None
    bare = [_without_operators(key) for key in keys]
    predicate = node.args.get("index_predicate")
    return ConflictUse(
        relation=target.relations[0],
        columns=tuple(dict.fromkeys(name_of(key.this) for key in bare if isinstance(key, exp.Column))),
        expressions=tuple(key.sql(dialect="postgres") for key in bare if not isinstance(key, exp.Column)),
        predicate=predicate.this.sql(dialect="postgres") if isinstance(predicate, exp.Expression) else None,
        constraint=constraint,
        operators=any(isinstance(key, (exp.Opclass, exp.Collate)) for key in keys),
        updates=updates,
    )


def _inference_element(key: exp.Expression) -> exp.Expression:
    """A column, an expression, or one of them with operators; sqlglot's versions wrap them otherwise."""
    inner = key.this if isinstance(key, exp.Ordered) else key
    return exp.column(inner) if isinstance(inner, exp.Identifier) else inner


def _without_operators(key: exp.Expression) -> exp.Expression:
    """An inference element without its operator class and its collation."""
    while isinstance(key, (exp.Opclass, exp.Collate)):
        key = key.this
    return key
