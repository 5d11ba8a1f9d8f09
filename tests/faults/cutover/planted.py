"""Faults planted in a copy of the package, each a mistake of the engine that a test of this folder has to catch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.faults.migrate import planted
from tests.faults.migrate.planted import Planted

PLANTED: Final[Mapping[str, Planted]] = {
    "nobody's writes to the source are revoked": Planted(
        "            roles=section.source_roles,\n            tables=situation.tables(Side.SOURCE),\n",
        "            roles=(),\n            tables=situation.tables(Side.SOURCE),\n",
    ),
    "transactions that run are not waited for, nor is the source held": Planted(
        "    waited = drained(request.source, tables=tables, seconds=section.drain_seconds)\n",
        "    waited = drained(request.source, tables=(), seconds=section.drain_seconds)\n    tables = ()\n",
    ),
    "the source is not held": Planted(
        "    lock = holding.enter_context(held(request.source, tables=tables, consent=True))\n"
        "    situation.still_held = lock.still_held\n",
        "    lock = holding.enter_context(held(request.source, tables=(), consent=True))\n"
        "    situation.still_held = None\n",
    ),
    "nobody asks whether the source is still held": Planted(
        "    situation.still_held = lock.still_held\n"
        '    checks.append(judged("lock", lock.still_held(), f"SHARE on {len(tables)} tables of the source"))\n',
        "    situation.still_held = lambda: True\n",
    ),
    "rows are not compared": Planted(
        "    if different or blocking:\n        first =",
        "    if not rows:\n        first =",
    ),
    "rights are not given back where it stops": Planted(
        "    checks.append(restored(request.source, cutover))\n",
        "",
    ),
    "the application is not led back where its methods answer otherwise": Planted(
        "    return switch_back(situation)\n",
        '    return Outcome(summary="the application is led back")\n',
    ),
    "an open target is believed to be open": Planted(
        "        if check.ok:\n            return record_of(earlier, fenced=fenced, message=",
        "        if check.name:\n            return record_of(earlier, fenced=fenced, message=",
    ),
    "rows are not carried back": Planted(
        "        result = carry_back(situation.request.run, cutover=situation.cutover, events=situation.events,"
        " consent=True)\n",
        "        from harness.stages.cutover.carry_back import CarriedBack\n\n        result = CarriedBack()\n",
    ),
    "writes that waited on the target while its rows were carried back are let in": Planted(
        "            self.holding.close()\n            self.situation.still_held = None\n"
        "            waited = self._drained()\n",
        "            from harness.postgres.unfence import unfence\n\n"
        "            unfence(self.situation.request.target, self.situation.cutover, consent=True)\n"
        "            self.holding.close()\n            self.marks, waited = {}, None\n",
    ),
    "the target is not fenced before it is opened": Planted(
        "        roles=section.target_roles,\n        tables=situation.tables(Side.TARGET),\n        consent=True,\n",
        "        roles=(),\n        tables=situation.tables(Side.TARGET),\n        consent=True,\n",
    ),
}


def planted_in(folder: Path, name: str) -> Path:
    """A copy of the package with the fault; what PYTHONPATH is to have."""
    return planted.plant(folder, name, PLANTED[name])
