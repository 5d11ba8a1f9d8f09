"""Unchanged: both schemas are still as preflight saw them; what somebody made since was neither moved nor fenced."""

from __future__ import annotations

from harness.core.cutover.journal import Journal
from harness.core.cutover.record import CutoverCheck
from harness.core.cutover.structure import STRUCTURE, changed, digest
from harness.core.model.catalog import Catalog
from harness.stages.cutover.request import Situation, failed, ok
from harness.stages.events import Silent
from harness.stages.journal import Journal as StageJournal
from harness.stages.structure import learn_structure

_NOTED = "structure"


def noted(situation: Situation) -> CutoverCheck:
    """Keep what both schemas are, in the journal too: the process that goes on after a kill has to find the same."""
    situation.structure = situation.structure or _text(situation.catalogs)
    return ok(_NOTED, situation.structure)


def noted_before(journal: Journal) -> str:
    """What the process had seen that put up the fence; empty where its journal does not say so."""
    found = (check for step in journal.steps(("preflight",)) for check in step.checks if check.name == _NOTED)
    return next((check.text for check in found), "")


def unchanged(situation: Situation) -> CutoverCheck:
    """Read both catalogs once more: tables, columns and all else but the privileges, which the fence changes."""
    request, name = situation.request, "schemas unchanged"
    now = learn_structure(request.run, StageJournal(request.configuration, Silent()), families=STRUCTURE).catalogs
    if _text(now) == situation.structure:
        return ok(name, "both are as preflight saw them")
    found = [
        f"{each} on the {side}"
        for side, before, current in zip(("source", "target"), situation.catalogs, now, strict=True)
        for each in changed(before, current)
    ]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    told = f"{found[0]}{more}" if found else "something was made, changed or dropped since the cutover began"
    return failed(name, told, "Run `pgparity run` again: what is new was neither compared nor moved.")


def _text(catalogs: tuple[Catalog, Catalog]) -> str:
    return f"source {digest(catalogs[0])}, target {digest(catalogs[1])}"
