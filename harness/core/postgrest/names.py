"""The grammar of names, columns and JSON paths."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.postgrest.model import Field, JsonStep
from harness.core.postgrest.scanner import Scanner

_FIELD_NAME = "field name (* or [a..z0..9_$])"
_JSON_KEY = "any non reserved character different from: .,>()"
_NOT_IN_JSON_KEY = frozenset("(-:.,>)")
_AFTER_INDEX = ("->", "::", ".", ",")
_DIGITS = frozenset("0123456789")
_UP_TO_QUOTE_OR_BACKSLASH = re.compile(r'[^"\\]*')


def is_name_character(character: str) -> bool:
    """Whether a name may hold the character without quotes."""
    return character.isalpha() or character in _DIGITS or character in "_ $"


def is_json_key_character(character: str) -> bool:
    """Whether a JSON key may hold the character without quotes."""
    return character not in _NOT_IN_JSON_KEY


def quoted(scanner: Scanner) -> str:
    """A text in double quotes; a backslash takes the next character as it is."""
    scanner.expect('"')
    parts = [scanner.take(_UP_TO_QUOTE_OR_BACKSLASH)]
    while scanner.accept("\\"):
        if scanner.at_end:
            break
        parts.append(scanner.peek())
        scanner.position += 1
        parts.append(scanner.take(_UP_TO_QUOTE_OR_BACKSLASH))
    scanner.expect('"')
    return "".join(parts)


def _joined_by_dashes(scanner: Scanner, allowed: Callable[[str], bool], expected: str) -> str:
    parts: list[str] = []
    while True:
        part = scanner.take_while(allowed)
        if not part:
            raise scanner.fail(expected)
        parts.append(part.strip())
        if not scanner.looking_at("-") or scanner.looking_at("->"):
            return "-".join(parts)
        scanner.position += 1


def name(scanner: Scanner) -> str:
    """The name of a column, relation, alias or hint."""
    if scanner.looking_at('"'):
        return quoted(scanner)
    return _joined_by_dashes(scanner, is_name_character, _FIELD_NAME)


def identifier(scanner: Scanner) -> str:
    """A bare word or words: a type to cast to, a text-search configuration."""
    word = scanner.take_while(is_name_character)
    if not word:
        raise scanner.fail("letter or digit")
    return word.strip()


def _json_index(scanner: Scanner) -> int:
    sign = -1 if scanner.accept("-") else 1
    digits = scanner.take_while(lambda character: character in _DIGITS)
    # 18 digits: more is no index that PostgreSQL could take, and Python refuses to read thousands of them
    if not digits or len(digits) > 18:
        raise scanner.fail("digit")
    if not scanner.at_end and not any(scanner.looking_at(end) for end in _AFTER_INDEX):
        raise scanner.fail('"->"', '"::"', '"."', '","', "end of input")
    return sign * int(digits)


def _json_key(scanner: Scanner) -> str:
    if scanner.looking_at('"'):
        return quoted(scanner)
    return _joined_by_dashes(scanner, is_json_key_character, _JSON_KEY)


def json_path(scanner: Scanner) -> tuple[JsonStep, ...]:
    """Any number of arrows, each with a key or an index."""
    steps: list[JsonStep] = []
    while scanner.looking_at("->"):
        as_text = scanner.accept("->>") or not scanner.accept("->")
        index = scanner.attempt(_json_index)
        steps.append(JsonStep(index if index is not None else _json_key(scanner), as_text))
    return tuple(steps)


def field(scanner: Scanner) -> Field:
    """A column and the JSON path into it; blanks around it are dropped."""
    scanner.skip_blanks()
    column = name(scanner)
    path = json_path(scanner)
    scanner.skip_blanks()
    return Field(column, path)


def columns(scanner: Scanner) -> tuple[str, ...]:
    """Names separated by commas: `columns=` and `on_conflict=`."""
    names = [name(scanner)]
    while _separator(scanner):
        names.append(name(scanner))
    return tuple(names)


def _separator(scanner: Scanner) -> bool:
    start = scanner.position
    scanner.skip_blanks()
    if scanner.accept(","):
        scanner.skip_blanks()
        return True
    scanner.position = start
    return False


def tree_path(scanner: Scanner) -> tuple[tuple[str, ...], Field]:
    """The key of a filter: embedded resources, then the column, separated by dots."""
    names = [name(scanner)]
    while scanner.accept("."):
        names.append(name(scanner))
    return tuple(names[:-1]), Field(names[-1], json_path(scanner))
