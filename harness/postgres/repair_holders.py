"""Repair holders: which rows of the target hold, as they stand, the unique values that changes are to write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.core.model.relations import Table
from harness.core.repair import RowChange
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.queries import query
from harness.postgres.repair_statements import Values, WrittenTable, as_literal, item_list

Key = tuple[str | None, ...]
"""The values of a row's key, as text"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusiveRule:
    """A unique or exclusion index: two rows that agree on its items, by its operators, cannot both be there."""

    items: tuple[str, ...]
    """Columns and expressions, as pg_get_indexdef deparses them"""
    operators: tuple[str, ...]
    """Of each item"""
    predicate: str | None
    """Of a partial index"""
    columns: frozenset[str]
    """That it reads"""

    def touched(self, change: RowChange) -> bool:
        """Whether a change may bring another value under the rule."""
        return change.kind == "insert" or (change.kind == "update" and not self.columns.isdisjoint(change.columns))


def exclusive_rules(connection: Connection, endpoint: Endpoint, table: Table) -> tuple[ExclusiveRule, ...]:
    """The rules of a table of the target."""
    with blaming(endpoint, connection):
        rows = connection.execute(query("repair_exclusive"), (table.schema, table.name)).fetchall()
    return tuple(
        ExclusiveRule(
            items=tuple(items),
            operators=tuple(operators) or ("IS NOT DISTINCT FROM" if alike else "=",) * len(items),
            predicate=predicate,
            columns=frozenset(columns),
        )
        for _oid, items, predicate, operators, alike, columns in rows
    )


def holders(
    connection: Connection,
    endpoint: Endpoint,
    into: WrittenTable,
    rule: ExclusiveRule,
    changes: Sequence[tuple[RowChange, Values]],
) -> dict[int, set[Key]]:
    """Of each change that a rule touches, by its place in `changes`: the keys of the other rows that are in its way.

    A generated column in an index is taken as it stands. StatementFailed.
    """
    by_shape: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (change, _) in enumerate(changes):
        if rule.touched(change):
            given = into.columns if change.kind == "insert" else change.columns
            by_shape[change.kind, *given].append(number)
    found: dict[int, set[Key]] = defaultdict(set)
    with blaming(endpoint, connection):
        for (kind, *names), those in by_shape.items():
            numbered = [(number, *changes[number]) for number in those]
            for number, *key in connection.execute(_statement(into, rule, names, numbered, update=kind == "update")):
                found[number].add(tuple(key))
    return dict(found)


def _statement(
    into: WrittenTable,
    rule: ExclusiveRule,
    given: Sequence[str],
    changes: Sequence[tuple[int, RowChange, Values]],
    *,
    update: bool,
) -> sql.Composed:
    """SELECT of the number of a change and the key of a row in its way."""
    keys = [sql.Identifier(f"k{number}") for number in range(len(into.hashed.key))]
    new = {name: sql.Identifier(f"c{number}") for number, name in enumerate(given)}
    return sql.SQL(
        "WITH wanted (i, {names}) AS (VALUES {wanted}) SELECT w.i, {held} FROM wanted AS w{present}"
        " CROSS JOIN LATERAL (SELECT {items} FROM (SELECT {complete}) AS n{predicate}) AS n"
        " JOIN (SELECT {other_keys}, {items} FROM {table} AS p{predicate}) AS h ON {same}"
        " WHERE ({held_keys}) <> ({own_keys})"
    ).format(
        names=sql.SQL(", ").join([*keys, *new.values()]),
        wanted=sql.SQL(", ").join(sql.SQL("({})").format(each) for each in _rows(into, given, changes)),
        held=_listed("(h.{}::text)", keys),
        present=_present(into, keys) if update else sql.SQL(""),
        items=sql.SQL(", ").join(
            sql.SQL("({}) AS {}").format(expression(item), sql.Identifier(f"x{number}"))
            for number, item in enumerate(rule.items)
        ),
        complete=sql.SQL(", ").join(_complete(into, rule, new, update=update)),
        predicate=sql.SQL(" WHERE {}").format(expression(rule.predicate)) if rule.predicate else sql.SQL(""),
        other_keys=sql.SQL(", ").join(
            sql.SQL("p.{} AS {}").format(sql.Identifier(name), alias)
            for name, alias in zip(into.hashed.key, keys, strict=True)
        ),
        table=into.own_rows,
        same=sql.SQL(" AND ").join(
            sql.SQL("h.{0} {1} n.{0}").format(sql.Identifier(f"x{number}"), expression(operator))
            for number, operator in enumerate(rule.operators)
        ),
        held_keys=_listed("h.{}", keys),
        own_keys=_listed("w.{}", keys),
    )


def _rows(
    into: WrittenTable, given: Sequence[str], changes: Sequence[tuple[int, RowChange, Values]]
) -> Iterator[sql.Composed]:
    types = into.hashed.types
    for number, change, values in changes:
        key = [as_literal(text, types[name]) for name, text in zip(into.hashed.key, change.row.values, strict=True)]
        yield item_list([sql.Literal(number), *key, *(as_literal(values[name], types[name]) for name in given)])


def _present(into: WrittenTable, keys: Sequence[sql.Identifier]) -> sql.Composed:
    """The row of an update as it stands."""
    return sql.SQL(" JOIN {} AS p ON {}").format(
        into.own_rows,
        sql.SQL(" AND ").join(
            sql.SQL("p.{} = w.{}").format(sql.Identifier(name), alias)
            for name, alias in zip(into.hashed.key, keys, strict=True)
        ),
    )


def _complete(
    into: WrittenTable, rule: ExclusiveRule, new: dict[str, sql.Identifier], *, update: bool
) -> Iterator[sql.Composed]:
    """The columns that the rule reads, as the change leaves them."""
    for name in sorted(rule.columns):
        if name in new:
            yield sql.SQL("w.{} AS {}").format(new[name], sql.Identifier(name))
        elif update:
            yield sql.SQL("p.{0} AS {0}").format(sql.Identifier(name))
        else:
            # What an INSERT does not fill: the column's default, which nothing can tell beforehand.
            yield sql.SQL("(SELECT p.{0} FROM {1} AS p WHERE false) AS {0}").format(sql.Identifier(name), into.own_rows)


def _listed(form: str, names: Sequence[sql.Identifier]) -> sql.Composed:
    return sql.SQL(", ").join(expression(form).format(name) for name in names)
