"""The grammar of filters: `column=operator.value` and the trees of `and=` and `or=`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from harness.core.postgrest import names
from harness.core.postgrest.model import (
    Comparison,
    Condition,
    Distinct,
    Filter,
    FullText,
    Logic,
    Membership,
    Operation,
    Truth,
)
from harness.core.postgrest.scanner import NoMatch, Scanner

_OPERATOR = "operator (eq, gt, ...)"
_IS_VALUE = "isVal: (null, not_null, true, false, unknown)"
_NEGATION = "negation operator (not)"
_LOGIC_OPERATOR = "logic operator (and, or)"

SIMPLE_OPERATORS = ("neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj")
QUANTIFIED_OPERATORS = ("eq", "gte", "gt", "lte", "lt", "like", "ilike", "match", "imatch")
_FULL_TEXT: tuple[Literal["fts", "plfts", "phfts", "wfts"], ...] = ("fts", "plfts", "phfts", "wfts")
_TRUTHS: tuple[Literal["null", "not_null", "true", "false", "unknown"], ...] = (
    "null",
    "not_null",
    "true",
    "false",
    "unknown",
)
_UP_TO_SEPARATOR = re.compile(r"[^,)]*")
_UP_TO_BRACE = re.compile(r"[^{}]*")
_ANYTHING = re.compile(r".*", re.DOTALL)

Value = Callable[[Scanner], str]


def operation(scanner: Scanner) -> tuple[bool, Operation]:
    """Everything after the column of a filter parameter: whether it is negated, and what is asked."""
    return _operation(scanner, _rest)


def operation_of_call(scanner: Scanner) -> tuple[bool, Operation] | None:
    """The same for a parameter of a call, which is an argument (None) where it does not even begin like a filter."""
    start = scanner.position
    try:
        return operation(scanner)
    except NoMatch:
        if scanner.position != start:
            raise
        return None


def _operation(scanner: Scanner, value: Value) -> tuple[bool, Operation]:
    negated = scanner.attempt(_not) is not None
    return negated, scanner.labelled(lambda within: _asked(within, value), _OPERATOR)


def _not(scanner: Scanner) -> Literal[True]:
    return _word(scanner, "not")


def _word(scanner: Scanner, word: str) -> Literal[True]:
    scanner.expect(word)
    if not names.delimiter(scanner):
        raise NoMatch
    return True


def _asked(scanner: Scanner, value: Value) -> Operation:
    if scanner.attempt(lambda within: _word(within, "in")):
        return Membership(_members(scanner))
    if scanner.attempt(lambda within: _word(within, "is")):
        return Truth(scanner.labelled(_truth, _IS_VALUE))
    if scanner.attempt(lambda within: _word(within, "isdistinct")):
        return Distinct(value(scanner))
    head = scanner.attempt(_full_text_head) or scanner.attempt(_simple_head) or scanner.attempt(_quantified_head)
    if head is None:
        raise NoMatch
    if isinstance(head, FullText):
        return FullText(head.operator, value(scanner), head.language)
    return Comparison(head.operator, value(scanner), head.quantifier)


def _full_text_head(scanner: Scanner) -> FullText:
    for operator in _FULL_TEXT:
        if scanner.accept(operator):
            language = scanner.attempt(_language)
            if names.delimiter(scanner):
                return FullText(operator, "", language)
            break
    raise NoMatch


def _language(scanner: Scanner) -> str:
    scanner.expect("(")
    language = names.identifier(scanner)
    scanner.expect(")")
    return language


def _simple_head(scanner: Scanner) -> Comparison:
    for operator in SIMPLE_OPERATORS:
        if scanner.accept(operator):
            if names.delimiter(scanner):
                return Comparison(operator, "")
            break
    raise NoMatch


def _quantified_head(scanner: Scanner) -> Comparison:
    for operator in QUANTIFIED_OPERATORS:
        if scanner.accept(operator):
            quantifier = scanner.attempt(_quantifier)
            if names.delimiter(scanner):
                return Comparison(operator, "", quantifier)
            break
    raise NoMatch


def _quantifier(scanner: Scanner) -> Literal["any", "all"]:
    scanner.expect("(")
    quantifier: Literal["any", "all"] = "any"
    if not scanner.accept("any"):
        scanner.string("all")
        quantifier = "all"
    scanner.expect(")")
    return quantifier


def _truth(scanner: Scanner) -> Literal["null", "not_null", "true", "false", "unknown"]:
    for word in _TRUTHS:
        if scanner.attempt(lambda within, word=word: _in_any_case(within, word)):  # type: ignore[misc]
            return word
    raise NoMatch


def _in_any_case(scanner: Scanner, word: str) -> Literal[True]:
    for character in word:
        if not scanner.accept(character):
            scanner.expect(character.upper())
    return True


def _members(scanner: Scanner) -> tuple[str, ...]:
    scanner.skip_blanks()
    scanner.expect("(")
    scanner.skip_blanks()
    members = scanner.separated(_member, lambda within: within.accept(","))
    scanner.skip_blanks()
    scanner.expect(")")
    scanner.skip_blanks()
    return tuple(members)


def _quoted_member(scanner: Scanner) -> str:
    text = names.quoted(scanner)
    if not scanner.at_end and scanner.peek() not in ",)":
        raise scanner.refuse()
    return text


def _bare(scanner: Scanner) -> str:
    return scanner.take(_UP_TO_SEPARATOR)


def _member(scanner: Scanner) -> str:
    found = scanner.attempt(_quoted_member)
    return found if found is not None else _bare(scanner)


def _array(scanner: Scanner) -> str:
    start = scanner.position
    scanner.expect("{")
    scanner.take(_UP_TO_BRACE)
    scanner.expect("}")
    return scanner.text[start : scanner.position]


def _rest(scanner: Scanner) -> str:
    return scanner.take(_ANYTHING)


def _value_in_tree(scanner: Scanner) -> str:
    for rule in (_quoted_member, _array):
        found = scanner.attempt(rule)
        if found is not None:
            return found
    return _bare(scanner)


def logic_path(scanner: Scanner) -> tuple[tuple[str, ...], str]:
    """The key of a tree: embedded resources, then `and`, `or`, `not.and` or `not.or`."""
    words = scanner.separated(names.name, names.delimiter)
    path = tuple(word for word in words[:-1] if word != "not")
    return path, f"not.{words[-1]}" if "not" in words else words[-1]


def tree(scanner: Scanner) -> Condition:
    """A filter `column.operator.value`, or `and(…)`, `or(…)` around more of them."""
    found = scanner.attempt(_filter)
    if found is not None:
        return found
    negated = scanner.labelled(_maybe_not, _NEGATION)
    operator = scanner.labelled(_logic_operator, _LOGIC_OPERATOR)
    scanner.skip_blanks()
    scanner.expect("(")
    scanner.skip_blanks()
    members = scanner.separated(tree, names.comma)
    scanner.skip_blanks()
    scanner.expect(")")
    scanner.skip_blanks()
    return Logic(operator, tuple(members), negated)


def _maybe_not(scanner: Scanner) -> bool:
    return scanner.attempt(_not) is not None


def _logic_operator(scanner: Scanner) -> Literal["and", "or"]:
    if scanner.accept("and"):
        return "and"
    scanner.string("or")
    return "or"


def _filter(scanner: Scanner) -> Filter:
    column = names.field(scanner)
    if not names.delimiter(scanner):
        raise NoMatch
    negated, asked = _operation(scanner, _value_in_tree)
    return Filter(column, asked, negated)
