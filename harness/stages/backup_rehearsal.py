"""Rehearsal of a backup: it is restored on a server of its own, timed, and every row compared with the digest."""

from __future__ import annotations

import dataclasses
import secrets
import time
from datetime import UTC, datetime
from typing import Final

from harness.core.backup import BackupManifest, BackupVerification
from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.embedded.dump_programs import dump_programs
from harness.embedded.nearest import nearest_installation
from harness.embedded.server import Server
from harness.errors import BackupFailed
from harness.postgres.connect import Endpoint
from harness.postgres.copying import empty_like
from harness.postgres.dump import restore
from harness.postgres.scratch import OWN_ROLE, SETTINGS, ScratchServer, create_own_role
from harness.stages.backup_folder import BackupFolder
from harness.stages.backup_proof import digest_of, prove
from harness.stages.events import Events

_DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""A scratch server usually does without: but the time that is measured here is the one that a day may depend on"""
_NAME: Final = "rehearsal"


def rehearse_backup(
    manifest: BackupManifest, origin: Endpoint, folder: BackupFolder, configuration: Configuration, events: Events
) -> BackupManifest:
    """Restore the dump on this machine and compare it; the manifest says from now on what came of it.

    `origin` is asked for its locale and roles, which no dump holds; no row of it is read.
    """
    digest = digest_of(manifest, folder.path)
    major = int(manifest.server.version.split(".")[0])
    programs = dump_programs(int(manifest.pg_dump_version.split(".")[0]))
    with Server.start(installation=nearest_installation(major), settings={**SETTINGS, **_DURABLE}) as server:
        scratch = ScratchServer(
            side=Side.TARGET,
            host=server.host,
            port=server.port,
            user=OWN_ROLE,
            password=create_own_role(server.dsn("postgres")),
            programs=server.installation.bin,
            version=".".join(map(str, server.installation.version)),
            system_identifier=str(server.system_identifier),
            statement_timeout=configuration.run.statement_timeout,
        )
        name = f"{_NAME}_{secrets.token_hex(4)}"
        notes = empty_like(origin, scratch, name)
        restored = dataclasses.replace(scratch.endpoint(name), side=Side.TARGET, label="restored copy")
        events.progress("restore", 0, 1, manifest.dump)
        started = time.perf_counter()
        try:
            unmade = restore(programs.pg_restore, folder.path / manifest.dump, restored, at_once=False)
        except BackupFailed as error:
            return folder.write_manifest(_with(manifest, BackupVerification(listing=True, failed=(error.message,))))
        seconds = time.perf_counter() - started
        proof = prove(manifest, digest, restored, configuration, events)
    missing = tuple(f"not made on this machine's server: {each}" for each in unmade)
    not_checked = (*missing, *proof.not_checked)
    found = BackupVerification(
        listing=True,
        rehearsed=not proof.failed and not not_checked,
        tables_compared=proof.tables,
        rows_compared=proof.rows,
        restore_seconds=round(seconds, 3),
        not_checked=not_checked,
        failed=proof.failed,
        notes=notes,
    )
    return folder.write_manifest(_with(manifest, found))


def _with(manifest: BackupManifest, found: BackupVerification) -> BackupManifest:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return manifest.model_copy(update={"verified": found.model_copy(update={"at": at})})
