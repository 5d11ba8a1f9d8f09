"""The types that a parameter can have: a small algebra, whatever language they were declared in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ScalarKind = Literal[
    "integer", "number", "decimal", "text", "boolean", "date", "datetime", "time", "interval", "uuid", "bytes"
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value of a kind that PostgreSQL has too."""

    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these values: a Literal's, or the members of an Enum."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing is declared."""


@dataclass(frozen=True, slots=True)
class OptionalOf:
    """A value, or None."""

    of: ParameterType


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of these types."""

    of: tuple[ParameterType, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values; `make` turns a list into what the method wants (list, tuple, set)."""

    of: ParameterType
    make: Callable[[list[Any]], Any] = field(default=list, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. A field that is not required may be left out."""

    name: str
    type: ParameterType = Anything()
    required: bool = True


@dataclass(frozen=True, slots=True)
class RecordOf:
    """Values by name; `fields` is None where only the method knows them. `make` turns a mapping into what it wants."""

    fields: tuple[Field, ...] | None = None
    values: ParameterType | None = None
    """The type of every value, where only that is declared (dict[str, int])"""
    make: Callable[[Mapping[str, Any]], Any] = field(default=dict, compare=False, repr=False)


ParameterType = Scalar | Choice | OptionalOf | Either | ListOf | RecordOf | Anything

ANYTHING = Anything()
INTEGER = Scalar("integer")
NUMBER = Scalar("number")
DECIMAL = Scalar("decimal")
TEXT = Scalar("text")
BOOLEAN = Scalar("boolean")
DATE = Scalar("date")
DATETIME = Scalar("datetime")
TIME = Scalar("time")
INTERVAL = Scalar("interval")
UUID_VALUE = Scalar("uuid")
BYTES = Scalar("bytes")


def bare(type_: ParameterType) -> ParameterType:
    """The type without 'or None', and of several types the first that is not nothing."""
    while isinstance(type_, OptionalOf | Either):
        type_ = type_.of if isinstance(type_, OptionalOf) else type_.of[0]
    return type_


def takes_none(type_: ParameterType) -> bool:
    """Whether None is among the declared values."""
    if isinstance(type_, Either):
        return any(takes_none(each) for each in type_.of)
    return isinstance(type_, OptionalOf) or (isinstance(type_, Choice) and None in type_.values)
