"""Carrying, as a step: rows go back while the target is held, and once it is let go it is looked at again.

Whoever waited at the lock goes on when it goes, and a function that runs as somebody else is not refused then. What
came so is carried as well, as long as the source is fenced; after that it can only be told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.core.cutover.record import CutoverCheck
from harness.core.model.relations import Table
from harness.core.record import Side
from harness.postgres.connect import session
from harness.postgres.cutover_row import arrival_on
from harness.postgres.fence import breaches, drained, fence_record, held
from harness.postgres.written import Mark, Written, marks_now, written_since
from harness.stages.cutover.request import Outcome, Situation, failed, judged, ok
from harness.stages.cutover.since_opening import opening_of

_TRIES: Final = 5
CAME_SINCE: Final = "writes to the target"


@dataclass(slots=True, kw_only=True)
class Carrying:
    """What this process has carried, and how the target was left by it."""

    situation: Situation
    holding: contextlib.ExitStack
    """Has the lock on the target"""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Of the target's tables, from under the lock; empty: this process has not held it"""

    def carried(self) -> Outcome:
        """Only where the source is fenced still, by this very cutover: else its own rows would be overwritten."""
        situation = self.situation
        self.marks = marks_now(situation.request.target, self._tables)
        if _never_opened(situation) and not self._written_since_opening():
            return Outcome(summary="the target was never open, and nobody has written there", skipped=True)
        checks, summary = self._carry()
        if situation.still_held is not None:
            holds = situation.still_held()
            told = "the lock is held" if holds else "the session that held it is gone"
            checks.append(judged("target locked", holds, told))
        return Outcome(checks=tuple(checks), summary=summary)

    def let_go(self) -> list[CutoverCheck]:
        """Let the target go while its rights are still revoked, and carry what came to it then; until nothing does."""
        if not self.marks:
            return []
        checks: list[CutoverCheck] = []
        name = "writes behind the fence"
        for _ in range(_TRIES):
            self.holding.close()
            self.situation.still_held = None
            waited = self._drained()
            if waited is not None:
                return [*checks, waited]
            found = self._written()
            if not found:
                return [*checks, ok(name, "none came once the lock was let go")]
            told = _shown(found)
            self._hold()
            self.marks = marks_now(self.situation.request.target, self._tables)
            carried, summary = self._carry()
            checks.append(ok(name, f"{told} while others waited for the lock; carried too: {summary}"))
            checks += [each for each in carried if not each.ok]
            if any(not each.ok for each in carried):
                return checks
        hint = "Stop whoever calls functions that run as another role, then run the command again."
        return [*checks, failed(name, "somebody goes on writing to the target past its fence", hint)]

    def came_since(self) -> list[CutoverCheck]:
        """What came to the target after the last look, while the source was given back: it can only be told."""
        if not self.marks:
            return []
        found = self._written()
        if not found:
            return []
        return [
            failed(
                CAME_SINCE,
                f"{_shown(found)} after its rows were carried back: the source has not got that",
                "Carry it by hand (pgparity data diff names the rows); run the command again to end the rollback.",
            )
        ]

    @property
    def _tables(self) -> list[Table]:
        there = self.situation.catalogs[1].table_by_identity
        return [there[name] for name in self.situation.tables(Side.TARGET)]

    def _written(self) -> dict[str, Written]:
        marks = [(table, self.marks[table.identity]) for table in self._tables if table.identity in self.marks]
        return written_since(self.situation.request.target, marks)

    def _written_since_opening(self) -> bool:
        """Whether somebody whom no privilege binds has written to a target that was never open."""
        opening = opening_of(self.situation.request.run, self.situation.cutover)
        if opening is None:
            return False
        marks = [(table, Mark(snapshot=opening.target_snapshot)) for table in self._tables]
        return bool(written_since(self.situation.request.target, marks))

    def _carry(self) -> tuple[list[CutoverCheck], str]:
        # What repairs rows is loaded for this alone.
        from harness.stages.cutover.carry_back import carry_back

        situation = self.situation
        fenced = _source_fenced(situation)
        if not fenced.ok:
            return [fenced], ""
        result = carry_back(situation.request.run, cutover=situation.cutover, events=situation.events, consent=True)
        checks = [fenced, *(ok("carried back", each) for each in (*result.tables, *result.told))]
        return [*checks, *(failed("not carried back", each) for each in result.left)], result.summary

    def _drained(self) -> CutoverCheck | None:
        """Whoever waited for the lock has ended; else what stands in the way."""
        request = self.situation.request
        tables = self.situation.tables(Side.TARGET)
        waited = drained(request.target, tables=tables, seconds=request.section.drain_seconds)
        if waited.ended:
            return None
        busy = "; ".join(str(each) for each in waited.in_the_way[:5])
        told = f"not ended in {waited.seconds:.1f} s: {busy}"
        return failed("running transactions", told, "Let them end, then run the command again.")

    def _hold(self) -> None:
        request, tables = self.situation.request, self.situation.tables(Side.TARGET)
        lock = self.holding.enter_context(held(request.target, tables=tables, consent=True))
        self.situation.still_held = lock.still_held


def _source_fenced(situation: Situation) -> CutoverCheck:
    request, name = situation.request, "source fenced"
    if request.section.fence == "hook":
        return ok(name, "by a program: each table is asked for rows that were written or deleted there since")
    standing = fence_record(request.source)
    if standing is None or standing.cutover != situation.cutover:
        return failed(
            name,
            "the source is not fenced by this cutover: it may have been written since",
            "Compare both sides: pgparity data diff.",
        )
    found = breaches(request.source)
    told = f"not wholly: {found[0]}" if found else "by this cutover"
    return ok(name, f"{told}; each table is asked for rows that were written or deleted there since")


def _never_opened(situation: Situation) -> bool:
    """Whether the fence of the target is still the very one that stood when it was about to be opened."""
    standing = fence_record(situation.request.target)
    with session(situation.request.target, purpose="cutover") as target:
        arrival = arrival_on(target)
    if standing is None or arrival is None or arrival.cutover != situation.cutover or arrival.opened_at is None:
        return False
    return standing.at == arrival.fence_at


def _shown(found: Mapping[str, Written]) -> str:
    shown = "; ".join(f"{table}: {each}" for table, each in sorted(found.items())[:5])
    return shown + (f" and {len(found) - 5} tables more" if len(found) > 5 else "")
