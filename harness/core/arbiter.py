"""Arbiters: which unique index PostgreSQL would infer from an ON CONFLICT target, and whether it could use it.

The rules are those of infer_arbiter_indexes (src/backend/optimizer/util/plancat.c) and ExecCheckIndexConstraints
(src/backend/executor/execIndexing.c), as https://www.postgresql.org/docs/current/sql-insert.html describes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.core.lookup import Lookup
from harness.core.model.rules import Index
from harness.core.sql.text import TextError, Token, ready_to_parse, tokens
from harness.core.sql.tree import name_of
from harness.core.usage import ConflictUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What becomes of an ON CONFLICT target.

    found: an arbiter is there. none: there is none (42P10, or 42704 for a constraint's name). deferrable: one matches
    and cannot be used (55000). unproved: it depends on whether two expressions are equal, and that could not be shown.
    """

    status: Literal["found", "none", "deferrable", "unproved"]
    index: str | None = None
    """Name of the index or constraint"""
    reason: str = ""


def infer(lookup: Lookup, use: ConflictUse) -> Inference:
    """The inference on one database; the relation exists there."""
    if lookup.is_view(use.relation):
        return Inference(status="unproved", reason="it is a view, and what counts are the indexes of its table")
    if use.constraint is not None:
        return _named(lookup, use, use.constraint)
    if use.primary_key:
        columns = lookup.primary_key(use.relation)
        if not columns:
            return Inference(status="none", reason="the table has no primary key")
        use = replace(use, columns=columns)
    verdicts = [_matches(index, use) for index in lookup.indexes(use.relation)]
    for status in ("deferrable", "found", "unproved"):
        # A deferrable match spoils the statement even beside an immediate one: all matches are arbiters.
        chosen = next((verdict for verdict in verdicts if verdict.status == status), None)
        if chosen is not None:
            return chosen
    return Inference(status="none", reason=next((each.reason for each in verdicts if each.reason), ""))


def _named(lookup: Lookup, use: ConflictUse, name: str) -> Inference:
    constraint = lookup.constraint(use.relation, name)
    if constraint is None or constraint.type not in ("primary key", "unique", "exclusion"):
        return Inference(status="none", reason=f"the table has no unique constraint {name}")
    if constraint.type == "exclusion" and use.updates:
        return Inference(status="none", reason=f"{name} is an exclusion constraint, which DO UPDATE does not take")
    if constraint.deferrable:
        return Inference(status="deferrable", index=name, reason=f"constraint {name} is deferrable")
    return Inference(status="found", index=name)


def _matches(index: Index, use: ConflictUse) -> Inference:
    """Whether one index is an arbiter of the target."""
    none = Inference(status="none", index=index.name)
    if not index.unique or "USING btree" not in index.definition:
        return none
    columns = {column for column in index.columns if not column.startswith("(")}
    expressions = [column for column in index.columns if column.startswith("(")]
    if columns != set(use.columns) or bool(expressions) != bool(use.expressions):
        return none
    if not index.valid:
        return replace(none, reason=f"index {index.name} is not valid: a concurrent build failed")
    if index.predicate is not None and use.predicate is None:
        return replace(none, reason=f"index {index.name} is partial, and the statement gives no WHERE for it")
    doubts = [
        *(["the columns' collation or operator class"] if use.operators else []),
        *(["the expressions"] if not _same_expressions(expressions, use.expressions) else []),
        *(["the predicate"] if not _implies(use.predicate, index.predicate) else []),
    ]
    if doubts:
        reason = f"index {index.name} fits but for {' and '.join(doubts)}, which could not be proved equal"
        return Inference(status="unproved", index=index.name, reason=reason)
    if not index.immediate:
        reason = f"{index.constraint or index.name} is deferrable, and ON CONFLICT takes no deferrable constraint"
        return Inference(status="deferrable", index=index.name, reason=reason)
    return Inference(status="found", index=index.name)


def _same_expressions(of_index: list[str], of_statement: tuple[str, ...]) -> bool:
    mine, its = {canonical(text) for text in of_index}, {canonical(text) for text in of_statement}
    return None not in mine | its and mine == its


def _implies(of_statement: str | None, of_index: str | None) -> bool:
    """Whether every condition of the index stands among the statement's: enough, though not needed, for an arbiter."""
    if of_index is None:
        return True
    wanted, given = _conditions(of_index), _conditions(of_statement or "")
    return None not in wanted and wanted <= given


def _conditions(text: str) -> set[str | None]:
    """The canonical forms of what AND joins."""
    tree = _tree(text)
    if tree is None:
        return {None}
    return {repr(part) for part in (tree.flatten() if isinstance(tree, exp.And) else [tree])}


def canonical(text: str) -> str | None:
    """The tree of an expression, as text; None where it cannot be parsed. Equal trees mean equal expressions."""
    tree = _tree(text)
    return None if tree is None else repr(tree)


def _tree(text: str) -> exp.Expression | None:
    try:
        tree = sqlglot.parse_one(_without_casts_of_constants(text), dialect="postgres")
    except (SqlglotError, TextError, RecursionError):
        return None
    holder = exp.Paren(this=tree)
    for node in reversed(list(holder.walk())):
        plain = _plain(node)
        if plain is not node and node is not holder:
            node.replace(plain)
    simplified = holder.this
    return simplified if isinstance(simplified, exp.Expression) else None


def _without_casts_of_constants(text: str) -> str:
    """'x'::text as 'x': PostgreSQL writes the cast out when it deparses."""
    found = list(tokens(text))
    kept: list[Token] = []
    at = 0
    while at < len(found):
        kept.append(found[at])
        at += 1
        if kept[-1].kind == "string" and [token.text for token in found[at : at + 2]] == ["::", "text"]:
            at += 2
    return ready_to_parse(kept)


def _any_of(node: exp.In) -> exp.Expr:
    """`a IN (1, 2)` as PostgreSQL writes it, `a = ANY (ARRAY[1, 2])`; of one element, as `a = 1`."""
    values = [each.copy() for each in node.expressions]
    if len(values) == 1:
        return exp.EQ(this=node.this, expression=values[0])
    return exp.EQ(this=node.this, expression=exp.Any(this=exp.Array(expressions=values)))


def _plain(node: exp.Expr) -> exp.Expr:
    """Without parentheses, qualifiers, IN, BETWEEN, and the cast of a column to text: as PostgreSQL writes it out."""
    inner = node.this
    if isinstance(node, exp.Paren) and isinstance(inner, exp.Expression):
        return inner
    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.TEXT and isinstance(inner, exp.Column):
        return inner
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        return _any_of(node)
    if isinstance(node, exp.Array):
        return exp.Array(expressions=[each.copy() for each in node.expressions])
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        return exp.And(this=exp.GTE(this=inner, expression=low), expression=exp.LTE(this=inner.copy(), expression=high))
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return exp.column(exp.to_identifier(name_of(node.this), quoted=True))
    return node
