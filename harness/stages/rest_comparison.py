"""A table's comparison through REST: what is compared and how, and what was read and found so far."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.core.configuration import Tolerance
from harness.core.deltas import Cell, RowDelta
from harness.core.projection import TableProjection
from harness.core.record import JsonValue
from harness.core.row_forms import CellForm
from harness.core.row_keys import shown_row_key
from harness.postgres.named_rows import Texts, TextTable
from harness.stages.rest_source import RestSource
from harness.stages.rows_recheck import Patience, Rechecked
from harness.stages.rows_tally import CLASSIFIED_AT_MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class RestComparison:
    """One table and how it is read on both sides."""

    projection: TableProjection
    """With the conditions as SQL"""
    rest: RestSource
    source_columns: tuple[str, ...]
    """Of the source, in the order of `target.columns`"""
    target: TextTable
    forms: dict[str, CellForm]
    type_drift: tuple[str, ...]
    personal: frozenset[str]
    uncompared: tuple[str, ...]
    limit: int
    patience: Patience
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Compared columns that are declared personal"""
    where: str | None = None
    """The source's condition as PostgREST is asked it"""
    twice: bool = False
    """The source is read a second time, to see whether it was the same"""

    @property
    def source_key(self) -> tuple[str, ...]:
        """The key by the source's names."""
        names = dict(zip(self.target.columns, self.source_columns, strict=True))
        return tuple(names[name] for name in self.target.key)

    def key_of(self, row: Texts) -> Texts:
        """The key's part of a row."""
        return tuple(row[place] for place in self.target.places)


@dataclass(frozen=True, slots=True)
class DifferingKey:
    """The rows of one key that have no equal on the other side."""

    key: Texts
    source: tuple[Texts, ...]
    target: tuple[Texts, ...]
    read_at: float
    """By the clock of the comparison's patience"""

    @property
    def rows(self) -> int:
        """A pair, or a row of one side, is one."""
        return max(len(self.source), len(self.target))

    def same_rows(self, other: DifferingKey) -> bool:
        """Whether both have the same rows, in any order."""
        return Counter(self.source) == Counter(other.source) and Counter(self.target) == Counter(other.target)


@dataclass(slots=True)
class Found:
    """What was read and found so far."""

    limit: int
    received: int = 0
    matched: int = 0
    """Rows of the target that a row of the source has named"""
    seal: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    """Of the rows of the source as they came"""
    first: Counter[str] = field(default_factory=Counter)
    """Rows on one side only, when they were first read"""
    counts: Counter[str] = field(default_factory=Counter)
    classes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    tolerated: int = 0
    rechecked: Rechecked = field(default_factory=Rechecked)
    listed: list[RowDelta] = field(default_factory=list)
    differing: list[Texts] = field(default_factory=list)
    """The first of the rows that differ"""
    waiting: list[DifferingKey] = field(default_factory=list)
    """Those that are to be read again"""
    reasons: list[str] = field(default_factory=list)

    def add(
        self, comparison: RestComparison, kind: str, row: Texts, cells: tuple[Cell, ...] = (), copies: int = 1
    ) -> None:
        """Count a row that differs, and list it while there is room."""
        self.counts[kind] += copies
        self.classes.update({(cell.column, cell.cls, cell.drift): copies for cell in cells})
        if kind != "drifting" and len(self.differing) < CLASSIFIED_AT_MOST:
            self.differing.append(row)
        if len(self.listed) < self.limit:
            status = "different" if kind == "drifting" else kind
            delta = {"key": _shown_key(comparison, row), "status": status, "cells": cells}
            self.listed.append(RowDelta.model_validate(delta))


def sealed(seal: hashlib.blake2b, rows: Iterable[Texts]) -> None:
    """Take rows into a hash of all of them, in their order."""
    for row in rows:
        seal.update(json.dumps(row).encode())


def _shown_key(comparison: RestComparison, row: Texts) -> dict[str, JsonValue]:
    table = comparison.target
    key = {name: table.types[name].name for name in table.key}
    return shown_row_key(key, comparison.key_of(row), row, personal=comparison.personal)
