"""What preflight relies on that others wrote: the last verdict, the catalogs as they were then, the backups."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from harness.core.backup import BackupManifest
from harness.core.cutover.record import CutoverCheck
from harness.core.document import RunDocument, ServerFacts
from harness.core.history import same_database
from harness.core.names import split
from harness.core.scope import compared
from harness.core.verdict import Status
from harness.errors import BackupFailed, DocumentError
from harness.stages.backup_folder import BackupFolder, Stored, sha256_of
from harness.stages.cutover.request import CutoverRequest, decided, failed, judged, ok
from harness.stages.learned import Learned
from harness.stages.run_folders import DOCUMENT, read_document, run_folders

_ASKED: Final = ("diff", "contract", "rows", "methods")
"""Stages without which a verdict says too little to cut over by"""
_LOOKED_AT: Final = 40
"""Runs, the newest first"""
_AGAIN: Final = "Run `pgparity run` again."
_BACK_UP: Final = "Run `pgparity backup --side source`."


def verdict_checks(
    document: RunDocument | None, request: CutoverRequest, learned: Learned, now: datetime
) -> tuple[CutoverCheck, ...]:
    """The last run of this pair: GO, fresh, complete, about the same tables. `now` is UTC."""
    if document is None:
        return (failed("verdict", f"no run of these two databases is under {request.runs}", _AGAIN),)
    return (
        _verdict(document),
        _age("verdict age", document.finished_at, now, request.section.max_age_hours, "the run ended"),
        _coverage(document, learned),
        _mapping(document, request),
    )


def catalog_check(document: RunDocument | None, learned: Learned) -> CutoverCheck:
    """Whether both schemas are as the run saw them."""
    name = "catalogs unchanged"
    if document is None:
        return failed(name, "there is no run to compare them with", _AGAIN)
    changed, unknown = [], []
    for side, then, current in (
        ("source", document.source, learned.sides[0]),
        ("target", document.target, learned.sides[1]),
    ):
        if then.catalog_fingerprint is None:
            unknown.append(side)
        elif then.catalog_fingerprint != current.catalog_fingerprint:
            changed.append(side)
    if changed:
        return failed(name, f"the schema of the {' and the '.join(changed)} has changed since the verdict", _AGAIN)
    if unknown:
        return failed(name, "the run does not record what the schemas were", f"{_AGAIN} An older pgparity wrote it.")
    return ok(name, "both schemas are as the run saw them")


def backup_checks(request: CutoverRequest, learned: Learned, now: datetime) -> tuple[CutoverCheck, ...]:
    """A verified backup of the source that is fresh, whole and, where that is asked for, rehearsed.

    Of the source: nothing that the application has is anywhere else before the opening.
    """
    section = request.section
    if section.backup is None:
        if section.no_backup is not None:
            return (decided("backup", section.no_backup),)
        return (
            failed(
                "backup",
                "no folder of backups is named",
                "Set cutover.backup to a folder of `pgparity backup`, or cutover.no_backup to a reason.",
            ),
        )
    folder = request.base / section.backup
    source, target = learned.sides
    stored, unread = BackupFolder(folder).stored()
    found = [each for each in stored if same_database(each.manifest.server, source)]
    if not found:
        others = any(same_database(each.manifest.server, target) for each in stored)
        alone = f"{folder.name} has a backup of the target alone, and what could be lost is on the source"
        text = alone if others else f"{folder.name} has no backup of the source ({_named(source)})"
        more = f"; {unread[0]}" if unread else ""
        return (failed("backup", f"{text}{more}", _BACK_UP),)
    # A newer one that leaves out tables does not stand for an older one that has them all.
    chosen = max(found, key=lambda each: (not _lacking(each.manifest, learned), each.manifest.started_at))
    newest = chosen.manifest
    whose = f"the newest backup of the source ({_named(newest.server)})"
    wanted = newest.verified.rehearsed if section.backup_rehearsed else newest.restorable
    told = "restored and compared" if newest.verified.rehearsed else "listed" if newest.restorable else "not verified"
    return (
        _of_all(newest, whose, _lacking(newest, learned)),
        judged(
            "backup verified",
            wanted,
            f"{whose} is {told}",
            "Run `pgparity backup --side source --rehearse`." if section.backup_rehearsed else _BACK_UP,
        ),
        _age("backup age", newest.started_at, now, section.max_age_hours, "the backup of the source was begun"),
        _whole(chosen),
    )


def _named(server: ServerFacts) -> str:
    return f"{server.database} at {server.address}"


def _lacking(manifest: BackupManifest, learned: Learned) -> tuple[str, ...]:
    """The tables of the source that are compared, and were left out of its backup with their schema."""
    return tuple(each for each in learned.tables if split(each)[0] in manifest.left_out)


def _of_all(manifest: BackupManifest, whose: str, lacking: Sequence[str]) -> CutoverCheck:
    name = "backup of all tables"
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        text = f"{whose} leaves out {lacking[0]}{more}"
        return failed(name, text, "Run `pgparity backup --side source` without leaving out their schema.")
    left_out = f"; left out by decision: schema {', '.join(manifest.left_out)}" if manifest.left_out else ""
    return ok(name, f"{whose} leaves out no table that is compared{left_out}")


def last_run(request: CutoverRequest, learned: Learned) -> RunDocument | None:
    """The run that was named, else the newest whole one of this pair. DocumentError: what was named is none."""
    if request.section.run is not None:
        document = read_document(request.base / request.section.run)
        if not _of_these(document, learned.sides):
            raise DocumentError(
                f"{Path(request.section.run).name} is a run of other databases", hint="Name a run of this pair."
            )
        return document
    for folder in run_folders(request.runs)[:_LOOKED_AT]:
        with suppress(DocumentError):
            document = read_document(folder / DOCUMENT)
            if document.cutover is None and _of_these(document, learned.sides) and _is_whole_run(document):
                return document
    return None


def _of_these(document: RunDocument, sides: Sequence[ServerFacts]) -> bool:
    return same_database(document.source, sides[0]) and same_database(document.target, sides[1])


def _is_whole_run(document: RunDocument) -> bool:
    """Whether it is of `pgparity run`: migrations and row comparisons write documents too, of fewer stages."""
    return document.stage("diff") is not None and document.stage("methods") is not None


def _verdict(document: RunDocument) -> CutoverCheck:
    status = document.verdict.status
    why = f": {document.verdict.reasons[0]}" if document.verdict.reasons and status is not Status.GO else ""
    return judged("verdict", status is Status.GO, f"run {document.id} says {status}{why}", f"Mend it. {_AGAIN}")


def _coverage(document: RunDocument, learned: Learned) -> CutoverCheck:
    name = "verdict coverage"
    missing = [
        each for each in _ASKED if (stage := document.stage(each)) is None or stage.status not in ("passed", "excluded")
    ]
    if missing:
        return failed(name, f"the run did not come through {', '.join(missing)}", _AGAIN)
    gaps = [gap.item for each in document.coverage for gap in each.gaps]
    if gaps:
        return failed(
            name, f"the run did not check {gaps[0]}" + (f" and {len(gaps) - 1} more" * (len(gaps) > 1)), _AGAIN
        )
    left = sorted(set(learned.tables) - set(compared(document.scope)))
    if left:
        return failed(name, f"the run was not about {left[0]}" + f" and {len(left) - 1} more" * (len(left) > 1), _AGAIN)
    excluded = [each.name for each in document.stages if each.status == "excluded" and each.name != "migrate"]
    left_out = f"; left out by decision: {', '.join(excluded)}" if excluded else ""
    return ok(name, f"all that was asked for was checked, of {len(learned.tables)} tables{left_out}")


def _mapping(document: RunDocument, request: CutoverRequest) -> CutoverCheck:
    same = document.mapping == request.configuration.mapping
    text = "[mapping] is the run's" if same else "[mapping] has changed since the run: it says nothing of this one"
    return judged("verdict mapping", same, text, _AGAIN)


def _age(name: str, at: str, now: datetime, hours: float, what: str) -> CutoverCheck:
    age = (now - datetime.fromisoformat(at).astimezone(UTC)).total_seconds() / 3600
    # A clock that is ahead by a little is no reason; one by a day makes the age meaningless.
    holds = -0.1 <= age <= hours
    return judged(name, holds, f"{what} {age:.1f} h ago; {hours:g} h are allowed", "Make it anew.")


def _whole(stored: Stored) -> CutoverCheck:
    """The dump is read once more: a manifest says what it was when it was written."""
    name, manifest = "backup file", stored.manifest
    if stored.problem is not None:
        return failed(name, f"{manifest.dump}: {stored.problem}", _BACK_UP)
    try:
        _, digest = sha256_of(stored.folder / manifest.dump)
    except BackupFailed as error:
        return failed(name, error.message, error.hint)
    same = digest == manifest.sha256
    told = "has the SHA-256 of its manifest" if same else "has changed since it was written"
    return judged(name, same, f"{manifest.dump} {told}", _BACK_UP)
