"""Report lines: what `run` and `report` write with --format jsonl, one object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel

from harness.core.document import ComparedFinding
from harness.core.findings import Finding
from harness.core.verdict import Verdict


class FindingLine(Finding):
    """A finding, worst first."""

    type: Literal["finding"]


class ChangeLine(ComparedFinding):
    """What became of a finding since an older run; only of a run that was compared with one."""

    type: Literal["change"]


class VerdictLine(Verdict):
    """The last line."""

    type: Literal["verdict"]
    run: str = Field(description="Id of the run")
    findings: int = Field(ge=0, description="How many lines are findings")


class ReportLine(RootModel[Annotated[FindingLine | ChangeLine | VerdictLine, Field(discriminator="type")]]):
    """One line of `--format jsonl` of a run document; `type` says which kind it is."""
