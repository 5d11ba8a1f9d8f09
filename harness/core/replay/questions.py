"""Questions: the differences of deparsed texts, each with what both servers' texts need to be read again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.differences import Difference
from harness.core.replay.texts import Replay, replays

_CONSTANT = re.compile(r"'(?:[^']|'')*'|(?<![\w.\"$])\d+(?:\.\d+)?(?![\w.\"])")


@dataclass(frozen=True, slots=True)
class Question:
    """Whether the texts of one difference are the same: pairs of the source's and the target's."""

    difference: Difference
    pairs: tuple[tuple[Replay, Replay], ...]


def questions(found: Iterable[Difference]) -> list[Question]:
    """The differences whose texts could be the same."""
    asked: list[Question] = []
    for each in found:
        if each.source is None or each.target is None or each.attribute is None:
            continue
        ours = replays(each.source, each.attribute, each.source_value)
        theirs = replays(each.target, each.attribute, each.target_value)
        if not ours or len(ours) != len(theirs):
            continue
        pairs = tuple((mine, its) for mine, its in zip(ours, theirs, strict=True) if mine.text != its.text)
        if all(_constants(mine.text) == _constants(its.text) for mine, its in pairs):
            asked.append(Question(each, pairs))
    return asked


def _constants(text: str) -> list[str]:
    """Strings and numbers: however PostgreSQL writes an expression, they stay."""
    return sorted(_CONSTANT.findall(text))
