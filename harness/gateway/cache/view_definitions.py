"""Reads from a view's stored query which column of which relation each of its columns is.

PostgreSQL keeps that with the query (`resorigtbl` and `resorigcol` of its target list): through joins, subqueries and
common table expressions to the relation in FROM, which can be a view itself. A column that is computed, or that comes
out of a set operation or a recursion, has no origin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_TARGET_LIST = " :targetList ("
# in every target entry, in this order; only those of the outermost query are at depth 2
_TOKEN = re.compile(r"[{}]|:resno (\d+)|:resorigtbl (\d+) :resorigcol (-?\d+) :resjunk (true|false)")


@dataclass(frozen=True, slots=True)
class ColumnOrigin:
    """Column `number` of a view is column `column` of the relation with this OID."""

    number: int
    relation: int
    column: int


def _outermost_target_list(tree: str) -> int | None:
    """Where the target list of the outermost query begins: the one that is inside a single pair of braces."""
    depth = position = 0
    while True:
        found = tree.find(_TARGET_LIST, position)
        if found < 0:
            return None
        depth += tree.count("{", position, found) - tree.count("}", position, found)
        position = found + len(_TARGET_LIST)
        if depth == 1:
            return position


def column_origins(rule: str) -> tuple[ColumnOrigin, ...]:
    """The columns of a view that are columns of a relation.

    :param rule: `pg_rewrite.ev_action` of the view's rule, as text (the form of PostgreSQL 13 to 18).
    """
    # what is escaped is part of a name, never of the structure
    tree = _ESCAPED.sub("", rule) if "\\" in rule else rule
    start = _outermost_target_list(tree)
    if start is None:
        return ()
    found: list[ColumnOrigin] = []
    depth, number = 1, 0
    for token in _TOKEN.finditer(tree, start):
        text = token.group()
        if text == "{":
            depth += 1
        elif text == "}":
            depth -= 1
            if depth == 1 and tree.startswith(")", token.end()):
                break
        elif depth == 2:
            resno, relation, column, junk = token.groups()
            if resno is not None:
                number = int(resno)
            elif relation != "0" and junk == "false":
                found.append(ColumnOrigin(number, int(relation), int(column)))
    return tuple(found)
