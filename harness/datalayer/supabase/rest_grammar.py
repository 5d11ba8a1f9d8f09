"""Filters and orders in the grammar of a PostgREST query string.

Every value arrives as it is: alone in a parameter it needs no quotes, in a list or a tree it stands in double quotes.
https://docs.postgrest.org/en/stable/references/api/url_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from harness.datalayer.envelope import CallFailed, InvalidInput
from harness.datalayer.filters import AllOf, AnyOf, Comparison, Filter, Membership, Not, Nullness, OrderBy, Pattern
from harness.datalayer.supabase.rest_values import text_of

_BARE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS_OF_THE_GRAMMAR: Final = frozenset(
    {"and", "columns", "count", "limit", "not", "offset", "on_conflict", "or", "order", "select"}
)
_MOST_LEVELS: Final = 100
_OPERATORS: Final = {"=": "eq", "<>": "neq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_ASCII_PUNCTUATION: Final = re.compile(r"[!-/:-@\[-`{-~]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query string, `key=operator.value`, or a tree of conditions, `or=(value)`, with no `key`."""

    key: str | None
    operator: str
    value: str


def parameters(where: Sequence[Filter]) -> list[Parameter]:
    """The parameters that all have to hold."""
    if any(_levels(one) > _MOST_LEVELS for one in where):
        raise InvalidInput(f"where: filters are nested more than {_MOST_LEVELS} levels deep.")
    return [parameter for one in where for parameter in _parameters(one)]


def order_terms(order_by: Sequence[OrderBy]) -> list[tuple[str, bool, bool | None]]:
    """Column, descending, NULLs first; None leaves PostgreSQL's default, which is PostgREST's as well."""
    return [(name(one.column), one.descending, one.nulls_first) for one in order_by]


def names(columns: Iterable[str]) -> str:
    """A list of columns, as in `on_conflict=`."""
    return ",".join(map(name, columns))


def name(column: str) -> str:
    """A column's name, in quotes where it is more than a plain word, or a word of the grammar."""
    if not isinstance(column, str) or not column or not column.isprintable():
        raise InvalidInput("A column has to be named by a text of printable characters.")
    return column if _BARE_NAME.fullmatch(column) and column not in _WORDS_OF_THE_GRAMMAR else quoted(column)


def quoted(text: str) -> str:
    """A text in double quotes, inside which a backslash takes the next character as it is."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def member(text: str) -> str:
    """A member of a list; only letters and digits go without quotes."""
    return text if text.isascii() and text.isalnum() else quoted(text)


def _levels(one: Filter) -> int:
    match one:
        case AllOf(filters=filters) | AnyOf(filters=filters):
            return 1 + max(map(_levels, filters))
        case Not(filter=inner):
            return 1 + _levels(inner)
    return 0


def _parameters(one: Filter) -> list[Parameter]:
    """A column with a plain name is a parameter of its own; everything else goes into a tree."""
    match one:
        case AllOf(filters=filters):
            return [parameter for each in filters for parameter in _parameters(each)]
        case AnyOf(filters=filters):
            return [Parameter(None, "or", ",".join(map(_in_tree, filters)))]
        case Not(filter=AnyOf(filters=filters)):
            return [Parameter(None, "not.or", ",".join(map(_in_tree, filters)))]
        case Comparison() | Pattern() | Membership() | Nullness() if name(one.column) == one.column:
            operator, value, _ = _asked(one)
            return [Parameter(one.column, operator, value)]
    return [Parameter(None, "or", _in_tree(one))]


def _in_tree(one: Filter, *, negated: bool = False) -> str:
    negation = "not." if negated else ""
    match one:
        case AllOf(filters=filters):
            return f"{negation}and({','.join(map(_in_tree, filters))})"
        case AnyOf(filters=filters):
            return f"{negation}or({','.join(map(_in_tree, filters))})"
        case Not(filter=Nullness(column=column, is_null=is_null)):
            return _in_tree(Nullness(column, is_null=not is_null), negated=negated)
        case Nullness(column=column, is_null=is_null):
            return f"{name(column)}.{'is' if is_null is not negated else 'not.is'}.null"
        case Not(filter=inner):
            # PostgREST knows one `not` before a condition; a second one needs a condition around the first
            return f"not.and({_in_tree(inner, negated=True)})" if negated else _in_tree(inner, negated=True)
    operator, value, is_text = _asked(one)
    return f"{name(one.column)}.{negation}{operator}.{quoted(value) if is_text else value}"


def _asked(one: Comparison | Pattern | Membership | Nullness) -> tuple[str, str, bool]:
    """Operator, value, and whether the value is a text that a tree has to quote."""
    match one:
        case Comparison(operator=operator, value=value):
            return _OPERATORS[operator], text_of(one.column, value), True
        case Pattern():
            return (*_pattern(one), True)
        case Membership(values=values):
            texts = list(dict.fromkeys(text_of(one.column, value) for value in values))
            # `in.("")` is an empty list to PostgREST
            return ("eq", "", True) if texts == [""] else ("in", f"({','.join(map(member, texts))})", False)
        case Nullness(is_null=is_null):
            return "is" if is_null else "not.is", "null", False


def _pattern(one: Pattern) -> tuple[str, str]:
    """PostgREST turns every `*` of a LIKE pattern into `%`, and nothing escapes it: such a pattern is a regex here."""
    pattern = text_of(one.column, one.pattern)
    if "*" not in pattern:
        return ("ilike" if one.ignore_case else "like"), pattern
    return ("imatch" if one.ignore_case else "match"), _as_regular_expression(pattern)


def _as_regular_expression(pattern: str) -> str:
    """The LIKE pattern as an advanced regular expression, whose dot matches a line break as well.

    https://www.postgresql.org/docs/current/functions-matching.html#POSIX-METASYNTAX
    """
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        match character:
            case "%":
                parts.append(".*")
            case "_":
                parts.append(".")
            case "\\":
                parts.append(_literal(_escaped(next(characters, None))))
            case _:
                parts.append(_literal(character))
    return f"^{''.join(parts)}$"


def _escaped(character: str | None) -> str:
    if character is None:
        raise CallFailed("invalid_input", "22025", "A LIKE pattern must not end with an escape character.")
    return character


def _literal(character: str) -> str:
    return f"\\{character}" if _ASCII_PUNCTUATION.fullmatch(character) else character
