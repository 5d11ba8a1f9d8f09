"""The grammar of names, columns and JSON paths."""

from __future__ import annotations

import re

from harness.core.postgrest.model import Field, JsonStep
from harness.core.postgrest.scanner import NoMatch, Scanner

_FIELD_NAME = "field name (* or [a..z0..9_$])"
_JSON_KEY = "any non reserved character different from: .,>()"
_NOT_IN_JSON_KEY = frozenset("(-:.,>)")
_AFTER_INDEX = ("->", "::", ".", ",")
_DIGITS = frozenset("0123456789")
_LARGEST_DIGITS = 1000
_ASCII_NAME = re.compile(r"[A-Za-z0-9_ $]*")
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
            raise scanner.fail()
        parts.append(scanner.peek())
        scanner.advance(1)
        parts.append(scanner.take(_UP_TO_QUOTE_OR_BACKSLASH))
    scanner.expect('"')
    return "".join(parts)


def _quotes_ahead(scanner: Scanner) -> bool:
    return scanner.looking_at('"') or scanner.accept('"')


def _dash(scanner: Scanner) -> bool:
    if scanner.looking_at("->"):
        scanner.refuse(1)
        return False
    return scanner.accept("-")


def _bare_name(scanner: Scanner) -> str:
    return quoted(scanner) if _quotes_ahead(scanner) else "-".join(scanner.separated(identifier, _dash))


def name(scanner: Scanner) -> str:
    """The name of a column, relation, alias or hint."""
    return scanner.labelled(_bare_name, _FIELD_NAME)


def identifier(scanner: Scanner) -> str:
    """A bare word or words: a type to cast to, a text-search configuration."""
    word = scanner.take_while(is_name_character, "letter", "digit", quickly=_ASCII_NAME)
    if not word:
        raise NoMatch
    return word.strip()


def _index_ends(scanner: Scanner) -> None:
    if any(scanner.looking_at(end) for end in _AFTER_INDEX):
        return
    for end in _AFTER_INDEX:
        scanner.accept(end)
    scanner.end()


def _json_index(scanner: Scanner) -> int:
    sign = -1 if scanner.accept("-") else 1
    digits = scanner.take_while(lambda character: character in _DIGITS, "digit")
    if not digits:
        raise NoMatch
    _index_ends(scanner)
    # PostgreSQL refuses far smaller ones; Python does not even read thousands of digits
    return sign * int(digits[:_LARGEST_DIGITS])


def _json_word(scanner: Scanner) -> str:
    word = scanner.take_while(is_json_key_character)
    if not word:
        raise NoMatch
    return word.strip()


def _bare_json_key(scanner: Scanner) -> str:
    return quoted(scanner) if _quotes_ahead(scanner) else "-".join(scanner.separated(_json_word, _dash))


def _json_key(scanner: Scanner) -> str:
    return scanner.labelled(_bare_json_key, _JSON_KEY)


def _json_operand(scanner: Scanner) -> str | int:
    index = scanner.attempt(_json_index)
    if index is not None:
        return index
    key = scanner.attempt(_json_key)
    if key is None:
        raise NoMatch
    return key


def json_path(scanner: Scanner) -> tuple[JsonStep, ...]:
    """Any number of arrows, each with a key or an index."""
    steps: list[JsonStep] = []
    while (as_text := scanner.accept("->>")) or scanner.accept("->"):
        steps.append(JsonStep(_json_operand(scanner), as_text))
        scanner.forget()
    return tuple(steps)


def field(scanner: Scanner) -> Field:
    """A column and the JSON path into it; blanks around it are dropped."""
    scanner.skip_blanks()
    column = name(scanner)
    path = json_path(scanner)
    scanner.skip_blanks()
    return Field(column, path)


def delimiter(scanner: Scanner) -> bool:
    """The dot between the names of a path."""
    return scanner.accept(".", "delimiter (.)")


def comma(scanner: Scanner) -> bool:
    """A comma with blanks around it; blanks without a comma fail."""
    start = scanner.position
    scanner.skip_blanks()
    if scanner.accept(","):
        scanner.skip_blanks()
        return True
    if scanner.position != start:
        raise NoMatch
    return False


def columns(scanner: Scanner) -> tuple[str, ...]:
    """Names separated by commas: `columns=` and `on_conflict=`."""
    return tuple(scanner.separated(name, comma))


def tree_path(scanner: Scanner) -> tuple[tuple[str, ...], Field]:
    """The key of a filter: embedded resources, then the column, separated by dots."""
    path = scanner.separated(name, delimiter)
    return tuple(path[:-1]), Field(path[-1], json_path(scanner))
