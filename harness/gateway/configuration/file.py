"""PostgREST's configuration file: keys with values, comments, groups, `import`, and `$(NAME)` inside strings.

The format is that of Haskell's configurator, which PostgREST uses
(https://docs.postgrest.org/en/v16/references/configuration.html#config-file).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import NoReturn

from harness.errors import ConfigurationError

Value = str | bool | Decimal | list["Value"]

_DEEPEST_IMPORT = 10
_BLANKS = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])")
_WORD = re.compile(r"(true|on|false|off)(?![A-Za-z0-9_-])")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DOLLAR = re.compile(r"\$(?:(\$)|\(([A-Za-z0-9_.-]+)\)|)")


class _Reader:
    """A file's text and a place in it."""

    def __init__(self, text: str, name: str, read: Callable[[str], str], depth: int) -> None:
        self.text, self.name, self.at, self.depth = text, name, 0, depth
        self._read = read

    def fail(self, message: str) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        raise ConfigurationError(
            f"{self.name}, line {line}: {message}",
            hint='A line is `key = "value"`, `key = 3` or `key = true`; behind # stands a comment.',
        )

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def skip(self) -> None:
        self.match(_BLANKS)

    def take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def pairs(self, prefix: str = "", end: str = "") -> Iterator[tuple[str, Value]]:
        """Every key with its value, up to the end of the file or of the group."""
        while True:
            self.skip()
            if end and self.take(end):
                return
            if self.at >= len(self.text):
                if end:
                    self.fail("a group that was opened with { is not closed")
                return
            key = self.match(_KEY) or self.fail("expected a key")
            self.skip()
            if key.group() == "import" and self.text.startswith('"', self.at):
                yield from self._imported(self._string(), prefix)
            elif self.take("{"):
                yield from self.pairs(f"{prefix}{key.group()}.", "}")
            elif self.take("="):
                self.skip()
                yield prefix + key.group(), self._value()
            else:
                self.fail(f"expected = behind {key.group()}")

    def _imported(self, name: str, prefix: str) -> Iterator[tuple[str, Value]]:
        if self.depth >= _DEEPEST_IMPORT:
            self.fail("files import one another without an end")
        yield from _Reader(self._read(name), name, self._read, self.depth + 1).pairs(prefix)

    def _value(self) -> Value:
        if self.text.startswith('"', self.at):
            return self._string()
        if self.take("["):
            return self._list()
        word = self.match(_WORD)
        if word is not None:
            return word.group(1) in ("true", "on")
        wanted = "expected a value: a string in double quotes, a number, true or false"
        return Decimal((self.match(_NUMBER) or self.fail(wanted)).group())

    def _list(self) -> list[Value]:
        items: list[Value] = []
        self.skip()
        while not self.take("]"):
            if items and not self.take(","):
                self.fail("expected , or ] in a list")
            self.skip()
            items.append(self._value())
            self.skip()
        return items

    def _string(self) -> str:
        found = self.match(_STRING)
        if found is None:
            self.fail('a string that was opened with " is not closed')

        def unescaped(escape: re.Match[str]) -> str:
            if escape.group(1) is not None:
                return chr(int(escape.group(1), 16))
            plain = _PLAIN_ESCAPES.get(escape.group(2))
            return plain if plain is not None else self.fail("unknown escape in a string")

        text = _ESCAPE.sub(unescaped, found.group()[1:-1])
        # characters beyond the basic plane are written as two halves
        return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


def parse(
    text: str, name: str, environment: Mapping[str, str], read: Callable[[str], str] | None = None
) -> dict[str, Value]:
    """The keys of a configuration file with their values; of a key that stands twice the last value.

    :param name: the file's, for messages.
    :param environment: what `$(NAME)` may name, besides the file's own keys.
    :param read: the text of a file that `import` names.
    :raises ConfigurationError: with the line; no value is shown.
    """

    def refused(imported: str) -> NoReturn:
        raise ConfigurationError(f"{name} imports {imported}, which cannot be read here", hint="Leave the import out.")

    values = dict(_Reader(text, name, read or refused, 0).pairs())

    def interpolated(key: str, value: str) -> str:
        def replaced(found: re.Match[str]) -> str:
            if found.group(1):
                return "$"
            wanted = found.group(2)
            if wanted is None:
                hint = "Write a $ that stands for itself as $$."
                raise ConfigurationError(f"{name}: the value of {key} has a single $", hint=hint)
            if wanted in values:
                return _shown(values[wanted])
            if wanted in environment:
                return environment[wanted]
            hint = "Set the variable, or write a $ that stands for itself as $$."
            raise ConfigurationError(f"{name}: {key} names $({wanted}), which is not set", hint=hint)

        return _DOLLAR.sub(replaced, value)

    return {key: interpolated(key, value) if isinstance(value, str) else value for key, value in values.items()}
