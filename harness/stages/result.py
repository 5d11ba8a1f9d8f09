"""StageResult: what every stage returns: its artifact, what it covered, what it found, one line for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.core.coverage import Coverage
from harness.core.findings import Finding

Artifact = TypeVar("Artifact")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult(Generic[Artifact]):
    """The outcome of one stage."""

    artifact: Artifact
    coverage: Coverage
    findings: tuple[Finding, ...]
    summary: str
