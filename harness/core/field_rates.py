"""Differences added up by field: in how many of a method's cases a place differs, and in how many it does by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.core.outcomes import AnswerDelta, FieldDifference

_INDEX = re.compile(r"\[\d+\]")
_KEY = re.compile(r"\([^()]*\)")


class Compared(Protocol):
    """One case: what differs between the sides, and what differed when the source was asked a second time."""

    @property
    def deltas(self) -> tuple[AnswerDelta, ...]:
        """Of the answers."""

    @property
    def effects(self) -> tuple[AnswerDelta, ...]:
        """Of the rows left behind."""

    @property
    def noise(self) -> tuple[AnswerDelta, ...]:
        """Between two calls of the source."""


def field_path(path: str) -> str:
    """A place without its positions: data[3].name is data[*].name, public.clients(id=7).name public.clients(*).name."""
    return _KEY.sub("(*)", _INDEX.sub("[*]", path))


@dataclass(slots=True)
class _Count:
    drift: bool = True
    cases: int = 0
    noise: int = 0
    types: dict[tuple[str | None, str | None], None] = field(default_factory=dict)


def field_differences(cases: Sequence[Compared], asked_twice: int) -> tuple[FieldDifference, ...]:
    """By path and class, the most frequent first. A case counts once for each, however many rows differ in it.

    `cases` are those that were compared; the rate is of all of them, the noise's of the `asked_twice` of them whose
    call was repeated on the source.
    """
    counted: dict[tuple[str, str], _Count] = {}
    for each in cases:
        for place, deltas in _by_place((*each.deltas, *each.effects)).items():
            count = counted.setdefault(place, _Count())
            count.cases += 1
            count.drift = count.drift and all(delta.drift for delta in deltas)
            count.types |= {(delta.source, delta.target): None for delta in deltas}
        for place, deltas in _by_place(each.noise).items():
            count = counted.setdefault(place, _Count())
            count.noise += 1
            if not count.cases:
                count.drift = count.drift and all(delta.drift for delta in deltas)
    return tuple(
        FieldDifference.model_validate(
            {
                "path": path,
                "class": cls,
                "drift": count.drift,
                "source": next(iter(count.types))[0] if count.types else None,
                "target": next(iter(count.types))[1] if count.types else None,
                "cases": count.cases,
                "rate": _share(count.cases, len(cases)),
                "noise": count.noise,
                "noise_rate": _share(count.noise, asked_twice),
            }
        )
        for (path, cls), count in sorted(counted.items(), key=lambda item: (-item[1].cases, -item[1].noise, item[0]))
    )


def _by_place(deltas: Iterable[AnswerDelta]) -> dict[tuple[str, str], list[AnswerDelta]]:
    places: dict[tuple[str, str], list[AnswerDelta]] = {}
    for delta in deltas:
        places.setdefault((field_path(delta.path), delta.cls), []).append(delta)
    return places


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
