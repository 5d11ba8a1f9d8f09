"""Backup: a dump of one moment, read back before it gets its name, with the digest of every row of the same moment."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from harness.core.backup import SUFFIX, BackedUpTable, BackupManifest, BackupVerification, PlannedBackup, sealed
from harness.core.backup_listing import lacking
from harness.core.configuration import Configuration
from harness.core.digest import DigestDocument, Hashing
from harness.core.digest import sealed as sealed_digest
from harness.core.model.catalog import Catalog
from harness.core.projection import without_partitions
from harness.embedded.dump_programs import DumpPrograms, dump_programs
from harness.errors import BackupFailed, ConfigurationError
from harness.postgres.connect import Connection, Endpoint, ensure_session_kept, server_facts, snapshot
from harness.postgres.digested import DIGEST
from harness.postgres.dump import dump, listing, read_through
from harness.postgres.dumped import (
    DumpedTable,
    dumped_tables,
    ensure_schemas,
    hold,
    large_objects_sum,
    locale,
    log_position,
    patient_session,
    row_count,
)
from harness.postgres.introspect import FAMILIES_OF_ROWS, introspect
from harness.postgres.privileges import require
from harness.postgres.row_again import current_snapshot
from harness.stages import backup_folder
from harness.stages.backup_folder import BackupFolder, sha256_of, writing
from harness.stages.backup_proof import plain_configuration
from harness.stages.backup_soundness import removable
from harness.stages.digest import record_tables
from harness.stages.digest_scan import side_reading
from harness.stages.events import Events
from harness.version import __version__

Reading = tuple[Connection, Endpoint]


def plan_backup(origin: Endpoint, folder: BackupFolder, configuration: Configuration) -> PlannedBackup:
    """Look at the database and the folder, and write nothing."""
    section = configuration.backup
    ensure_session_kept(origin)
    with patient_session(origin, purpose="backup") as connection, snapshot(connection):
        ensure_schemas(connection, origin, section.exclude_schemas)
        facts = server_facts(connection, origin)
        size = connection.execute("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())").fetchone()
        programs = dump_programs(connection.info.server_version // 10_000)
        return PlannedBackup(
            database=facts.database,
            address=facts.address,
            server_version=facts.version,
            pg_dump_version=programs.version_text,
            pg_dump_from=programs.origin,
            folder=folder.path.name,
            tables=len(_wanted(connection, origin, section.exclude_schemas)),
            bytes=int(size[0]) if size else 0,
            removed=tuple(each.dump for each in removable(folder, datetime.now(UTC), section.keep_days)),
        )


def back_up(origin: Endpoint, folder: BackupFolder, configuration: Configuration, events: Events) -> BackupManifest:
    """Dump the database, read the dump back, and give it its name. The folder has to be locked.

    The dump and the digest of its rows are read in one snapshot, so that a database that is written to meanwhile is
    compared exactly. PgparityError: nothing is left that looks like a backup.
    """
    ensure_session_kept(origin)
    left_out = configuration.backup.exclude_schemas
    with patient_session(origin, purpose="backup") as connection:
        ensure_schemas(connection, origin, left_out)
        programs = dump_programs(connection.info.server_version // 10_000)
        before = log_position(connection)
        connection.rollback()
        at = datetime.now(UTC)
        with snapshot(connection) as exported:
            tables = _wanted(connection, origin, left_out)
            require(connection, origin.side, [each.identity for each in tables])
            hold(connection, tables)
            name = folder.new_name(server_facts(connection, origin).database, at)
            with (
                folder.part(name) as file,
                folder.part(f"{name}{backup_folder.DIGEST}") as digest_file,
                folder.part(f"{name}{SUFFIX}") as manifest_file,
            ):
                events.progress("backup", 0, 4, "pg_dump")
                started = time.perf_counter()
                dump(programs.pg_dump, origin, exported, file, without=left_out)
                seconds = time.perf_counter() - started
                events.progress("backup", 1, 4, "digest of the rows")
                digest, counted = _digest((connection, origin), exported, tables, configuration, events)
                objects = large_objects_sum(connection, origin)
                events.progress("backup", 2, 4, "reading the dump back")
                _read_back(programs, file, tables, large_objects=bool(objects[0]))
                length, sha256 = sha256_of(file)
                events.progress("backup", 3, 4, "naming")
                ctype, provider = locale(connection)
                manifest = sealed(
                    BackupManifest(
                        id=uuid.uuid4().hex[:16],
                        pgparity=__version__,
                        side=origin.side,
                        dump=name,
                        server=server_facts(connection, origin),
                        ctype=ctype,
                        locale_provider=provider,
                        pg_dump_version=programs.version_text,
                        started_at=at.isoformat(timespec="seconds"),
                        snapshot=current_snapshot(connection, origin),
                        lsn=before,
                        seconds=round(seconds, 3),
                        bytes=length,
                        sha256=sha256,
                        tables=counted,
                        left_out=left_out,
                        large_objects=objects[0],
                        large_objects_sha256=objects[1],
                        digest=f"{name}{backup_folder.DIGEST}",
                        digest_seal=digest.seal,
                        verified=BackupVerification(listing=True, at=datetime.now(UTC).isoformat(timespec="seconds")),
                    )
                )
                with writing(folder.path):
                    digest_file.write_text(digest.to_json(), encoding="utf-8")
                    manifest_file.write_text(manifest.to_json(indent=2) + "\n", encoding="utf-8")
                # The dump last: where this is interrupted, no file is there that could be taken for a whole backup.
                folder.put({digest_file: digest_file_name(manifest), manifest_file: f"{name}{SUFFIX}", file: name})
    return manifest


def _wanted(connection: Connection, origin: Endpoint, left_out: Collection[str]) -> tuple[DumpedTable, ...]:
    """The tables that are to be dumped. ConfigurationError: there are some, and every one is left out."""
    found = dumped_tables(connection, without=left_out)
    if left_out and not found and dumped_tables(connection):
        raise ConfigurationError(
            f"every table of the {origin.side} is in a schema that is left out: nothing would be backed up",
            hint="Check --exclude-schema, and exclude_schemas under [backup].",
        )
    return found


def digest_file_name(manifest: BackupManifest) -> str:
    """The name of the digest of a manifest that has one."""
    return manifest.digest or f"{manifest.dump}{backup_folder.DIGEST}"


def _digest(
    reading: Reading, exported: str, tables: tuple[DumpedTable, ...], configuration: Configuration, events: Events
) -> tuple[DigestDocument, tuple[BackedUpTable, ...]]:
    """The digest of every table that the dump has rows of, partitions as parts of their table; and their counts."""
    connection, origin = reading
    catalog = introspect(connection, schemas=None, families=FAMILIES_OF_ROWS)
    plain = plain_configuration(configuration, tuple(each.name for each in catalog.schemas))
    bare = [each for each in tables if not each.has_columns or each.identity not in catalog.table_by_identity]
    wanted = _hashed(catalog, tables, configuration.backup.exclude_schemas)
    with side_reading(reading, exported, plain) as scan:
        recorded = record_tables(
            (connection, origin), scan, catalog, wanted, Hashing(digest=DIGEST, as_text=False), plain, events
        )
    digest = sealed_digest(recorded)
    counted = [BackedUpTable(table=each.table, rows=each.rows) for each in digest.tables]
    counted += [BackedUpTable(table=each.identity, rows=row_count(connection, each), hashed=False) for each in bare]
    return digest, tuple(sorted(counted, key=lambda each: each.table))


def _hashed(catalog: Catalog, tables: tuple[DumpedTable, ...], without: Collection[str]) -> tuple[str, ...]:
    """What is hashed: each table with rows of its own, and instead of partitions the table that they are parts of."""
    own = {each.identity for each in tables if each.has_columns}
    known = catalog.table_by_identity
    whole = without_partitions([name for name, each in known.items() if each.schema not in without], catalog)
    return tuple(each for each in whole if each in own or known[each].partition_key)


def _read_back(programs: DumpPrograms, file: Path, tables: tuple[DumpedTable, ...], *, large_objects: bool) -> None:
    """BackupFailed where the dump does not hold the rows of every table, or cannot be read to its end."""
    entries = listing(programs.pg_restore, file)
    missing = lacking(entries, {each.oid: each.identity for each in tables}, large_objects=large_objects)
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise BackupFailed(
            f"the dump has no data of {missing[0]}{more}", hint="Was it dropped meanwhile? Make the backup again."
        )
    read_through(programs.pg_restore, file)
