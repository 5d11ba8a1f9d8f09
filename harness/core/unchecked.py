"""What a run did not check: gaps, which make it incomplete, apart from what a person decided to leave out."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.document import RunDocument


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that was not checked, where, and why."""

    stage: str
    item: str
    reason: str


def gaps(document: RunDocument) -> tuple[Unchecked, ...]:
    """What was asked for and not checked, in the order of the stages; tables that nobody named come last."""
    found = [
        Unchecked(coverage.stage, item.item, item.reason) for coverage in document.coverage for item in coverage.gaps
    ]
    told = {gap.stage for gap in found}
    for stage in document.stages:
        if stage.status in ("incomplete", "not run") and stage.name not in told:
            item = "the whole stage" if stage.status == "not run" else "a part of the stage"
            found.append(Unchecked(stage.name, item, stage.summary))
            told.add(stage.name)
    excluded = {stage.name for stage in document.stages if stage.status == "excluded"}
    for coverage in document.coverage:
        if coverage.checked == 0 and not coverage.skipped and coverage.stage not in told | excluded:
            found.append(Unchecked(coverage.stage, f"every {coverage.unit}", "nothing was there to check"))
    named = {gap.item for gap in found}
    found += [
        Unchecked("scope", table.table, table.reason or "neither in scope nor excluded by name")
        for table in document.scope
        if table.scope == "unnamed" and table.table not in named
    ]
    return tuple(found)


def decisions(document: RunDocument) -> tuple[Unchecked, ...]:
    """What a person left out by name: no gap, and still to be read before a cutover."""
    found = [
        Unchecked(coverage.stage, item.item, item.reason)
        for coverage in document.coverage
        for item in coverage.skipped
        if item.decided
    ]
    told = {decision.stage for decision in found}
    found += [
        Unchecked(stage.name, "the whole stage", stage.summary)
        for stage in document.stages
        if stage.status == "excluded" and stage.name not in told
    ]
    named = {decision.item for decision in found}
    found += [
        Unchecked("scope", table.table, table.reason or "excluded by name")
        for table in document.scope
        if table.scope == "excluded" and table.table not in named
    ]
    return tuple(found)
