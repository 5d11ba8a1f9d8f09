"""A text read from left to right, that remembers where and why reading failed furthest on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from harness.core.postgrest.errors import RequestError

T = TypeVar("T")

_BLANKS = re.compile(r"[ \t]*")


class NoMatch(Exception):
    """A grammar rule does not apply at the current position; the scanner knows what it expected."""


class Scanner:
    """The position in a text, and the furthest failure so far (what PostgREST's parser reports as well)."""

    def __init__(self, text: str, *, within: str | None = None) -> None:
        self.text = text
        self.position = 0
        self._within = within
        self._furthest = 0
        self._expected: list[str] = []

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The next character, or an empty string at the end."""
        return self.text[self.position : self.position + 1]

    def looking_at(self, literal: str) -> bool:
        """Whether `literal` comes next; nothing is read."""
        return self.text.startswith(literal, self.position)

    def fail(self, *expected: str) -> NoMatch:
        """The signal that none of `expected` comes next, to be raised by the caller."""
        if self.position > self._furthest:
            self._furthest, self._expected = self.position, []
        if self.position == self._furthest:
            self._expected += [one for one in expected if one not in self._expected]
        return NoMatch()

    def accept(self, literal: str, expected: str | None = None) -> bool:
        """Read `literal` if it comes next; say whether it did."""
        if self.looking_at(literal):
            self.position += len(literal)
            return True
        self.fail(expected or f'"{literal}"')
        return False

    def expect(self, literal: str, expected: str | None = None) -> None:
        """Read `literal`, or raise NoMatch."""
        if not self.accept(literal, expected):
            raise NoMatch

    def take_while(self, wanted: Callable[[str], bool]) -> str:
        """Read characters as long as they are wanted."""
        start = self.position
        while self.position < len(self.text) and wanted(self.text[self.position]):
            self.position += 1
        return self.text[start : self.position]

    def take(self, pattern: re.Pattern[str]) -> str:
        """Read what `pattern` matches here, possibly nothing."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match[0]

    def skip_blanks(self) -> None:
        """Read spaces and tabs."""
        self.take(_BLANKS)

    def attempt(self, rule: Callable[[Scanner], T]) -> T | None:
        """What `rule` reads, or None with the position as it was. For rules that never yield None themselves."""
        start = self.position
        try:
            return rule(self)
        except NoMatch:
            self.position = start
            return None

    def error(self) -> RequestError:
        """PGRST100 with the furthest failure as its details."""
        before = self.text[: self._furthest]
        line = before.count("\n") + 1
        column = self._furthest - (before.rfind("\n") + 1) + 1
        found = self.text[self._furthest : self._furthest + 1]
        unexpected = f'unexpected "{found}"' if found else "unexpected end of input"
        details = unexpected
        if self._expected:
            *some, last = self._expected
            details += " expecting " + (f"{', '.join(some)} or {last}" if some else last)
        message = f'"{self._within}" (line {line}, column {column})'
        return RequestError(400, "PGRST100", message, details=details)


def read(text: str, rule: Callable[[Scanner], T], what: str) -> T:
    """What `rule` reads from the start of `text`; `what` names the parameter in the error.

    As in PostgREST, text after the end of the rule is not looked at: rules that need the end ask for it.

    :raises RequestError: PGRST100, where the rule does not apply.
    """
    scanner = Scanner(text, within=f"failed to parse {what} ({text})")
    try:
        return rule(scanner)
    except (NoMatch, RecursionError):
        raise scanner.error() from None
