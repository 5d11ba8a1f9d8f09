"""Where two texts differ: each side as runs of equal and differing characters, for evidence side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
TOKENS_COMPARED = 400
"""Above this many tokens a side only the common start and end are taken off: matching costs the product of both."""
SHORTEST_KEPT = 3
"""Shorter equal pieces inside a differing word are marked too: scattered letters help nobody."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of one side."""

    text: str
    differs: bool


def differing(source: str, target: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Both sides as runs. The runs of a side, joined, are that side; without the differing ones both are equal."""
    left, right = _TOKEN.findall(source), _TOKEN.findall(target)
    if max(len(left), len(right)) > TOKENS_COMPARED:
        pairs = _middle(source, target)
    else:
        pairs = [
            pair
            for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
            for pair in _pairs(tag == "equal", "".join(left[i:j]), "".join(right[k:m]))
        ]
    return _side((before, differs) for before, _, differs in pairs), _side(
        (after, differs) for _, after, differs in pairs
    )


def _pairs(equal: bool, before: str, after: str) -> list[tuple[str, str, bool]]:
    return [(before, after, False)] if equal else _middle(before, after, shortest=SHORTEST_KEPT)


def _middle(before: str, after: str, *, shortest: int = 1) -> list[tuple[str, str, bool]]:
    limit = min(len(before), len(after))
    start = next((n for n in range(limit) if before[n] != after[n]), limit)
    if start < shortest:
        start = 0
    end = next((n for n in range(limit - start) if before[-1 - n] != after[-1 - n]), limit - start)
    if end < shortest:
        end = 0
    return [
        (before[:start], after[:start], False),
        (before[start : len(before) - end], after[start : len(after) - end], True),
        (before[len(before) - end :], after[len(after) - end :], False),
    ]


def _side(pieces: Iterable[tuple[str, bool]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for text, differs in pieces:
        if not text:
            continue
        if runs and runs[-1].differs == differs:
            runs[-1] = Run(runs[-1].text + text, differs)
        else:
            runs.append(Run(text, differs))
    return tuple(runs)
