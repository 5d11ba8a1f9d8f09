"""REST filter: a condition of the configuration as PostgREST can be asked it, and as SQL that means the same.

Both are written from the same terms, each a column, an operator and a literal without a type, so that the project and
the target read it alike. https://docs.postgrest.org/en/stable/references/api/tables_views.html#horizontal-filtering
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.core.names import literal, quote
from harness.core.rest_catalog import quoted

_COMPARISONS: Final[dict[type[exp.Expression], tuple[str, str]]] = {
    exp.EQ: ("eq", "="),
    exp.NEQ: ("neq", "<>"),
    exp.LT: ("lt", "<"),
    exp.LTE: ("lte", "<="),
    exp.GT: ("gt", ">"),
    exp.GTE: ("gte", ">="),
}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_ZONED: Final = "timestamp with time zone"
_HAS_ZONE = re.compile(r"\d:\d\d[\d:.]*\s*(?:[zZ]|[+-]\d\d(?::?\d\d)?)\s*\Z")


class NotForRest(Exception):
    """A condition is more than REST can be asked; `reason` says what of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Term:
    """A column, an operator of SQL, and what it is compared with; no values: IS NULL and its kin."""

    column: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def rest(self) -> str:
        """As a member of PostgREST's and=()."""
        name = quoted(self.column)
        match self.operator:
            case "IS NULL":
                return f"{name}.is.null"
            case "IS NOT NULL":
                return f"{name}.not.is.null"
            case "IN":
                return f"{name}.in.({','.join(map(quoted, self.values))})"
        operator = next(rest for rest, sql in _COMPARISONS.values() if sql == self.operator)
        return f"{name}.{operator}.{quoted(self.values[0])}"

    def sql(self, column: str) -> str:
        """As SQL over a column of that name."""
        if not self.values:
            return f"{quote(column)} {self.operator}"
        values = ", ".join(map(literal, self.values))
        return (
            f"{quote(column)} IN ({values})" if self.operator == "IN" else f"{quote(column)} {self.operator} {values}"
        )


def terms_of(condition: str, columns: Mapping[str, str]) -> tuple[Term, ...]:
    """The terms of a condition that are joined by AND. `columns`: the table's, with their types.

    NotForRest: it is anything else, names another column, or compares a time with a zone with a text that has none.
    """
    try:
        tree = sqlglot.parse_one(condition, read="postgres")
    except (SqlglotError, RecursionError):
        raise NotForRest("it is not understood") from None
    return tuple(_terms(tree, columns))


def rest_condition(terms: Iterable[Term]) -> str | None:
    """The value of PostgREST's `and=`; None where there is no term."""
    found = ",".join(term.rest for term in terms)
    return f"({found})" if found else None


def sql_condition(terms: Iterable[Term], named: Callable[[str], str]) -> str:
    """The same condition as SQL; `named` gives the name that a column has there."""
    return " AND ".join(term.sql(named(term.column)) for term in terms)


def _terms(tree: object, columns: Mapping[str, str]) -> Iterable[Term]:
    if not isinstance(tree, exp.Expression):
        raise NotForRest("it is not understood")
    if isinstance(tree, exp.Paren):
        yield from _terms(tree.this, columns)
    elif isinstance(tree, exp.And):
        yield from _terms(tree.left, columns)
        yield from _terms(tree.right, columns)
    elif isinstance(tree, exp.Between) and _plain(tree, "low", "high"):
        name = _column(tree.this, columns)
        yield Term(name, ">=", (_value(tree.args["low"], columns[name]),))
        yield Term(name, "<=", (_value(tree.args["high"], columns[name]),))
    else:
        yield _term(tree, columns)


def _term(tree: exp.Expression, columns: Mapping[str, str]) -> Term:
    if type(tree) in _COMPARISONS and _plain(tree, "expression"):
        left, right, operator = tree.this, tree.expression, _COMPARISONS[type(tree)][1]
        if not isinstance(left, exp.Column):
            left, right, operator = right, left, _TURNED[operator]
        name = _column(left, columns)
        return Term(name, operator, (_value(right, columns[name]),))
    negated = isinstance(tree, exp.Not)
    inner = tree.this if negated else tree
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null) and _plain(inner, "expression", "negate"):
        # Versions of the parser write IS NOT NULL as a negated IS, or as NOT around one.
        negated ^= bool(inner.args.get("negate"))
        return Term(_column(inner.this, columns), "IS NOT NULL" if negated else "IS NULL")
    if isinstance(tree, exp.In) and tree.expressions and _plain(tree, "expressions"):
        name = _column(tree.this, columns)
        return Term(name, "IN", tuple(_value(each, columns[name]) for each in tree.expressions))
    if isinstance(inner, exp.Column) and columns.get(_column(inner, columns)) == "boolean":
        return Term(_column(inner, columns), "=", ("false" if negated else "true",))
    raise NotForRest("it is more than columns compared with literals, joined by AND")


def _plain(tree: exp.Expression, *names: str) -> bool:
    """Whether the parser says nothing of an operator but its operands: what is not known here must not be lost."""
    return all(name == "this" or name in names for name, value in tree.args.items() if value)


def _column(tree: exp.Expression, columns: Mapping[str, str]) -> str:
    if not isinstance(tree, exp.Column) or not isinstance(tree.this, exp.Identifier) or tree.table:
        raise NotForRest("it is more than columns compared with literals, joined by AND")
    name = tree.name if tree.this.args.get("quoted") else tree.name.lower()
    if name not in columns:
        raise NotForRest(f"the project serves no column {name} of this table")
    return name


def _value(tree: exp.Expression, kind: str) -> str:
    if isinstance(tree, exp.Neg) and isinstance(tree.this, exp.Literal) and not tree.this.is_string:
        return f"-{tree.this.name}"
    if isinstance(tree, exp.Boolean):
        return "true" if tree.this else "false"
    if not isinstance(tree, exp.Literal):
        raise NotForRest("it compares a column with something that is no literal")
    if kind == _ZONED and not _HAS_ZONE.search(tree.name):
        raise NotForRest("it compares a time with a zone with one that has none: write '2026-01-31 00:00:00+00'")
    return tree.name
