"""Conditions: whether one CHECK surely accepts all that another one accepts."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_UPPER, _LOWER = (exp.LT, exp.LTE), (exp.GT, exp.GTE)


def looser(source: str, target: str) -> bool:
    """Whether every row that the source's CHECK accepts passes the target's, as far as their texts show it.

    Both as pg_get_constraintdef deparses them. It is shown condition by condition: each of the target's is one of the
    source's, or has a wider bound, a longer list, or one of the source's among its alternatives.
    """
    mine, its = _condition(source), _condition(target)
    if mine is None or its is None:
        return False
    if target.endswith(" NO INHERIT") is False and source.endswith(" NO INHERIT"):
        return False
    given = _parts(mine, exp.And)
    return all(any(_implies(one, wanted) for one in given) for wanted in _parts(its, exp.And))


def _condition(definition: str) -> exp.Expr | None:
    text = definition.removeprefix("CHECK ").removesuffix(" NO INHERIT")
    try:
        tree = sqlglot.parse_one(f"SELECT {text}", dialect="postgres")
    except (SqlglotError, RecursionError):
        return None
    selected = tree.expressions if isinstance(tree, exp.Select) else []
    return _bare(selected[0]) if len(selected) == 1 else None


def _bare(tree: exp.Expr) -> exp.Expr:
    """Without the brackets around it and the casts of constants."""
    while isinstance(tree, exp.Paren) or _constant_cast(tree):
        tree = tree.this
    return tree


def _constant_cast(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Cast) and isinstance(tree.this, exp.Literal | exp.Paren)


def _parts(tree: exp.Expr, family: type[exp.Connector]) -> list[exp.Expr]:
    tree = _bare(tree)
    if not isinstance(tree, family):
        return [tree]
    return [*_parts(tree.left, family), *_parts(tree.right, family)]


def _implies(one: exp.Expr, wanted: exp.Expr) -> bool:
    if one == wanted:
        return True
    if isinstance(wanted, exp.Or):
        alternatives = _parts(wanted, exp.Or)
        return all(any(_implies(mine, its) for its in alternatives) for mine in _parts(one, exp.Or))
    return _wider_bound(one, wanted) or _longer_list(one, wanted)


def _wider_bound(one: exp.Expr, wanted: exp.Expr) -> bool:
    for family in (_UPPER, _LOWER):
        if isinstance(one, family) and isinstance(wanted, family) and _bare(one.left) == _bare(wanted.left):
            if _bare(one.right) == _bare(wanted.right):
                return isinstance(wanted, exp.LTE | exp.GTE)
            mine, its = _number(one.right), _number(wanted.right)
            if mine is None or its is None:
                return False
            if mine == its:
                return isinstance(wanted, exp.LTE | exp.GTE)
            return mine < its if family is _UPPER else mine > its
    return False


def _number(tree: exp.Expr) -> float | None:
    tree = _bare(tree)
    sign = 1
    if isinstance(tree, exp.Neg):
        sign, tree = -1, _bare(tree.this)
    if not isinstance(tree, exp.Literal):
        return None
    try:
        return sign * float(tree.this)
    except ValueError:
        return None


def _longer_list(one: exp.Expr, wanted: exp.Expr) -> bool:
    mine, its = _list(one), _list(wanted)
    return mine is not None and its is not None and mine[0] == its[0] and mine[1] <= its[1]


def _list(tree: exp.Expr) -> tuple[exp.Expr, set[str]] | None:
    """What has to be one of which constants: `= 'a'`, and `= ANY (ARRAY['a', 'b'])` as PostgreSQL writes IN."""
    if not isinstance(tree, exp.EQ):
        return None
    right = _bare(tree.right)
    if isinstance(right, exp.Literal):
        return _bare(tree.left), {str(right.this)}
    if not isinstance(right, exp.Any):
        return None
    array = _bare(right.this)
    while isinstance(array, exp.Cast):
        array = _bare(array.this)
    if not isinstance(array, exp.Array):
        return None
    constants = [_bare(each) for each in array.expressions]
    if not all(isinstance(each, exp.Literal) for each in constants):
        return None
    return _bare(tree.left), {str(each.this) for each in constants}
