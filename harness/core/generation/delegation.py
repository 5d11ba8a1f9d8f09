"""Delegation: the code that a method calls, followed as far as it is its author's own: record types and key names.

A mapping that a method only hands on says nothing of its keys where it is declared; the code that takes it does.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from harness.core.generation.functions import mentions

_DEPTH = 3
"""Calls deep"""
_MOST = 150
"""Functions that are looked at"""
_ATTRIBUTES = 2
"""Names after another: self.clients.find"""
_FOREIGN = ("site-packages", "dist-packages")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Delegated:
    """What was found in code that a method calls, the nearest first."""

    records: tuple[type, ...] = ()
    """pydantic models, dataclasses, TypedDicts and named tuples"""
    texts: tuple[tuple[str, ...], ...] = ()
    """Texts that are names, by how many calls deep they stand; the method's own are not among them"""


@dataclass(frozen=True, slots=True)
class _Followed:
    function: types.FunctionType
    owner: Any
    """What `self` is there, where that is known"""


def delegated(function: Any) -> Delegated:
    """Follow a function or bound method; nothing is called, and nothing of the standard library or installed."""
    plain = getattr(function, "__func__", function)
    if not inspect.isfunction(plain):
        return Delegated()
    home = (plain.__module__ or "").partition(".")[0]
    records: dict[type, None] = {}
    texts: list[tuple[str, ...]] = []
    level = [_Followed(plain, getattr(function, "__self__", None))]
    seen = {plain.__code__}
    for depth in range(_DEPTH + 1):
        if depth:
            texts.append(tuple(dict.fromkeys(text for each in level for text in mentions(each.function))))
        below = []
        for each in level:
            for found in _named(each, home):
                if isinstance(found, _Followed):
                    if found.function.__code__ not in seen and len(seen) < _MOST:
                        seen.add(found.function.__code__)
                        below.append(found)
                else:
                    records.setdefault(found)
        level = below if depth < _DEPTH else []
    return Delegated(tuple(records), tuple(each for each in texts if each))


def _named(followed: _Followed, home: str) -> Iterator[_Followed | type]:
    """The functions and record types that a function names, of its author's own."""
    function = followed.function
    names = _names(function.__code__)
    known = dict(inspect.getclosurevars(function).nonlocals) if function.__closure__ else {}
    known |= {name: function.__globals__[name] for name in names if name in function.__globals__}
    for annotation in _annotations(function):
        for name in _NAME.findall(annotation):
            if name in function.__globals__:
                known.setdefault(name, function.__globals__[name])
    reached = [each for each in (followed.owner, *known.values()) if each is not None]
    for found in reached[1:] if followed.owner is not None else reached:
        yield from _one(found, None, home)
    for _ in range(_ATTRIBUTES):
        attributes = [(each, found) for each in reached for found in _attributes(each, names, home)]
        for owner, found in attributes:
            yield from _one(found, owner, home)
        reached = [found for _, found in attributes]


def _names(code: types.CodeType) -> dict[str, None]:
    found = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _names(constant)
    return found


def _annotations(function: Any) -> list[str]:
    try:
        declared = dict(inspect.get_annotations(function))
    except Exception:  # noqa: BLE001 - code of the user's: an annotation that names what is not there
        return []
    return [each if isinstance(each, str) else getattr(each, "__name__", "") for each in declared.values()]


def _attributes(owner: Any, names: Iterable[str], home: str) -> Iterator[Any]:
    """What the names mean as attributes of something of the author's own; properties are not run."""
    if inspect.isroutine(owner) or not _own(owner, home):
        return
    for name in names:
        try:
            found = inspect.getattr_static(owner, name)
        except AttributeError:
            continue
        if isinstance(found, types.MemberDescriptorType):
            found = getattr(owner, name, None)
        if found is not None:
            yield found


def _one(found: Any, owner: Any, home: str) -> Iterator[_Followed | type]:
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    if isinstance(found, property):
        found = found.fget
    if inspect.ismethod(found):
        found, owner = found.__func__, found.__self__
    if not _own(found, home):
        return
    if inspect.isfunction(found):
        inner = inspect.unwrap(found)
        yield _Followed(inner if inspect.isfunction(inner) else found, owner)
    elif inspect.isclass(found):
        if is_record(found):
            yield found
        elif inspect.isfunction(made := found.__dict__.get("__init__")):
            yield _Followed(made, None)


def is_record(kind: type) -> bool:
    """Whether a class declares fields."""
    named = issubclass(kind, tuple) and hasattr(kind, "_fields")
    return typing.is_typeddict(kind) or dataclasses.is_dataclass(kind) or issubclass(kind, BaseModel) or named


def _own(found: Any, home: str) -> bool:
    """Whether something is of a package that is neither the standard library's nor installed, or of the method's."""
    if inspect.ismodule(found):
        module = found.__name__
    else:
        kind = found if inspect.isclass(found) or inspect.isroutine(found) else type(found)
        module = getattr(kind, "__module__", None) or ""
    top = module.partition(".")[0]
    if top and top == home:
        return True
    if not top or top in sys.stdlib_module_names:
        return False
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return bool(file) and not any(each in file for each in _FOREIGN)
