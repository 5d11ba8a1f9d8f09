"""What preflight of a cutover makes of a folder of backups: one that leaves out tables is not taken for a whole one."""

from __future__ import annotations

import errno
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.core.backup import SUFFIX, BackedUpTable, BackupManifest, BackupVerification, sealed
from harness.core.configuration import Configuration
from harness.core.document import ScopeTable, ServerFacts
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.stages.cutover.evidence import backup_checks
from harness.stages.cutover.request import CutoverRequest
from harness.stages.learned import Learned, RunRequest
from tests.unit.catalogs import SERVER

NOTHING = Catalog(server=SERVER)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def server(database: str) -> ServerFacts:
    return ServerFacts(
        label="",
        address="127.0.0.1:5432",
        database=database,
        role="owner",
        version="18.1",
        system_identifier="7",
        encoding="UTF8",
        collation="C",
    )


def kept(folder: Path, name: str, *, hours: float, database: str = "old", left_out: tuple[str, ...] = ()) -> None:
    """A backup in the folder, with its manifest."""
    content = name.encode()
    (folder / f"{name}.dump").write_bytes(content)
    manifest = BackupManifest(
        id=name,
        pgparity="0",
        side=Side.TARGET,
        dump=f"{name}.dump",
        server=server(database),
        pg_dump_version="18.1",
        started_at=(NOW - timedelta(hours=hours)).isoformat(),
        snapshot="1:1:",
        seconds=1,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        tables=(BackedUpTable(table="public.t", rows=2),),
        left_out=dict.fromkeys(left_out, "decided"),
        verified=BackupVerification(listing=True, rehearsed=True),
    )
    (folder / f"{name}.dump{SUFFIX}").write_text(sealed(manifest).to_json(), encoding="utf-8")


def checks(folder: Path, *, tables: tuple[str, ...] = ("public.t", "audit.entries")) -> dict[str, tuple[str, str]]:
    """What preflight finds of each name, and the words."""
    configuration = Configuration.model_validate({"cutover": {"backup": "."}})
    sides = Endpoint(Side.SOURCE, "dbname=old"), Endpoint(Side.TARGET, "dbname=new")
    run = RunRequest(configuration=configuration, base=folder, source=sides[0], target=sides[1])
    learned = Learned(
        sides=(server("old"), server("new")),
        catalogs=(NOTHING, NOTHING),
        scope=tuple(ScopeTable(table=each, scope="compared") for each in tables),
    )
    found = backup_checks(CutoverRequest(run=run, state=folder / "state", runs=folder), learned, NOW)
    return {each.name: (each.status, each.text) for each in found}


def test_a_backup_that_leaves_out_no_table_in_scope_passes_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    kept(tmp_path, "one", hours=1, left_out=("vault",))
    found = checks(tmp_path)
    assert {outcome for outcome, _ in found.values()} == {"ok"}
    assert found["backup of all tables"][1].endswith("left out by decision: schema vault")


def test_a_backup_that_leaves_out_tables_in_scope_is_no_verified_backup(tmp_path: Path) -> None:
    kept(tmp_path, "one", hours=1, left_out=("audit",))
    assert checks(tmp_path)["backup of all tables"] == (
        "failed",
        "the newest backup of the source (old at 127.0.0.1:5432) leaves out audit.entries",
    )


def test_a_backup_of_the_target_alone_is_none_of_what_could_be_lost(tmp_path: Path) -> None:
    kept(tmp_path, "one", hours=1, database="new")
    status, text = checks(tmp_path)["backup"]
    assert (status, "of the target alone" in text) == ("failed", True)


def test_a_newer_backup_of_the_target_does_not_stand_for_an_old_one_of_the_source(tmp_path: Path) -> None:
    kept(tmp_path, "old", hours=2000)
    kept(tmp_path, "new", hours=1, database="new")
    found = checks(tmp_path)
    assert found["backup age"][0] == "failed"
    assert "the source (old at 127.0.0.1:5432)" in found["backup verified"][1]


@pytest.mark.parametrize("content", [b"on", b"eno", None])
def test_a_dump_that_is_not_as_it_was_written_is_no_backup(tmp_path: Path, content: bytes | None) -> None:
    kept(tmp_path, "one", hours=1)
    dump = tmp_path / "one.dump"
    if content is None:
        dump.unlink()
    else:
        dump.write_bytes(content)
    assert checks(tmp_path)["backup file"][0] == "failed"


def test_a_dump_that_cannot_be_read_is_told_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path, "one", hours=1)
    real = Path.open

    def refused(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "one.dump":
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refused)
    assert checks(tmp_path)["backup file"] == ("failed", "one.dump cannot be read: Input/output error")


def test_a_manifest_that_was_changed_is_named_where_there_is_no_other_backup(tmp_path: Path) -> None:
    kept(tmp_path, "one", hours=1)
    manifest = tmp_path / f"one.dump{SUFFIX}"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"public.t"', '"public.u"'), encoding="utf-8")
    assert f"one.dump{SUFFIX}" in checks(tmp_path)["backup"][1]


def test_a_folder_that_is_not_there_has_no_backup(tmp_path: Path) -> None:
    assert checks(tmp_path / "nowhere")["backup"][0] == "failed"


def test_a_folder_without_a_backup_of_this_source_names_what_is_missing(tmp_path: Path) -> None:
    kept(tmp_path, "one", hours=1, database="another")
    assert "no backup of the source (old at" in checks(tmp_path)["backup"][1]


@pytest.mark.parametrize(("hours", "outcome"), [(2.0, "ok"), (2000.0, "failed")])
def test_a_newer_backup_that_leaves_out_tables_does_not_stand_for_an_older_one_that_has_them(
    tmp_path: Path, hours: float, outcome: str
) -> None:
    kept(tmp_path, "whole", hours=hours)
    kept(tmp_path, "part", hours=1, left_out=("audit",))
    found = checks(tmp_path)
    assert found["backup of all tables"][0] == "ok"
    assert found["backup age"][0] == outcome
    assert found["backup file"][1].startswith("whole.dump ")
