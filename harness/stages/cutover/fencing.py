"""The fence of a cutover: writes stop on both sides, what is running ends, the source is held, the sentinel written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psycopg

from harness.core.cutover.record import CutoverCheck
from harness.core.record import Side
from harness.errors import ConfigurationError, PgparityError
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.cutover_row import ensure_never_opened
from harness.postgres.failures import StatementFailed
from harness.postgres.fence import (
    check_sentinel,
    drained,
    fence,
    fence_record,
    held,
    unfence,
    write_sentinel,
)
from harness.stages.cutover import hook_fence
from harness.stages.cutover.hooks import call
from harness.stages.cutover.journal_file import moment
from harness.stages.cutover.let_go import end_who_waits_on_target
from harness.stages.cutover.request import CutoverRequest, Outcome, Situation, failed, judged, ok
from harness.stages.cutover.unchanged import unchanged


def put_up(situation: Situation, holding: contextlib.ExitStack, fenced: Callable[[str], None]) -> Outcome:
    """Fence the target, then the source; wait, hold the source until `holding` ends, and write the sentinel.

    `fenced` is told when the source's writes were about to be revoked, right after they were.
    """
    request, section = situation.request, situation.request.section
    checks = _not_of_others(situation)
    if not all(each.ok for each in checks):
        return Outcome(checks=tuple(checks), summary="nobody was fenced")
    target = fence(
        request.target,
        cutover=situation.cutover,
        roles=section.target_roles,
        tables=situation.tables(Side.TARGET),
        consent=True,
    )
    checks.append(ok("fence of the target", f"{target.record.rights} rights revoked, {target.new_rights} of them now"))
    began = moment()
    if section.fence == "hook":
        ran = call(request, section.fence_command, cutover=situation.cutover, step="fence")
        checks.append(judged("fence command", ran.code == 0, ran.text))
        if ran.code == 0:
            checks.append(hook_fence.holds(situation))
    else:
        source = fence(
            request.source,
            cutover=situation.cutover,
            roles=section.source_roles,
            tables=situation.tables(Side.SOURCE),
            consent=True,
        )
        told = f"{source.record.rights} rights revoked, {source.new_rights} of them now"
        checks.append(ok("fence of the source", told))
    fenced(began)
    if not all(each.ok for each in checks):
        return Outcome(checks=tuple(checks), summary="writes were not stopped")
    return _held(situation, holding, checks)


def _not_of_others(situation: Situation) -> list[CutoverCheck]:
    """Before either side is fenced: another cutover, from another machine, may have come further since preflight."""
    request = situation.request
    checks = []
    for side, cutover in standing_fences(request).items():
        if cutover != situation.cutover:
            hint = "Go on with that one, or go back: pgparity cutover rollback."
            checks.append(failed(f"fence of the {side}", f"it is fenced by the cutover {cutover}", hint))
    with session(request.target, purpose="cutover") as target:
        try:
            ensure_never_opened(target)
        except PgparityError as error:
            checks.append(failed("target not opened", error.message, error.hint))
    return checks


def _held(situation: Situation, holding: contextlib.ExitStack, checks: list[CutoverCheck]) -> Outcome:
    request, section = situation.request, situation.request.section
    tables = situation.tables(Side.SOURCE)
    waited = drained(request.source, tables=tables, seconds=section.drain_seconds)
    busy = "; ".join(str(each) for each in waited.in_the_way[:5])
    checks.append(
        judged(
            "running transactions",
            waited.ended,
            f"ended after {waited.seconds:.2f} s" if waited.ended else f"not ended in {waited.seconds:.1f} s: {busy}",
            "Let them end, or raise cutover.drain_seconds.",
        )
    )
    if not waited.ended:
        return Outcome(checks=tuple(checks), summary="writes had not ended in time")
    lock = holding.enter_context(held(request.source, tables=tables, consent=True))
    situation.still_held = lock.still_held
    checks.append(judged("lock", lock.still_held(), f"SHARE on {len(tables)} tables of the source"))
    # Also of what was made before the lock, and of tables that are new: these it does not hold.
    checks.append(unchanged(situation))
    if not checks[-1].ok:
        return Outcome(checks=tuple(checks), summary="a schema has changed")
    situation.sentinel = write_sentinel(request.source, situation.cutover, consent=True)
    checks.append(ok("sentinel", f"written at {situation.sentinel.lsn}, the last row of the source"))
    return Outcome(checks=tuple(checks), summary=f"nobody writes; waited {waited.seconds:.2f} s for transactions")


def sees_sentinel(situation: Situation) -> Callable[[Connection], None]:
    """What every snapshot of the source has to pass: it has the sentinel, and its server is there already."""

    def seen(connection: Connection) -> None:
        if situation.sentinel is None:
            raise PgparityError("there is no sentinel", hint="This is a defect of pgparity: please report it.")
        check_sentinel(connection, situation.sentinel)
        row = connection.execute(
            "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
            " ELSE pg_catalog.pg_current_wal_insert_lsn() END::text"
        ).fetchone()
        situation.snapshot_lsn = str(row[0]) if row else ""

    return seen


def take_down(request: CutoverRequest, cutover: str, holding: contextlib.ExitStack) -> Outcome:
    """Give back every right that was revoked, on the source first; a second time does no harm.

    `holding` has the lock, on whichever side. It is let go while the target's rights are still revoked: a write that
    waited there has to be refused, for the rows of the target were carried back without it.
    """
    checks = source_given_back(request, cutover)
    checks += end_who_waits_on_target(request)
    holding.close()
    checks += _refused(request)
    if all(each.ok for each in checks):
        checks.append(restored(request.target, cutover))
    return Outcome(checks=tuple(checks), summary="every right is as it was")


def source_given_back(request: CutoverRequest, cutover: str) -> list[CutoverCheck]:
    """Give back the rights on the source alone."""
    checks: list[CutoverCheck] = []
    if request.section.fence == "hook":
        ran = call(request, request.section.unfence_command, cutover=cutover, step="unfence")
        checks.append(judged("unfence command", ran.code == 0, ran.text))
    # Also where a hook fenced: the sentinel and its schema go as well.
    checks.append(restored(request.source, cutover))
    return checks


def _refused(request: CutoverRequest) -> list[CutoverCheck]:
    """Writes that reached the target behind its fence have ended: they were refused."""
    standing = fence_record(request.target)
    if standing is None:
        return []
    try:
        waited = drained(request.target, tables=standing.tables, seconds=request.section.drain_seconds)
    except ConfigurationError:
        # A table is gone, which is told where rights are given back.
        return []
    busy = "; ".join(str(each) for each in waited.in_the_way[:5])
    text = "none is left" if waited.ended else f"not ended in {waited.seconds:.1f} s: {busy}"
    return [judged("writes to the target", waited.ended, text, "Let them end, then run the command again.")]


def restored(endpoint: Endpoint, cutover: str, *, strict: bool = False) -> CutoverCheck:
    """Take one side's fence away, and say whether every right is back.

    Another cutover's fence stays: two that began at the same moment, from two machines, must not undo each other.
    `strict`: it is an error then.
    """
    name = f"rights of the {endpoint.side}"
    standing = fence_record(endpoint)
    if standing is not None and standing.cutover != cutover and not strict:
        return ok(name, f"nothing was revoked by this cutover; {standing.cutover} has fenced since {standing.at}")
    found = unfence(endpoint, cutover, consent=True)
    if not found.ended:
        return failed(
            name,
            f"{len(found.told)} are not as before: {'; '.join(found.told[:3])}",
            "Grant them by hand where they are still wanted.",
        )
    if (standing := fence_record(endpoint)) is not None:
        return failed(name, f"the fence of {standing.cutover} still stands", "Run the command again.")
    told = f"{found.restored} given back" if found.record is not None else "nothing was revoked"
    dropped = f"; {len(found.told)} were of what somebody dropped: {'; '.join(found.told[:3])}" if found.told else ""
    return ok(name, told + dropped)


def fences_told(request: CutoverRequest) -> tuple[str, ...]:
    """The same in words; of a side that cannot be asked now, that it is not known."""
    found = []
    for endpoint in (request.source, request.target):
        try:
            if fence_record(endpoint) is not None:
                found.append(str(endpoint.side))
        except (PgparityError, StatementFailed, psycopg.Error):
            found.append(f"{endpoint.side} (not known: it cannot be asked)")
    return tuple(found)


def standing_fences(request: CutoverRequest) -> dict[Side, str]:
    """Which sides are fenced now, and by which cutover; read from the databases."""
    found = {}
    for endpoint in (request.source, request.target):
        record = fence_record(endpoint)
        if record is not None:
            found[endpoint.side] = record.cutover
    return found
