"""One question to a server through the client, and the outcome that PostgREST's documentation says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Client = Any
"""supabase.Client or supabase.AsyncClient: their builders have the same methods"""
Builder = Any
Ask = Callable[[Client], Builder]


@dataclass(frozen=True, slots=True)
class Answer:
    """What `execute` gave: the data, and the count where one was asked for."""

    data: Any
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An APIError with this code. Texts are not compared."""

    code: str | None


@dataclass(frozen=True, slots=True)
class NotSent:
    """An error of the client itself, by its type's name; nothing reached the server."""

    error: str


NO_RESPONSE = Answer("no response object")
"""`maybe_single` without a row: `execute` returns None instead of a response"""

Outcome = Answer | Refused | NotSent


@dataclass(frozen=True, slots=True)
class Case:
    """A question and its outcome.

    `stored` is a query and the rows that it gives afterwards; a case that has one may change rows, which
    are then put back.
    """

    name: str
    ask: Ask
    expected: Outcome
    stored: tuple[str, list[tuple[Any, ...]]] | None = None
    role: Literal["anon", "service_role"] = "service_role"


def gives(name: str, ask: Ask, data: Any, count: int | None = None) -> Case:
    """A case that is answered with data."""
    return Case(name, ask, Answer(data, count))


def refuses(name: str, ask: Ask, code: str | None) -> Case:
    """A case that is refused with a code."""
    return Case(name, ask, Refused(code))


def writes(
    name: str, ask: Ask, data: Any, stored: str, rows: Sequence[tuple[Any, ...]], count: int | None = None
) -> Case:
    """A case that changes rows: what is answered, and what a query then finds in the database."""
    return Case(name, ask, Answer(data, count), (stored, list(rows)))


def same(one: Any, other: Any) -> bool:
    """Whether two outcomes are equal in value and in type: 1, 1.0 and true are three different things."""
    return _text(one) == _text(other)


def _text(outcome: Any) -> str:
    if not isinstance(outcome, Answer):
        return repr(outcome)
    return json.dumps([outcome.data, outcome.count], sort_keys=True, ensure_ascii=False, default=repr)
