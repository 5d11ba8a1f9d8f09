"""What is told of large objects that were not moved, or are not the same on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.record import Severity

Kind = Literal["missing", "differs", "taken", "gone"]
_STAGE: Final = "migrate"
_NAMED: Final = 20
"""Numbers that a finding lists"""
_CATCH_UP = "pgparity migrate --catch-up moves what changed on the source since, and removes what is gone from it."


@dataclass(slots=True)
class Unlike:
    """How many objects are not the same on both sides, by how, with the first of their numbers."""

    numbers: dict[Kind, int] = field(default_factory=dict)
    first: dict[Kind, list[int]] = field(default_factory=dict)

    def note(self, how: str, oid: int) -> None:
        """What was found of an object; one that is the same on both sides counts for nothing."""
        if how in ("missing", "differs", "taken", "gone"):
            kind: Kind = how  # type: ignore[assignment]  # one of these four
            self.numbers[kind] = self.numbers.get(kind, 0) + 1
            listed = self.first.setdefault(kind, [])
            if len(listed) < _NAMED:
                listed.append(oid)

    def extend(self, how: Kind, oids: Iterable[int]) -> None:
        """The same of several."""
        for oid in oids:
            self.note(how, oid)


def findings_of(unlike: Unlike, *, catch_up: bool, stage: str = _STAGE) -> tuple[Finding, ...]:
    """A finding for each way in which objects differ."""
    found = []
    for kind, count in sorted(unlike.numbers.items()):
        numbers = sorted(unlike.first[kind])
        listed = ", ".join(map(str, numbers)) + (f" and {count - len(numbers):,} more" if count > len(numbers) else "")
        some = f"large object {listed}" if count == 1 else f"{count:,} large objects"
        title, fix = _told(kind, some, one=count == 1, catch_up=catch_up, stage=stage)
        found.append(
            Finding(
                code="MIG006" if kind == "taken" else "MIG007",
                severity=Severity.RISK if kind == "gone" else Severity.BLOCKER,
                stage=stage,
                object=FoundObject(kind="large object", identity=listed),
                title=title,
                evidence=(Evidence(label="numbers", text=listed),),
                fix=Fix(text=fix),
            )
        )
    return tuple(found)


def _told(kind: Kind, some: str, *, one: bool, catch_up: bool, stage: str) -> tuple[str, str]:
    its, do = ("its number", "does") if one else ("their numbers", "do")
    later = "Run again; where that does not help, see what else writes to the target." if catch_up else _CATCH_UP
    if stage != _STAGE:
        later = (
            "pgparity migrate moves large objects, with --catch-up those again that it moved before. One that others "
            "wrote has to be removed first."
        )
    match kind:
        case "taken":
            title = (
                f"{some} {'was' if one else 'were'} not moved: the target has other content under {its}, which "
                "pgparity did not write or may not read"
            )
            fix = (
                "Where nobody needs what is there, remove it (SELECT lo_unlink(…)) and run again; else leave large "
                "objects behind by migrate.leave_large_objects."
            )
            return title, fix
        case "missing":
            return f"{some} of the source {'is' if one else 'are'} not on the target", later
        case "differs":
            return f"{some} {do} not hold the same bytes on both sides", later
        case "gone":
            return (
                f"{some} {'was' if one else 'were'} moved before and {'is' if one else 'are'} no longer on the source",
                "They were written to on the target since, and are not removed: remove them by hand "
                "(SELECT lo_unlink(…)) if nobody needs them."
                if catch_up
                else _CATCH_UP,
            )


def not_moved(reason: str) -> Finding:
    """MIG006: a statement about them failed."""
    return Finding(
        code="MIG006",
        severity=Severity.BLOCKER,
        stage=_STAGE,
        object=FoundObject(kind="large object", identity="large objects"),
        title=f"large objects were not wholly moved: {reason}",
        evidence=(Evidence(label="reason", text=reason),),
        fix=Fix(text="Mend the cause and run again: what was moved is not moved twice."),
    )
