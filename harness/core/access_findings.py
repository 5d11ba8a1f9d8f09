"""Access findings: privileges and owners that cannot be the same on the target, told once a role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from harness.core.change import Change
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.model.database import RoleSetting
from harness.core.model.privileges import DefaultPrivilege, Privilege
from harness.core.owners import OWNER
from harness.core.privileges import ABSENT_ROLE, PLATFORM
from harness.core.record import Severity

PRIVILEGES, OWNERS = "PRV001", "OWN001"
_SHOWN = 20
_KINDS = frozenset({Privilege.kind, DefaultPrivilege.kind, RoleSetting.kind})
_WHY = {
    ABSENT_ROLE: "the target's server has no such role",
    PLATFORM: "it is a role of the platform, and none of these has a privilege on the target",
}


def apart(changes: Iterable[Change]) -> tuple[list[Change], list[Finding]]:
    """The changes that are told one by one, and findings for the rest: one a role that stays behind, one a pair of
    owners."""
    kept: list[Change] = []
    by_role: dict[tuple[str, str], list[Change]] = defaultdict(list)
    by_owners: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for each in changes:
        if each.equivalence == OWNER:
            by_owners[str(each.source), str(each.target)].append(each)
        elif each.equivalence in _WHY and each.kind in _KINDS:
            by_role[each.equivalence or "", _role(each)].append(each)
        else:
            kept.append(each)
    found = [
        Finding(
            code=PRIVILEGES,
            severity=Severity.COSMETIC,
            stage="diff",
            object=FoundObject(kind="role", identity=f"privileges of {role}"),
            title=f"{len(told)} privileges of the role {role} are not on the target: {_WHY[equivalence]}",
            evidence=(_evidence(told),),
        )
        for (equivalence, role), told in by_role.items()
    ]
    found += (
        Finding(
            code=OWNERS,
            severity=Severity.COSMETIC,
            stage="diff",
            object=FoundObject(kind="role", identity=f"objects of {ours}"),
            title=f"{len(told)} objects of {ours} belong to {theirs} on the target, whose server has no role {ours}",
            evidence=(_evidence(told),),
        )
        for (ours, theirs), told in by_owners.items()
    )
    return kept, found


def _role(change: Change) -> str:
    """The role of a privilege or of a setting, from its identity."""
    if change.kind == RoleSetting.kind:
        return change.identity.rpartition(" of role ")[2]
    return change.identity.rsplit(" ", 2)[1]


def _evidence(told: list[Change]) -> Evidence:
    names = [each.identity for each in told]
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Evidence(label="on the source", text=", ".join(names[:_SHOWN]) + more)
