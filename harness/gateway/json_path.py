"""JSONPath (RFC 9535) as PostgREST takes it in jwt-role-claim-key: every selector, and the one function `search()`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.gateway.json_path_filters import Query, Test, condition
from harness.gateway.json_path_reading import JsonPathError, Reader, string

__all__ = ["JsonPath", "JsonPathError", "parse"]

_Selector = Callable[[Any, Any], Iterator[Any]]

_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A query that was parsed once and may be asked often."""

    text: str
    query: Query

    def first(self, document: Any) -> tuple[Any] | None:
        """The first node that the query finds, in a tuple of its own so that null can be told from nothing."""
        found = self.query(document, document)
        return (found[0],) if found else None


def parse(text: str) -> JsonPath:
    """The query that a text writes.

    :raises JsonPathError: where the text is none.
    """
    reader = Reader(text)
    reader.expect("$")
    query = _segments(reader, True)
    if reader.at < len(text):
        reader.fail("the end")
    return JsonPath(text, query)


def _segments(reader: Reader, from_root: bool) -> Query:
    segments: list[tuple[bool, list[_Selector]]] = []
    while True:
        start = reader.at
        reader.skip()
        if reader.take(".."):
            selectors = _bracketed(reader) if reader.take("[") else [_shorthand(reader)]
            segments.append((True, selectors))
        elif reader.take("."):
            segments.append((False, [_shorthand(reader)]))
        elif reader.take("["):
            segments.append((False, _bracketed(reader)))
        else:
            reader.at = start
            break

    def run(root: Any, current: Any) -> list[Any]:
        nodes = [root if from_root else current]
        for descends, selectors in segments:
            reached = [below for node in nodes for below in _descendants(node)] if descends else nodes
            nodes = [found for node in reached for selector in selectors for found in selector(root, node)]
        return nodes

    return run


def _descendants(node: Any) -> Iterator[Any]:
    yield node
    for child in _children(node):
        yield from _descendants(child)


def _children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def _wildcard(_root: Any, node: Any) -> Iterator[Any]:
    yield from _children(node)


def _named(name: str) -> _Selector:
    def select(_root: Any, node: Any) -> Iterator[Any]:
        if isinstance(node, dict) and name in node:
            yield node[name]

    return select


def _shorthand(reader: Reader) -> _Selector:
    if reader.take("*"):
        return _wildcard
    return _named(reader.match(_NAME) or reader.fail("a name"))


def _bracketed(reader: Reader) -> list[_Selector]:
    selectors: list[_Selector] = []
    while True:
        reader.skip()
        selectors.append(_selector(reader))
        reader.skip()
        if reader.take("]"):
            return selectors
        reader.expect(",")


def _selector(reader: Reader) -> _Selector:
    if reader.take("*"):
        return _wildcard
    if reader.peek() in ("'", '"'):
        return _named(string(reader))
    if reader.take("?"):
        reader.skip()
        return _filtering(condition(reader, _segments))
    return _positions(reader)


def _positions(reader: Reader) -> _Selector:
    bounds = [reader.match(_INTEGER)]
    while len(bounds) < 3:
        start = reader.at
        reader.skip()
        if not reader.take(":"):
            reader.at = start
            break
        reader.skip()
        bounds.append(reader.match(_INTEGER))
    numbers = [None if bound is None else int(bound) for bound in bounds]
    if len(numbers) == 1:
        return _index(numbers[0] if numbers[0] is not None else reader.fail("a selector"))
    if numbers[2:] == [0]:
        return _slice(slice(0, 0))
    return _slice(slice(*numbers))


def _index(index: int) -> _Selector:
    def select(_root: Any, node: Any) -> Iterator[Any]:
        if isinstance(node, list) and -len(node) <= index < len(node):
            yield node[index]

    return select


def _slice(bounds: slice) -> _Selector:
    def select(_root: Any, node: Any) -> Iterator[Any]:
        if isinstance(node, list):
            yield from node[bounds]

    return select


def _filtering(test: Test) -> _Selector:
    def select(root: Any, node: Any) -> Iterator[Any]:
        yield from (child for child in _children(node) if test(root, child))

    return select
