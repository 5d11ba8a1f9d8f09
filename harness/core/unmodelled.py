"""Unmodelled: what a catalog does not hold, and what a comparison never looks at; said, not passed over."""

from __future__ import annotations

from pydantic import Field

from harness.core.model.catalog import Unmodelled
from harness.core.record import Record, Side

DATABASE_WIDE = frozenset(
    {
        "settings of a subscription", "options of a user mapping",
    }
)  # fmt: skip
"""Kinds that belong to the database and to no schema of the scope"""

NEVER_COMPARED = (
    (
        "roles with their memberships and settings, tablespaces and server configuration",
        "they belong to the server, not to the database",
    ),
)
"""What this version never looks at, and why that is no gap of one run"""


class SidedUnmodelled(Record):
    """An object of a kind that is not compared, and where it is."""

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
    def gap(self) -> bool:
        """Whether it leaves the comparison incomplete: the source has it, within the schemas in scope.

        What the target has beside is not needed; large objects are in no schema, but they are data.
        """
        return self.side is Side.SOURCE and self.kind not in DATABASE_WIDE
