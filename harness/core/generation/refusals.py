"""Refusals: the names in the error of a call that was refused: of keys that it lacks, and of those it does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.core.likeness import opened
from harness.core.observations import Observation, envelope_of

_QUOTED = re.compile(r"""['"`]([A-Za-z_]\w*)['"`]""")
_BEFORE_COLON = re.compile(r"(?:^|[\s.,;\]])([A-Za-z_]\w*)\s*(?:\n\s+|:\s)")
_COMPOUND = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)\b")
_NOT_TAKEN = re.compile(
    r"unknown|extra|unexpected|not (?:permitted|allowed|supported|accepted|a field)|no such|unsupported|unrecogni",
    re.IGNORECASE,
)
_LONGEST = 4000
"""Characters of an error that are read"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Names in an error. They may be anything: whoever uses them looks whether they are columns' names."""

    wanted: tuple[str, ...] = ()
    """Named, and not given"""
    excess: tuple[str, ...] = ()
    """Given, and said to be unknown"""


def refusal_of(observation: Observation, given: Mapping[str, Any]) -> Refusal:
    """What the error of a call says of names; nothing where it succeeded."""
    if observation.error is None:
        return Refusal()
    keys = set(_keys(given))
    wanted: dict[str, None] = {}
    excess: dict[str, None] = {}
    for part in _parts(_text(observation)):
        names = [name for form in (_QUOTED, _BEFORE_COLON, _COMPOUND) for name in form.findall(part)]
        not_taken = _NOT_TAKEN.search(part) is not None
        for name in names:
            if name not in keys and not not_taken:
                wanted.setdefault(name)
            elif name in keys and name not in given and not_taken:
                excess.setdefault(name)
    return Refusal(tuple(wanted), tuple(excess))


def _text(observation: Observation) -> str:
    if observation.exception is not None:
        return f"{observation.exception!s}"[:_LONGEST]
    envelope = envelope_of(observation.answer)
    return "" if envelope is None else ". ".join(_texts(envelope.get("error")))[:_LONGEST]


def _texts(error: Any) -> Iterator[str]:
    """The texts of an error that are more than a word: its kind and its code name nothing."""
    _, plain = opened(error)
    if isinstance(plain, dict | list):
        for each in plain.values() if isinstance(plain, dict) else plain:
            yield from _texts(each)
    elif plain is not None and " " in str(plain):
        yield str(plain)


def _parts(text: str) -> Iterator[str]:
    """A name and what is said of it: sentences, or a line and the indented one below it."""
    yield from re.split(r";|\.\s|\.$|\n(?!\s)", text)


def _keys(given: Any) -> Iterator[str]:
    if isinstance(given, dict):
        for name, value in given.items():
            yield str(name)
            yield from _keys(value)
    elif isinstance(given, list):
        for each in given[:3]:
            yield from _keys(each)
