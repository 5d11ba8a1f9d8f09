"""Change: one difference between two catalogs, in the direction source to target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import Field, computed_field

from harness.core.record import Consequence, JsonValue, Record, Severity

ChangeType = Literal["added", "removed", "altered", "renamed"]


class Change(Record):
    """One difference between two catalogs.

    `added` exists on the target only, `removed` on the source only (the absent side is null), `altered` on both;
    `renamed` only where a rule declares it. A whole missing object is one change: its parts are not listed.
    """

    kind: str = Field(description="Kind of object: table, column, constraint, index, sequence, view, routine, …")
    identity: str = Field(description="The object's name, quoted where SQL needs it: schema.table.column")
    attribute: str | None = Field(default=None, description="What differs of an altered object, else null")
    change: ChangeType
    source: JsonValue = None
    target: JsonValue = None
    consequence: Consequence = Field(description="What it does at a cutover")
    equivalence: str | None = Field(
        default=None,
        description="Class of harmless difference, where it is one: name, arbiter, serial-identity, …",
    )
    table: str | None = Field(default=None, description="Identity of the table that the object belongs to")
    dependents: tuple[str, ...] = Field(default=(), description="Identities of what depends on the object")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def severity(self) -> Severity:
        """Follows from the consequence."""
        return self.consequence.severity


def tally(changes: Iterable[Change]) -> str:
    """3 blocker, 1 risk."""
    counts = Counter(change.severity for change in changes)
    return ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity])


class RenameSuggestion(Record):
    """An object missing on the target with a twin there: offered with its evidence, never assumed."""

    kind: str = Field(description="table or column")
    source: str = Field(description="Identity on the source")
    target: str = Field(description="Identity on the target")
    evidence: tuple[str, ...] = Field(description="Why it looks like a rename, in words")
    confidence: float = Field(ge=0, le=1, description="Share of the evidence that was looked for and found")
