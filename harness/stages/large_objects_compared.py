"""Large objects compared: those of the source with those of their numbers on the target, by length and hash.

The snapshots of two servers are never one moment: what differs in them is compared once more where a side was written
to since, when the settle time has passed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import TypeVar

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.findings import Finding
from harness.core.large_objects import AT_ONCE, TOGETHER, Piece, course, pieces_of, together
from harness.core.projection import TableProjection
from harness.errors import PrivilegeMissing
from harness.postgres import large_objects
from harness.postgres.connect import Connection, Endpoint, new_sessions
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.row_again import current_snapshot, unwritten_since
from harness.stages.large_objects_chosen import ITEM, chosen_objects
from harness.stages.large_objects_found import Unlike, findings_of
from harness.stages.result import StageResult
from harness.stages.rows_findings import STAGE

Artifact = TypeVar("Artifact")
Reading = tuple[Connection, Endpoint]


@dataclass(frozen=True, slots=True)
class ComparedObjects:
    """What came of it."""

    objects: int = 0
    bytes: int = 0
    unlike: int = 0
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Skipped, ...] = ()


@dataclass(slots=True)
class _Found:
    """What comparing them found."""

    bytes: int = 0
    """Of the source's"""
    hidden: int = 0
    """That the target's role may not read"""
    missing: array[int] = field(default_factory=lambda: array("I"))
    """On the target; ascending"""
    differs: array[int] = field(default_factory=lambda: array("I"))
    """Ascending"""

    @property
    def unlike(self) -> array[int]:
        """All that are not the same, ascending: 4 bytes each, for it may be every one."""
        return array("I", merge(self.missing, self.differs))


def compare_large_objects(
    source: Reading,
    target: Reading,
    projections: Iterable[TableProjection],
    configuration: Configuration,
    *,
    since: float,
) -> ComparedObjects:
    """Compare all of the source's, or those that the tables refer to, as a migration would choose them (MIG007).

    Both sessions are in their snapshots, which were taken at `since` by time.monotonic. What cannot be compared is a
    gap, and costs the rows nothing.
    """
    try:
        chosen = chosen_objects(source, projections, configuration)
        if not chosen.oids or chosen.left is not None:
            return ComparedObjects(gaps=chosen.skipped)
        if configuration.rows.max_read is not None or configuration.rows.sample is not None:
            reason = f"{len(chosen.oids):,} of the source are not compared where --max-read or --sample bounds the rows"
            return ComparedObjects(gaps=(Skipped(item=ITEM, reason=reason),))
        found = _Found()
        _compare((source, target), chosen.oids, found)
        if (found.missing or found.differs) and configuration.rows.settle_seconds:
            _compare_again((source, target), found, until=since + configuration.rows.settle_seconds)
    except StatementFailed as failure:
        return ComparedObjects(gaps=(Skipped(item=ITEM, reason=f"on the {failure.side}: {failure.reason}"),))
    except PrivilegeMissing as error:
        return ComparedObjects(gaps=(Skipped(item=ITEM, reason=error.message),))
    reason = f"{found.hidden:,} of the target may not be read by its role"
    gaps = (Skipped(item=ITEM, reason=reason),) if found.hidden else ()
    unlike = Unlike()
    unlike.extend("missing", found.missing)
    unlike.extend("differs", found.differs)
    told = findings_of(unlike, catch_up=False, stage=STAGE)
    return ComparedObjects(len(chosen.oids), found.bytes, sum(unlike.numbers.values()), told, gaps)


def with_large_objects(stage: StageResult[Artifact], compared: ComparedObjects) -> StageResult[Artifact]:
    """The stage's result with what came of them."""
    if not compared.objects and not compared.gaps:
        return stage
    coverage = stage.coverage
    items = (*coverage.items, ITEM) if compared.objects and not compared.gaps else coverage.items
    told = f"{compared.objects:,} large objects, {compared.unlike:,} of them not the same"
    if not compared.unlike:
        told = f"{compared.objects:,} large objects are the same"
    return dataclasses.replace(
        stage,
        coverage=coverage.model_copy(update={"items": items, "skipped": (*coverage.skipped, *compared.gaps)}),
        findings=(*stage.findings, *compared.findings),
        summary=f"{stage.summary}; {told if compared.objects else 'large objects are not compared'}",
    )


def _compare(sides: tuple[Reading, Reading], oids: Sequence[int], found: _Found) -> None:
    for start in range(0, len(oids), TOGETHER):
        _compare_some(sides, oids[start : start + TOGETHER], found)


def _compare_some(sides: tuple[Reading, Reading], oids: Sequence[int], found: _Found) -> None:
    of_source, of_target = (_sizes(side, oids) for side in sides)
    alike: dict[int, int] = {}
    differing: set[int] = set()
    for oid in oids:
        if oid not in of_source:
            # Read again, the source has it no more: it is no object of the source's.
            continue
        size, there = of_source[oid], of_target.get(oid)
        found.bytes += size or 0
        if oid in of_target and there is None:
            found.hidden += 1
            continue
        if size is None:
            # Read again, it is another one that the role may not read.
            differing.add(oid)
            continue
        match course(size, there, line=None, moving=False):
            case "compare":
                alike[oid] = size
            case "missing":
                found.missing.append(oid)
            case _:
                differing.add(oid)
    for group in together((each for oid, size in alike.items() for each in pieces_of(oid, size)), AT_ONCE):
        pieces = [each for each in group if each.oid not in differing]
        left, right = (_digests(side, pieces) for side in sides)
        both = zip(pieces, left, right, strict=True)
        differing |= {piece.oid for piece, of_left, of_right in both if of_left != of_right}
    found.differs.extend(sorted(differing))


def _compare_again(sides: tuple[Reading, Reading], found: _Found, *, until: float) -> None:
    """Leave of what differs in the snapshots what does so once more, read now; all, where nothing was written since."""
    (_, of_source), (_, of_target) = sides
    with new_sessions(of_source, of_target, purpose="large objects again") as (left, right):
        live = (left, of_source), (right, of_target)
        with _moment(left), _moment(right):
            both = zip(sides, live, strict=True)
            if all(unwritten_since(current_snapshot(*then), current_snapshot(*now)) for then, now in both):
                return
        time.sleep(max(0.0, until - time.monotonic()))
        again = _Found()
        oids = found.unlike
        for start in range(0, len(oids), TOGETHER):
            # The target second: what was written to the source has had the more time to arrive.
            with _moment(left), _moment(right):
                _compare_some(live, oids[start : start + TOGETHER], again)
    found.missing, found.differs = again.missing, again.differs
    found.hidden += again.hidden


@contextlib.contextmanager
def _moment(connection: Connection) -> Iterator[None]:
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


# Savepoints: a statement that fails must not cost the others the snapshots.
def _sizes(side: Reading, oids: Sequence[int]) -> dict[int, int | None]:
    connection, endpoint = side
    with blaming(endpoint, connection), connection.transaction():
        return large_objects.sizes(connection, oids)


def _digests(side: Reading, pieces: Sequence[Piece]) -> list[bytes]:
    connection, endpoint = side
    with blaming(endpoint, connection), connection.transaction():
        return large_objects.digests(connection, pieces)
