"""The rehearsal with copies of two databases on local servers: the real ones are read, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from harness.core.configuration import Configuration
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.postgres.copying import copy_database
from harness.render.json import render_json
from harness.stages.cutover.rehearse_reference import TITLE
from harness.stages.cutover.rehearsed import there_and_back
from harness.stages.cutover.request import CutoverRequest
from harness.stages.events import Events
from harness.stages.pipeline import RunRequest, run
from harness.stages.scratch import ScratchStack

NO_LOAD: Final = "only the reference application knows which rows it wrote; run --rehearse without databases for that"
_LEFT_OUT: Final = "the smoke comparison of the rehearsal calls them"
_NOTES: Final = (
    "roles that log in to the real servers do not log in to the copies: who else can write was not rehearsed",
    "no program of [cutover] was called: what leads the application over was a file of its own",
    "the copies are on this machine: the network, and what a platform puts before its servers, were not rehearsed",
)
_SWITCHES: Final = (
    "USE_LEGACY_SUPABASE=true\nUSE_REPOSITORY_PATTERN=false\nTARGET_IS_PRIMARY=false\n"
    "SUPABASE_URL=http://127.0.0.1:1\nSUPABASE_KEY=rehearsal\nDATABASE_DSN='host=127.0.0.1 port=1 password=rehearsal'\n"
)
"""Which nobody uses: no application runs"""


def rehearse_copies(request: RunRequest, events: Events, *, report: Path | None = None) -> RehearsalRecord:
    """Copy both databases here, move the rows, cut over, go back. CloneFailed, LocalStackError: it could not begin."""
    with ScratchStack() as scratch, tempfile.TemporaryDirectory(prefix="pgparity-") as name:
        folder = Path(name)
        notes = list(_NOTES)
        ends = [_copied(each, scratch, request.configuration, notes) for each in (request.source, request.target)]
        (folder / "switches.env").write_text(_SWITCHES, encoding="utf-8")
        configuration = _configuration(request.configuration)
        left_out = configuration.run.exclude_stages | {"methods": _LEFT_OUT}
        before = configuration.model_copy(
            update={"run": configuration.run.model_copy(update={"exclude_stages": left_out})}
        )
        document = run(
            RunRequest(configuration=before, base=request.base, source=ends[0], target=ends[1], consent=True), events
        )
        (folder / "run.json").write_text(render_json(document), encoding="utf-8")
        section = configuration.cutover.model_copy(
            update={"run": str(folder / "run.json"), "switches_file": str(folder / "switches.env")}
        )
        own = RunRequest(
            configuration=configuration.model_copy(update={"cutover": section}),
            base=request.base,
            source=ends[0],
            target=ends[1],
            consent=True,
            title=TITLE,
        )
        asked = CutoverRequest(run=own, state=folder / "cutover.jsonl", runs=folder)
        rows = sum(each.source_rows for each in document.rows)
        of = f"copies of both databases on this machine, {rows:,} rows in {len(document.rows)} tables"
        return there_and_back(asked, None, events, of=of, load_of=NO_LOAD, notes=tuple(notes), report=report)


def _copied(origin: Endpoint, scratch: ScratchStack, configuration: Configuration, notes: list[str]) -> Endpoint:
    """A copy of a side, and how its own role reaches it."""
    server = scratch.server(origin)
    name = f"rehearsal_{origin.side}"
    copy = copy_database(origin, server, name, schemas=configuration.scope.schemas)
    notes += [f"the copy of the {origin.side}: {each}" for each in (*copy.notes, *copy.lacking)]
    dsn = server.login(copy.template.user, copy.template.password, name)
    return Endpoint(Side(origin.side), dsn, f"copy of the {origin.side}", origin.statement_timeout)


def _configuration(configuration: Configuration) -> Configuration:
    """With nothing in it that would reach beyond the copies: no program, no real project, no backup of theirs."""
    section = configuration.cutover.model_copy(
        update={
            "fence": "revoke",
            "fence_command": (),
            "unfence_command": (),
            "switch_command": (),
            "switch_back_command": (),
            "switched_command": (),
            "reload_command": (),
            "open_command": (),
            "switch_to": type(configuration.cutover)().switch_to,
            "backup": None,
            "no_backup": "a rehearsal",
        }
    )
    methods = configuration.methods.model_copy(update={"source_rest_url": None, "source_api_key": None})
    return configuration.model_copy(update={"cutover": section, "methods": methods})
