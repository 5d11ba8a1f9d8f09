"""RowDelta and its cells: how the rows of one table differ, by key and class, never by value."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.record import JsonValue, Record, Side

TableStatus = Literal["identical", "drift", "differs", "incomplete"]
DeltaStatus = Literal["missing_on_source", "missing_on_target", "different"]


class Cell(Record):
    """One value that differs. Values themselves appear only with --show-values, masked."""

    column: str
    cls: str = Field(alias="class", serialization_alias="class", description="What kind of difference it is")
    drift: bool = Field(default=False, description="Equal value, other type or representation")
    source: str | None = Field(default=None, description="Masked value, only with --show-values")
    target: str | None = Field(default=None, description="Masked value, only with --show-values")
    older: Side | None = Field(default=None, description="Of a stale row: the side that has its older version")
    at: str | None = Field(default=None, description="Of a cell above 1 MB: where the sides begin to differ")

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class RowDelta(Record):
    """One row that differs."""

    key: dict[str, JsonValue] = Field(description="Key column to value; columns declared personal as a short hash")
    status: DeltaStatus
    cells: tuple[Cell, ...] = ()


class ClassCount(Record):
    """How often one class of difference was seen in one column."""

    column: str
    cls: str = Field(alias="class", serialization_alias="class")
    drift: bool = False
    rows: int = Field(ge=1)

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class Slice(Record):
    """Where differences concentrate: rows with one value, or one day, of one column."""

    column: str
    value: JsonValue = Field(description="A number, a day or a boolean; anything else as a short hash")
    differences: int = Field(ge=1, description="Differing rows of this slice")
    share: float = Field(description="Their share of all differing rows that were looked at, 0 to 1")
    share_of_rows: float | None = Field(default=None, description="The slice's share of the table's rows, 0 to 1")


class SampleBound(Record):
    """What a sample proves."""

    rows: int = Field(ge=0, description="Rows drawn")
    confidence: float = Field(default=0.95)
    at_most: float = Field(description="The share of differing rows is below this, with that confidence")


class SourceRead(Record):
    """When a source that gives no snapshot was read: its rows are of as many moments as it had pages."""

    began: str = Field(description="ISO 8601, UTC")
    ended: str
    snapshot: bool = Field(default=False, description="Whether all rows are of one moment")
    same_again: bool | None = Field(
        default=None, description="Whether a second reading gave the same rows; null: there was none"
    )


class TableRows(Record):
    """The comparison of one table's rows."""

    table: str
    target_table: str
    status: TableStatus
    source_rows: int = Field(ge=0)
    target_rows: int = Field(ge=0)
    key: tuple[str, ...] = Field(default=(), description="Columns that rows are matched by; none: as multisets")
    columns: tuple[str, ...] = Field(default=(), description="Columns that were compared, by target name")
    missing_on_source: int = 0
    missing_on_target: int = 0
    different: int = 0
    drifting: int = 0
    differences: tuple[RowDelta, ...] = Field(default=(), description="The first ones; the counts above are of all")
    truncated: bool = Field(default=False, description="There are more differences than are listed")
    type_drift: tuple[str, ...] = Field(default=(), description="Columns whose types differ between the sides")
    reason: str | None = Field(default=None, description="Why the comparison is incomplete")
    seconds: float = Field(default=0, ge=0)
    method: str = Field(default="", description="How it was compared, in words")
    tolerated: int = Field(default=0, ge=0, description="Rows that differ within the tolerances only")
    settled: int = Field(default=0, ge=0, description="Rows that differed, and were alike when they were read again")
    moving: int = Field(default=0, ge=0, description="Rows that differed otherwise each time they were read")
    classes: tuple[ClassCount, ...] = Field(default=(), description="Most rows first")
    classified: int | None = Field(
        default=None, description="Differing rows whose cells were looked at, where that is not all of them"
    )
    slices: tuple[Slice, ...] = Field(default=(), description="Where the differences concentrate")
    sample: SampleBound | None = None
    source_read: SourceRead | None = Field(default=None, description="Of a source that is reached by REST alone")
    read_bytes: int = Field(default=0, ge=0, description="Of both sides' tables, by the pages that were scanned")
    resumed: int = Field(default=0, ge=0, description="Segments taken over from an interrupted comparison")
