"""Named columns: which columns an SQL expression reads."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def named_columns(expression: str) -> frozenset[str]:
    """The columns by name, folded to lower case where they are not quoted; none of what is not understood."""
    try:
        tree = sqlglot.parse_one(expression, read="postgres")
    except SqlglotError:
        return frozenset()
    identifiers = [column.this for column in tree.find_all(exp.Column)]
    return frozenset(each.name if each.args.get("quoted") else each.name.lower() for each in identifiers)
