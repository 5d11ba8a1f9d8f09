"""Preflight: all that has to hold before anybody is fenced, looked at on the live servers; nothing is written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from harness.core.cutover.record import CutoverCheck
from harness.errors import PgparityError
from harness.postgres.connect import Endpoint, session
from harness.postgres.cutover_row import ensure_never_opened
from harness.postgres.fence import drained
from harness.stages.cutover.evidence import backup_checks, catalog_check, last_run, verdict_checks
from harness.stages.cutover.journaled import since_rollback
from harness.stages.cutover.preflight_fence import called, fences, large_objects
from harness.stages.cutover.request import (
    Outcome,
    Situation,
    failed,
    judged,
    ok,
    unchecked,
)
from harness.stages.cutover.sequences import settable
from harness.stages.cutover.smoke import planned_smoke
from harness.stages.cutover.switching import switches_file
from harness.stages.cutover.unchanged import noted
from harness.stages.doctor import doctor
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.structure import learn_structure

_LONG_SECONDS = 60.0
_DOCTOR = {"ok": "ok", "warning": "ok", "problem": "failed", "unknown": "not checked"}


def preflight(situation: Situation) -> Outcome:
    """Look at everything. PgparityError: a side cannot be read at all."""
    request = situation.request
    events = situation.events
    journal = Journal(request.configuration, Silent())
    situation.learned = learn_structure(request.run, journal)
    checks: list[CutoverCheck] = [noted(situation)]
    for number, part in enumerate(_PARTS):
        events.progress("preflight", number, len(_PARTS), part.__name__.strip("_").replace("_", " "))
        checks += part(situation)
    wrong = sum(not each.ok for each in checks)
    told = f"{len(checks)} checks, " + (f"{wrong} of them do not hold" if wrong else "all of them hold")
    scope = tuple(each for each in journal.coverage if each.stage == "scope")
    return Outcome(checks=tuple(checks), summary=told, coverage=scope)


def _evidence(situation: Situation) -> Iterator[CutoverCheck]:
    request, learned, now = situation.request, situation.known, datetime.now(UTC)
    if situation.fenced_before:
        yield ok("verdict", "looked at by the process that put up the fence")
        return
    document = last_run(request, learned)
    yield from verdict_checks(document, request, learned, now)
    yield catalog_check(document, learned)
    yield from since_rollback(document, request.state)
    yield from backup_checks(request, learned, now)


def _opened(situation: Situation) -> Iterator[CutoverCheck]:
    """Rows that the target was given by its application must never be written over."""
    with session(situation.request.target, purpose="cutover") as target:
        try:
            ensure_never_opened(target)
        except PgparityError as error:
            yield failed("target not opened", error.message, error.hint)
        else:
            yield ok("target not opened", "no cutover has opened it")


def _scope(situation: Situation) -> Iterator[CutoverCheck]:
    tables = situation.known.tables
    unnamed = [each.table for each in situation.known.scope if each.scope == "unnamed"]
    if not tables:
        yield failed("tables", "no table of the source is in scope", "Check [scope].")
    elif unnamed:
        yield failed(
            "tables",
            f"{unnamed[0]} and {len(unnamed) - 1} more have rows and are out of scope"
            if len(unnamed) > 1
            else f"{unnamed[0]} has rows and is out of scope",
            "Name it under [scope.exclude] with the reason, or compare it.",
        )
    else:
        yield ok("tables", f"{len(tables)} tables are in scope")


def _servers(situation: Situation) -> Iterator[CutoverCheck]:
    """Connections left, TLS, certificates, poolers, rights to read and to write: the doctor's checks."""
    request = situation.request
    for check in doctor(request.source, request.target, request.configuration):
        name = f"{check.name} ({check.side})" if check.side is not None else check.name
        status = _DOCTOR[check.status]
        hint = "" if status == "ok" else check.hint
        yield CutoverCheck.model_validate({"name": name, "status": status, "text": check.text, "hint": hint})


def _sequences(situation: Situation) -> Iterator[CutoverCheck]:
    refused = settable(situation)
    yield judged(
        "sequences of the target",
        not refused,
        f"the role may not set {', '.join(refused)}" if refused else "the role may set all that are needed",
        "GRANT UPDATE ON the sequences TO the role.",
    )


def _disk(situation: Situation) -> Iterator[CutoverCheck]:
    request = situation.request
    wanted = request.section.min_free_bytes
    folder = _existing(request.state)
    free = shutil.disk_usage(folder).free
    yield judged("disk here", free >= wanted and os.access(folder, os.W_OK), f"{_mib(free)} are left for the journal")
    place = _data_folder(request.target)
    if place is None:
        yield ok(
            "disk of the target",
            "the role is not told where its data are, or they are on another machine: look at it there",
        )
        return
    free = shutil.disk_usage(place).free
    yield judged("disk of the target", free >= wanted, f"{_mib(free)} are left for its data", "Make room.")


def _transactions(situation: Situation) -> Iterator[CutoverCheck]:
    """Whoever has been writing for long will probably be in the way of the fence too, while nobody can work."""
    request, section = situation.request, situation.request.section
    limit = max(section.drain_seconds, _LONG_SECONDS)
    for endpoint in (request.source, request.target):
        running = drained(endpoint, tables=situation.tables(endpoint.side), seconds=0).in_the_way
        long = [each for each in running if each.pid is None or (each.seconds or 0) > limit]
        yield judged(
            f"long transactions on the {endpoint.side}",
            not long,
            "; ".join(str(each) for each in long[:5]) or f"none that writes for more than {limit:g} s",
            "Let them end, or end them.",
        )


def _switch(situation: Situation) -> Iterator[CutoverCheck]:
    request, section = situation.request, situation.request.section
    file = switches_file(request)
    if file is not None and section.switch_command:
        yield failed("switch", "switch_command and switches_file are both set", "Keep the one that is meant.")
    elif file is not None:
        problem = "" if situation.fenced_before else file.problem()
        yield judged(
            "switch", not problem, problem or f"{file.file.name} can be written, and its switches are accepted"
        )
        yield from called("reload hook", section.reload_command, request)
        if not situation.fenced_before and not problem and file.leads_to_target:
            yield failed(
                "switch before", f"{file.file.name} leads to the target already", "Lead it to the source first."
            )
    else:
        yield from called(
            "switch hook", section.switch_command, request, needed="cutover.switch_command or switches_file"
        )
        yield from called(
            "switch-back hook", section.switch_back_command, request, needed="cutover.switch_back_command"
        )
        if section.switched_command:
            yield from called("switched hook", section.switched_command, request)
        else:
            yield unchecked(
                "switched hook",
                "nothing tells whether the application uses the target",
                "Set cutover.switched_command: it ends with 0 where it does, with 1 where not.",
            )
    yield from called("open hook", section.open_command, request)


def _smoke(situation: Situation) -> Iterator[CutoverCheck]:
    yield planned_smoke(situation)


def _existing(file: Path) -> Path:
    """The nearest folder above that is there."""
    return next(each for each in (*file.resolve().parents,) if each.is_dir())


def _data_folder(endpoint: Endpoint) -> Path | None:
    """Where the server has its data, where that is this machine and the role may know."""
    host = endpoint.parameters().get("host", "")
    if host and not host.startswith("/") and host not in ("localhost", "127.0.0.1", "::1"):
        return None
    with session(endpoint, purpose="cutover") as connection:
        row = connection.execute(
            "SELECT pg_catalog.current_setting('data_directory', true)"
            " WHERE pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')"
        ).fetchone()
    place = Path(str(row[0])) if row and row[0] else None
    try:
        return place if place is not None and place.is_dir() else None
    except OSError:
        return None


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


_PARTS = (
    _opened,
    _scope,
    _evidence,
    _servers,
    fences,
    large_objects,
    _transactions,
    _sequences,
    _switch,
    _smoke,
    _disk,
)
