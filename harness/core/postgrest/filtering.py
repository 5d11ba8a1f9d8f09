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
_QUANTIFIERS: tuple[Literal["any", "all"], ...] = ("any", "all")


def operation(scanner: Scanner) -> tuple[bool, Operation]:
    """Everything after the column of a filter parameter: whether it is negated, and what is asked."""
    return _operation(scanner, _rest)


def is_operation(text: str) -> bool:
    """Whether a parameter's value starts like a filter; a call's argument does not."""
    scanner = Scanner(text.removeprefix("not."))
    if any(scanner.looking_at(word) for word in ("in.", "is.", "isdistinct.")):
        return True
    rules = (_full_text_head, _simple_head, _quantified_head)
    return any(scanner.attempt(rule) is not None for rule in rules) or text.startswith("not.")


def _operation(scanner: Scanner, value: Callable[[Scanner], str]) -> tuple[bool, Operation]:
    negated = scanner.accept("not.", '"not"')
    if scanner.accept("in.", _OPERATOR):
        return negated, Membership(_members(scanner))
    if scanner.accept("is.", _OPERATOR):
        return negated, _truth(scanner)
    if scanner.accept("isdistinct.", _OPERATOR):
        return negated, Distinct(value(scanner))
    full_text = scanner.attempt(_full_text_head)
    if full_text is not None:
        return negated, FullText(full_text.operator, value(scanner), full_text.language)
    head = scanner.attempt(_simple_head) or scanner.attempt(_quantified_head)
    if head is None:
        raise scanner.fail(_OPERATOR)
    return negated, Comparison(head.operator, value(scanner), head.quantifier)


def _full_text_head(scanner: Scanner) -> FullText:
    for operator in _FULL_TEXT:
        if scanner.accept(operator, _OPERATOR):
            language = scanner.attempt(_language)
            scanner.expect(".", "delimiter (.)")
            return FullText(operator, "", language)
    raise NoMatch


def _language(scanner: Scanner) -> str:
    scanner.expect("(")
    language = names.identifier(scanner)
    scanner.expect(")")
    return language


def _simple_head(scanner: Scanner) -> Comparison:
    for operator in SIMPLE_OPERATORS:
        if scanner.accept(operator, _OPERATOR):
            scanner.expect(".", "delimiter (.)")
            return Comparison(operator, "")
    raise NoMatch


def _quantified_head(scanner: Scanner) -> Comparison:
    for operator in QUANTIFIED_OPERATORS:
        if scanner.accept(operator, _OPERATOR):
            quantifier = next((word for word in _QUANTIFIERS if scanner.accept(f"({word})")), None)
            scanner.expect(".", "delimiter (.)")
            return Comparison(operator, "", quantifier)
    raise NoMatch


def _truth(scanner: Scanner) -> Truth:
    for word in _TRUTHS:
        here = scanner.text[scanner.position : scanner.position + len(word)]
        if here.lower() == word and here.isascii():
            scanner.position += len(word)
            return Truth(word)
    raise scanner.fail(_IS_VALUE)


def _members(scanner: Scanner) -> tuple[str, ...]:
    scanner.skip_blanks()
    scanner.expect("(")
    scanner.skip_blanks()
    members = [_member(scanner)]
    while scanner.accept(","):
        members.append(_member(scanner))
    scanner.skip_blanks()
    scanner.expect(")")
    scanner.skip_blanks()
    return tuple(members)


def _quoted_member(scanner: Scanner) -> str:
    text = names.quoted(scanner)
    if not scanner.at_end and scanner.peek() not in ",)":
        raise scanner.fail('","', '")"')
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
    start = scanner.position
    scanner.position = len(scanner.text)
    return scanner.text[start:]


def _value_in_tree(scanner: Scanner) -> str:
    for rule in (_quoted_member, _array):
        found = scanner.attempt(rule)
        if found is not None:
            return found
    return _bare(scanner)


def logic_path(scanner: Scanner) -> tuple[tuple[str, ...], str]:
    """The key of a tree: embedded resources, then `and`, `or`, `not.and` or `not.or`."""
    words = [names.name(scanner)]
    while scanner.accept("."):
        words.append(names.name(scanner))
    path = tuple(word for word in words[:-1] if word != "not")
    return path, f"not.{words[-1]}" if "not" in words else words[-1]


def tree(scanner: Scanner) -> Condition:
    """A filter `column.operator.value`, or `and(…)`, `or(…)` around more of them."""
    found = scanner.attempt(_filter)
    if found is not None:
        return found
    negated = scanner.accept("not.", "negation operator (not)")
    if scanner.accept("and", "logic operator (and, or)"):
        operator: Literal["and", "or"] = "and"
    elif scanner.accept("or", "logic operator (and, or)"):
        operator = "or"
    else:
        raise NoMatch
    scanner.skip_blanks()
    scanner.expect("(")
    scanner.skip_blanks()
    members = [tree(scanner)]
    while _comma(scanner):
        members.append(tree(scanner))
    scanner.skip_blanks()
    scanner.expect(")")
    scanner.skip_blanks()
    return Logic(operator, tuple(members), negated)


def _comma(scanner: Scanner) -> bool:
    scanner.skip_blanks()
    if scanner.accept(","):
        scanner.skip_blanks()
        return True
    return False


def _filter(scanner: Scanner) -> Filter:
    column = names.field(scanner)
    scanner.expect(".", "delimiter (.)")
    negated, asked = _operation(scanner, _value_in_tree)
    return Filter(column, asked, negated)
