"""Bodies in CSV, read as PostgREST's parser reads them (RFC 4180, with a header line).

https://docs.postgrest.org/en/v16/references/api/tables_views.html#bulk-insert: the first line names the columns, an
empty field is an empty text, the word NULL is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_QUOTE, _COMMA, _LINE_FEED, _RETURN = b'",\n\r'
_ENDS_BARE_FIELD = frozenset((_QUOTE, _COMMA, _LINE_FEED, _RETURN))
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


class NotCsv(Exception):
    """Text that is no CSV; the message says where it ends to be, in the words of PostgREST's parser."""


def _shown(rest: bytes) -> str:
    """The unread rest as PostgREST shows it: a literal where it is short, its beginning where it is long."""
    if len(rest) > 100:
        return rest[:100].decode("latin-1") + " (truncated)"
    return '"' + "".join(_ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte}") for byte in rest) + '"'


@dataclass(slots=True)
class _Reader:
    body: bytes
    position: int = 0

    def peek(self) -> int | None:
        return self.body[self.position] if self.position < len(self.body) else None

    def fail(self, reason: str) -> NotCsv:
        return NotCsv(f"parse error ({reason}) at {_shown(self.body[self.position :])}")

    def expect(self, byte: int) -> None:
        """Step over one byte that has to be there."""
        found = self.peek()
        if found is None:
            raise self.fail("not enough input")
        if found != byte:
            raise self.fail("Failed reading: satisfy")
        self.position += 1

    def end_header(self) -> None:
        """The end of the header line: a line feed, a carriage return or both."""
        if self.peek() == _LINE_FEED:
            self.position += 1
        elif self.body.startswith(b"\r\n", self.position):
            self.position += 2
        else:
            self.expect(_RETURN)

    def fields(self) -> list[bytes]:
        """One line, up to its end."""
        found = [self._field()]
        while self.peek() == _COMMA:
            self.position += 1
            found.append(self._field())
        return found

    def _field(self) -> bytes:
        if self.peek() == _QUOTE:
            self.position += 1
            return self._quoted()
        start = self.position
        while self.position < len(self.body) and self.body[self.position] not in _ENDS_BARE_FIELD:
            self.position += 1
        return self.body[start : self.position]

    def _quoted(self) -> bytes:
        start, after_quote = self.position, False
        while self.position < len(self.body):
            if self.body[self.position] == _QUOTE:
                after_quote = not after_quote
            elif after_quote:
                break
            self.position += 1
        if self.position == start:
            raise self.fail("Failed reading: trailing double quote")
        # the last byte is taken for the closing quote unseen: a quote that is never closed costs a character
        escaped = self.body[start : self.position - 1]
        pieces = escaped.split(b'""')
        if any(b'"' in piece for piece in pieces):
            raise self.fail("Failed reading: insufficient input")
        return b'"'.join(pieces)


def _lines(reader: _Reader) -> list[list[bytes]]:
    """The lines below the header; empty ones are left out."""
    lines = [reader.fields()]
    while (byte := reader.peek()) in (_LINE_FEED, _RETURN):
        reader.position += 1
        if byte == _RETURN:
            reader.expect(_LINE_FEED)
        lines.append(reader.fields())
    if reader.peek() is not None:
        raise reader.fail("endOfInput")
    return [line for line in lines if line != [b""]]


def rows(body: bytes) -> Sequence[Mapping[str, str | None]]:
    """The rows of a CSV body by the names in its header line.

    A line with fewer fields lacks the last columns, of a longer one the rest is dropped.

    :raises NotCsv: for text that is no CSV, or not UTF-8.
    """
    reader = _Reader(body)
    header = reader.fields()
    reader.end_header()
    try:
        names = [name.decode("utf-8") for name in header]
        return [
            {
                name: None if field == b"NULL" else field.decode("utf-8")
                for name, field in zip(names, line, strict=False)
            }
            for line in _lines(reader)
        ]
    except UnicodeDecodeError:
        raise NotCsv("conversion error: the body is not UTF-8") from None
