"""Ledger: what was moved, chunk by chunk; the same facts stand in the target's table pgparity.ledger."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.record import JsonValue, Record

LoadMode = Literal["copy", "upsert"]
"""copy: COPY straight into an empty table; upsert: a staging table, then INSERT … ON CONFLICT."""


class Chunk(Record):
    """A half-open key range (lower, upper] of one table that moved in one transaction of the target."""

    table: str
    ordinal: int = Field(ge=0)
    lower: tuple[JsonValue, ...] | None = Field(default=None, description="Key values as text; null is below all")
    upper: tuple[JsonValue, ...] | None = Field(default=None, description="Key values as text; null is above all")
    rows: int = Field(ge=0)
    seconds: float = Field(ge=0)
    finished_at: str | None = Field(default=None, description="UTC, ISO 8601")
    resumed: bool = Field(default=False, description="Moved by an earlier, interrupted run")


class MovedTable(Record):
    """What happened to one table."""

    table: str
    target_table: str
    mode: LoadMode
    rows: int = Field(ge=0, description="Rows read from the source and written to the target")
    bytes: int = Field(default=0, ge=0, description="Bytes of COPY data")
    seconds: float = Field(default=0, ge=0)
    chunks: int = Field(default=0, ge=0)
    verified: bool = Field(default=False, description="Rows on both sides were counted after the load and agree")
    error: str | None = Field(default=None, description="SQLSTATE and what it means; never a row's value")


class Ledger(Record):
    """A migration: its plan's fingerprint, its tables in load order, its chunks."""

    version: Literal[1] = 1
    migration: str = Field(description="Identifies plan and catalogs; a rerun with another one is refused")
    snapshot: str | None = Field(default=None, description="The exported snapshot that the source was read in")
    tables: tuple[MovedTable, ...] = ()
    chunks: tuple[Chunk, ...] = ()

    @property
    def rows(self) -> int:
        """All rows moved."""
        return sum(table.rows for table in self.tables)
