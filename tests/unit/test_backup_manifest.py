"""The manifest of a backup: sealed, read back, refused where it was changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from harness.core.backup import BackedUpTable, BackupManifest, read_manifest, sealed
from harness.core.document import ServerFacts
from harness.core.record import Side
from harness.errors import DocumentError


def manifest(**changed: object) -> BackupManifest:
    facts = ServerFacts(
        label="target",
        address="127.0.0.1:5432",
        database="salon",
        role="owner",
        version="18.1",
        system_identifier="7",
        encoding="UTF8",
        collation="C",
    )
    made = BackupManifest(
        id="1",
        pgparity="0",
        side=Side.TARGET,
        dump="salon.dump",
        server=facts,
        pg_dump_version="18.1",
        started_at="2026-01-01T00:00:00+00:00",
        snapshot="1:1:",
        lsn="0/1",
        seconds=1,
        bytes=10,
        sha256="00",
        tables=(BackedUpTable(table="public.a", rows=2), BackedUpTable(table="public.b", rows=3)),
    )
    return sealed(made.model_copy(update=changed))


def test_a_manifest_round_trips() -> None:
    assert read_manifest(manifest().to_json(indent=2), "x") == manifest()


def test_rows_are_those_of_all_tables() -> None:
    assert manifest().rows == 5


def test_a_dump_is_as_old_as_its_snapshot() -> None:
    assert manifest().age_seconds(datetime(2026, 1, 1, 1, tzinfo=UTC)) == 3600


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sha256": "11"}, "does not fit its seal"),
        ({"verified": {"listing": True}}, "does not fit its seal"),
        ({"format": "pgparity/digest"}, "is not a pgparity/backup document"),
        ({"version": 2}, "has format version 2"),
    ],
)
def test_a_manifest_that_was_changed_is_not_believed(changed: dict[str, object], told: str) -> None:
    data = json.loads(manifest().to_json()) | changed
    with pytest.raises(DocumentError, match=told):
        read_manifest(json.dumps(data), "salon.dump.backup.json")


def test_a_manifest_that_is_cut_short_is_refused() -> None:
    with pytest.raises(DocumentError, match="is not JSON"):
        read_manifest(manifest().to_json()[:40], "salon.dump.backup.json")


@pytest.mark.parametrize("name", ["", "..", "../salon.dump", "/etc/passwd", "a\\b"])
def test_a_manifest_names_a_file_of_its_own_folder(name: str) -> None:
    with pytest.raises(DocumentError, match="names no file of its own folder"):
        read_manifest(manifest(dump=name).to_json(), "salon.dump.backup.json")
