"""Compares what a call left behind on both sides: row by row, cell by cell, by key."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.core.answers import answer_delta, compare_answers
from harness.core.call_moments import Clock
from harness.core.effects import Effects, Row, TableEffects, WatchedTable
from harness.core.masking import personal_hash
from harness.core.outcomes import AnswerDelta
from harness.core.readings import moment_of, number_of, uuid_of
from harness.core.values import Difference, compare_values, different


def compare_effects(
    source: Effects,
    target: Effects,
    *,
    ignore: Collection[str] = (),
    personal: Collection[str] = (),
    clock: Clock | None = None,
) -> tuple[AnswerDelta, ...]:
    """Differences of the rows left behind, in tables that both sides have.

    `personal` holds columns as schema.table.column of the source: a row's key shows them as a hash. `clock` tells when
    the calls took place: what either side wrote as the moment of its call is equal.
    """
    shared = [
        identity
        for identity in sorted(source.tables.keys() | target.tables.keys())
        if all(identity not in each.tables or each.tables[identity].table.common for each in (source, target))
    ]
    return tuple(
        delta
        for identity in shared
        for delta in _tables(
            identity, source.tables.get(identity), target.tables.get(identity), ignore, personal, clock
        )
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """How rows of one table are named in paths."""

    identity: str
    key: tuple[str, ...]
    personal: frozenset[str]

    def path(self, row: Row, column: str = "") -> str:
        shown = ", ".join(f"{name}={self._value(name, row.get(name))}" for name in self.key)
        return f"{self.identity}({shown})" + (f".{column}" if column else "")

    def _value(self, name: str, value: str | None) -> str:
        if value is None:
            return "null"
        plain = number_of(value) is not None or moment_of(value) is not None or uuid_of(value) is not None
        return value if plain and f"{self.identity}.{name}" not in self.personal else personal_hash(value)


def _tables(
    identity: str,
    source: TableEffects | None,
    target: TableEffects | None,
    ignore: Collection[str],
    personal: Collection[str],
    clock: Clock | None,
) -> Iterator[AnswerDelta]:
    either = source or target
    if either is None:
        return
    key = tuple(either.table.common_name(name) for name in either.table.key)
    shown = _Shown(identity, key, frozenset(personal))
    types = {side: _common_types(each.table) if each else {} for side, each in (("s", source), ("t", target))}
    if any(each is not None and each.unread for each in (source, target)):
        written = [_written(each) for each in (source, target)]
        if written[0] != written[1]:
            yield answer_delta(identity, different("rows"), f"{written[0]} rows", f"{written[1]} rows")
        yield from _numbers_gone(identity, source, target)
        return
    for word in ("inserted", "updated"):
        rows_source, rows_target = _rows(source, word, ignore), _rows(target, word, ignore)
        for one, other in _matched(rows_source, rows_target, key, loose=word == "inserted"):
            if one is None or other is None:
                yield answer_delta(shown.path(one or other or {}), different("row"), *_presence(one, other, word))
                continue
            yield from _cells(one, other, types, shown, ignore, clock)
    if not key or any(each is not None and each.unseen_deleted for each in (source, target)):
        found = list(_numbers_gone(identity, source, target))
        yield from found or _whole_rows_gone(source, target, types, shown, ignore, clock)
        return
    for gone_source, gone_target in _matched(_gone(source, key), _gone(target, key), key):
        if gone_source is None or gone_target is None:
            row = gone_source or gone_target or {}
            yield answer_delta(shown.path(row), different("row"), *_presence(gone_source, gone_target, "deleted"))


def _numbers_gone(identity: str, source: TableEffects | None, target: TableEffects | None) -> Iterator[AnswerDelta]:
    gone = [each.deleted_rows if each else 0 for each in (source, target)]
    if gone[0] != gone[1]:
        yield answer_delta(identity, different("rows"), f"{gone[0]} rows deleted", f"{gone[1]} rows deleted")


def _whole_rows_gone(
    source: TableEffects | None,
    target: TableEffects | None,
    types: Mapping[str, Mapping[str, str]],
    shown: _Shown,
    ignore: Collection[str],
    clock: Clock | None,
) -> Iterator[AnswerDelta]:
    """Rows that went from a table without a key, as many on both sides: pairs are those that are alike, then others."""
    if source is None or target is None or source.unseen_deleted or target.unseen_deleted:
        return
    gone_source, gone_target = (
        _gone(each, tuple(map(each.table.common_name, each.table.columns))) for each in (source, target)
    )
    compared = tuple(name for name in types["s"] if name in types["t"] and name not in ignore)
    for one, other in _matched(gone_source, gone_target, compared, loose=True):
        if one is not None and other is not None:
            yield from _cells(one, other, types, shown, ignore, clock)


def _written(effects: TableEffects | None) -> int:
    return effects.unread or len(effects.inserted) + len(effects.updated) if effects else 0


def _presence(one: object, other: object, word: str) -> tuple[str, str]:
    return (word if one is not None else f"not {word}", word if other is not None else f"not {word}")


def _common_types(table: WatchedTable) -> dict[str, str]:
    return {table.common_name(name): kind for name, kind in table.columns.items()}


def _rows(effects: TableEffects | None, word: str, ignore: Collection[str]) -> list[dict[str, str | None]]:
    if effects is None:
        return []
    rows: list[Row] = list(effects.inserted)
    if word == "updated":
        rows = [row for row, changed in effects.updated if effects.table.relevant(changed, ignore)]
    return [{effects.table.common_name(name): value for name, value in row.items()} for row in rows]


def _gone(effects: TableEffects | None, key: tuple[str, ...]) -> list[dict[str, str | None]]:
    return [dict(zip(key, values, strict=True)) for values in effects.deleted] if effects else []


def _matched(
    source: list[dict[str, str | None]],
    target: list[dict[str, str | None]],
    key: tuple[str, ...],
    *,
    loose: bool = False,
) -> Iterator[tuple[dict[str, str | None] | None, dict[str, str | None] | None]]:
    """Pairs of rows by key. `loose`: those without a counterpart are paired in the order in which they were written.

    A key that each side generates for itself is seldom the same, and new rows are one another's counterparts anyway.
    """
    waiting: dict[Any, list[dict[str, str | None]]] = {}
    for row in target:
        waiting.setdefault(_key_of(row, key), []).append(row)
    lonely = []
    for row in source:
        found = waiting.get(_key_of(row, key)) if key else None
        if found:
            yield row, found.pop(0)
        else:
            lonely.append(row)
    rest = [row for rows in waiting.values() for row in rows]
    if not loose:
        yield from ((row, None) for row in lonely)
        yield from ((None, row) for row in rest)
        return
    for position in range(max(len(lonely), len(rest))):
        yield (
            lonely[position] if position < len(lonely) else None,
            rest[position] if position < len(rest) else None,
        )


def _key_of(row: Mapping[str, str | None], key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in key)


def _cells(
    source: Row,
    target: Row,
    types: Mapping[str, Mapping[str, str]],
    shown: _Shown,
    ignore: Collection[str],
    clock: Clock | None,
) -> Iterator[AnswerDelta]:
    for name in source:
        if name in ignore or name not in target:
            continue
        kinds = types["s"].get(name, "text"), types["t"].get(name, "text")
        found = _cell(source[name], target[name], kinds, clock)
        if found is not None:
            yield answer_delta(shown.path(source, name), found, types["s"].get(name), types["t"].get(name))


def _cell(source: str | None, target: str | None, kinds: tuple[str, str], clock: Clock | None) -> Difference | None:
    if source == target:
        return None
    read_source, read_target = _read(source, kinds[0]), _read(target, kinds[1])
    if isinstance(read_source, dict | list) and isinstance(read_target, dict | list):
        deltas = compare_answers(read_source, read_target, clock=clock)
        return next((Difference(delta.cls, delta.drift) for delta in deltas if not delta.drift), None) or next(
            (Difference(delta.cls, delta.drift) for delta in deltas), None
        )
    if isinstance(read_source, dict | list) or isinstance(read_target, dict | list):
        return different("type")
    return compare_values(read_source, read_target, clock)


_NUMERIC = re.compile(r"(?:smallint|integer|bigint|numeric|decimal|real|double precision|money|oid)\b")
_TEMPORAL = re.compile(r"(?:timestamp|date)\b")


def _read(value: str | None, kind: str) -> Any:
    """A value's text as what its type says it is; a text stays a text."""
    if value is None or kind.endswith("[]"):
        return value
    if kind in ("json", "jsonb"):
        return json.loads(value, parse_float=str)
    if kind == "boolean":
        return value in ("t", "true")
    if kind == "uuid":
        return uuid_of(value) or value
    if _NUMERIC.match(kind):
        return number_of(value) or value
    if _TEMPORAL.match(kind):
        moment = moment_of(value)
        return value if moment is None else moment.astimezone(dt.UTC) if moment.tzinfo else moment
    return value
