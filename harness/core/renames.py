"""Rename suggestions: what is missing on the target and has a twin there, with the evidence; never assumed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.core.change import Change, RenameSuggestion
from harness.core.classify import type_change
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Table
from harness.core.names import split
from harness.core.record import Consequence

ENOUGH = 0.65
"""Least confidence of a suggestion"""
SIMILAR = 0.6
"""Least ratio of two names that are called similar"""
_TABLE_OVERLAP = 0.5
"""Least share of equal columns of two tables that may be one"""

_FEW_VALUES = 5
"""Fewer distinct values than these say little: every flag is yes or no"""
_VALUES_SHARED = 0.5
"""Least share of sampled values that speaks for a pair"""

_WEAK_WORDS = frozenset({"id", "at", "on", "is", "has", "date", "time", "name"})
"""Words that so many names end or begin with that sharing them alone says nothing"""

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Clue:
    """One thing that was looked for in a pair, and how much of it was found.

    Without a `telling` one nothing is suggested.
    """

    found: float
    text: str
    weight: float = 1.0
    telling: bool = False


@dataclass(frozen=True, slots=True)
class SampledValues:
    """How many of some distinct values of a column are among those of another one."""

    asked: int
    equal: int

    @property
    def share(self) -> float:
        """0 to 1; 0 where nothing was there to ask for."""
        return self.equal / self.asked if self.asked else 0.0


Samples = Callable[[Column, Column], SampledValues | None]
"""Asks the rows of both sides (source's column, target's column); None: not known"""


def no_samples(_mine: Column, _its: Column) -> SampledValues | None:
    """No side is a live database: nothing is known of values."""
    return None


def suggest_renames(
    source: Catalog, target: Catalog, changes: Iterable[Change], *, samples: Samples = no_samples
) -> tuple[RenameSuggestion, ...]:
    """Columns and tables that the changes say are missing, each with at most one twin, and each twin once.

    A column's evidence: a similar name, the same place in a unique key, the same type, nullability and default, the
    same neighbours and place, equal values in a sample of both sides. A table's: a similar name, the share of columns
    that are equal, and equal values of its key.
    """
    changes = list(changes)
    missing = {change.identity for change in changes if change.change == "removed"}
    extra = {change.identity for change in changes if change.change == "added"}
    suggestions: list[RenameSuggestion] = []
    if not missing or not extra:
        return ()
    for table, columns in sorted(source.columns_by_table.items()):
        ours = [column for column in columns if column.identity in missing]
        theirs = [column for column in target.columns_by_table.get(table, ()) if column.identity in extra]
        if not ours or not theirs:
            continue
        pairs = _Columns(source, target, table, samples)
        # What is found at first gives neighbours to what is found then.
        for _ in range(2):
            found = _best(ours, theirs, pairs.clues)
            suggestions += found
            taken = {name for each in found for name in (each.source, each.target)}
            pairs.learn(found)
            ours = [column for column in ours if column.identity not in taken]
            theirs = [column for column in theirs if column.identity not in taken]
    suggestions += _best(
        [each for each in source.tables if each.identity in missing],
        [each for each in target.tables if each.identity in extra],
        lambda mine, its: _table_clues(mine, its, source, target, samples),
    )
    return tuple(suggestions)


def _best(
    ours: Sequence[Table] | Sequence[Column],
    theirs: Sequence[Table] | Sequence[Column],
    clues: Callable[..., list[_Clue]],
) -> list[RenameSuggestion]:
    """The surest pairs first; who is taken is taken. Of pairs that are equally sure nothing can be said."""
    scored: list[tuple[float, Table | Column, Table | Column, list[_Clue]]] = []
    for mine in ours:
        for its in theirs:
            found = clues(mine, its)
            if any(clue.found and clue.telling for clue in found):
                total = sum(clue.weight for clue in found)
                scored.append((sum(clue.weight * clue.found for clue in found) / total, mine, its, found))
    scored.sort(key=lambda pair: (-pair[0], pair[1].identity, pair[2].identity))
    suggestions: list[RenameSuggestion] = []
    taken: set[tuple[str, str]] = set()
    for confidence, mine, its, found in scored:
        one, other = ("source", mine.identity), ("target", its.identity)
        if confidence < ENOUGH or one in taken or other in taken:
            continue
        taken |= {one, other}
        suggestions.append(
            RenameSuggestion(
                kind=mine.kind,
                source=mine.identity,
                target=its.identity,
                evidence=tuple(clue.text for clue in found if clue.found),
                confidence=round(confidence, 2),
            )
        )
    return suggestions


def similar_names(one: str, other: str) -> tuple[float, str]:
    """How similar two names are, 0 to 1, and what makes them so, in words."""
    ours, theirs = _WORDS.findall(one.lower()), _WORDS.findall(other.lower())
    if ours == theirs:
        return 1.0, "the same words"
    shorter, longer = sorted((ours, theirs), key=len)
    shared = [word for word in shorter if word in longer]
    if _WEAK_WORDS.issuperset(shared):
        shared = []
    if shared and shared == shorter:
        return 1.0, f"one name has all words of the other ({'_'.join(shared)})"
    if shared:
        return _told(shared) / max(_told(ours), _told(theirs)), f"shared words: {', '.join(shared)}"
    ratio = difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio()
    return (ratio, f"similar spelling ({ratio:.0%})") if ratio >= SIMILAR else (0.0, "")


def _told(words: Sequence[str]) -> int:
    return sum(word not in _WEAK_WORDS for word in words)


class _Columns:
    """What is known of one table on both sides."""

    def __init__(self, source: Catalog, target: Catalog, table: str, samples: Samples) -> None:
        self._samples = samples
        self._ours = source.columns_by_table.get(table, ())
        self._theirs = target.columns_by_table.get(table, ())
        self._our_keys, self._their_keys = _keys(source, table), _keys(target, table)
        names = {column.name for column in self._ours}
        self._common = {column.name: column.name for column in self._theirs if column.name in names}

    def learn(self, found: Iterable[RenameSuggestion]) -> None:
        """Take suggested pairs for one column each: they are neighbours to others."""
        self._common |= {split(each.target)[-1]: split(each.source)[-1] for each in found}

    def clues(self, mine: Column, its: Column) -> list[_Clue]:
        """What speaks for the pair; nothing where values could not be the same ones at all."""
        verdict = type_change(mine.type, its.type)
        if mine.type != its.type and verdict is Consequence.DATA_LOSS:
            return []
        likeness, similar = similar_names(mine.name, its.name)
        in_key = any(mine.name in key for key in self._our_keys)
        key = self._same_key(mine.name, its.name)
        before, after = self._beside(mine, its, -1), self._beside(mine, its, 1)
        between = before and after
        sampled = self._samples(mine, its) if mine.type == its.type else None
        plain_default = mine.default == its.default and mine.identity_kind == its.identity_kind
        return [
            _Clue(likeness, similar, 2.0, telling=True),
            _Clue(key is not None, key or "", 2.0 if in_key else 0.0, telling=True),
            *_values(sampled),
            _Clue(mine.type == its.type, f"the same type, {mine.type}"),
            _Clue(mine.not_null == its.not_null, "NOT NULL on both" if mine.not_null else "nullable on both", 0.5),
            _Clue(plain_default, f"the same default, {mine.default}" if mine.default else "no default on either", 0.5),
            _Clue(
                before or after,
                "between the same two columns" if between else "beside the same column",
                2.0 if between else 1.0,
                telling=between and mine.type == its.type,
            ),
        ]

    def _same_key(self, mine: str, its: str) -> str | None:
        """A unique key of each side that is equal once the one column is called as the other."""
        for ours in self._our_keys:
            if mine in ours:
                renamed = tuple(its if name == mine else name for name in ours)
                if renamed in self._their_keys:
                    return f"the same place in a unique key: ({', '.join(ours)}) and ({', '.join(renamed)})"
        return None

    def _beside(self, mine: Column, its: Column, step: int) -> bool:
        """Whether the columns before (or after) the two are the same one."""
        ours, theirs = self._ours.index(mine) + step, self._theirs.index(its) + step
        if not 0 <= ours < len(self._ours) or not 0 <= theirs < len(self._theirs):
            return False
        return self._common.get(self._theirs[theirs].name) == self._ours[ours].name


def _keys(catalog: Catalog, table: str) -> set[tuple[str, ...]]:
    return {index.columns for index in catalog.indexes_by_table.get(table, ()) if index.unique}


def _values(sampled: SampledValues | None) -> list[_Clue]:
    """Equal values speak for a pair, and only other ones against it; few kinds of values (yes and no) say little."""
    if sampled is None or sampled.asked == 0:
        return []
    text = f"{sampled.equal} of {sampled.asked} sampled values are there too ({sampled.share:.0%})"
    enough = sampled.asked >= _FEW_VALUES
    found = sampled.share if sampled.share >= _VALUES_SHARED else 0.0
    return [_Clue(found, text, 3.0 if enough else 0.5, telling=enough)]


def _key_values(mine: Table, its: Table, source: Catalog, target: Catalog, samples: Samples) -> list[_Clue]:
    """Values of the first column of a unique key that both tables have."""
    theirs = {column.name: column for column in target.columns_by_table.get(its.identity, ())}
    first = [{key[0] for key in _keys(*each) if key} for each in ((source, mine.identity), (target, its.identity))]
    keys = first[0] & first[1]
    for column in source.columns_by_table.get(mine.identity, ()):
        other = theirs.get(column.name)
        if column.name in keys and other is not None and other.type == column.type:
            return _values(samples(column, other))
    return []


def _table_clues(mine: Table, its: Table, source: Catalog, target: Catalog, samples: Samples) -> list[_Clue]:
    ours = {(column.name, column.type) for column in source.columns_by_table.get(mine.identity, ())}
    theirs = {(column.name, column.type) for column in target.columns_by_table.get(its.identity, ())}
    share = len(ours & theirs) / max(len(ours | theirs), 1)
    likeness, similar = similar_names(mine.name, its.name)
    likely = likeness > 0 or share >= _TABLE_OVERLAP
    return [
        *(_key_values(mine, its, source, target, samples) if likely else []),
        _Clue(share >= _TABLE_OVERLAP, f"{share:.0%} of the columns have equal names and types", 2.0, telling=True),
        _Clue(likeness, similar),
    ]
