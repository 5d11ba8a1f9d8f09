"""Which methods and parameters the builders of the client have, and which of them the cases use: both are measured."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

_HERE = str(Path(__file__).parent)
Key = tuple[str, str]
Functions = dict[Key, inspect.Signature]
"""Functions by file and qualified name"""
Part = str
"""`Class.method`, or `Class.method(parameter)` where the parameter was given another value than its default"""


def _function(attribute: object) -> Callable[..., Any] | None:
    if isinstance(attribute, property):
        attribute = attribute.fget
    if isinstance(attribute, (staticmethod, classmethod)):
        attribute = attribute.__func__
    return inspect.unwrap(attribute) if inspect.isfunction(attribute) else None


def builders(modules: Iterable[ModuleType]) -> list[type]:
    """The classes of builders and clients that the modules define."""
    return [
        kind
        for module in modules
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and name.endswith(("Builder", "Client"))
    ]


def _key(code: CodeType) -> Key:
    # not the code itself: two of the same bytecode on the same line of two files are equal
    return code.co_filename, code.co_qualname


def public_functions(kinds: Iterable[type]) -> Functions:
    """The public methods and properties of classes, inherited ones once."""
    functions = (
        _function(inspect.getattr_static(kind, name))
        for kind in kinds
        for name in dir(kind)
        if not name.startswith("_")
    )
    return {_key(function.__code__): inspect.signature(function) for function in functions if function is not None}


def _parameters(signature: inspect.Signature) -> Iterator[inspect.Parameter]:
    return (parameter for name, parameter in signature.parameters.items() if name != "self")


def parts(functions: Functions) -> set[Part]:
    """All that can be used of the functions: each of them, and each of its parameters that has a default."""
    return {
        part
        for (_, name), signature in functions.items()
        for part in (
            name,
            *(f"{name}({one.name})" for one in _parameters(signature) if one.default is not one.empty),
        )
    }


@contextmanager
def recorded(functions: Functions) -> Iterator[set[Part]]:
    """The parts that are used within `with`: called from a case, not by another method of the client."""
    used: set[Part] = set()

    def look(frame: FrameType, event: str, _: object) -> None:
        signature = functions.get(_key(frame.f_code)) if event == "call" else None
        if signature is None or not _called_by_a_case(frame):
            return
        used.add(frame.f_code.co_qualname)
        for parameter in _parameters(signature):
            if parameter.default is not parameter.empty and frame.f_locals[parameter.name] != parameter.default:
                used.add(f"{frame.f_code.co_qualname}({parameter.name})")

    sys.setprofile(look)
    try:
        yield used
    finally:
        sys.setprofile(None)


def _called_by_a_case(frame: FrameType) -> bool:
    """Also through a decorator, as that of deprecated methods."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_filename.endswith("deprecation.py"):
        caller = caller.f_back
    return caller is not None and caller.f_code.co_filename.startswith(_HERE)
