"""Ledger: what was moved, chunk by chunk; the same facts stand in the target's table pgparity.ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from harness.core.record import JsonValue, Record

LoadMode = Literal["copy", "upsert"]
"""copy: COPY straight into an empty table; upsert: a staging table, then INSERT … ON CONFLICT."""
WantedMode = Literal["auto", "copy", "upsert"]
"""auto: copy where the target's table is empty, else upsert"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRange:
    """The rows of one chunk: some blocks of a part of the table, or a half-open range (lower, upper] of its key; a
    plain value.
    """

    ordinal: int = 0
    part: tuple[str, str] | None = None
    """Schema and name of the relation whose blocks these are; None: a range of the key"""
    first: int | None = None
    """The first block"""
    end: int | None = None
    """The block after the last; None: to the end"""
    lower: tuple[str, ...] | None = None
    """Of the key, as text; None is below all"""
    upper: tuple[str, ...] | None = None
    """None is above all"""
    bytes: int = 0
    """About how many the source reads for it"""
    chosen: str | None = None
    """SQL condition on the source's rows: only these of them"""

    @property
    def lasting(self) -> bool:
        """Whether it names the same rows in every snapshot: blocks do not, for rows move."""
        return self.part is None


class Chunk(Record):
    """The rows of one table that moved in one transaction of the target: a half-open key range (lower, upper], or some
    blocks of the source.
    """

    table: str
    ordinal: int = Field(ge=0)
    lower: tuple[JsonValue, ...] | None = Field(default=None, description="Key values as text; null is below all")
    upper: tuple[JsonValue, ...] | None = Field(default=None, description="Key values as text; null is above all")
    rows: int = Field(ge=0)
    rejected: int = Field(default=0, ge=0, description="Rows that the target refused, left out by --on-reject")
    bytes: int = Field(default=0, ge=0, description="Bytes of COPY data")
    seconds: float = Field(ge=0)
    snapshot: str | None = Field(default=None, description="The exported snapshot of the source that it was read in")
    finished_at: str | None = Field(default=None, description="UTC, ISO 8601")
    resumed: bool = Field(default=False, description="Moved by an earlier, interrupted run")
    transactions: tuple[str, ...] = Field(
        default=(), description="Of the target, that wrote its rows: the first one, and those that mended it"
    )
    checksum_source: str | None = Field(default=None, description="Sum of the rows' hashes in that snapshot")
    checksum_target: str | None = Field(default=None, description="The same of the rows that are on the target")


class MovedTable(Record):
    """What happened to one table."""

    table: str
    target_table: str
    mode: LoadMode
    rows: int = Field(ge=0, description="Rows read from the source and written to the target")
    rejected: int = Field(default=0, ge=0, description="Rows that the target refused, left out by --on-reject")
    bytes: int = Field(default=0, ge=0, description="Bytes of COPY data")
    seconds: float = Field(default=0, ge=0)
    chunks: int = Field(default=0, ge=0)
    verified: bool = Field(default=False, description="Rows on both sides were counted after the load and agree")
    checksums: bool | None = Field(
        default=None,
        description="Whether rows and sums of their hashes agree, chunk by chunk and in all; null: not summed",
    )
    equal_rows: int | None = Field(
        default=None,
        description="Rows that a catch-up found all alike on both sides, in its snapshot, and wrote nothing since that "
        "could have changed them; null: it did not",
    )
    error: str | None = Field(default=None, description="SQLSTATE and what it means; never a row's value")


class MovedLargeObjects(Record):
    """What happened to the large objects of the source that belong to a migration."""

    objects: int = Field(ge=0, description="Of the source: all, or those that the chosen tables refer to")
    bytes: int = Field(ge=0, description="What they hold")
    moved: int = Field(default=0, ge=0, description="Written by this run, wholly or where they had changed")
    removed: int = Field(default=0, ge=0, description="Moved before and gone from the source since")
    seconds: float = Field(default=0, ge=0)
    verified: bool = Field(
        default=False,
        description="Every one is on the target with the same length and hash, and none that the source no longer has",
    )
    roles_left_out: tuple[str, ...] = Field(
        default=(), description="Owners and grantees that the target does not have, or to whom the role may not give"
    )


class Ledger(Record):
    """A migration: its plan's fingerprint, its tables in load order, its chunks."""

    version: Literal[1] = 1
    migration: str = Field(description="Identifies plan and catalogs; a rerun with another one is refused")
    snapshot: str | None = Field(default=None, description="The exported snapshot that the source was read in")
    tables: tuple[MovedTable, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    large_objects: MovedLargeObjects | None = Field(default=None, description="null: there were none to move")

    @property
    def rows(self) -> int:
        """All rows moved."""
        return sum(table.rows for table in self.tables)
