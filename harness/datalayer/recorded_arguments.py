"""What a recorded call keeps of its arguments: copies that nobody can change, and nothing that could be somebody's."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness.datalayer.observation.masking import is_personal
from harness.tagged_values import NoJsonForm, tagged

_LARGEST_NUMBER: Final = 10**9
"""From here on a number could be a phone"""
_MOST_VALUES: Final = 50_000
_DEEPEST: Final = 20
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z", re.ASCII)
_SCALARS: Final = (str, int, float, bytes, decimal.Decimal, dt.date, dt.time, dt.timedelta, uuid.UUID)


@dataclass(frozen=True, slots=True)
class WrittenArguments:
    """How arguments are written down."""

    key: bytes = field(repr=False)
    columns: Mapping[str, str]
    """Names whose values are personal, to the table.column that holds such values, or to ''"""
    plain: frozenset[str]
    """Names whose values are not"""

    def written(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call, copied before, as JSON."""
        return {name: self._written(each, name, personal=False) for name, each in arguments.items()}

    def _written(self, value: Any, name: str, *, personal: bool) -> Any:
        """A value as it is written under a name; `personal`: what is above it was."""
        plain = name in self.plain and not personal
        personal = not plain and (personal or name in self.columns or is_personal(name))
        if isinstance(value, dict):
            return {key: self._written(each, key, personal=personal) for key, each in value.items()}
        if isinstance(value, list):
            return [self._written(each, name, personal=personal) for each in value]
        if value is None or isinstance(value, bool):
            return value
        written = tagged(value)
        if plain or not (personal or _may_be_anybody(value)):
            return written
        return {"$personal": self._token(value, written, name)}

    def _token(self, value: Any, written: Any, name: str) -> dict[str, str]:
        text, form = str(value), "text"
        if isinstance(written, dict):
            ((form, text),) = written.items()
        elif isinstance(value, float):
            form = "$number"
        elif isinstance(value, int):
            form = "integer"
        facts = {"hash": personal_digest(self.key, text), "argument": name}
        if form != "text":
            facts["as"] = form
        if self.columns.get(name):
            facts["column"] = self.columns[name]
        return facts


def copied(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, copied before the method can change them. NoJsonForm where they are too large, or have no form."""
    copy: dict[str, Any] = _Copier().copied(arguments, 0)
    return copy


def personal_digest(key: bytes, text: str) -> str:
    """The keyed hash that stands for a personal value: HMAC-SHA-256, 32 hexadecimal digits. Phones can be guessed
    from a plain hash in minutes; from this one only by whom the key is known to."""
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


class _Copier:
    """Copies an argument that others may change; large and deep ones, and those that JSON cannot hold, are refused."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def copied(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise NoJsonForm("too large")
        if isinstance(value, enum.Enum):
            value = value.value
        if isinstance(value, Mapping):
            return {_key(key): self.copied(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.copied(each, depth + 1) for each in value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return self.copied(fields, depth)
        if isinstance(value, bytearray | memoryview):
            return bytes(value)
        if value is None or isinstance(value, _SCALARS):
            return value
        raise NoJsonForm(type(value).__name__)


def _key(key: object) -> str:
    """The key of an object, which is written down: one that is no plain name could be data."""
    if isinstance(key, str) and _PLAIN_KEY.match(key):
        return key
    raise NoJsonForm("an object with keys that are no names")


def _may_be_anybody(value: Any) -> bool:
    """Whether a value could be somebody's: any text and bytes, and numbers as long as a phone."""
    if isinstance(value, int | float):
        return not -_LARGEST_NUMBER < value < _LARGEST_NUMBER
    written = tagged(value)
    if isinstance(written, dict):
        tag = next(iter(written))
        return tag == "$bytes" or (tag == "$decimal" and not -_LARGEST_NUMBER < value < _LARGEST_NUMBER)
    return True
