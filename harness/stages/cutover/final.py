"""The rows of a cutover: catch-ups while the source is live, the last one under the fence, and what is compared."""

from __future__ import annotations

import time

from harness.core.configuration import Configuration
from harness.core.cutover.record import CutoverCheck
from harness.core.ledger import Ledger
from harness.core.record import Severity
from harness.errors import PgparityError
from harness.postgres.connect import session
from harness.postgres.cutover_row import Arrival, arrival_on, note_arrival
from harness.stages.cutover.fencing import sees_sentinel, standing_fences
from harness.stages.cutover.request import Outcome, Situation, failed, judged, ok
from harness.stages.events import Silent
from harness.stages.migrate import migrate_stage
from harness.stages.migrate_alone import summed
from harness.stages.move_filters import comparing
from harness.stages.result import StageResult
from harness.stages.rows import rows_stage, whole


def warm_up(situation: Situation) -> Outcome:
    """Catch up while the application goes on, until a pass is as short as the last one may be."""
    section = situation.request.section
    if situation.fenced_before:
        return Outcome(summary="an earlier process has fenced: the next catch-up is the last", skipped=True)
    limit, took = section.max_final_seconds, 0.0
    before = 0.0
    for number in range(1, section.warm_up_passes + 1):
        started = time.perf_counter()
        others = [f"the {side} by {each}" for side, each in standing_fences(situation.request).items()]
        if others:
            told = f"another cutover has fenced meanwhile: {', '.join(others)}"
            return Outcome(checks=(failed("other cutovers", told, "Work on a cutover from one machine."),))
        result = _caught_up(situation, final=False)
        took = time.perf_counter() - started
        problem = _problem(result)
        if problem is not None:
            return Outcome(checks=(problem,), summary="rows do not arrive")
        # The first pass may have much to move; once a pass is no shorter than the one before, more do not help.
        if took < limit and (number > 1 or not result.artifact.chunks or took < limit / 2):
            counted = "1 pass" if number == 1 else f"{number} passes"
            return Outcome(
                checks=(ok("last pass", f"{took:.2f} s, {limit:g} s are allowed"),),
                summary=f"{counted} while the source was live, the last one {took:.2f} s",
            )
        if before and took >= before and took >= limit:
            break
        before = took
    if not section.warm_up_passes:
        return Outcome(summary="not asked for: cutover.warm_up_passes is 0", skipped=True)
    return Outcome(
        checks=(
            judged(
                "last pass",
                took < limit,
                f"{took:.2f} s, {limit:g} s are allowed (cutover.max_final_seconds)",
                "The application would stand still longer than that: allow more, or wait for a quieter hour.",
            ),
        ),
        summary=f"the last pass took {took:.2f} s",
    )


def catch_up(situation: Situation) -> Outcome:
    """Move what is left; every snapshot of the source must have the sentinel. Then the target says what has arrived."""
    request = situation.request
    result = _caught_up(situation, final=True)
    situation.ledger = result.artifact
    problem = _problem(result)
    if problem is not None:
        return Outcome(checks=(problem,), summary="rows did not arrive")
    sentinel = situation.sentinel
    if sentinel is None:
        raise PgparityError("there is no sentinel", hint="This is a defect of pgparity: please report it.")
    with session(request.target, purpose="cutover", writable=True) as target:
        note_arrival(
            target,
            Arrival(
                cutover=situation.cutover,
                sentinel=sentinel.token,
                lsn=sentinel.lsn,
                snapshot_lsn=situation.snapshot_lsn,
                arrived_at="",
            ),
        )
        arrived = arrival_on(target)
    holds = arrived is not None and arrived.sentinel == sentinel.token
    tables = result.artifact.tables
    alike = sum(each.equal_rows is not None for each in tables)
    return Outcome(
        checks=(
            judged("arrived", holds, f"the target has the sentinel of {sentinel.lsn}, as of {situation.snapshot_lsn}"),
            *_still_held(situation),
        ),
        summary=f"{len(tables)} tables, {alike} of them alike on both sides already",
    )


def compare(situation: Situation) -> Outcome:
    """Compare every table that the last catch-up has not found alike; nothing writes on either side."""
    request = situation.request
    proven = {
        table: each for table, each in summed(situation.ledger).items() if table not in situation.written_on_target
    }
    result = rows_stage(
        request.source,
        request.target,
        *situation.catalogs,
        situation.known.tables,
        comparing(whole(_exact(request.configuration))),
        situation.events,
        summed=proven,
        # No fence is around them: that they were alike a moment ago says nothing.
        large_objects=True,
        seen=sees_sentinel(situation),
    )
    situation.rows = result.artifact
    checks: list[CutoverCheck] = []
    fail_on = request.configuration.run.fail_on
    blocking = [each for each in result.findings if each.severity.at_least(fail_on)]
    # Drift that the verdict allowed is allowed here.
    different = [each for each in result.artifact if each.status not in ("identical", "drift")]
    rows = sum(each.source_rows for each in result.artifact)
    if different or blocking:
        first = blocking[0].title if blocking else f"{different[0].table} is {different[0].status}"
        number = max(len(different), len(blocking))
        checks.append(failed("rows", first + (f" and {number - 1} more" if number > 1 else "")))
    elif result.coverage.gaps:
        gap = result.coverage.gaps[0]
        checks.append(failed("rows", f"{gap.item} was not compared: {gap.reason}"))
    else:
        checks.append(ok("rows", f"{rows:,} rows of {len(result.artifact)} tables are alike"))
    counts = [each for each in result.artifact if each.source_rows != each.target_rows]
    checks.append(judged("counts", not counts, f"{counts[0].table} differs" if counts else "equal in every table"))
    checks += _still_held(situation)
    again = len(result.artifact) - len(proven)
    told = f"{rows:,} rows; {again} tables were read again"
    return Outcome(checks=tuple(checks), summary=told, coverage=(result.coverage,))


def _caught_up(situation: Situation, *, final: bool) -> StageResult[Ledger]:
    request = situation.request
    return migrate_stage(
        request.source,
        request.target,
        *situation.catalogs,
        situation.known.tables,
        request.configuration,
        situation.events if not final else Silent(),
        catch_up=True,
        seen=sees_sentinel(situation) if final else None,
    )


def _problem(result: StageResult[Ledger]) -> CutoverCheck | None:
    """Why a pass did not bring everything over; None where it did."""
    # Sequences have a step of their own.
    blocking = [each for each in result.findings if each.severity.at_least(Severity.RISK) and each.code != "SEQ003"]
    broken = [each for each in result.artifact.tables if each.error is not None]
    if broken:
        return failed("catch-up", f"{broken[0].table}: {broken[0].error}", "Mend it, then run the command again.")
    if blocking:
        return failed("catch-up", blocking[0].title, "Mend it, then run the command again.")
    if gaps := result.coverage.gaps:
        return failed("catch-up", f"{gaps[0].item}: {gaps[0].reason}")
    return None


def _still_held(situation: Situation) -> tuple[CutoverCheck, ...]:
    if situation.still_held is None:
        return ()
    holds = situation.still_held()
    return (judged("source locked", holds, "the lock is held" if holds else "the session that held it is gone"),)


def _exact(configuration: Configuration) -> Configuration:
    """Nobody writes: what differs is not waited for."""
    rows = configuration.rows.model_copy(update={"settle_seconds": 0.0, "max_read": None, "max_latency": None})
    return configuration.model_copy(update={"rows": rows})
