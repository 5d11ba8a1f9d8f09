"""Reads a JSONPath character by character: places, tokens and strings."""

from __future__ import annotations

import json
import re
from typing import NoReturn

_BLANKS = re.compile(r"[ \t\n\r]*")


class JsonPathError(ValueError):
    """The text is no JSONPath; the message says where."""


class Reader:
    """A text and a place in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, wanted: str) -> NoReturn:
        """Raise: here stands something else than what was wanted."""
        raise JsonPathError(f"expected {wanted} at character {self.at + 1}")

    def skip(self) -> None:
        """Pass over blanks."""
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, token: str) -> bool:
        """Pass over a token if it is here."""
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def expect(self, token: str) -> None:
        """Pass over a token, which has to be here."""
        if not self.take(token):
            self.fail(f"'{token}'")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Pass over what a pattern matches; None where it matches nothing."""
        found = pattern.match(self.text, self.at)
        if found is None or not found.group():
            return None
        self.at = found.end()
        return found.group()

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]


def string(reader: Reader) -> str:
    """A string in single or double quotes."""
    quote, raw = reader.peek(), '"'
    reader.at += 1
    while not reader.take(quote):
        character = reader.peek() or reader.fail(f"a closing {quote}")
        reader.at += 1
        if character == "\\":
            escaped = reader.peek()
            reader.at += 1
            raw += escaped if escaped == "'" else f"\\{escaped}"
        else:
            raw += '\\"' if character == '"' else character
    try:
        return str(json.loads(f'{raw}"'))
    except ValueError:
        reader.fail("a string without unknown escapes")
