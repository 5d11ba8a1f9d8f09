"""Large objects compared: those of the source with those of their numbers on the target, by length and hash."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.findings import Finding
from harness.core.large_objects import AT_ONCE, TOGETHER, Piece, course, pieces_of, together
from harness.core.projection import TableProjection
from harness.errors import PrivilegeMissing
from harness.postgres import large_objects
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed, blaming
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


def compare_large_objects(
    source: Reading, target: Reading, projections: Iterable[TableProjection], configuration: Configuration
) -> ComparedObjects:
    """Compare all of the source's, or those that the tables refer to, as a migration would choose them (MIG007).

    Both sessions are in their snapshots. What cannot be compared is a gap, and costs the rows nothing.
    """
    try:
        chosen = chosen_objects(source, projections, configuration)
        if not chosen.oids or chosen.left is not None:
            return ComparedObjects(gaps=chosen.skipped)
        if configuration.rows.max_read is not None or configuration.rows.sample is not None:
            reason = f"{len(chosen.oids):,} of the source are not compared where --max-read or --sample bounds the rows"
            return ComparedObjects(gaps=(Skipped(item=ITEM, reason=reason),))
        size, unlike, hidden = 0, Unlike(), 0
        for start in range(0, len(chosen.oids), TOGETHER):
            some, unread = _compared(source, target, chosen.oids[start : start + TOGETHER], unlike)
            size, hidden = size + some, hidden + unread
    except StatementFailed as failure:
        return ComparedObjects(gaps=(Skipped(item=ITEM, reason=f"on the {failure.side}: {failure.reason}"),))
    except PrivilegeMissing as error:
        return ComparedObjects(gaps=(Skipped(item=ITEM, reason=error.message),))
    gaps = (Skipped(item=ITEM, reason=f"{hidden:,} of the target may not be read by its role"),) if hidden else ()
    count = sum(unlike.numbers.values())
    return ComparedObjects(len(chosen.oids), size, count, findings_of(unlike, moving=False, stage=STAGE), gaps)


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


def _compared(source: Reading, target: Reading, oids: Sequence[int], unlike: Unlike) -> tuple[int, int]:
    """Bytes of some objects, and how many of them the target's role may not read."""
    of_source, of_target = _sizes(source, oids), _sizes(target, oids)
    alike: dict[int, int] = {}
    hidden = 0
    for oid in oids:
        size, there = of_source[oid] or 0, of_target.get(oid)
        if oid in of_target and there is None:
            hidden += 1
            continue
        way = course(size, there, ours=False, moving=False)
        unlike.note(way, oid)
        if way == "compare":
            alike[oid] = size
    differing: set[int] = set()
    for group in together((each for oid, size in alike.items() for each in pieces_of(oid, size)), AT_ONCE):
        pieces = [each for each in group if each.oid not in differing]
        both = zip(pieces, _digests(source, pieces), _digests(target, pieces), strict=True)
        differing |= {piece.oid for piece, left, right in both if left != right}
    unlike.extend("differs", sorted(differing))
    return sum(size or 0 for size in of_source.values()), hidden


# Savepoints: a statement that fails must not cost the others the snapshots.
def _sizes(side: Reading, oids: Sequence[int]) -> dict[int, int | None]:
    connection, endpoint = side
    with blaming(endpoint, connection), connection.transaction():
        return large_objects.sizes(connection, oids)


def _digests(side: Reading, pieces: Sequence[Piece]) -> list[bytes]:
    connection, endpoint = side
    with blaming(endpoint, connection), connection.transaction():
        return large_objects.digests(connection, pieces)
