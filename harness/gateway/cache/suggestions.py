"""The name that was perhaps meant, for the hints of errors, chosen as PostgREST chooses it.

Candidates are ranked by the letters they have in common with the name, three in a row or else two, and the best fifty
of them by how many letters would have to change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

# below this likeness (of 1.0) nothing is suggested
STRICT = 0.75
LOOSE = 0.33
_CANDIDATES = 50


def _grams(text: str, size: int) -> Counter[str]:
    """The groups of letters in a text, framed by hyphens; what is no letter, digit, blank or comma does not count."""
    kept = "".join(letter for letter in text if letter.isalnum() or letter.isspace() or letter == ",")
    framed = f"-{kept}-"
    return Counter(framed[start : start + size] for start in range(len(framed) - size + 1))


def _norm(grams: Counter[str]) -> float:
    return math.sqrt(sum(count * count for count in grams.values()))


def _distance(one: str, other: str) -> int:
    """How many letters have to be put in, left out or changed to make the one of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != against))
    return row[-1]


def _likeness(one: str, other: str, least: float) -> float:
    longest = max(len(one), len(other))
    # where the lengths alone tell that it is less there is nothing to compare: a long name costs no time
    if min(len(one), len(other)) < least * longest:
        return 0.0
    return 1 - _distance(one, other) / longest


def _best(name: str, known: Iterable[str], likeness: float, size: int) -> str | None:
    grams = _grams(name, size)
    scores: list[tuple[float, str]] = []
    for candidate in known:
        others = _grams(candidate, size)
        common = sum(count * others[gram] for gram, count in grams.items() if gram in others)
        if common:
            scores.append((common / (_norm(grams) * _norm(others)), candidate))
    scores.sort(key=lambda score: (-score[0], score[1]))
    likest = [(_likeness(name, candidate, likeness), candidate) for _, candidate in scores[:_CANDIDATES]]
    best, found = max(likest, key=lambda score: score[0], default=(0.0, None))
    return found if best >= likeness else None


def nearest(name: str, known: Iterable[str], *, likeness: float = STRICT) -> str | None:
    """The known name that is most like `name` (capitals do not count), or None where none is like it."""
    by_key: dict[str, str] = {}
    for one in known:
        by_key.setdefault(one.lower(), one)
    wanted = name.lower()
    if wanted in by_key:
        return by_key[wanted]
    found = _best(wanted, by_key, likeness, 3) or _best(wanted, by_key, likeness, 2)
    return by_key[found] if found is not None else None
