"""What a cutover is asked for, and what its steps hand on to each other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage
from harness.core.cutover.record import CutoverCheck, CutoverRecord
from harness.core.cutover.section import CutoverSection
from harness.core.deltas import TableRows
from harness.core.document import ServerFacts
from harness.core.ledger import Ledger
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.stages.events import Events, Silent
from harness.stages.learned import Learned, RunRequest

if TYPE_CHECKING:
    from harness.postgres.fence import Sentinel
    from harness.stages.cutover.smoke import Smoke

STAGE = "cutover"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoverRequest:
    """A cutover of one pair of databases. `state`: its journal; `runs`: where runs are looked for."""

    run: RunRequest
    state: Path
    runs: Path
    command: str = "pgparity cutover"
    """How the command is written that goes on, for hints"""

    @property
    def configuration(self) -> Configuration:
        """Of the run."""
        return self.run.configuration

    @property
    def section(self) -> CutoverSection:
        """[cutover]."""
        return self.run.configuration.cutover

    @property
    def base(self) -> Path:
        """The folder that relative names of the configuration start from."""
        return self.run.base

    @property
    def source(self) -> Endpoint:
        """The database to move away from."""
        return self.run.source

    @property
    def target(self) -> Endpoint:
        """The database to move to."""
        return self.run.target

    @property
    def fingerprint(self) -> str:
        """What decides what the cutover does: it must be the same in every process that works on it."""
        section = self.section.model_dump(mode="json", exclude={"run", "backup", "no_backup", "state", "max_age_hours"})
        facts = [section, self.configuration.scope.model_dump(mode="json"), self.configuration.mapping.to_data()]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


Decide = Callable[[CutoverRecord], bool]
"""Shown the plan with preflight's results; whether to carry it out"""


@dataclass(slots=True, kw_only=True)
class Situation:
    """What is known by now: filled by the steps, none of it outlives the process."""

    request: CutoverRequest
    cutover: str
    events: Events = field(default_factory=Silent)
    fenced_before: bool = False
    """Whether an earlier process has fenced: what changed since by that is no change"""
    learned: Learned | None = None
    sentinel: Sentinel | None = None
    still_held: Callable[[], bool] | None = None
    target_held: Callable[[], bool] | None = None
    written_on_target: frozenset[str] = frozenset()
    """Tables of the source that the last catch-up found alike, and whose rows on the target were written since"""
    structure: str = ""
    """Of both schemas, as the process saw them that put up the fence"""
    snapshot_lsn: str = ""
    smoke: Smoke | None = None
    ledger: Ledger | None = None
    rows: tuple[TableRows, ...] = ()

    @property
    def known(self) -> Learned:
        """Both catalogs and the scope, which preflight has learned."""
        if self.learned is None:
            raise RuntimeError("preflight has not run")
        return self.learned

    @property
    def sides(self) -> tuple[ServerFacts, ServerFacts]:
        """Both servers."""
        return self.known.sides

    @property
    def catalogs(self) -> tuple[Catalog, Catalog]:
        """Of both sides."""
        return self.known.catalogs

    def tables(self, side: Side) -> tuple[str, ...]:
        """Identities of the tables in scope, as that side calls them, where they exist there."""
        names = self.known.tables
        catalog = self.catalogs[0 if side is Side.SOURCE else 1]
        if side is Side.TARGET:
            names = tuple(self.request.configuration.mapping.target_of(name) for name in names)
        return tuple(name for name in names if name in catalog.table_by_identity)

    def roles(self, side: Side) -> tuple[str, ...]:
        """Roles of the application on that side."""
        section = self.request.section
        return section.source_roles if side is Side.SOURCE else section.target_roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step came to; it has passed where every check holds."""

    checks: tuple[CutoverCheck, ...] = ()
    summary: str = ""
    skipped: bool = False
    coverage: tuple[Coverage, ...] = ()
    """Of the stages that it drove"""

    @property
    def passed(self) -> bool:
        """Whether the next step may begin."""
        return all(each.ok for each in self.checks)


def ok(name: str, text: str) -> CutoverCheck:
    """A check that holds."""
    return CutoverCheck(name=name, status="ok", text=text)


def failed(name: str, text: str, hint: str = "") -> CutoverCheck:
    """A check that does not."""
    return CutoverCheck(name=name, status="failed", text=text, hint=hint)


def unchecked(name: str, text: str, hint: str = "") -> CutoverCheck:
    """What was to be looked at and could not be."""
    return CutoverCheck(name=name, status="not checked", text=text, hint=hint)


def decided(name: str, reason: str) -> CutoverCheck:
    """What somebody decided not to ask for."""
    return CutoverCheck(name=name, status="decided", text=reason)


def judged(name: str, holds: bool, text: str, hint: str = "") -> CutoverCheck:
    """A check that holds or does not."""
    return ok(name, text) if holds else failed(name, text, hint)
