"""Check figures: which columns of a SELECT's answer are about many rows, so that their values may be shown."""

from __future__ import annotations

from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def figures(text: str, personal: Iterable[str]) -> frozenset[str]:
    """The columns of the answer that are aggregates: figures about rows, none of a row, and nothing of a column whose
    name is in `personal`. Where the statement is not understood there are none.
    """
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
        chosen = tree.selects if isinstance(tree, exp.Query) else []
        hidden = set(personal)
        return frozenset(item.alias_or_name or item.output_name for item in chosen if _aggregate(item, hidden))
    except (SqlglotError, RecursionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return frozenset()


def _aggregate(item: object, personal: set[str]) -> bool:
    """Whether every column in an expression is inside an aggregate, and there is one."""
    while isinstance(item, exp.Alias | exp.Paren | exp.Cast):
        item = item.this
    if not isinstance(item, exp.Expression):
        return False
    if isinstance(item, exp.Subquery):
        inner = item.this
        return isinstance(inner, exp.Select) and len(inner.selects) == 1 and _aggregate(inner.selects[0], personal)
    columns = list(item.find_all(exp.Column))
    if any(column.name in personal for column in columns):
        return False
    return item.find(exp.AggFunc) is not None and all(column.find_ancestor(exp.AggFunc) for column in columns)
