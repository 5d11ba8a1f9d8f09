"""Letting the source go: whoever waited at its lock and is bound by no fence is ended first, and it is looked at after.

The lock holds off everybody, the fence those whose rights it took. In between are superusers, kept roles and functions
that run as somebody else: what they waited to write would be written to a source that is no longer the one in use.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

from harness.core.configuration import TableRowsSection
from harness.core.cutover.record import CutoverCheck
from harness.core.model.relations import Table
from harness.core.record import Side
from harness.errors import PgparityError
from harness.postgres.connect import Endpoint
from harness.postgres.fence import drained, fence_record
from harness.postgres.sentinel import read_sentinel
from harness.postgres.waiting import end_waiting
from harness.postgres.written import Mark, written_since
from harness.stages.cutover.request import CutoverRequest, Situation, failed, ok, unchecked
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.move_filters import comparing
from harness.stages.structure import learn_structure

_WAIT_SECONDS: Final = 5.0
_NAME: Final = "source since the sentinel"


def end_who_waits(situation: Situation) -> list[CutoverCheck]:
    """Cancel what waits to write and would not be refused. While the lock is held."""
    if situation.still_held is None:
        return []
    return _ended(situation.request, situation.request.source, situation.tables(Side.SOURCE))


def end_who_waits_on_target(request: CutoverRequest) -> list[CutoverCheck]:
    """The same where the cutover goes back while the target is held: what was written there would be lost.

    A target that cannot be asked, or that has lost a table, is told where its rights are given back.
    """
    with contextlib.suppress(PgparityError):
        standing = fence_record(request.target)
        if standing is not None:
            return _ended(request, request.target, standing.tables)
    return []


def _ended(request: CutoverRequest, endpoint: Endpoint, tables: Sequence[str]) -> list[CutoverCheck]:
    section = request.section
    found = end_waiting(endpoint, tables=tables, roles=section.keep_roles, everybody=bool(section.keep_functions))
    if not found:
        return []
    ended = sum(each.ended for each in found)
    left = [str(each) for each in found if not each.ended]
    told = f"{ended} were cancelled" + (f"; may not be cancelled: {', '.join(left[:5])}" if left else "")
    return [ok(f"writes that waited on the {endpoint.side}", told)]


def source_untouched(situation: Situation) -> CutoverCheck:
    """Whether somebody wrote to the source since its sentinel, now that whoever waited has ended."""
    request = situation.request
    kept = read_sentinel(request.source, situation.cutover)
    if kept is None:
        return unchecked(_NAME, "the source has no sentinel any more", "pgparity cutover status tells more.")
    if situation.learned is None:
        situation.learned = learn_structure(request.run, Journal(request.configuration, Silent()))
    tables = situation.tables(Side.SOURCE)
    waited = drained(request.source, tables=tables, seconds=_WAIT_SECONDS)
    if not waited.ended:
        busy = "; ".join(str(each) for each in waited.in_the_way[:5])
        return unchecked(_NAME, f"may be writing there yet: {busy}", "Let them end, then run the command again.")
    counts = kept.opening.source_rows if kept.opening is not None else {}
    rules = comparing(request.configuration).rows.tables
    there = situation.catalogs[0].table_by_identity

    def mark(table: Table) -> Mark:
        # What a condition leaves out was not counted.
        each = rules.get(table.identity, TableRowsSection())
        whole = not (each.where or each.source_where)
        return Mark(snapshot=kept.snapshot, rows=counts.get(table.identity) if whole else None)

    found = written_since(request.source, [(there[name], mark(there[name])) for name in tables])
    if not found:
        return ok(_NAME, f"nobody has written to {len(tables)} tables")
    shown = "; ".join(f"{table}: {each}" for table, each in sorted(found.items())[:5])
    return failed(
        _NAME,
        shown + (f" and {len(found) - 5} tables more" if len(found) > 5 else "") + ": the target has not got that",
        "Carry it over by hand (pgparity data diff names the rows). The target is open all the same.",
    )
