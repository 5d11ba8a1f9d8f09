"""The filters of a JSONPath (RFC 9535, section 2.3.5): comparisons, tests of existence, and `search()`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.gateway.json_path_reading import Reader, string

Query = Callable[[Any, Any], list[Any]]
"""From the root and the current node to the nodes that are found."""
Test = Callable[[Any, Any], bool]
Value = Callable[[Any, Any], Any]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_OPERATORS = ("==", "!=", "<=", ">=", "<", ">")
_WORDS = {"true": True, "false": False, "null": None}
_NOTHING = object()


def condition(reader: Reader, query: Callable[[Reader, bool], Query]) -> Test:
    """The condition that stands behind a question mark.

    :param query: reads the segments of a query, which starts at the root or at the current node.
    """
    return _Conditions(reader, query).either()


@dataclass(frozen=True, slots=True)
class _Conditions:
    """Reads conditions from a text."""

    reader: Reader
    query: Callable[[Reader, bool], Query]

    def either(self) -> Test:
        """Conditions, of which one has to hold."""
        tests = [self._both()]
        while self._operator("||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda root, node: any(test(root, node) for test in tests)

    def _both(self) -> Test:
        tests = [self._basic()]
        while self._operator("&&"):
            tests.append(self._basic())
        return tests[0] if len(tests) == 1 else lambda root, node: all(test(root, node) for test in tests)

    def _operator(self, token: str) -> bool:
        reader = self.reader
        start = reader.at
        reader.skip()
        if reader.take(token):
            reader.skip()
            return True
        reader.at = start
        return False

    def _basic(self) -> Test:
        reader = self.reader
        if reader.take("!"):
            reader.skip()
            negated = self._basic()
            return lambda root, node: not negated(root, node)
        if reader.take("("):
            reader.skip()
            inner = self.either()
            reader.skip()
            reader.expect(")")
            return inner
        if reader.take("search("):
            return self._search()
        value, query = self._comparable()
        for operator in _OPERATORS:
            if self._operator(operator):
                return _comparison(value, operator, self._comparable()[0])
        if query is None:
            reader.fail("a comparison")
        return lambda root, node: bool(query(root, node))

    def _comparable(self) -> tuple[Value, Query | None]:
        """A literal or a query; for a query that as well, because it alone is a test of existence."""
        reader = self.reader
        if reader.peek() in ("@", "$"):
            from_root = reader.take("$") or not reader.take("@")
            query = self.query(reader, from_root)

            def single(root: Any, node: Any) -> Any:
                found = query(root, node)
                return found[0] if found else _NOTHING

            return single, query
        literal: Any
        if reader.peek() in ("'", '"'):
            literal = string(reader)
        elif (number := reader.match(_NUMBER)) is not None:
            literal = json.loads(number)
        else:
            word = next((word for word in _WORDS if reader.take(word)), None) or reader.fail("a value")
            literal = _WORDS[word]
        return (lambda _root, _node: literal), None

    def _search(self) -> Test:
        reader = self.reader
        reader.skip()
        subject = self._comparable()[0]
        reader.skip()
        reader.expect(",")
        reader.skip()
        pattern = self._comparable()[0]
        reader.skip()
        reader.expect(")")

        def test(root: Any, node: Any) -> bool:
            text, wanted = subject(root, node), pattern(root, node)
            if not isinstance(text, str) or not isinstance(wanted, str):
                return False
            try:
                return re.search(wanted, text) is not None
            except re.error:
                return False

        return test


def _kind(value: Any) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _comparison(left: Value, operator: str, right: Value) -> Test:
    def test(root: Any, node: Any) -> bool:
        one, other = left(root, node), right(root, node)
        equal = one is other or (_kind(one) == _kind(other) and bool(one == other))
        ordered = _kind(one) == _kind(other) in ("number", "str")
        return {
            "==": lambda: equal,
            "!=": lambda: not equal,
            "<": lambda: ordered and bool(one < other),
            ">": lambda: ordered and bool(one > other),
            "<=": lambda: equal or (ordered and bool(one < other)),
            ">=": lambda: equal or (ordered and bool(one > other)),
        }[operator]()

    return test
