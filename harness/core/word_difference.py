"""Word difference: two texts as one, word by word, with what only one of them has marked; lines for long texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_WORDS_COMPARED = 1_000
"""Above so many words in both texts together they are not compared word by word: it costs the product of both"""

Kind = Literal["same", "source", "target"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the common text: in both, or on one side only."""

    kind: Kind
    text: str


def word_difference(source: str, target: str) -> tuple[Piece, ...]:
    """The pieces in order. Those that are same or source, joined, are the source; same or target, the target."""
    left, right = _WORD.findall(source), _WORD.findall(target)
    if len(left) + len(right) > _WORDS_COMPARED:
        return _joined([Piece("source", source), Piece("target", target)])
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        before, after = "".join(left[i:j]), "".join(right[k:m])
        pieces += [Piece("same", before)] if tag == "equal" else [Piece("source", before), Piece("target", after)]
    return _joined(pieces)


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Without empty pieces; a mere blank between two differences belongs to them, else one reads confetti."""
    found: list[Piece] = []
    gap: list[Piece] = []
    for place, piece in enumerate(pieces):
        if not piece.text:
            continue
        blank = piece.kind == "same" and piece.text.isspace()
        if blank and found and found[-1].kind != "same" and place + 1 < len(pieces):
            gap = [Piece("source", piece.text), Piece("target", piece.text)]
            continue
        if gap:
            found += gap if piece.kind != "same" else [Piece("same", gap[0].text)]
            gap = []
        found.append(piece)
    runs: list[Piece] = []
    waiting: dict[Kind, str] = {"source": "", "target": ""}
    for piece in [*found, Piece("same", "")]:
        if piece.kind != "same":
            waiting[piece.kind] += piece.text
            continue
        runs += (Piece(kind, text) for kind, text in waiting.items() if text)
        waiting = {"source": "", "target": ""}
        if piece.text:
            runs.append(piece)
    return tuple(runs)


def line_difference(source: str, target: str, *, context: int = 1) -> Iterator[tuple[Piece, ...] | None]:
    """The lines that differ, word by word where one stands for one, with lines around them; None where some are cut."""
    left, right = source.splitlines(), target.splitlines()
    last = 0
    for group in SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(context):
        if group[0][1] > last:
            yield None
        last = group[-1][2]
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from ((Piece("same", line),) for line in left[i:j])
            elif j - i == m - k:
                yield from (word_difference(*pair) for pair in zip(left[i:j], right[k:m], strict=True))
            else:
                yield from ((Piece("source", line),) for line in left[i:j])
                yield from ((Piece("target", line),) for line in right[k:m])
    if last < len(left):
        yield None
