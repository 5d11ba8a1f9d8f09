"""Restore: a dump that is what its manifest says, into an empty database, compared row by row with its digest."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from harness.core.backup import SUFFIX, BackupManifest, RestoredDatabase, read_manifest
from harness.core.configuration import Configuration
from harness.core.digest import DigestDocument
from harness.embedded.dump_programs import DumpPrograms, dump_programs
from harness.errors import BackupFailed, ConfigurationError, ConnectionFailed, DocumentError
from harness.postgres.connect import CONNECT_SECONDS, Endpoint, server_facts, session, translated
from harness.postgres.dump import listing, restore
from harness.postgres.dumped import occupied
from harness.postgres.endpoint import address
from harness.stages.backup_folder import DIGEST
from harness.stages.backup_proof import prove
from harness.stages.backup_soundness import as_written
from harness.stages.events import Events

_MAINTENANCE: Final = "postgres"
_SETS_TRANSACTION_TIMEOUT: Final = 17
"""The first version whose pg_restore does, and whose servers know it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBackup:
    """A dump that was read and is what its manifest says."""

    file: Path
    manifest: BackupManifest
    digest: DigestDocument
    programs: DumpPrograms


def check_backup(file: Path) -> CheckedBackup:
    """The backup by its dump, or by its manifest. DocumentError, BackupFailed: it is not what was written."""
    name = file.name
    for suffix in (SUFFIX, DIGEST):
        name = name.removesuffix(suffix)
    dump = file.with_name(name)
    described = dump.with_name(f"{name}{SUFFIX}")
    try:
        text = described.read_bytes()
    except FileNotFoundError:
        raise DocumentError(
            f"there is no {described.name} beside the dump: nothing says what is in it",
            hint="Give a file that `pgparity backup` made; any other is pg_restore's own affair.",
        ) from None
    except OSError as error:
        raise DocumentError(f"{described.name} cannot be read: {error.strerror}", hint="Check its rights.") from None
    manifest = read_manifest(text, described.name)
    if manifest.dump != name:
        raise DocumentError(
            f"{described.name} is the manifest of another file, {manifest.dump}", hint="Give the dump its name back."
        )
    digest = as_written(manifest, dump.parent)
    programs = dump_programs(int(manifest.pg_dump_version.split(".")[0]))
    listing(programs.pg_restore, dump)
    return CheckedBackup(file=dump, manifest=manifest, digest=digest, programs=programs)


def ensure_restorable(backup: CheckedBackup, target: Endpoint, *, create: bool) -> bool:
    """Whether the database is there. ConfigurationError: it is not empty, or its server is too old for the dump;
    ConnectionFailed: it is not there and not to be made.
    """
    try:
        with session(target, purpose="restore") as connection:
            version = connection.info.server_version
            found = occupied(connection)
    except ConnectionFailed as error:
        if "has no database" not in error.message:
            raise
        if not create:
            raise ConnectionFailed(error.message, hint="Create it, or use --create-database.") from None
        with session(target.with_database(_MAINTENANCE), purpose="restore") as connection:
            _ensure_version(backup, connection.info.server_version)
        return False
    _ensure_version(backup, version)
    if found:
        more = " and more" if len(found) > 1 else ""
        raise ConfigurationError(
            f"the target database {target.parameters().get('dbname', '')} is not empty: {found[0]}{more}",
            hint="Restore into a new database (--create-database makes it): what is there is never overwritten.",
        )
    return True


def _ensure_version(backup: CheckedBackup, version: int) -> None:
    """ConfigurationError: pg_restore would be refused with its first statement."""
    program = backup.programs.version[0]
    server = version // 10_000
    if program >= _SETS_TRANSACTION_TIMEOUT > server:
        raise ConfigurationError(
            f"a dump of pg_dump {backup.manifest.pg_dump_version} cannot be restored into PostgreSQL {server}:"
            f" pg_restore {program} sets transaction_timeout, which that server does not know",
            hint=f"Restore it into PostgreSQL {_SETS_TRANSACTION_TIMEOUT} or later.",
        )


def planned(backup: CheckedBackup, target: Endpoint) -> RestoredDatabase:
    """What would be done, and what is known of it."""
    return RestoredDatabase(
        dump=backup.manifest.dump,
        database=target.parameters().get("dbname", ""),
        address=address(target),
        written=False,
        tables=len(backup.manifest.tables),
        rows=backup.manifest.rows,
    )


def restore_backup(
    backup: CheckedBackup,
    target: Endpoint,
    configuration: Configuration,
    events: Events,
    *,
    create: bool = False,
    jobs: int = 1,
    owners: bool = True,
) -> RestoredDatabase:
    """Restore, analyse and compare. BackupFailed: pg_restore was refused; nothing is left of it by one job, nor where
    the database was made for it.
    """
    made = not ensure_restorable(backup, target, create=create)
    if made:
        _create(target, backup.manifest)
    events.progress("restore", 0, 1, backup.manifest.dump)
    started = time.perf_counter()
    try:
        restore(backup.programs.pg_restore, backup.file, target, jobs=jobs, owners=owners)
    except BackupFailed as error:
        left = made and not _dropped(target)
        more = f" The database {target.parameters().get('dbname', '')} that was made for it is still there." * left
        raise BackupFailed(error.message, hint=f"{error.hint or ''}{more}".strip()) from None
    except BaseException:
        if made:
            _dropped(target)
        raise
    seconds = time.perf_counter() - started
    with session(target, purpose="restore", writable=True) as connection:
        facts = server_facts(connection, target)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
        connection.autocommit = False
    proof = prove(backup.manifest, backup.digest, target, configuration, events)
    return planned(backup, target).model_copy(
        update={
            "database": facts.database,
            "written": True,
            "tables_compared": proof.tables,
            "rows_compared": proof.rows,
            "restore_seconds": round(seconds, 3),
            "not_checked": proof.not_checked,
            "failed": proof.failed,
        }
    )


def _create(target: Endpoint, manifest: BackupManifest) -> None:
    """Make the database, with the encoding and the locale of the one that was dumped."""
    name = target.parameters().get("dbname", "")
    if manifest.locale_provider not in (None, "libc"):
        raise _no_locale(name, manifest)
    admin = target.with_database(_MAINTENANCE)
    try:
        with psycopg.connect(admin.dsn, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
                    sql.Identifier(name),
                    sql.Literal(manifest.server.encoding),
                    sql.Literal(manifest.server.collation),
                    sql.Literal(manifest.ctype or manifest.server.collation),
                )
            )
    except psycopg.errors.WrongObjectType:
        raise _no_locale(name, manifest) from None
    except psycopg.errors.InvalidParameterValue:
        raise _no_locale(name, manifest) from None
    except psycopg.Error as error:
        raise translated(error, admin) from None


def _dropped(target: Endpoint) -> bool:
    """Drop the database that was made here; whether it is gone."""
    admin = target.with_database(_MAINTENANCE)
    statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(target.parameters().get("dbname", "")))
    try:
        with psycopg.connect(admin.dsn, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            connection.execute(statement)
    except psycopg.Error:
        return False
    return True


def _no_locale(name: str, manifest: BackupManifest) -> ConfigurationError:
    provider = manifest.locale_provider or "libc"
    return ConfigurationError(
        f"no database with the locale that was dumped ({manifest.server.collation} of {provider}) can be made here",
        hint=f"Create the database {name} with a locale that it has, and restore without --create-database.",
    )
