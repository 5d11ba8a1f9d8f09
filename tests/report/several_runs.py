"""Documents made of several runs: one beside an older one, and several targets as one."""

from __future__ import annotations

from harness.core.document import RunDocument
from harness.core.merging import merge_runs
from harness.core.run_comparison import compare_runs
from tests.report import samples


def numbered(document: RunDocument, number: int) -> RunDocument:
    """The run of a day of July."""
    started = f"2026-07-{number:02d}T09:12:03+00:00"
    return document.model_copy(update={"id": f"run-{number}", "started_at": started})


def compared() -> RunDocument:
    """The run with one planted fault, beside the one of the target that was built first."""
    newer, older = numbered(samples.planted(), 2), numbered(samples.first_built(), 1)
    return newer.model_copy(update={"comparison": compare_runs(newer, older)})


def merged() -> RunDocument:
    """Two targets of one source: one is equal, of the other not everything is known."""
    equal, unknown = numbered(samples.aligned(), 1), numbered(samples.interrupted(), 2)
    other = unknown.target.model_copy(update={"label": "Second server", "system_identifier": "2"})
    return merge_runs([equal, unknown.model_copy(update={"target": other})])
