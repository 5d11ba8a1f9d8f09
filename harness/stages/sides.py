"""Sides: what can stand on either side of a schema comparison: a live database, a snapshot file, files of DDL."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from harness.core.model.catalog import Catalog
from harness.core.narrowing import Scope, common_scope, narrowed
from harness.core.ownership import of_files
from harness.core.record import Side
from harness.core.snapshot import read_snapshot
from harness.embedded.binaries import Installation, installation, installations
from harness.embedded.server import Server
from harness.errors import ConfigurationError, DocumentError, LocalStackError
from harness.postgres.connect import Connection, Endpoint, ensure_comparable, ensure_session_kept, session, snapshot
from harness.postgres.introspect import introspect
from harness.postgres.reading import Alike
from harness.postgres.schema_files import load_files
from harness.postgres.scratch import OWN_ROLE, create_own_role

MEMORY = 1 << 30
"""Bytes that must be free for a scratch server to be kept in memory: a schema without rows is small"""


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """A file that `pgparity schema snapshot` wrote."""

    side: Side
    path: Path


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """.sql files, loaded in the order of their names."""

    side: Side
    path: Path
    """A file, or a folder of them"""


Standing = Endpoint | SnapshotFile | SchemaFiles
"""What stands on a side"""


@dataclass(frozen=True, slots=True)
class ReadSide:
    """A side that was read; the connection is open, in its snapshot, where the side is a live database."""

    side: Side
    name: str
    """What to call it"""
    catalog: Catalog
    connection: Connection | None = None


def standing(side: Side, value: str, base: Path, *, label: str = "", statement_timeout: int = 600) -> Standing:
    """What a user's text stands for: a path where it is one, else a DSN. ConfigurationError where it is neither."""
    if "://" not in value and value.strip():
        path = base / Path(value).expanduser()
        if path.is_dir() or path.suffix == ".sql":
            return SchemaFiles(side, path)
        if path.is_file() or path.suffix == ".json":
            return SnapshotFile(side, path)
        if "=" not in value:
            shown = f"{path.name!r} " if "@" not in value and not value.split()[1:] else ""
            raise ConfigurationError(
                f"the {side} {shown}is neither a database nor a file or folder that is there",
                hint="Give a DSN, service=NAME, env:NAME, a snapshot (.json), an .sql file or a folder of them.",
            )
    point = Endpoint(side, value, label, statement_timeout)
    point.parameters()
    return point


@contextlib.contextmanager
def opened(*sides: Standing, scope: Scope = None, scratch_version: int | None = None) -> Iterator[tuple[ReadSide, ...]]:
    """Read the sides, live ones at once and each in one snapshot; all of them hold the same schemas then.

    ConfigurationError, DocumentError, ConnectionFailed, SameDatabase, LocalStackError.
    """
    live = [each for each in sides if isinstance(each, Endpoint)]
    if len(live) == 2:
        ensure_comparable(*live)
    for point in live[:1] if len(live) == 1 else ():
        ensure_session_kept(point)
    with contextlib.ExitStack() as stack:
        files = {each: _catalog_of(each) for each in sides if isinstance(each, SnapshotFile)}
        wanted = common_scope((catalog.scope for catalog in files.values()), scope)
        scratch = Scratch(stack, scratch_version)
        reading = [_connection(each, stack, scratch) for each in sides]
        alike = Alike(sum(connection is not None for connection in reading))
        with _keeping_all(), ThreadPoolExecutor(max_workers=len(sides)) as readers:
            answers = [
                None if connection is None else readers.submit(introspect, connection, schemas=wanted, alike=alike)
                for connection in reading
            ]
        found: list[ReadSide] = []
        for each, connection, answer in zip(sides, reading, answers, strict=True):
            catalog = narrowed(files[each] if isinstance(each, SnapshotFile) else answer.result(), wanted)  # type: ignore[union-attr]
            if isinstance(each, SchemaFiles):
                catalog = of_files(catalog, OWN_ROLE)
            kept = connection if isinstance(each, Endpoint) else None
            found.append(ReadSide(each.side, _name(each), catalog, kept))
        yield tuple(found)


@contextlib.contextmanager
def _keeping_all() -> Iterator[None]:
    """No search for garbage meanwhile: a catalog is many objects, and each of them stays."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _name(each: Standing) -> str:
    return each.name if isinstance(each, Endpoint) else f"{each.path.name}{'/' if each.path.is_dir() else ''}"


def _catalog_of(file: SnapshotFile) -> Catalog:
    try:
        return read_snapshot(file.path.read_bytes(), file.path.name)
    except OSError as error:
        raise DocumentError(
            f"the {file.side} snapshot {file.path.name} cannot be read: {error.strerror}",
            hint="Give a file that `pgparity schema snapshot` wrote.",
        ) from None


def _connection(each: Standing, stack: contextlib.ExitStack, scratch: Scratch) -> Connection | None:
    if isinstance(each, SnapshotFile):
        return None
    point = each if isinstance(each, Endpoint) else scratch.loaded(each)
    connection = stack.enter_context(session(point, purpose="introspect"))
    stack.enter_context(snapshot(connection))
    return connection


class Scratch:
    """Servers of our own that schema files are loaded on, one a side: roles that one side names are not the other's."""

    def __init__(self, stack: contextlib.ExitStack, version: int | None) -> None:
        self._stack = stack
        self._version = version

    def loaded(self, files: SchemaFiles) -> Endpoint:
        """A database with what the files make. DocumentError names the line of the first statement that fails."""
        listed = _listed(files)
        database = f"schema_{files.side}"
        server = self._stack.enter_context(Server.start(installation=_chosen(self._version), memory=MEMORY))
        password = create_own_role(server.dsn())
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            name, owner = sql.Identifier(database), sql.Identifier(OWN_ROLE)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(name, owner))
        dsn = server.dsn(database, user=OWN_ROLE, password=password)
        load_files(dsn, listed)
        return Endpoint(files.side, dsn, files.path.name)


def _chosen(version: int | None) -> Installation:
    if version is not None:
        return installation(version)
    there = installations()
    if not there:
        raise LocalStackError(
            "files of DDL are loaded on a PostgreSQL server of this machine, and none is here",
            hint="pip install 'pgparity[demo]', or name a bin folder in PGPARITY_PG_BIN.",
        )
    return max(there, key=lambda each: each.version)


def _listed(files: SchemaFiles) -> list[Path]:
    if not files.path.exists():
        raise DocumentError(f"the {files.side} file {files.path.name} is not there", hint="Check the path.")
    if files.path.is_file():
        return [files.path]
    listed = sorted((each for each in files.path.rglob("*.sql") if each.is_file()), key=lambda each: each.parts)
    if not listed:
        raise DocumentError(
            f"the {files.side} folder {files.path.name} has no .sql file", hint="Give a folder of DDL files."
        )
    return listed
