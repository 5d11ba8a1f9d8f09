"""Proof of a restored dump: every row of it beside the digest that was taken in the dump's own snapshot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from harness.core.backup import BackupManifest
from harness.core.configuration import Configuration
from harness.core.digest import DigestDocument, DigestedTable, read_digest
from harness.core.mapping import Mapping
from harness.core.projection import project
from harness.core.record import Side
from harness.core.snapshot import read_snapshot
from harness.errors import DocumentError, PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint, server_facts, session, snapshot
from harness.postgres.dumped import dumped_tables, large_objects_sum, row_count
from harness.postgres.failures import StatementFailed
from harness.postgres.introspect import FAMILIES_OF_ROWS, introspect
from harness.stages.digest_diff import compare_digests
from harness.stages.digest_pair import digest_pair
from harness.stages.digest_scan import side_reading
from harness.stages.events import Events
from harness.stages.recorded_side import LiveSide, RecordedSide
from harness.stages.rows_scan import Busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a restored database was found to hold."""

    tables: int
    rows: int
    """Compared and equal, each"""
    failed: tuple[str, ...]
    not_checked: tuple[str, ...]


def plain_configuration(configuration: Configuration, schemas: tuple[str, ...]) -> Configuration:
    """A configuration that leaves nothing out: a dump holds every schema, whatever is compared otherwise. Limits of
    connections and of load stay.
    """
    plain = Configuration()
    return plain.model_copy(
        update={
            "scope": plain.scope.model_copy(update={"schemas": schemas}),
            "run": configuration.run,
            "rows": plain.rows.model_copy(
                update={"max_latency": configuration.rows.max_latency, "max_active": configuration.rows.max_active}
            ),
        }
    )


def digest_of(manifest: BackupManifest, folder: Path) -> DigestDocument:
    """The digest beside a dump. DocumentError: it is not there, was changed, or is that of another dump."""
    name = manifest.digest or ""
    try:
        text = (folder / name).read_bytes() if name else b""
    except OSError as error:
        raise DocumentError(
            f"{name} cannot be read: {error.strerror}", hint="It lies beside the dump: copy it with it."
        ) from None
    document = read_digest(text, name or f"the digest of {manifest.dump}")
    if document.seal != manifest.digest_seal:
        raise DocumentError(
            f"{name} is the digest of another dump than {manifest.dump}", hint="Copy the one that was made with it."
        )
    return document


def prove(
    manifest: BackupManifest, digest: DigestDocument, restored: Endpoint, configuration: Configuration, events: Events
) -> Proof:
    """Compare every row of a restored database with the digest, by 64-bit hashes summed in segments; large objects by
    one hash over all.
    """
    catalog = read_snapshot(json.dumps(digest.catalog), manifest.dump)
    # The place of the server in the comparison: it is proven by what was recorded, wherever it runs.
    source = digest.model_copy(update={"side": Side.SOURCE})
    recorded = RecordedSide(name=manifest.dump, document=source, catalog=catalog)
    schemas = tuple(dict.fromkeys(each.schema for each in catalog.tables))
    plain = plain_configuration(configuration, schemas)
    failed: list[str] = []
    not_checked: list[str] = []
    proven = rows = 0
    with (
        session(restored, purpose="backup") as connection,
        snapshot(connection) as exported,
        side_reading((connection, restored), exported, plain) as reading,
    ):
        live = LiveSide(
            connection=connection,
            endpoint=restored,
            reading=reading,
            catalog=introspect(connection, schemas=schemas, families=FAMILIES_OF_ROWS),
            facts=server_facts(connection, restored),
        )
        for number, table in enumerate(digest.tables):
            events.progress("rows", number, len(digest.tables), table.table)
            wrong, open_ = _unlike(table, recorded, live, plain)
            failed += wrong
            not_checked += open_
            if not wrong and not open_:
                proven, rows = proven + 1, rows + table.rows
        events.progress("rows", len(digest.tables), len(digest.tables), "")
        bare = _counted(manifest, digest, connection)
        failed += [*bare.failed, *_unlike_objects(manifest, connection, restored)]
        not_checked += bare.not_checked
    if not manifest.rows and not manifest.large_objects and not failed:
        not_checked.append("no row was dumped: nothing was compared")
    return Proof(
        tables=proven + bare.tables, rows=rows + bare.rows, failed=tuple(failed), not_checked=tuple(not_checked)
    )


def _unlike(
    table: DigestedTable, recorded: RecordedSide, live: LiveSide, configuration: Configuration
) -> tuple[list[str], list[str]]:
    """What is wrong with a table, and why it could not be compared; at most one of them, neither where it is equal."""
    name = table.table
    if name not in live.catalog.table_by_identity:
        return [], [f"{name}: it is not there"]
    try:
        projection = project(name, Mapping(), recorded.catalog, live.catalog)
        found = compare_digests(digest_pair(projection, recorded, live, configuration), {Side.SOURCE: None})
    except DocumentError as error:
        return [], [f"{name}: {error.message}"]
    except PrivilegeMissing as error:
        return [], [f"{name}: {error.message}"]
    except StatementFailed as failure:
        return [], [f"{name}: {failure.reason}"]
    except Busy as busy:
        return [], [f"{name}: {busy}"]
    result = found.table.rows
    if found.wanted:
        counts = f"{result.source_rows:,} rows were dumped and {result.target_rows:,} are there"
        same = f"{result.source_rows:,} rows, as many as were dumped, and some are others"
        return [f"{name}: {same if result.source_rows == result.target_rows else counts}"], []
    if result.status != "identical":
        return [], [f"{name}: {result.reason or 'columns have other types'}"]
    return [], []


def _counted(manifest: BackupManifest, digest: DigestDocument, connection: Connection) -> Proof:
    """The tables that were counted alone: rows with no column are equal where there are as many; of others (those in
    an extension's schema) nothing is known.
    """
    hashed = {table.table for table in digest.tables}
    here = {each.identity: each for each in dumped_tables(connection)}
    failed: list[str] = []
    not_checked: list[str] = []
    tables = rows = 0
    for each in manifest.tables:
        if each.table in hashed:
            continue
        if each.table not in here:
            not_checked.append(f"{each.table}: it is not there")
        elif (count := row_count(connection, here[each.table])) != each.rows:
            failed.append(f"{each.table}: {each.rows:,} rows were dumped and {count:,} are there")
        elif here[each.table].has_columns and count:
            not_checked.append(f"{each.table}: its rows were counted alone, for an extension owns its schema")
        else:
            tables, rows = tables + 1, rows + count
    return Proof(tables=tables, rows=rows, failed=tuple(failed), not_checked=tuple(not_checked))


def _unlike_objects(manifest: BackupManifest, connection: Connection, restored: Endpoint) -> list[str]:
    count, content = large_objects_sum(connection, restored)
    if count != manifest.large_objects:
        return [f"large objects: {manifest.large_objects:,} were dumped and {count:,} are there"]
    if content != manifest.large_objects_sha256:
        return [f"large objects: {count:,}, as many as were dumped, and some are others"]
    return []
