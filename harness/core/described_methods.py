"""The methods that a program describes itself with: names of types, or fragments of JSON Schema, as signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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
    Choice,
    Either,
    Field,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
)
from harness.core.generation.signatures import MethodSignature, Parameter
from harness.core.json_rpc import ProtocolBroken, meant

_CLOSING: Final = frozenset({"close", "aclose"})
_NAMES: Final[Mapping[str, ParameterType]] = {
    "any": ANYTHING,
    "array": ListOf(ANYTHING),
    "boolean": BOOLEAN,
    "bytes": BYTES,
    "date": DATE,
    "datetime": DATETIME,
    "decimal": DECIMAL,
    "integer": INTEGER,
    "interval": INTERVAL,
    "list": ListOf(ANYTHING),
    "number": NUMBER,
    "object": RecordOf(),
    "record": RecordOf(),
    "string": TEXT,
    "text": TEXT,
    "time": TIME,
    "uuid": UUID_VALUE,
}
_FORMATS: Final[Mapping[str, ParameterType]] = {
    "date": DATE,
    "date-time": DATETIME,
    "decimal": DECIMAL,
    "duration": INTERVAL,
    "time": TIME,
    "uuid": UUID_VALUE,
}
"""https://json-schema.org/draft/2020-12/json-schema-validation#section-7.3; "decimal" is usual, though not there"""


def described_methods(methods: Any) -> dict[str, MethodSignature]:
    """The public methods by name, of [{"name", "parameters": [{"name", "type", "required", "default"}]}].

    A method that says nothing of its parameters takes any. ProtocolBroken says which part cannot be read.
    """
    if not isinstance(methods, list):
        raise ProtocolBroken("initialize without a list of methods")
    found: dict[str, MethodSignature] = {}
    for each in methods:
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(name, str) or not name:
            raise ProtocolBroken("a method without a name")
        if name in found:
            raise ProtocolBroken(f"the method {name} twice")
        if name.startswith("_") or name in _CLOSING:
            continue
        parameters = each.get("parameters")
        if parameters is None:
            found[name] = MethodSignature(name, open_ended=True)
            continue
        if not isinstance(parameters, list):
            raise ProtocolBroken(f"parameters of {name} that are no list")
        found[name] = MethodSignature(name, tuple(_parameter(name, one) for one in parameters))
    return found


def misfit(signature: MethodSignature, arguments: Mapping[str, Any]) -> str:
    """Why a method cannot take the arguments; '' where it can, or where that cannot be told."""
    if signature.open_ended:
        return ""
    unknown = [name for name in arguments if signature.parameter(name) is None]
    if unknown:
        return f"it has no parameter {unknown[0]}"
    missing = [each.name for each in signature.parameters if each.required and each.name not in arguments]
    return f"the argument {missing[0]} is missing" if missing else ""


def _parameter(method: str, described: Any) -> Parameter:
    name = described.get("name") if isinstance(described, dict) else None
    if not isinstance(name, str) or not name:
        raise ProtocolBroken(f"a parameter of {method} without a name")
    required = described.get("required", "default" not in described)
    if not isinstance(required, bool):
        raise ProtocolBroken(f"the parameter {name} of {method} with a 'required' that is not true or false")
    type_ = _type(described.get("type", "any"), f"the parameter {name} of {method}")
    return Parameter(name, type_, required, meant(described.get("default")), keyword_only=True)


def _type(described: Any, where: str) -> ParameterType:
    if isinstance(described, str):
        return _named(described, where)
    if isinstance(described, list):
        return _either(described, where)
    if not isinstance(described, Mapping):
        raise ProtocolBroken(f"{where} with a type that is neither a name nor a JSON Schema")
    if "enum" in described and isinstance(described["enum"], list):
        values = tuple(meant(each) for each in described["enum"])
        given = tuple(value for value in values if value is not None)
        return OptionalOf(Choice(given)) if len(given) < len(values) else Choice(values)
    for word in ("anyOf", "oneOf"):
        if isinstance(described.get(word), list):
            return _either(described[word], where)
    kind = described.get("type", "any")
    if isinstance(kind, list):
        return _either([{**described, "type": each} for each in kind], where)
    if kind == "string" and described.get("format") in _FORMATS:
        return _FORMATS[described["format"]]
    if kind == "string" and described.get("contentEncoding") == "base64":
        return BYTES
    if kind == "array" and "items" in described:
        return ListOf(_type(described["items"], where))
    if kind == "object":
        return _record(described, where)
    return _named(kind, where)


def _named(word: Any, where: str) -> ParameterType:
    """A name, with ? where null is allowed too, with [] for a list: integer, text?, uuid[]."""
    if not isinstance(word, str):
        raise ProtocolBroken(f"{where} with a type that is neither a name nor a JSON Schema")
    if word.endswith("?"):
        return OptionalOf(_named(word[:-1], where))
    if word.endswith("[]"):
        return ListOf(_named(word[:-2], where))
    if word == "null":
        return OptionalOf(ANYTHING)
    if word not in _NAMES:
        raise ProtocolBroken(f"{where} with an unknown type (known are {', '.join(_NAMES)})")
    return _NAMES[word]


def _either(described: list[Any], where: str) -> ParameterType:
    nothing = [
        each for each in described if each == "null" or (isinstance(each, Mapping) and each.get("type") == "null")
    ]
    types = tuple(dict.fromkeys(_type(each, where) for each in described if each not in nothing))
    if not types:
        return OptionalOf(ANYTHING)
    type_ = types[0] if len(types) == 1 else Either(types)
    return OptionalOf(type_) if nothing else type_


def _record(described: Mapping[str, Any], where: str) -> ParameterType:
    properties = described.get("properties")
    if isinstance(properties, Mapping):
        required = described.get("required") or ()
        return RecordOf(
            tuple(Field(str(name), _type(each, where), name in required) for name, each in properties.items())
        )
    more = described.get("additionalProperties")
    return RecordOf(values=_type(more, where) if isinstance(more, Mapping) else None)
