"""Fence facts: what a fence took and gave back, who is in its way, who writes all the same; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.core.cutover.rights import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceRecord:
    """A fence as it is recorded in the database that it is in, by the transaction that put it up."""

    cutover: str
    at: str
    """When it was put up, UTC, ISO 8601"""
    roles: tuple[str, ...]
    """Those that were asked for"""
    grantees: tuple[str, ...]
    """Whose rights were taken: these, the roles that they act as, PUBLIC, and who had a right from one of them"""
    tables: tuple[str, ...]
    """Those that were asked for"""
    relations: tuple[str, ...]
    """What rights were looked for on: these, their partitions, and what writes to them"""
    rights: int
    """How many rights were taken"""
    by_hand: tuple[str, ...]
    """The statements that give them back"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """What putting up a fence did."""

    record: FenceRecord
    new_rights: int
    """Rights that this call took; 0: all had been taken before"""
    committed_at: str
    """When it was committed, UTC, ISO 8601, by the server's clock; of a fence that stood, when it was put up"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfenced:
    """What taking a fence down did."""

    record: FenceRecord | None
    """The fence that stood; None: there was none"""
    restored: int
    told: tuple[str, ...] = ()
    """Rights that are not as before, each with the reason; empty: all are"""
    gone: int = 0
    """How many of these were about what somebody dropped meanwhile: nothing can be given back there"""

    @property
    def ended(self) -> bool:
        """Whether every right is back that can be."""
        return len(self.told) == self.gone

    @property
    def whole(self) -> bool:
        """Whether every right is back."""
        return not self.told


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A transaction that may be writing yet."""

    pid: int | None
    """None: a prepared transaction"""
    name: str
    """application_name; of a prepared transaction its identifier; empty where the server does not tell"""
    role: str
    seconds: float | None
    """How long it has been running; None where the server does not tell"""
    tables: tuple[str, ...]

    def __str__(self) -> str:
        who = f"prepared transaction {self.name}" if self.pid is None else f"session {self.pid}"
        named = f" ({self.name})" if self.pid is not None and self.name else ""
        role = f" of {self.role}" if self.role else ""
        age = f", {self.seconds:.0f} s" if self.seconds is not None else ""
        return f"{who}{named}{role}{age}, on {', '.join(self.tables)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """Whether every transaction that may have begun to write before the fence has ended."""

    seconds: float
    in_the_way: tuple[Busy, ...] = ()
    """Those that had not ended in time"""

    @property
    def ended(self) -> bool:
        """Whether all have."""
        return not self.in_the_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """Who can write to a table in scope although the fence stands."""

    roles: tuple[Writer, ...]
    """Roles that log in and are neither fenced nor superusers"""
    superusers: tuple[str, ...]
    """No privilege binds them; the lock does, while it is held"""
    functions: tuple[str, ...]
    """SECURITY DEFINER functions that fenced roles reach and that run as somebody who can write: a warning"""
    subscriptions: tuple[str, ...]
    """Enabled subscriptions of the database: what they receive is written by none of these roles"""
    own: str
    """The role that pgparity itself uses"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """The last row that was written to the source before the final catch-up."""

    cutover: str
    token: str
    lsn: str
    """Where the source's log stood right after it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What was so right before the target could be opened; the source keeps it, where nobody writes any more."""

    mapping: str
    """Fingerprint of what the rows went through"""
    source_rows: Mapping[str, int]
    """Table in scope, by identity on the source, to how many rows it had there"""
    target_rows: Mapping[str, int]
    """The same, on the target"""
    target_snapshot: str
    """What was visible on the target: whatever is not was written since"""
    target_tables: tuple[str, ...]
    """Every table of users that the target had"""

    def to_data(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "mapping": self.mapping,
            "source_rows": dict(self.source_rows),
            "target_rows": dict(self.target_rows),
            "target_snapshot": self.target_snapshot,
            "target_tables": list(self.target_tables),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Opening:
        """Back from what `to_data` gave."""
        return cls(
            mapping=str(data["mapping"]),
            source_rows={str(name): int(rows) for name, rows in data["source_rows"].items()},
            target_rows={str(name): int(rows) for name, rows in data["target_rows"].items()},
            target_snapshot=str(data["target_snapshot"]),
            target_tables=tuple(map(str, data["target_tables"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSentinel:
    """The sentinel as the source has it."""

    cutover: str
    snapshot: str
    """What was visible on the source when it was written: whatever is not was written since"""
    opening: Opening | None
    """None: the target cannot have been opened"""
