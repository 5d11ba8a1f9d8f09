"""A table's comparison: what is compared on both sides, and how; what all steps of it are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.core.configuration import Tolerance
from harness.core.deltas import RowDelta
from harness.core.keys import MatchKey
from harness.core.projection import TableProjection
from harness.core.row_forms import CellForm
from harness.postgres.row_hash import HashedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class TableComparison:
    """What is compared, and how."""

    projection: TableProjection
    forms: dict[str, CellForm]
    key: MatchKey | None
    source: HashedTable
    target: HashedTable
    personal: frozenset[str]
    """Columns of the key, by target name, that appear as a hash"""
    uncompared: tuple[str, ...]
    """Columns of the source that have no place on the target"""
    estimated_rows: int
    limit: int
    """Differences that are listed"""
    stop_after: int | None = None
    """Differences after which the comparison stops"""
    stored: bool = True
    """Both sides are tables: the rows of views and foreign tables may change though nothing is written"""
    hidden: frozenset[str] = frozenset()
    """Columns, by target name, that are declared personal"""
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    show_values: bool = False
    sample: int | None = None
    """About so many rows are compared"""
    settle_seconds: float = 0
    """How long rows that differ are read again where a side is written meanwhile; 0: not at all"""
    snapshots_at: float = 0
    """When the snapshots were taken, by time.monotonic"""
    heard: Callable[[RowDelta], None] | None = None
    """Told of every difference as it is found, listed or not"""
