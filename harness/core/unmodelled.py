"""Unmodelled: what a catalog does not hold, and what a comparison never looks at; said, not passed over."""

from __future__ import annotations

from pydantic import Field

from harness.core.model.catalog import Unmodelled
from harness.core.record import Record, Side

_NO_RIGHTS = "the role that reads this side may not see them"
REASONS = {
    "settings of a subscription": _NO_RIGHTS,
    "options of a user mapping": _NO_RIGHTS,
    "large objects": "so many of them are rows rather than structure: owners, comments and privileges are not compared",
}
"""What a catalog names without holding it, and why; all of it belongs to the database and to no schema"""

NEVER_COMPARED = (
    (
        "roles with their memberships and settings, tablespaces and server configuration",
        "they belong to the server, not to the database",
    ),
)
"""What this version never looks at, and why that is no gap of one run"""


class SidedUnmodelled(Record):
    """Something that is there and was not compared, and where it is."""

    side: Side
    kind: str
    identity: str = Field(description="Its name as a person writes it")

    @classmethod
    def of(cls, side: Side, each: Unmodelled) -> SidedUnmodelled:
        """The object on that side."""
        return cls(side=side, kind=each.kind, identity=each.identity)

    @property
    def line(self) -> str:
        """kind identity (side)"""
        return f"{self.kind} {self.identity} ({self.side})"

    @property
    def reason(self) -> str:
        """Why it was not compared."""
        return REASONS.get(self.kind, "no such kind of object is compared")

    @property
    def gap(self) -> bool:
        """Whether it leaves the comparison incomplete: the source has it. What the target has beside is not needed."""
        return self.side is Side.SOURCE
