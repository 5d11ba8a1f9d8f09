"""What a data layer declares of its methods: whether they read or write, their module, and what a call is keyed by."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from harness.errors import ConfigurationError

F = TypeVar("F", bound=Callable[..., Any])

_DECLARATION: Final = "__datalayer_method__"
_CLOSING: Final = frozenset({"close", "aclose"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The declaration of a method, and the decorator that makes it."""

    module: str
    writes: bool
    key: str | None = None
    """The argument that says whose call it is, dotted into objects: `company_id`, `data.company_id`. Of a list every
    element has to have the same one. A user is kept on one backend by it, and writes of one key stay in their order."""
    ordered: bool = True
    """False: lists of the answer are compared as multisets"""
    ignore: frozenset[str] = frozenset()
    """Fields of the answer's rows that are not compared: times of writing, generated numbers"""
    plain_arguments: frozenset[str] = frozenset()
    """Arguments that are no personal data and may be written down as they are, where that is asked for"""

    def __call__(self, function: F) -> F:
        """Declare a function; it stays what it is."""
        setattr(function, _DECLARATION, self)
        return function


def reads(
    module: str,
    *,
    key: str | None = None,
    ordered: bool = True,
    ignore: Collection[str] = (),
    plain_arguments: Collection[str] = (),
) -> Method:
    """Declare a method that changes nothing: it may be asked of the secondary as well."""
    return Method(
        module=module,
        writes=False,
        key=key,
        ordered=ordered,
        ignore=frozenset(ignore),
        plain_arguments=frozenset(plain_arguments),
    )


def writes(module: str, *, key: str | None = None, ordered: bool = True, ignore: Collection[str] = ()) -> Method:
    """Declare a method that changes rows: with dual write it is repeated on the secondary."""
    return Method(module=module, writes=True, key=key, ordered=ordered, ignore=frozenset(ignore))


def public_methods(layer: object) -> frozenset[str]:
    """The names of a data layer's methods: callable, with no leading underscore, not close or aclose."""
    return frozenset(
        name
        for name in dir(type(layer))
        if not name.startswith("_") and name not in _CLOSING and inspect.isroutine(getattr(type(layer), name, None))
    )


def declarations(layer: object) -> dict[str, Method]:
    """The declared methods of a layer; one that overrides a declared method keeps its declaration."""
    found: dict[str, Method] = {}
    for name in public_methods(layer):
        for kind in type(layer).__mro__:
            declared = getattr(vars(kind).get(name), _DECLARATION, None)
            if isinstance(declared, Method):
                found[name] = declared
                break
    return found


def agreed_methods(layers: Mapping[Any, object], table: Mapping[str, Method] | None = None) -> dict[str, Method]:
    """The declaration of every public method of the backends.

    `layers` by the word that they are told apart with (source, target); `table` declares what the layers do not.
    ConfigurationError, naming every method: one that only one backend has, is not declared, is declared in two ways,
    or is a coroutine on one backend alone.
    """
    methods = {word: public_methods(layer) for word, layer in layers.items()}
    everything = frozenset().union(*methods.values())
    wrong = [
        f"{name}: the {word} has no such method"
        for name in sorted(everything)
        for word, names in methods.items()
        if name not in names
    ]
    agreed: dict[str, Method] = {}
    tables = [*(declarations(layer) for layer in layers.values()), dict(table or {})]
    for name in sorted(everything):
        said = [declared[name] for declared in tables if name in declared]
        if not said:
            wrong.append(f"{name}: neither reads nor writes is declared")
        elif any(other != said[0] for other in said):
            wrong.append(f"{name}: is declared in two ways")
        else:
            agreed[name] = said[0]
        kinds = {inspect.iscoroutinefunction(getattr(layer, name, None)) for layer in layers.values()}
        if len(kinds) > 1 and all(name in names for names in methods.values()):
            wrong.append(f"{name}: is a coroutine on one backend alone")
    wrong += [f"{name}: is declared, and no backend has it" for name in sorted(set(table or {}) - everything)]
    if wrong:
        raise ConfigurationError(
            f"The backends cannot stand in for one another: {'; '.join(wrong)}.",
            hint="Give both backends the same methods, each declared with @reads(module) or @writes(module).",
        )
    return agreed


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names that positional arguments of a bound method have."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in inspect.signature(function).parameters.items() if each.kind in positional)


def keyword_names(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a bound method's arguments that are given by name alone."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return frozenset(name for name, each in inspect.signature(function).parameters.items() if each.kind is keyword)


def named_arguments(names: Sequence[str], args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
    """The arguments of a call by name; surplus ones, which the call itself refuses, are left out."""
    return {**dict(zip(names, args, strict=False)), **kwargs}


def key_of(path: str | None, arguments: Mapping[str, object]) -> object:
    """The value that a call is keyed by; None where there is none, several, or none that a text can be made of."""
    if path is None:
        return None
    value: object = arguments
    for part in path.split("."):
        if isinstance(value, list):
            found = [each.get(part) if isinstance(each, Mapping) else None for each in value]
            value = found[0] if found and all(each == found[0] for each in found) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 2**63 else None  # Python refuses to write very large numbers down
    return value if isinstance(value, str) else None
