"""A text read from left to right, that remembers what was expected where reading failed.

It keeps to the rules of Parsec, which PostgREST reads with, so that errors name the same place and the same
expectations: what was expected at a place is forgotten as soon as something is read there; a rule that has read
something and then fails is final, unless it is only an attempt; of two failures the one further on is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from harness.core.postgrest import parse_errors
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.parse_errors import Note

T = TypeVar("T")

_END = "end of input"
_BLANKS = re.compile(r"[ \t]*")


class NoMatch(Exception):
    """A grammar rule does not apply at the current position; the scanner knows what it expected."""


class Scanner:
    """The position in a text, and the notes of what was expected at the furthest place since something was read."""

    def __init__(self, text: str, *, within: str | None = None) -> None:
        self.text = text
        self.position = 0
        self._within = within
        self._place = 0
        self._notes: tuple[Note, ...] = ()

    @property
    def at_end(self) -> bool:
        """Whether everything has been read."""
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The next character, or an empty string at the end."""
        return self.text[self.position : self.position + 1]

    def looking_at(self, literal: str) -> bool:
        """Whether `literal` comes next; nothing is read or noted."""
        return self.text.startswith(literal, self.position)

    def _note(self, place: int, notes: tuple[Note, ...]) -> None:
        if notes and (not self._notes or place > self._place):
            self._place, self._notes = place, notes
        elif place == self._place:
            self._notes += notes

    def advance(self, length: int) -> None:
        """Read so many characters: what was expected before is forgotten."""
        self.position += length
        self.forget()

    def forget(self) -> None:
        """Forget what was expected; so does Parsec between the repetitions of a rule."""
        self._place, self._notes = self.position, ()

    def fail(self, *labels: str) -> NoMatch:
        """The signal that none of `labels` comes next, to be raised by the caller."""
        self._note(self.position, parse_errors.stopped(labels))
        return NoMatch()

    def refuse(self, ahead: int = 0) -> NoMatch:
        """The signal that the character so far ahead may not come there, to be raised by the caller."""
        place = self.position + ahead
        self._note(place + 1, parse_errors.unexpected(self.text[place]))
        return NoMatch()

    def accept(self, literal: str, label: str | None = None) -> bool:
        """Read `literal` if it comes next; say whether it did."""
        if self.text.startswith(literal, self.position):
            self.advance(len(literal))
            return True
        self._note(self.position, parse_errors.missed(literal, label))
        return False

    def expect(self, literal: str, label: str | None = None) -> None:
        """Read `literal`, or raise NoMatch."""
        if not self.accept(literal, label):
            raise NoMatch

    def string(self, literal: str) -> None:
        """Read `literal`, or raise NoMatch; a part of it counts as read."""
        if self.accept(literal):
            return
        place = self.position
        length = parse_errors.matching(literal, self.text, place)
        if length:
            self.advance(length)
            self._note(place, parse_errors.missed(literal))
        raise NoMatch

    def end(self) -> None:
        """Require the end of the text."""
        if self.at_end:
            self._note(self.position, parse_errors.stopped((_END,)))
            return
        refused = parse_errors.unexpected(self.peek())
        self._note(self.position, parse_errors.relabelled(refused, _END))
        raise NoMatch

    def take_while(self, wanted: Callable[[str], bool], *labels: str, quickly: re.Pattern[str] | None = None) -> str:
        """Read characters as long as they are wanted; `labels` say which these are.

        :param quickly: matches a run of wanted characters, so that few are left to be asked about one by one.
        """
        start = stop = self.position
        run = quickly.match(self.text, start) if quickly is not None else None
        if run is not None:
            stop = run.end()
        while stop < len(self.text) and wanted(self.text[stop]):
            stop += 1
        return self._taken(start, stop, labels)

    def take(self, pattern: re.Pattern[str], *labels: str) -> str:
        """Read what `pattern` matches here, possibly nothing."""
        match = pattern.match(self.text, self.position)
        return self._taken(self.position, self.position if match is None else match.end(), labels)

    def _taken(self, start: int, stop: int, labels: tuple[str, ...]) -> str:
        if stop > start:
            self.advance(stop - start)
        self._note(stop, parse_errors.stopped(labels))
        return self.text[start:stop]

    def skip_blanks(self) -> None:
        """Read spaces and tabs."""
        self.take(_BLANKS)

    def attempt(self, rule: Callable[[Scanner], T]) -> T | None:
        """What `rule` reads, or None with the position as it was. For rules that never yield None themselves."""
        start, place, notes = self.position, self._place, self._notes
        try:
            return rule(self)
        except NoMatch:
            if self.position != start:
                failed_at, failed = self._place, self._notes
                self.position, self._place, self._notes = start, place, notes
                self._note(failed_at, failed)
            return None

    def labelled(self, rule: Callable[[Scanner], T], label: str) -> T:
        """What `rule` reads; where it reads nothing, one label is told instead of all that it expected."""
        start, place, notes = self.position, self._place, self._notes
        self.forget()
        try:
            value = rule(self)
        except NoMatch:
            if self.position == start:
                self._merge(place, notes, parse_errors.relabelled(self._notes, label))
            raise
        if self.position == start:
            self._merge(place, notes, parse_errors.relabelled(self._notes, label) if self._notes else ())
        return value

    def _merge(self, place: int, notes: tuple[Note, ...], later: tuple[Note, ...]) -> None:
        later_place = self._place
        self._place, self._notes = place, notes
        self._note(later_place, later)

    def separated(self, rule: Callable[[Scanner], T], separator: Callable[[Scanner], bool]) -> list[T]:
        """What `rule` reads, once or more, with separators between."""
        values = [rule(self)]
        while separator(self):
            values.append(rule(self))
            self.forget()
        return values

    def error(self) -> RequestError:
        """PGRST100 with the furthest failure as its details."""
        line, column = parse_errors.line_and_column(self.text, self._place)
        details = parse_errors.details(self._notes, self.text, self._place)
        message = f'"{self._within}" (line {line}, column {column})'
        return RequestError(400, "PGRST100", message, details=details)


def read(text: str, rule: Callable[[Scanner], T], what: str, *, told: str | None = None) -> T:
    """What `rule` reads from the start of `text`; `what` names the parameter in the error.

    As in PostgREST, text after the end of the rule is not looked at: rules that need the end ask for it.

    :param told: what the error shows in place of `text`.
    :raises RequestError: PGRST100, where the rule does not apply.
    """
    scanner = Scanner(text, within=f"failed to parse {what} ({text if told is None else told})")
    try:
        return rule(scanner)
    except (NoMatch, RecursionError):
        raise scanner.error() from None
