"""Large objects that were moved and that the source no longer has: removed where they are as they were moved."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.large_objects import TOGETHER
from harness.postgres import large_objects
from harness.postgres import ledger_large_objects as ledger
from harness.postgres.failures import blaming
from harness.postgres.ledger_large_objects import Line
from harness.stages.large_objects_witness import Witness
from harness.stages.load_state import Transfer


def remove_gone(transfer: Transfer, origin: str, witness: Witness, *, removing: bool) -> tuple[int, list[int]]:
    """How many were removed, and which are still there: written to by others since, or not to be removed by this run.

    All that ever came from the source's database is asked about: for a run that all of its objects were chosen for.
    """
    removed, left = 0, []
    with blaming(transfer.target_endpoint, transfer.target):
        for lines in ledger.all_lines(transfer.target, origin):
            transfer.target.commit()
            with blaming(transfer.source_endpoint, transfer.source), transfer.source.transaction():
                gone = large_objects.gone(transfer.source, [each.oid for each in lines])
            stale = [each for each in lines if each.oid in gone]
            for start in range(0, len(stale), TOGETHER):
                transfer.crew.stop.check()
                some, kept = _removed(transfer, origin, witness, stale[start : start + TOGETHER], removing=removing)
                removed += some
                left += kept
        transfer.target.commit()
    return removed, left


def _removed(
    transfer: Transfer, origin: str, witness: Witness, lines: Sequence[Line], *, removing: bool
) -> tuple[int, list[int]]:
    """Of some, in one transaction."""
    target = transfer.target
    there = large_objects.sizes(target, [each.oid for each in lines])
    standing = [each for each in lines if each.oid in there]
    if not removing:
        target.commit()
        return 0, [each.oid for each in standing]
    ours = {each.oid: each for each in standing if ledger.as_moved(target, each, there[each.oid])}
    large_objects.unlink(target, list(ours))
    while theirs := witness.written_by_others({oid: each for oid, each in ours.items() if each.digest}):
        target.rollback()
        ours = {oid: each for oid, each in ours.items() if oid not in theirs}
        large_objects.unlink(target, list(ours))
    kept = [each.oid for each in standing if each.oid not in ours]
    ledger.drop(target, origin, [each.oid for each in lines if each.oid not in kept])
    target.commit()
    return len(ours), kept
