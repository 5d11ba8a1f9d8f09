"""Values of several parts, and numbers of rows: documents, arrays, lists, limits, offsets, pages."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.generation.sampled import SampledColumn

MANY_IDS = 20_000


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value, what it is in words, and whether it is outside what the method is for."""

    words: str
    value: Any
    bad: bool = False
    first: bool = False
    """To be tried once for every argument before anything else is tried twice"""


def documents(value: Any) -> Iterator[Value]:
    """Other JSON documents: replaced, not merged; nested; empty."""
    yield Value("another document", {"other": {"nested": [1, {"a": None}]}, "text": "ж'\""})
    if isinstance(value, dict) and value:
        first = sorted(value)[0]
        yield Value("a document with one key less", {key: each for key, each in value.items() if key != first})
        yield Value("a document with one key more", {**value, "more": 1})
        yield Value("a document with an empty value", {**value, first: None})
    yield Value("an empty document", {})
    yield Value("a list as document", [1, "a", None])
    yield from lists_in(value)


def lists_in(value: Any) -> Iterator[Value]:
    """A document with its first list changed, or itself changed where it is a list."""
    if isinstance(value, list):
        yield from arrays(value)
    if isinstance(value, dict):
        name = next((key for key in sorted(value) if isinstance(value[key], list) and value[key]), None)
        if name is not None:
            yield from (
                Value(f"a document with a list {each.words}", {**value, name: each.value})
                for each in arrays(value[name])
            )


def arrays(value: Any, labels: Sequence[str] = ()) -> Iterator[Value]:
    """The same array in another order, shorter, empty, with a value twice, with NULL; of an enum: with other labels."""
    if isinstance(value, list) and value:
        yield Value("in another order", value[::-1] if value[::-1] != value else [*value, value[0]])
        yield Value("with a value twice", [*value, value[0]])
        yield Value("shorter", value[:-1])
        yield Value("with NULL in it", [*value, None])
    yield Value("of nothing", [])
    if labels:
        there = value if isinstance(value, list) else []
        others = [each for each in labels if each not in there]
        if others:
            yield Value("with another label", [*there, others[0]])
        yield Value("of every label", list(labels))
        yield Value("with a value that is no label", [*there, "no_such_label"], bad=True)


def limits(rows: int) -> Iterator[Value]:
    """Numbers of rows to ask for, around those that there are."""
    yield Value("1", 1)
    yield Value("2", 2)
    yield Value("one more than there are rows", rows + 1)
    if rows > 2:
        yield Value("one less than there are rows", rows - 1)
        yield Value("as many as there are rows", rows)
    yield Value("0", 0)
    yield Value("-1", -1, bad=True)
    yield Value("3", 3)
    yield Value("10,000", 10_000)


def offsets(rows: int) -> Iterator[Value]:
    """Numbers of rows to skip."""
    yield Value("1", 1)
    yield Value("2", 2)
    if rows > 3:
        yield Value("one less than there are rows", rows - 1)
    yield Value("as many as there are rows", rows)
    yield Value("0", 0)
    yield Value("-1", -1, bad=True)


def pages() -> Iterator[Value]:
    """Numbers of pages."""
    yield Value("2", 2)
    yield Value("1", 1)
    yield Value("3", 3)
    yield Value("0", 0, bad=True)
    yield Value("-1", -1, bad=True)


def listed(items: Sequence[Any], missing: Any, *, nulls: bool) -> Iterator[Value]:
    """Lists of values, one at least: `items` are those of rows that are there."""
    some = list(items[:4])
    yield Value("of several values", some)
    yield Value("of several values in another order", some[::-1])
    yield Value("of nothing", [])
    if some:
        yield Value("of one value", some[:1])
        yield Value("with a value twice", [some[-1], some[0], some[-1]])
        if missing is not None:
            yield Value("with a missing value", [some[0], missing])
    if missing is not None:
        yield Value("of a missing value alone", [missing])
    if nulls and some:
        yield Value("with NULL", [some[0], None])
    if len(items) > 4:
        yield Value("of all values", list(items[:300]))


def many_ids(column: SampledColumn, missing: Any) -> Iterator[Value]:
    """So many ids from a missing one on that no server takes them in a URL: core/long_requests.py says what that is."""
    if column.family == "integer" and isinstance(missing, int) and missing + MANY_IDS < 2**column.bits:
        yield Value(f"of {MANY_IDS:,} values", list(range(missing, missing + MANY_IDS)), bad=True)
    if column.family == "uuid" and isinstance(missing, str):
        yield Value(f"of {MANY_IDS:,} values", list(_uuids(missing)), bad=True)


@functools.lru_cache(maxsize=2)
def _uuids(first: str) -> tuple[str, ...]:
    """The UUID and those that come next, for they are made again each time that something is chosen by chance."""
    number = uuid.UUID(first).int
    return tuple(str(uuid.UUID(int=(number + step) % 2**128)) for step in range(MANY_IDS))
