"""Faults: changes to the text of a data layer, read from the .faults files beside this module.

`== name: methods` begins a fault; a finding has to name one of the methods, and others are left out of the layers.
What follows is a diff without line numbers: lines that stay, `-` lines and `+` lines, @@ between two places.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Fault:
    """Lines of a layer and those that come in their place."""

    methods: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    def planted_in(self, text: str) -> str:
        """The text with the fault in it; each change has exactly one place there."""
        for old, new in self.changes:
            assert text.count(old) == 1, f"{text.count(old)} times in the layer: {old!r}"
            text = text.replace(old, new)
        return text


def faults_of(domain: str) -> dict[str, Fault]:
    """The faults of a domain by name."""
    faults = {}
    for section in (HERE / f"{domain}.faults").read_text(encoding="utf-8").removeprefix("== ").split("\n== "):
        head, _, body = section.partition("\n")
        name, _, methods = head.rpartition(": ")
        places = body.rstrip("\n").split("\n@@\n")
        faults[name] = Fault(tuple(methods.split()), tuple(_change(place.split("\n")) for place in places))
    return faults


def _change(lines: list[str]) -> tuple[str, str]:
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in signs) for signs in (" -", " +"))
    return f"\n{old}", f"\n{new}"
