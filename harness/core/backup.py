"""Backup: the manifest beside a dump: of what, at which moment, what is in the file, and what was proven of it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final, Literal

from pydantic import Field

from harness.core.document import ServerFacts
from harness.core.record import Record, Side
from harness.errors import DocumentError

FORMAT: Final = "pgparity/backup"
VERSION: Final = 1
SUFFIX: Final = ".backup.json"
"""The manifest of salon.dump is salon.dump.backup.json"""


class BackedUpTable(Record):
    """One table of the dump, with what it held at the dump's own moment."""

    table: str
    rows: int = Field(ge=0)
    hashed: bool = Field(default=True, description="The digest beside the dump has the sums of its rows")


class BackupVerification(Record):
    """What was proven of a dump, and when."""

    listing: bool = Field(
        default=False,
        description="The file was read back: its SHA-256, and pg_restore --list names every table of the catalog",
    )
    rehearsed: bool = Field(
        default=False, description="It was restored, and every row was compared with the database as it was dumped"
    )
    tables_compared: int = Field(default=0, ge=0)
    rows_compared: int = Field(default=0, ge=0)
    restore_seconds: float | None = Field(
        default=None,
        description="What restoring took, with indexes and constraints: the measured recovery time",
    )
    at: str | None = Field(default=None, description="UTC, ISO 8601, of the last of these checks")
    not_checked: tuple[str, ...] = Field(
        default=(), description="What the rehearsal could not restore or compare here, each with the reason"
    )
    failed: tuple[str, ...] = Field(default=(), description="What is not in the restored copy as it was dumped")
    notes: tuple[str, ...] = Field(default=(), description="In what the rehearsal's server is not like the original")


class BackupManifest(Record):
    """A dump and what is known of it. It is written beside the dump once that is whole; no value of a row is in it.

    The JSON Schema is schemas/contracts/backup.v1.json.
    """

    format: Literal["pgparity/backup"] = "pgparity/backup"
    version: Literal[1] = 1
    id: str
    pgparity: str = Field(description="The version that wrote it")
    side: Side
    dump: str = Field(description="Name of the file, in the manifest's folder; pg_dump's custom format")
    server: ServerFacts = Field(description="Address, database, system identifier and version of what was dumped")
    ctype: str | None = Field(default=None, description="LC_CTYPE of the database; its LC_COLLATE is the collation")
    locale_provider: str | None = Field(default=None, description="libc, icu or builtin; null before PostgreSQL 15")
    pg_dump_version: str
    started_at: str = Field(description="UTC, ISO 8601: the dump holds what was committed by then")
    snapshot: str = Field(description="pg_current_snapshot() of the transaction that the dump was read in")
    lsn: str | None = Field(
        default=None, description="Position of the write-ahead log right before the snapshot; null where not readable"
    )
    seconds: float = Field(ge=0, description="What dumping took")
    bytes: int = Field(ge=0)
    sha256: str
    tables: tuple[BackedUpTable, ...]
    left_out: dict[str, str] = Field(
        default_factory=dict, description="Schemas that were not dumped by decision, with the reason"
    )
    large_objects: int = Field(default=0, ge=0)
    large_objects_sha256: str | None = Field(
        default=None, description="Over number, length and content of every large object; null where there is none"
    )
    digest: str | None = Field(default=None, description="Name of the digest beside the dump: sums of the rows' hashes")
    digest_seal: str | None = Field(default=None, description="The digest's seal: another digest is not believed")
    verified: BackupVerification = BackupVerification()
    seal: str = Field(default="", description="A hash of all the rest: a manifest that was changed is not believed")

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def restorable(self) -> bool:
        """Whether the file was at least read back and found to hold every table, and no rehearsal says otherwise."""
        return self.verified.listing and not self.verified.failed and not self.emptied

    @property
    def emptied(self) -> bool:
        """Whether what was left out by decision is all there was: to hold every table of none proves nothing."""
        return bool(self.left_out) and not self.tables and not self.large_objects

    @property
    def of(self) -> tuple[str, str]:
        """Which database it is of: a folder may hold dumps of several. Server (its address where it does not tell
        which it is) and database.
        """
        return self.server.system_identifier or self.server.address, self.server.database

    def age_seconds(self, now: datetime) -> float:
        """How old what is in the dump is: what would be lost if it had to be restored now."""
        return (now.astimezone(UTC) - moment(self.started_at)).total_seconds()


class StoredBackup(Record):
    """One backup of a folder, as `backup --status` tells of it."""

    file: str
    database: str
    address: str
    side: Side
    started_at: str
    age_seconds: float
    bytes: int
    rows: int
    verified: bool = Field(description="Read back and every table found, and no rehearsal says otherwise")
    rehearsed: bool
    restore_seconds: float | None = None
    left_out: dict[str, str] = Field(
        default_factory=dict, description="Schemas that are not in it by decision, with the reason"
    )
    problem: str | None = Field(default=None, description="Why it cannot be restored as it lies there")


class Recovery(Record):
    """What the backups of one database promise."""

    database: str
    address: str
    recovery_point_seconds: float | None = Field(
        default=None,
        description="Age of the newest verified backup, of the newest that has what that leaves out where it is older: "
        "what would be lost now; null: there is none",
    )
    recovery_time_seconds: float | None = Field(
        default=None, description="What restoring the newest took that was restored; null: none was"
    )
    left_out: tuple[str, ...] = Field(default=(), description="Schemas that no verified backup of it has")


class BackupStatus(Record):
    """The backups of a folder and what follows from them.

    The JSON Schema is schemas/contracts/backup-status.v1.json.
    """

    format: Literal["pgparity/backup-status"] = "pgparity/backup-status"
    version: Literal[1] = 1
    at: str
    read: bool = Field(
        default=False,
        description="Whether each dump and digest was read whole and is as it was written; else the dump's size is "
        "what was looked at",
    )
    backups: tuple[StoredBackup, ...] = Field(description="Newest first")
    problems: tuple[str, ...] = Field(default=(), description="Manifests that cannot be believed, each with the reason")
    recovery: tuple[Recovery, ...] = Field(default=(), description="Of each database that has backups here")

    @property
    def safe(self) -> bool:
        """Whether every database that has backups here has one that is verified."""
        return bool(self.recovery) and all(each.recovery_point_seconds is not None for each in self.recovery)


class PlannedBackup(Record):
    """What `backup --dry-run` would do.

    The JSON Schema is schemas/contracts/backup-plan.v1.json.
    """

    format: Literal["pgparity/backup-plan"] = "pgparity/backup-plan"
    version: Literal[1] = 1
    database: str
    address: str
    server_version: str
    pg_dump_version: str
    pg_dump_from: str = Field(description="Where pg_dump was found")
    folder: str
    tables: int = Field(ge=0, description="With rows of their own")
    bytes: int = Field(ge=0, description="Of the database on its server; a dump is compressed")
    removed: tuple[str, ...] = Field(description="Dumps that are old enough to go once the new one is verified")


class RestoredDatabase(Record):
    """What came of restoring a backup.

    The JSON Schema is schemas/contracts/restore.v1.json.
    """

    format: Literal["pgparity/restore"] = "pgparity/restore"
    version: Literal[1] = 1
    dump: str
    database: str
    address: str
    written: bool = Field(description="False: only looked at, as without --yes")
    tables: int = Field(ge=0, description="In the dump")
    rows: int = Field(ge=0, description="In the dump")
    tables_compared: int = Field(default=0, ge=0)
    rows_compared: int = Field(default=0, ge=0)
    restore_seconds: float | None = None
    not_checked: tuple[str, ...] = ()
    failed: tuple[str, ...] = Field(default=(), description="What is not in the database as it was dumped")


def moment(text: str) -> datetime:
    """A time of a manifest; one without a zone is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def sealed(manifest: BackupManifest) -> BackupManifest:
    """The manifest with its seal."""
    return manifest.model_copy(update={"seal": _seal_of(json.loads(manifest.to_json()))})


def read_manifest(text: str | bytes, name: str) -> BackupManifest:
    """The manifest in a file. DocumentError in one line: no such document, another version, or one that was changed."""
    hint = "Give a file that `pgparity backup` wrote, or make the backup again."
    try:
        data = json.loads(text)
    except (ValueError, UnicodeDecodeError):
        raise DocumentError(f"{name} is not JSON", hint=hint) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DocumentError(f"{name} is not a {FORMAT} document", hint=hint)
    if data.get("version") != VERSION:
        raise DocumentError(
            f"{name} has format version {data.get('version')}, and this pgparity reads version {VERSION}",
            hint="Use the version of pgparity that made the backup.",
        )
    manifest = BackupManifest.from_json(text)
    if manifest.seal != _seal_of(data):
        raise DocumentError(
            f"{name} is not as it was written: its content does not fit its seal",
            hint="Copy it again without changing it, or make the backup again.",
        )
    if not manifest.dump or "/" in manifest.dump or "\\" in manifest.dump or manifest.dump in (".", ".."):
        raise DocumentError(f"{name} names no file of its own folder", hint=hint)
    return manifest


def _seal_of(data: dict[str, Any]) -> str:
    rest = {name: value for name, value in data.items() if name != "seal"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
