"""The plan of a migration: how each table's rows are to move, in which order, and what speaks against it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from harness.core.configuration import MigrateSection
from harness.core.ledger import LoadMode, WantedMode
from harness.core.mapping import Mapping
from harness.core.plan import Step
from harness.core.projection import ProjectedColumn, TableProjection
from harness.core.record import Record


class PlannedTable(Record):
    """How one table is to be loaded."""

    table: str
    target_table: str
    group: int = Field(ge=1, description="Tables of one group are a cycle of foreign keys: one transaction loads them")
    mode: LoadMode | None = Field(default=None, description="null: it is not loaded, see refused")
    rows: int | None = Field(default=None, ge=0, description="The catalog's estimate; null: not known")
    bytes: int = Field(default=0, ge=0, description="Of its pages and its TOAST, with those of its partitions")
    chunk_key: tuple[str, ...] | None = Field(
        default=None, description="Columns of the source by which its rows are cut into chunks; null: one chunk"
    )
    index_bytes: int = Field(default=0, ge=0, description="Of its indexes on the source, with those of its partitions")
    where: str | None = Field(default=None, description="Condition on the source's rows: only these move")
    moved: int = Field(default=0, ge=0, description="Rows that an earlier, interrupted run of this migration moved")
    finished: bool = Field(default=False, description="An earlier run moved all of it: it is compared, not moved")
    columns: tuple[str, ...] = Field(
        default=(), description="Columns of the target that get something else than the column of their name"
    )
    lost: dict[str, str] = Field(default_factory=dict, description="Columns of the source that do not move: why")
    generated: tuple[str, ...] = Field(default=(), description="Columns that the target computes itself")
    triggers: tuple[str, ...] = Field(default=(), description="Triggers of the target that loading fires")
    sequences: tuple[str, ...] = Field(default=(), description="Sequences that are set past the rows")
    refused: str | None = Field(default=None, description="Why the target would refuse its rows")


class PlannedLargeObjects(Record):
    """The large objects of the source that are to move after the rows."""

    objects: int = Field(ge=0)
    bytes: int = Field(ge=0, description="Of the pages of all large objects of the source's database")
    columns: tuple[str, ...] | None = Field(
        default=None, description="Those that these columns refer to; null: all of the database"
    )
    finished: bool = Field(default=False, description="An earlier run moved all of them: they are compared, not moved")
    taken: int = Field(
        default=0, ge=0, description="Numbers of these that the target has objects under which pgparity did not write"
    )
    left: str | None = Field(default=None, description="Why they stay behind")


class MigrationPlan(Record):
    """What a migration will do, made from one pair of catalogs and refused for any other."""

    format: Literal["pgparity/migration-plan"] = "pgparity/migration-plan"
    version: Literal[1] = 1
    migration: str = Field(description="Identifies the mapping, the tables and their definitions on both sides")
    source: str = Field(description="The database, without how to reach it")
    target: str
    tables: tuple[PlannedTable, ...] = Field(default=(), description="In the order of loading")
    create: tuple[Step, ...] = Field(default=(), description="What is made on the target before rows move")
    after: tuple[Step, ...] = Field(default=(), description="What is made on the target once rows are there")
    mapping: Mapping = Mapping()
    batch_rows: int | None = Field(default=None, ge=1, description="Rows a chunk; null: by its bytes")
    batch_bytes: int = Field(default=MigrateSection().batch_bytes, ge=1, description="Of the source's pages, a chunk")
    wanted_mode: WantedMode = Field(default="auto", description="How rows were asked to be loaded")
    not_covered: tuple[str, ...] = Field(default=(), description="Differences of the schemas that stay as they are")
    sent_a_second: float | None = Field(
        default=None,
        description="Bytes a second that the source sent of its largest table; null: not tried, or too few",
    )
    large_objects: PlannedLargeObjects | None = Field(default=None, description="null: there are none to move")
    catch_up: bool = Field(
        default=False, description="Tables that are finished are compared and brought up to date, deletes too"
    )

    @property
    def refused(self) -> tuple[PlannedTable, ...]:
        """The tables that the target would refuse: nothing moves as long as there is one."""
        return tuple(table for table in self.tables if table.refused is not None)

    @property
    def bytes(self) -> int:
        """All that is to be read."""
        return sum(table.bytes for table in self.tables if not table.finished)


def space_needed(plan: MigrationPlan) -> int:
    """Bytes that the target will about need: what the tables that are to move take on the source, with their indexes.

    How many are free on the target's disk PostgreSQL tells nobody.
    """
    large = plan.large_objects
    of_objects = large.bytes if large and not large.finished and large.left is None and large.columns is None else 0
    return of_objects + sum(table.bytes + table.index_bytes for table in plan.tables if not table.finished)


def changed_columns(projection: TableProjection) -> tuple[str, ...]:
    """What fills the columns that get something else than the column of their name, a phrase for each."""
    told = [_filled(column) for column in projection.columns if column.writable and column.source != column.name]
    told += [
        f"{each.name}: {each.source} cast from {each.source_type} to {each.target_type}"
        for each in projection.columns
        if each.writable and each.source == each.name and each.source_type != each.target_type
    ]
    return (*told, *(f"{name}: its default" for name in projection.defaulted))


def _filled(column: ProjectedColumn) -> str:
    if column.source is not None:
        return f"{column.name}: {column.source}"
    return f"{column.name}: {column.origin} {column.expression}"
