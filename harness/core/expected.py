"""Differences that somebody has looked at and accepts until a date: they are left out of a comparison, and told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache

from harness.core.configuration import ExpectedDifference
from harness.core.outcomes import AnswerDelta
from harness.core.pairs import Comparison

_OF_ANSWERS = {False: "MET001", True: "MET002"}
_OF_EFFECTS = {False: "MET006", True: "MET002"}
_OF_THE_WHOLE = frozenset({"MET003", "MET004", "MET005", "MET013", "MET014", "MET015", "MET016"})
"""Codes that stand for a call and not for a place in its answer: an expectation of any path accepts them by name."""
EXPIRED = "MET018"


def without_expected(
    method: str, found: Comparison, expected: Sequence[ExpectedDifference], today: dt.date
) -> tuple[Comparison, tuple[ExpectedDifference, ...]]:
    """Leave out what is expected; returns the rest, and the expectations that something was found for.

    :param today: the date of the run. Of an expectation that ended before, nothing is left out: MET018 names it.
    """
    if not expected or not (found.codes or found.deltas or found.effects):
        return found, ()
    used: dict[ExpectedDifference, None] = {}
    answers = _unexpected(method, found.deltas, _OF_ANSWERS, expected, today, used)
    effects = _unexpected(method, found.effects, _OF_EFFECTS, expected, today, used)
    codes = set(found.codes)
    for code in sorted(codes & _OF_THE_WHOLE):
        for each in expected:
            if (
                each.code != "*"
                and fnmatchcase(code, each.code)
                and fnmatchcase(method, each.method)
                and each.path == "*"
            ):
                used[each] = None
                if today <= each.expires:
                    codes.discard(code)
    if (answers, effects) != (found.deltas, found.effects):
        of_places = {_OF_ANSWERS[delta.drift] for delta in answers} | {_OF_EFFECTS[delta.drift] for delta in effects}
        had = {_OF_ANSWERS[delta.drift] for delta in found.deltas} | {
            _OF_EFFECTS[delta.drift] for delta in found.effects
        }
        codes = (codes - (had - of_places)) | (of_places & codes)
    notes = [f"expected until {each.expires}: {each.reason}" for each in used if today <= each.expires]
    expired = [each for each in used if today > each.expires]
    notes += [f"expected until {each.expires}, which is past: {each.reason}" for each in expired]
    if expired:
        codes.add(EXPIRED)
    if not used:
        return found, ()
    rest = replace(found, codes=frozenset(codes), deltas=answers, effects=effects, notes=(*found.notes, *notes))
    return rest, tuple(used)


def unused_expectations(expected: Iterable[ExpectedDifference], used: Iterable[ExpectedDifference]) -> tuple[str, ...]:
    """A sentence about each expectation that nothing was found for: it can be removed."""
    seen = set(used)
    return tuple(
        f"nothing was found of the difference that is expected until {each.expires} in {each.method} at {each.path}"
        f" ({each.code}): {each.reason}"
        for each in expected
        if each not in seen
    )


def _unexpected(
    method: str,
    deltas: tuple[AnswerDelta, ...],
    codes: dict[bool, str],
    expected: Sequence[ExpectedDifference],
    today: dt.date,
    used: dict[ExpectedDifference, None],
) -> tuple[AnswerDelta, ...]:
    kept = []
    for delta in deltas:
        matching = [each for each in expected if matches(each, method, delta.path, codes[delta.drift])]
        used |= dict.fromkeys(matching)
        if not any(today <= each.expires for each in matching):
            kept.append(delta)
    return tuple(kept)


def matches(expected: ExpectedDifference, method: str, path: str, code: str) -> bool:
    """Whether a difference is the expected one."""
    return (
        fnmatchcase(method, expected.method)
        and fnmatchcase(code, expected.code)
        and _path_pattern(expected.path).match(path) is not None
    )


@lru_cache(maxsize=256)
def _path_pattern(pattern: str) -> re.Pattern[str]:
    """[*] is any index or key within brackets, (*) any row, a * elsewhere anything."""
    parts = []
    for part in re.split(r"(\[\*\]|\(\*\)|\*)", pattern):
        match part:
            case "[*]":
                parts.append(r"\[[^\]]*\]")
            case "(*)":
                parts.append(r"\([^()]*\)")
            case "*":
                parts.append(".*")
            case _:
                parts.append(re.escape(part))
    return re.compile("".join(parts) + r"\Z", re.DOTALL)
