"""Which of some names a person may have meant by one that is not among them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ENOUGH = 0.7
"""Least likeness of two names that is worth asking about"""
_SAME_SUBJECT = 0.75
"""Likeness of two names that begin with the same word"""


def likely(name: str, known: Iterable[str], *, limit: int = 4) -> list[tuple[str, float]]:
    """The likest known names with their likeness (0 to 1), best first.

    `active` is like is_active, and client_id like client_phone and client_yclients_id: words that two names share,
    joined by underscores, count as much as letters.
    """
    scored = ((each, _likeness(name, each)) for each in known)
    return sorted((pair for pair in scored if pair[1] >= ENOUGH), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _likeness(name: str, other: str) -> float:
    letters = difflib.SequenceMatcher(None, name, other, autojunk=False).ratio()
    words, theirs = _words(name), _words(other)
    shared = sum(max(_alike(word, each) for each in theirs) for word in words) / len(words)
    fitting = sum(max(_alike(word, each) for each in words) for word in theirs) / len(theirs)
    subject = _SAME_SUBJECT if len(words) > 1 and words[0] == theirs[0] and len(words[0]) > 2 else 0.0
    return max(letters, (2 * shared + fitting) / 3, subject)


def _words(name: str) -> list[str]:
    return [word for word in name.lower().split("_") if word] or [name]


def _alike(one: str, other: str) -> float:
    """The same word, or one with an ending or a letter before it: client, clients and yclients."""
    if one == other:
        return 1.0
    return 0.8 if min(len(one), len(other)) > 3 and (one in other or other in one) else 0.0
