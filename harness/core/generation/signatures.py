"""A method's signature: its parameters by name, and how they are read from a Python function's annotations."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import inspect
import types
import typing
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from harness.core.generation.delegation import delegated
from harness.core.generation.functions import mentions, uncovered
from harness.core.generation.parameter_types import (
    ANYTHING,
    BOOLEAN,
    BYTES,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    INTERVAL,
    NUMBER,
    TEXT,
    TIME,
    UUID_VALUE,
    Anything,
    Choice,
    Either,
    Field,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
    bare,
)

_SCALARS: dict[Any, ParameterType] = {
    bool: BOOLEAN,
    int: INTEGER,
    float: NUMBER,
    decimal.Decimal: DECIMAL,
    str: TEXT,
    bytes: BYTES,
    dt.datetime: DATETIME,
    dt.date: DATE,
    dt.time: TIME,
    dt.timedelta: INTERVAL,
    uuid.UUID: UUID_VALUE,
}
_LISTS = (list, tuple, set, frozenset)

_KNOWN_NAMES: dict[str, Any] = {
    **{name: getattr(typing, name) for name in typing.__all__ if not name.startswith("_")},
    **{each.__name__: each for each in (decimal.Decimal, uuid.UUID)},
    **{each.__name__: each for each in (dt.datetime, dt.date, dt.time, dt.timedelta)},
    "dt": dt,
    "datetime": dt,
    "uuid": uuid,
    "decimal": decimal,
    "typing": typing,
}
"""What an annotation may name though its module imports it for type checkers only"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, always given by name. `default` means something only where `required` is False."""

    name: str
    type: ParameterType = ANYTHING
    required: bool = True
    default: Any = None
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class MethodSignature:
    """One public method. `open_ended`: it takes further arguments by any name (**filters)."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    open_ended: bool = False
    mentions: tuple[str, ...] = ()
    """Names that stand as texts in its code: those of the keys that it looks for in a mapping may be among them"""
    keys: tuple[tuple[Field, ...], ...] = ()
    """Guesses at the fields of a mapping that declares none, the likeliest first: see `delegation`"""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((each for each in self.parameters if each.name == name), None)


def signature_of(function: Callable[..., Any], name: str = "") -> MethodSignature:
    """The parameters of a function or bound method that can be given by name.

    Where there is no annotation the default's type is taken; where an annotation cannot be resolved, anything is.
    A decorator that hides the function's parameters behind *args and **kwargs is looked through.
    """
    function = uncovered(function)
    name = name or getattr(function, "__name__", "")
    try:
        declared = inspect.signature(function)
    except (TypeError, ValueError):
        return MethodSignature(name, open_ended=True)
    hints = _hints(function, declared)
    parameters = tuple(
        _parameter(each, hints.get(each.name, inspect.Parameter.empty))
        for each in declared.parameters.values()
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    )
    open_ended = any(each.kind is each.VAR_KEYWORD for each in declared.parameters.values())
    return MethodSignature(name, parameters, open_ended, mentions(function), _guessed_keys(function, parameters))


def _guessed_keys(function: Any, parameters: Iterable[Parameter]) -> tuple[tuple[Field, ...], ...]:
    """The fields of record types that the method's code names, then the names in the code that it calls."""
    inner = [bare(each.type) for each in parameters]
    if not any(isinstance(each, Anything) or (isinstance(each, RecordOf) and each.fields is None) for each in inner):
        return ()
    found = delegated(function)
    records = [bare(type_of_annotation(each)) for each in found.records]
    declared = [each.fields for each in records if isinstance(each, RecordOf) and each.fields]
    return (*declared, *(tuple(Field(name, required=False) for name in each) for each in found.texts))


def type_of_annotation(annotation: Any) -> ParameterType:
    """An annotation that was resolved, as a parameter type."""
    return _type(annotation, frozenset())


def type_of_value(value: Any) -> ParameterType:
    """What a default value says of its parameter."""
    if value is None:
        return OptionalOf(ANYTHING)
    if isinstance(value, enum.Enum):
        return Choice(tuple(type(value)))
    if isinstance(value, _LISTS):
        first = next(iter(value), None)
        return ListOf(ANYTHING if first is None else type_of_value(first), type(value))
    if isinstance(value, Mapping):
        return RecordOf()
    return _SCALARS.get(type(value), ANYTHING)


def _parameter(parameter: inspect.Parameter, annotation: Any) -> Parameter:
    required = parameter.default is inspect.Parameter.empty
    default = None if required else parameter.default
    if annotation is inspect.Parameter.empty:
        type_ = ANYTHING if required else type_of_value(default)
    else:
        type_ = type_of_annotation(annotation)
        if not required and default is None and not isinstance(type_, OptionalOf):
            type_ = OptionalOf(type_)
    return Parameter(parameter.name, type_, required, default, parameter.kind is inspect.Parameter.KEYWORD_ONLY)


def _hints(function: Callable[..., Any], declared: inspect.Signature) -> dict[str, Any]:
    """The annotations by parameter, each resolved for itself: one that cannot be leaves the others readable."""
    plain = getattr(function, "__func__", function)
    namespace = _KNOWN_NAMES | getattr(inspect.unwrap(plain), "__globals__", {})
    return {
        each.name: _resolved(each.annotation, namespace)
        for each in declared.parameters.values()
        if each.annotation is not inspect.Parameter.empty
    }


def _resolved(annotation: Any, namespace: Mapping[str, Any]) -> Any:
    holder = types.SimpleNamespace(__annotations__={"value": annotation})
    try:
        return typing.get_type_hints(holder, dict(namespace), include_extras=True)["value"]
    except Exception:  # noqa: BLE001 - an annotation may raise whatever evaluating it raises
        return Any


def _type(annotation: Any, inside: frozenset[Any]) -> ParameterType:
    if annotation in (None, type(None)):
        return OptionalOf(ANYTHING)
    while hasattr(annotation, "__supertype__"):  # NewType
        annotation = annotation.__supertype__
    if hasattr(annotation, "__value__"):  # type X = …
        annotation = annotation.__value__
    if isinstance(annotation, typing.TypeVar):
        annotation = annotation.__bound__ or Any
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Annotated, typing.Required, typing.NotRequired, typing.Final):
        return _type(arguments[0], inside)
    if origin is Literal:
        return Choice(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments, inside)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    plain = origin or annotation
    return _compound(plain, arguments, inside) if isinstance(plain, type) else ANYTHING


def _union(arguments: tuple[Any, ...], inside: frozenset[Any]) -> ParameterType:
    given = tuple(dict.fromkeys(_type(each, inside) for each in arguments if each is not type(None)))
    type_ = given[0] if len(given) == 1 else Either(given)
    return OptionalOf(type_) if type(None) in arguments else type_


def _compound(plain: type, arguments: tuple[Any, ...], inside: frozenset[Any]) -> ParameterType:
    if issubclass(plain, enum.Enum):
        return Choice(tuple(plain))
    if plain in inside:
        return RecordOf()
    if typing.is_typeddict(plain) or dataclasses.is_dataclass(plain) or issubclass(plain, BaseModel):
        return _record(plain, inside | {plain})
    if hasattr(plain, "_fields") and issubclass(plain, tuple):
        return _record(plain, inside | {plain})
    if issubclass(plain, Mapping):
        return RecordOf(values=_type(arguments[1], inside) if len(arguments) == 2 else None)
    for scalar, type_ in _SCALARS.items():
        if issubclass(plain, scalar) and plain is not object:
            return type_
    if issubclass(plain, Collection | Iterable):
        return _list(plain, arguments, inside)
    return ANYTHING


def _list(plain: type, arguments: tuple[Any, ...], inside: frozenset[Any]) -> ParameterType:
    make: Callable[[list[Any]], Any] = list
    if issubclass(plain, tuple):
        make = tuple
    elif issubclass(plain, Set):
        make = frozenset if issubclass(plain, frozenset) else set
    wanted = [each for each in arguments if each is not Ellipsis]
    if issubclass(plain, tuple) and len(wanted) > 1:
        fields = tuple(Field(str(at), _type(each, inside)) for at, each in enumerate(wanted))
        return RecordOf(fields, make=lambda values: tuple(values.values()))
    return ListOf(_type(wanted[0], inside) if wanted else ANYTHING, make)


def _record(plain: Any, inside: frozenset[Any]) -> ParameterType:
    try:
        hints = typing.get_type_hints(plain, localns=_KNOWN_NAMES, include_extras=True)
    except Exception:  # noqa: BLE001 - as above
        hints = {}
    if typing.is_typeddict(plain):
        return RecordOf(
            tuple(Field(name, _type(each, inside), _needed(plain, name, each)) for name, each in hints.items())
        )
    if dataclasses.is_dataclass(plain):
        fields = tuple(
            Field(each.name, _type(hints.get(each.name, Any), inside), _without_default(each))
            for each in dataclasses.fields(plain)
            if each.init
        )
    elif issubclass(plain, BaseModel):
        fields = tuple(
            Field(each.alias or name, _type(each.annotation, inside), each.is_required())
            for name, each in plain.model_fields.items()
        )
    else:
        defaults = getattr(plain, "_field_defaults", {})
        fields = tuple(Field(name, _type(hints.get(name, Any), inside), name not in defaults) for name in plain._fields)
    return RecordOf(fields, make=_maker(plain))


def _needed(plain: Any, name: str, annotation: Any) -> bool:
    """Whether a TypedDict's key has to be there; its own list knows no Required of an annotation that is a text."""
    origin = typing.get_origin(annotation)
    return origin is typing.Required or (origin is not typing.NotRequired and name in plain.__required_keys__)


def _maker(plain: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: plain(**values)


def _without_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
