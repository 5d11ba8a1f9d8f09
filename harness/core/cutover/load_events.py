"""What a load notes of its writes and reads, as lines of a journal that lies outside of both databases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Backend = Literal["source", "target"]
RowName = str
"""Table and key of a marked row, `clients 9950001`"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A write is about to be sent for the first time. `token` is what its rows hold when it is done."""

    at: float
    """Seconds since 1970, as in all events"""
    writer: int
    token: str
    kind: str
    rows: tuple[RowName, ...]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A backend said that a write is done; before it did, it may have been asked several times."""

    at: float
    writer: int
    token: str
    backend: Backend
    seconds: float
    """Since it was first sent, as long as whoever asked for it waited"""
    numbers: tuple[int, ...]
    """Of each of its rows the number that the database gave it"""


@dataclass(frozen=True, slots=True)
class Refused:
    """A backend failed a write, or did not answer; it is sent again with the same token."""

    at: float
    writer: int
    token: str
    backend: Backend
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class ReadDone:
    """A read of a row that was acknowledged before. `behind`: it showed less than what had been acknowledged."""

    at: float
    backend: Backend
    seconds: float
    kind: str = ""
    """Of the error; none where it was answered"""
    code: str = ""
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """The application was started again, because its switches changed or its backend failed."""

    at: float
    backend: Backend


Event = Begun | Acknowledged | Refused | ReadDone | Turned
_KINDS: Final[Mapping[str, type[Event]]] = {
    each.__name__.lower(): each for each in (Begun, Acknowledged, Refused, ReadDone, Turned)
}


def line(event: Event) -> str:
    """An event as a line of JSON."""
    return json.dumps({"event": type(event).__name__.lower(), **asdict(event)}) + "\n"


def events(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a journal; a last line that is torn was never finished, and counts for nothing."""
    for text in lines:
        if not text.endswith("\n"):
            return
        data: dict[str, Any] = json.loads(text)
        kind = _KINDS[data.pop("event")]
        for name in ("rows", "numbers"):
            if name in data:
                data[name] = tuple(data[name])
        yield kind(**data)
