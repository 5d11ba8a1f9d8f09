"""Before the switch: what every later step relies on is asked once more, of the databases and of nobody's memory."""

from __future__ import annotations

from harness.core.cutover.record import CutoverCheck
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.postgres.fence import breaches, fence_record, writers_besides
from harness.stages.cutover import hook_fence
from harness.stages.cutover.preflight_fence import writers_past
from harness.stages.cutover.request import Situation, failed, judged, ok
from harness.stages.cutover.unchanged import unchanged


def before_switch(situation: Situation) -> list[CutoverCheck]:
    """The locks are held, the fences of this very cutover stand and hold, nobody else came, no schema has changed."""
    request = situation.request
    checks = []
    for name, held in (("source", situation.still_held), ("target", situation.target_held)):
        if held is not None:
            holds = held()
            checks.append(judged(f"{name} locked", holds, "the lock is held" if holds else "the lock was lost"))
    if request.section.fence == "hook":
        checks.append(hook_fence.holds(situation))
    else:
        checks.append(_fence(situation, request.source))
    checks += [_fence(situation, request.target), unchanged(situation)]
    for endpoint in (request.source, request.target):
        checks += _writers(situation, endpoint)
    return checks


def _writers(situation: Situation, endpoint: Endpoint) -> list[CutoverCheck]:
    """A role that was made since preflight is bound by no fence. What was decided then is not told again."""
    section, roles = situation.request.section, situation.roles(endpoint.side)
    decided = endpoint.side is Side.SOURCE and section.fence == "hook" and section.no_fence_check is not None
    if decided or not roles:
        return []
    found = writers_besides(endpoint, roles=roles, tables=situation.tables(endpoint.side))
    return [each for each in writers_past(situation, endpoint.side, found) if not each.ok]


def _fence(situation: Situation, endpoint: Endpoint) -> CutoverCheck:
    """A rollback from another machine may have taken it down, and a right may have been granted since."""
    name = f"fence of the {endpoint.side}"
    standing = fence_record(endpoint)
    if standing is None or standing.cutover != situation.cutover:
        return failed(name, "it is not there any more: somebody else went back", "pgparity cutover status tells more.")
    found = breaches(endpoint)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    if found:
        return failed(name, f"{found[0]}{more}", "Revoke it, then run the command again.")
    return ok(name, "stands, and nobody was granted anything since" if endpoint.side is Side.SOURCE else "stands")
