"""The fence that a program of the user puts up: the source is asked whether it holds, its word alone is not enough."""

from __future__ import annotations

from harness.core.cutover.record import CutoverCheck
from harness.core.record import Side
from harness.postgres.fence import may_write
from harness.stages.cutover.request import CutoverRequest, Situation, decided, ok, unchecked
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.structure import learn_structure

_DECIDE = "Let fence_command take the rights of source_roles, or set cutover.no_fence_check to the reason."


def expected(request: CutoverRequest, name: str = "fence by the hook") -> CutoverCheck:
    """Whether there is something to ask, once the program has ended."""
    section = request.section
    if section.no_fence_check is not None:
        return decided(name, section.no_fence_check)
    if not section.source_roles:
        return unchecked(name, "cutover.source_roles names nobody who could be asked for", _DECIDE)
    return ok(name, f"{', '.join(section.source_roles)} may write to nothing once fence_command has ended: to be seen")


def holds(situation: Situation, name: str = "fence by the hook") -> CutoverCheck:
    """Whether the roles of the application may still write to the source: then nothing tells that they do not."""
    request = situation.request
    planned = expected(request, name)
    if planned.status != "ok":
        return planned
    if situation.learned is None:
        situation.learned = learn_structure(request.run, Journal(request.configuration, Silent()))
    tables = situation.tables(Side.SOURCE)
    found = may_write(request.source, roles=request.section.source_roles, tables=tables)
    if not found:
        return ok(name, f"{', '.join(request.section.source_roles)} may write to none of {len(tables)} tables")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return unchecked(name, f"the source grants {found[0]}{more}; nothing tells that nobody writes there", _DECIDE)
