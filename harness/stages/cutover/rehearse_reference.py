"""The rehearsal on the local stack: the reference application on a Supabase-like source, moved, cut over and back."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
from psycopg import conninfo, sql

from harness.core.configuration import Configuration
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.core.record import Side
from harness.core.verdict import Status
from harness.embedded.stack import API_ROLES, OWNER, LocalStack
from harness.errors import CutoverFailed
from harness.postgres.connect import Endpoint
from harness.render.json import render_json
from harness.stages.cutover.load import loaded
from harness.stages.cutover.rehearsed import there_and_back
from harness.stages.cutover.request import CutoverRequest
from harness.stages.demo import MEMORY, reference_configuration
from harness.stages.events import Events
from harness.stages.pipeline import RunRequest, run
from harness.stages.reference_stack import reference_stack

APPLICATION: Final = "salon_app"
"""The role of the application on the target"""
_STATEMENT_TIMEOUT: Final = "3s"
TITLE: Final = "Rehearsal of a cutover"
_LEFT_OUT: Final = "what the rehearsal is about are the rows; the demo calls every method"
_RIGHTS: Final = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
)


def rehearse_reference(events: Events, *, writes_per_second: float, report: Path | None = None) -> RehearsalRecord:
    """Rehearse with the reference application under load. LocalStackError, CutoverFailed: it could not begin."""
    with reference_stack("aligned", memory=MEMORY) as stack, tempfile.TemporaryDirectory(prefix="pgparity-") as name:
        folder = Path(name)
        application = application_role(stack)
        switches = folder / "switches.env"
        switches.write_text(_switches(stack, application), encoding="utf-8")
        request = _request(stack, folder, events)
        with loaded(switches, folder / "load.jsonl", writes_per_second=writes_per_second) as load:
            return there_and_back(
                request,
                load,
                events,
                of="the reference application on the local stack, 1,490 rows in 7 tables",
                load_of=f"{writes_per_second:g} writes a second through its data layer: over REST, then over SQL",
                report=report,
            )


def application_role(stack: LocalStack) -> str:
    """Make the application a role of its own on the target; its DSN. On the source it is the API's roles, as before."""
    password = secrets.token_urlsafe(18)
    role = sql.Identifier(APPLICATION)
    with _superuser(stack.target.server.dsn(stack.target.name)) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        for right in _RIGHTS:
            admin.execute(sql.SQL(right).format(role))
    with _superuser(stack.source.server.dsn(stack.source.name)) as admin:
        # As a Supabase project has it: what nobody waits for any more is not written later.
        for name in API_ROLES:
            limit = sql.SQL("ALTER ROLE {} SET statement_timeout = {}")
            admin.execute(limit.format(sql.Identifier(name), sql.Literal(_STATEMENT_TIMEOUT)))
    return conninfo.make_conninfo(stack.target.dsn, user=APPLICATION, password=password)


@contextlib.contextmanager
def _superuser(dsn: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def _switches(stack: LocalStack, application: str) -> str:
    return (
        "USE_LEGACY_SUPABASE=true\nUSE_REPOSITORY_PATTERN=false\nTARGET_IS_PRIMARY=false\n"
        f"SUPABASE_URL={stack.gateway.url}\nSUPABASE_KEY={stack.keys.service_role_key}\nDATABASE_DSN='{application}'\n"
    )


def _request(stack: LocalStack, folder: Path, events: Events) -> CutoverRequest:
    """The rows moved, a run that says GO, and the cutover that follows from it."""
    configuration = _configuration()
    source = Endpoint(Side.SOURCE, stack.source.dsn, configuration.source.label or "")
    target = Endpoint(Side.TARGET, stack.target.dsn, configuration.target.label or "")
    left_out = configuration.run.exclude_stages | {"methods": _LEFT_OUT, "contract": _LEFT_OUT}
    asked = configuration.model_copy(update={"run": configuration.run.model_copy(update={"exclude_stages": left_out})})
    document = run(RunRequest(configuration=asked, base=folder, source=source, target=target, consent=True), events)
    if document.verdict.status is not Status.GO:
        raise CutoverFailed(
            f"the run before the rehearsal says {document.verdict.status}: {'; '.join(document.verdict.reasons)}"
        )
    (folder / "run.json").write_text(render_json(document), encoding="utf-8")
    return CutoverRequest(
        run=RunRequest(
            configuration=configuration, base=folder, source=source, target=target, consent=True, title=TITLE
        ),
        state=folder / "cutover.jsonl",
        runs=folder,
        command="pgparity cutover",
    )


def _configuration() -> Configuration:
    configuration = reference_configuration("harness.reference.repository_layer:create")
    data = configuration.model_dump(by_alias=True)
    data["schema"]["ignore"] |= {f"privilege:*{APPLICATION}*": "the role of the application on the target"}
    data["cutover"] |= {
        "source_roles": API_ROLES,
        "target_roles": [APPLICATION],
        "keep_roles": {OWNER: "owns the tables; nobody logs in as it during the rehearsal"},
        "run": "run.json",
        "no_backup": "a rehearsal",
        # How long it takes is what is measured: a machine that is busy with other things is no reason to stop.
        "max_final_seconds": 60.0,
        "switches_file": "switches.env",
    }
    return Configuration.model_validate(data)
