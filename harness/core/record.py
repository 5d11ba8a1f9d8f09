"""Record: the base of every contract that leaves the process as JSON, and the version that each one states."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from harness.errors import DocumentError

__all__ = ["Consequence", "JsonValue", "Record", "Severity", "Side", "worst"]


class Record(BaseModel):
    """A frozen, serialisable fact. Unknown keys are ignored on reading: an older pgparity reads a newer document."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    def to_json(self, *, indent: int | None = None) -> str:
        """The record as JSON text."""
        return self.model_dump_json(indent=indent)

    def to_data(self) -> dict[str, Any]:
        """The record as plain JSON data (dict, list, str, int, float, bool, None)."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read JSON text back; DocumentError names the first thing that is wrong with it."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise DocumentError(
                f"not a pgparity {cls.__name__}: {where}: {first['msg']}",
                hint="Give a file that this version of pgparity wrote.",
            ) from None


class Side(StrEnum):
    """Which of the two databases."""

    SOURCE = "source"
    TARGET = "target"


class Severity(StrEnum):
    """What a finding means for the cutover: blocker and risk stop it (by default), cosmetic does not."""

    BLOCKER = "blocker"
    RISK = "risk"
    COSMETIC = "cosmetic"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def at_least(self, other: Severity) -> bool:
        """Whether this is as bad as `other`, or worse."""
        return self.rank <= other.rank


class Consequence(StrEnum):
    """What a change does at a cutover, worst first; it decides the severity."""

    DATA_LOSS = "data loss"
    EXPOSURE = "exposure"
    WRITES_FAIL = "writes fail"
    WRONG_RESULTS = "wrong results"
    PERFORMANCE = "performance"
    COSMETIC = "cosmetic"

    @property
    def severity(self) -> Severity:
        """Data loss, exposure and failing writes block; wrong results and performance are risks."""
        if self in (Consequence.DATA_LOSS, Consequence.EXPOSURE, Consequence.WRITES_FAIL):
            return Severity.BLOCKER
        return Severity.COSMETIC if self is Consequence.COSMETIC else Severity.RISK


def worst(severities: list[Severity]) -> Severity | None:
    """The worst of some severities, None of none."""
    return min(severities, key=lambda severity: severity.rank, default=None)
