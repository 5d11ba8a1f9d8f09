"""`pgparity backup` and `pgparity restore` as a user drives them."""

from __future__ import annotations

import json
import os
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from harness.core.backup import BackupManifest, read_manifest, sealed
from harness.embedded.server import Server
from harness.stages.backup_folder import BackupFolder
from tests.backups import ROWS, SALON, TABLES, dumps, execute, manifest_of, programs
from tests.cli.conftest import Pgparity


@pytest.fixture
def salon(database: str) -> str:
    execute(database, *SALON)
    return database


def beside(dsn: str) -> str:
    """The DSN of a database that is not there yet, on the same server."""
    return make_conninfo(dsn, dbname=f"t_{uuid.uuid4().hex[:12]}")


def drop(dsn: str, other: str) -> None:
    name = re.findall(r"dbname=(\w+)", other)[0]
    execute(dsn, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_backup_is_made_listed_restored_and_compared_row_by_row(salon: str, here: Pgparity, tmp_path: Path) -> None:
    done = here("backup", "--target", salon, "--dir", "kept", "--format", "json", "-q")
    assert done.returncode == 0, done.stderr
    (dump,) = dumps(tmp_path / "kept")
    manifest = json.loads(done.stdout)
    assert manifest == manifest_of(dump)
    assert (sum(each["rows"] for each in manifest["tables"]), len(manifest["tables"])) == (ROWS, TABLES)
    assert (manifest["large_objects"], manifest["verified"]["listing"], manifest["verified"]["rehearsed"]) == (
        2,
        True,
        False,
    )
    assert {oct(each.stat().st_mode & 0o777) for each in (tmp_path / "kept").iterdir()} == {"0o600"}

    done = here("backup", "--dir", "kept", "--status", "--format", "json")
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["backups"]
    assert (one["file"], one["verified"], one["rehearsed"], one["rows"]) == (dump.name, True, False, ROWS)

    new = beside(salon)
    try:
        looked = here("restore", f"kept/{dump.name}", "--target", new, "--create-database", "--format", "json")
        assert (looked.returncode, json.loads(looked.stdout)["written"]) == (0, False), looked.stderr
        assert here("restore", f"kept/{dump.name}", "--target", new).returncode == 2, "looking at it made the database"
        done = here(
            "restore", f"kept/{dump.name}", "--target", new, "--create-database", "--yes", "--format", "json", "-q"
        )
        assert done.returncode == 0, done.stderr + done.stdout
        restored = json.loads(done.stdout)
        assert (restored["rows_compared"], restored["tables_compared"], restored["failed"]) == (ROWS, TABLES, [])
        assert execute(new, "SELECT count(*) FROM client") == [(400,)]
        assert execute(new, "SELECT reltuples FROM pg_class WHERE relname = 'client'") == [(400.0,)], "not analysed"

        done = here("restore", f"kept/{dump.name}", "--target", new, "--yes")
        assert done.returncode == 2
        assert "is not empty" in done.stderr
    finally:
        drop(salon, new)


@pytest.mark.long
def test_a_rehearsal_compares_every_row_with_the_database_and_measures_the_recovery_time(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    done = here("backup", "--target", salon, "--dir", "kept", "--rehearse", "--format", "json", "-q")
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)["verified"]
    assert (found["rehearsed"], found["rows_compared"], found["tables_compared"]) == (True, ROWS, TABLES)
    assert found["restore_seconds"] > 0
    assert manifest_of(dumps(tmp_path / "kept")[0])["verified"] == found
    told = here("backup", "--dir", "kept", "--status")
    assert told.returncode == 0
    assert re.search(r"recovery point 0:00:\d\d, recovery time \d+\.\d s", told.stdout), told.stdout


@pytest.mark.long
def test_a_database_without_a_row_is_nothing_compared(database: str, here: Pgparity, tmp_path: Path) -> None:
    execute(database, "CREATE TABLE client (id int PRIMARY KEY)")
    done = here("backup", "--target", database, "--dir", "kept", "--rehearse", "--format", "json", "-q")
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["verified"]["not_checked"] == ["no row was dumped: nothing was compared"]


@pytest.mark.long
def test_a_schema_that_the_role_may_not_read_can_be_left_out_and_is_recorded(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    execute(salon, "CREATE SCHEMA vault", "CREATE TABLE vault.secret (id int)", "INSERT INTO vault.secret VALUES (1)")
    arguments = ("backup", "--target", salon, "--dir", "kept", "--rehearse", "--format", "json", "-q")
    done = here(*arguments, "--exclude-schema", "vault")
    assert done.returncode == 0, done.stderr + done.stdout
    manifest = json.loads(done.stdout)
    assert manifest["left_out"] == {"vault": "left out by --exclude-schema"}
    assert sum(each["rows"] for each in manifest["tables"]) == ROWS
    assert manifest["verified"]["rows_compared"] == ROWS
    done = here(*arguments, "--exclude-schema", "vaults")
    assert (done.returncode, "has no schema vaults" in done.stderr) == (2, True)


@pytest.mark.long
def test_several_sessions_restore_into_another_version_what_one_does(
    salon: str, newer_database: str, here: Pgparity, tmp_path: Path
) -> None:
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (dump,) = dumps(tmp_path / "kept")
    arguments = ("--target", newer_database, "--yes", "--jobs", "2", "--format", "json", "-q")
    done = here("restore", f"{dump}.backup.json", *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["rows_compared"] == ROWS


@pytest.mark.long
def test_a_database_is_not_made_with_another_locale_than_was_dumped(salon: str, here: Pgparity, tmp_path: Path) -> None:
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (dump,) = dumps(tmp_path / "kept")
    file = Path(f"{dump}.backup.json")
    manifest = read_manifest(file.read_bytes(), file.name)
    assert manifest.locale_provider == "libc"
    other = sealed(manifest.model_copy(update={"locale_provider": "icu"}))
    file.write_text(other.to_json(), encoding="utf-8")
    done = here("restore", str(dump), "--target", beside(salon), "--create-database", "--yes")
    assert (done.returncode, "of icu) can be made here" in done.stderr) == (2, True)


@pytest.mark.long
def test_no_password_gets_into_a_file_an_output_or_an_argument(
    salon: str, server: Server, pgparity: Pgparity, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    variables = programs(folder, server.installation.major, before='echo "$@" > "$0.arguments"')
    done = pgparity("backup", "--target", salon, "--dir", "kept", "-vv", **variables)
    assert done.returncode == 0, done.stderr
    arguments = (folder / "pg_dump.arguments").read_text()
    assert "--snapshot" in arguments
    texts = [done.stdout, done.stderr, arguments]
    texts += [each.read_text(encoding="utf-8") for each in (tmp_path / "kept").glob("*.json")]
    assert [text for text in texts if server.password in text] == []


@pytest.mark.long
def test_a_dry_run_says_what_would_be_dumped_and_removed_and_writes_nothing(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (old,) = dumps(tmp_path / "kept")
    aged(old, days=30)
    assert here("backup", "--target", salon, "--dir", "kept", "--keep-days", "99", "-q").returncode == 0
    before = sorted((tmp_path / "kept").iterdir())
    done = here("backup", "--target", salon, "--dir", "kept", "--dry-run")
    assert done.returncode == 0
    assert f"would remove {old.name}" in done.stdout
    assert "would dump" in done.stdout
    assert sorted((tmp_path / "kept").iterdir()) == before


@pytest.mark.long
def test_what_is_old_goes_once_a_newer_one_is_verified_with_all_its_files_and_nothing_else(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (old,) = dumps(kept)
    aged(old, days=30)
    (kept / "mine.dump").write_bytes(b"of somebody else")
    os.utime(kept / "mine.dump", (0, 0))
    done = here("backup", "--target", salon, "--dir", "kept")
    assert done.returncode == 0
    assert f"removed {old.name}" in done.stderr
    assert [each.name for each in kept.iterdir() if old.name in each.name] == []
    assert (kept / "mine.dump").exists()
    assert len(dumps(kept)) == 2


@pytest.mark.long
def test_a_backup_that_leaves_out_more_makes_no_older_one_go(salon: str, here: Pgparity, tmp_path: Path) -> None:
    kept, in_part = tmp_path / "kept", ("--exclude-schema", 'Odd "one')
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (whole,) = dumps(kept)
    aged(whole, days=8)
    assert here("backup", "--target", salon, "--dir", "kept", "--keep-days", "7", *in_part).returncode == 0
    assert whole in dumps(kept)
    assert len(dumps(kept)) == 2
    told = here("backup", "--dir", "kept", "--status", "--format", "json")
    newest, oldest = json.loads(told.stdout)["backups"]
    assert (newest["left_out"], oldest["left_out"]) == ({'Odd "one': "left out by --exclude-schema"}, {})
    assert json.loads(told.stdout)["recovery"][0]["recovery_point_seconds"] > 7 * 86_400
    shown = here("backup", "--dir", "kept", "--status").stdout
    assert 'leaves out schema Odd "one' in shown
    assert "no dump was read" in shown
    refused = here("backup", "--target", salon, "--dir", "kept", *in_part, "--exclude-schema", "public")
    assert refused.returncode == 2
    assert "every table of the target is in a schema that is left out" in refused.stderr


@pytest.mark.long
def test_a_dump_with_a_changed_byte_is_seen_by_reading_it_and_displaces_no_sound_one(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    for days in (30, 10):
        assert here("backup", "--target", salon, "--dir", "kept", "--keep-days", "99", "-q").returncode == 0
        aged(next(each for each in dumps(kept) if age_of(each) < 1), days=days)
    oldest, damaged = sorted(dumps(kept), key=age_of, reverse=True)
    with damaged.open("r+b") as file:
        file.seek(damaged.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    assert here("backup", "--dir", "kept", "--status").returncode == 0, "sizes are looked at"
    read = here("backup", "--dir", "kept", "--status", "--verify", "--format", "json")
    found = {each["file"]: each["problem"] for each in json.loads(read.stdout)["backups"]}
    assert found[oldest.name] is None
    assert "its SHA-256 is another one" in found[damaged.name]
    # A new one that leaves out a schema: of what it leaves out, the oldest has the last that is sound.
    part = ("backup", "--target", salon, "--dir", "kept", "--keep-days", "20", "--exclude-schema", 'Odd "one')
    assert here(*part).returncode == 0
    assert oldest in dumps(kept)
    assert here("backup", "--target", salon, "--dir", "kept", "--keep-days", "20").returncode == 0
    assert oldest not in dumps(kept)
    assert here("backup", "--target", salon, "--dir", "kept", "--verify").returncode == 2


@pytest.mark.long
def test_nothing_goes_while_another_backup_is_being_made(salon: str, here: Pgparity, tmp_path: Path) -> None:
    with BackupFolder(tmp_path / "kept").locked():
        done = here("backup", "--target", salon, "--dir", "kept")
    assert done.returncode == 2
    assert "another backup is being made" in done.stderr
    assert dumps(tmp_path / "kept") == []


@pytest.mark.long
def test_a_folder_without_a_verified_backup_is_no_success(salon: str, here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert here("backup", "--dir", "kept", "--status").returncode == 1
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    assert here("backup", "--dir", "kept", "--status").returncode == 0
    (dump,) = dumps(tmp_path / "kept")
    dump.unlink()
    done = here("backup", "--dir", "kept", "--status")
    assert done.returncode == 1
    assert "the dump is not there" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("backup",), "no folder of backups is given"),
        (("backup", "--dir", "d"), "no target database is given"),
        (("backup", "--dir", "d", "--source", "a", "--target", "b"), "one database is dumped at a time"),
        (("backup", "--dir", "d", "--side", "source", "--target", "b"), "--side source and --target are given"),
        (("backup", "--dir", "nowhere", "--status"), "there is no folder nowhere"),
        (("backup", "--dir", "d", "--target", "host=127.0.0.1 port=2"), "cannot be reached"),
        (("restore", "nothing.dump", "--target", "host=127.0.0.1 port=2"), "there is no nothing.dump.backup.json"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], told: str, here: Pgparity, tmp_path: Path
) -> None:
    done = here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert dumps(tmp_path) == []


@pytest.mark.long
def test_the_folder_and_the_days_may_stand_in_the_configuration(salon: str, here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text('[backup]\ndir = "here"\nkeep_days = 2\n')
    assert here("backup", "--target", salon, "-q").returncode == 0
    (first,) = dumps(tmp_path / "here")
    aged(first, days=3)
    assert here("backup", "--side", "target", PGPARITY_TARGET=salon).returncode == 0
    assert len(dumps(tmp_path / "here")) == 1


def age_of(dump: Path) -> float:
    """Days."""
    file = Path(f"{dump}.backup.json")
    return read_manifest(file.read_bytes(), file.name).age_seconds(datetime.now(UTC)) / 86_400


def aged(dump: Path, *, days: float) -> None:
    """Have a backup been made so long ago."""
    file = Path(f"{dump}.backup.json")
    manifest: BackupManifest = read_manifest(file.read_bytes(), file.name)
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    file.write_text(sealed(manifest.model_copy(update={"started_at": at})).to_json(), encoding="utf-8")
