"""What the diff stage hands on, as every run document has it; loads nothing of what the diff is made with."""

from __future__ import annotations

from pydantic import Field

from harness.core.change import Change, RenameSuggestion
from harness.core.column_order import ColumnOrder
from harness.core.platform_dependency import PlatformDependency
from harness.core.record import Record


class DiffArtifact(Record):
    """What the diff found."""

    changes: tuple[Change, ...] = ()
    renames: tuple[RenameSuggestion, ...] = Field(default=(), description="Suggestions with their evidence")
    column_order: tuple[ColumnOrder, ...] = ()
    unmodelled: tuple[str, ...] = Field(default=(), description="kind identity (side) of what was not compared")
    filtered: dict[str, int] = Field(
        default_factory=dict, description="Reason of a decision to the number of changes that it left out"
    )
    dependencies: tuple[PlatformDependency, ...] = Field(
        default=(),
        description="What of the source's own objects needs what a platform manages, where a policy is chosen",
    )
