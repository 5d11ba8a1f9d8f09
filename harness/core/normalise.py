"""Normalise: two deparsed texts that PostgreSQL writes differently and that mean the same, proved by their syntax."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_RETURN, _BEGIN, _END = "RETURN ", "BEGIN ATOMIC", "END"
_NAMED = re.compile(r'CONSTRAINT ("(?:[^"]|"")+"|[^\s"]+) (CHECK .*?)( NOT VALID)?\Z', re.DOTALL)
"""A check of a domain, with its name"""


def same_meaning(one: str, other: str) -> bool:
    """Whether two deparsed texts are the same but for what re-parsing and PostgreSQL's version change.

    These are: parentheses; the nesting of AND and of OR; a cast of an array against casts of its elements, which is
    what an IN list over character varying becomes when it is read again; and the qualification of columns in a view
    over a single relation, which PostgreSQL 15 writes and 16 does not. What cannot be parsed is not the same.
    """
    if one == other:
        return True
    # The parser takes now() for CURRENT_TIMESTAMP, which is the same time and another text.
    if one.lower().count("now()") != other.lower().count("now()"):
        return False
    (head, first), (other_head, second) = _split(one), _split(other)
    if head != other_head or not first or not second:
        return False
    try:
        ours, theirs = ([_canonical(each) for each in _parsed(text)] for text in (first, second))
    except (SqlglotError, RecursionError):
        return False
    if len(ours) != len(theirs) or any(tree.find(exp.Command) for tree in (*ours, *theirs)):
        return False
    return all(
        mine == its and mine.sql(dialect="postgres") == its.sql(dialect="postgres")
        for mine, its in zip(ours, theirs, strict=True)
    )


def _parsed(text: str) -> list[exp.Expr]:
    """The statements of a text; most have one."""
    return [each for each in sqlglot.parse(text, dialect="postgres") if each is not None]


def _split(text: str) -> tuple[str, str]:
    """What has to be equal as text, and the query or expression that may be written in two ways."""
    named = _NAMED.match(text)
    if named:
        head, rest = _split(named[2])
        return f"{named[1]} {head} {named[3]}", rest
    if text.startswith("CHECK "):
        no_inherit = text.endswith(" NO INHERIT")
        return f"CHECK{no_inherit}", "SELECT " + text.removeprefix("CHECK ").removesuffix(" NO INHERIT")
    if text.startswith(_OF_TRIGGERS):
        return _split_trigger(text)
    if text.startswith(("CREATE INDEX ", "CREATE UNIQUE INDEX ")):
        head, _, predicate = text.partition(" WHERE ")
        return head, f"SELECT {predicate}" if predicate else ""
    body = text.strip()
    if body.startswith(_RETURN):
        return "return", f"SELECT {body.removeprefix(_RETURN)}"
    if body.startswith(_BEGIN) and body.endswith(_END):
        return "atomic", body.removeprefix(_BEGIN).removesuffix(_END)
    if text.lstrip()[:6].upper() in ("SELECT", "WITH R") or text.lstrip()[:5].upper() == "WITH ":
        return "query", text.strip().rstrip(";")
    return "expression", f"SELECT {text}"


_OF_TRIGGERS = ("BEFORE ", "AFTER ", "INSTEAD OF ")
_EXECUTE = " EXECUTE FUNCTION "


def _split_trigger(text: str) -> tuple[str, str]:
    """A trigger with its condition taken out; the condition stands between WHEN and the function."""
    head, when, rest = text.partition(" WHEN (")
    condition, ending, function = rest.rpartition(")" + _EXECUTE)
    if not when or not ending:
        return text, ""
    return f"{head} WHEN{_EXECUTE}{function}", f"SELECT ({condition})"


def _canonical(tree: exp.Expr) -> exp.Expr:
    """One form of all that mean the same; parts before what they are part of, since what is replaced is not entered."""
    for select in tree.find_all(exp.Select):
        _unqualify(select)
    # The tree itself says what belongs together.
    rewriting: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], exp.Expr]], ...] = (
        (exp.Paren, lambda node: node.this), (exp.Cast, _elements_cast), (exp.Connector, _flat),
    )  # fmt: skip
    for family, rewrite in rewriting:
        for node in reversed(list(tree.find_all(family))):
            rewritten = rewrite(node)
            if rewritten is not node:
                node.replace(rewritten)
    return tree


def _unqualify(select: exp.Select) -> None:
    """Drop the qualifier of columns where one relation, and nothing else, can be meant."""
    source = select.args.get("from_") or select.args.get("from")
    nested = len(list(select.find_all(exp.Select))) > 1 or select.parent_select is not None
    if source is None or nested or select.args.get("joins") or select.args.get("laterals"):
        return
    if not isinstance(source.this, exp.Table):
        return
    name = source.this.alias_or_name
    for column in select.find_all(exp.Column):
        if column.table == name and not column.db:
            column.set("table", None)


def _elements_cast(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Cast) or not isinstance(node.this, exp.Array):
        return node
    target = node.to
    if not target.is_type(exp.DataType.Type.ARRAY) or len(target.expressions) != 1:
        return node
    element = target.expressions[0]
    return exp.Array(
        expressions=[exp.Cast(this=each.copy(), to=element.copy()) for each in node.this.expressions],
        **{key: value for key, value in node.this.args.items() if key != "expressions"},
    )


def _flat(node: exp.Expr) -> exp.Expr:
    """Chains of AND, and of OR, lean to the left."""
    if not isinstance(node, exp.And | exp.Or) or not isinstance(node.expression, type(node)):
        return node
    operands: list[exp.Expr] = [each.copy() for each in node.flatten()]
    first, *rest = operands
    for each in rest:
        first = type(node)(this=first, expression=each)
    return first
