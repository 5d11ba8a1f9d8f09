"""The folder of backups: whatever moment a run is interrupted at, nothing is there that looks like a whole backup."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.core.backup import SUFFIX
from harness.errors import BackupFailed, ConfigurationError
from harness.stages.backup_folder import DIGEST, BackupFolder, sha256_of

NAME = "salon-20260101T000000Z.dump"


class Killed(BaseException):
    """Stands for a kill: nothing that cleans up runs after it."""


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir() if each.name != ".pgparity-backup.lock"}


def written(folder: BackupFolder, monkeypatch: pytest.MonkeyPatch, *, renames: int) -> None:
    """Write a backup, and be killed after so many files have got their names."""
    real, done = Path.replace, 0

    def replace(part: Path, target: Path) -> Path:
        nonlocal done
        if done == renames:
            raise Killed
        done += 1
        return real(part, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        parts = {folder.path / f".pgparity-backup-part.{NAME}{end}": f"{NAME}{end}" for end in (DIGEST, SUFFIX, "")}
        for part in parts:
            part.write_text("x")
        try:
            folder.put(parts)
        except Killed:
            return


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_no_dump_is_there_before_everything_is_and_the_next_run_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    folder = BackupFolder(tmp_path)
    written(folder, monkeypatch, renames=renames)
    assert NAME not in names(tmp_path)
    with folder.locked():
        assert names(tmp_path) == set()


def test_a_backup_that_is_whole_is_not_cleared_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = BackupFolder(tmp_path)
    written(folder, monkeypatch, renames=3)
    with folder.locked():
        assert names(tmp_path) == {NAME, f"{NAME}{SUFFIX}", f"{NAME}{DIGEST}"}


def test_a_manifest_that_is_written_anew_when_it_is_killed_leaves_the_dump_alone(tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path)
    for name in (NAME, f"{NAME}{SUFFIX}", f"{NAME}{DIGEST}", f".pgparity-backup-part.{NAME}{SUFFIX}"):
        (tmp_path / name).write_text("x")
    with folder.locked():
        assert names(tmp_path) == {NAME, f"{NAME}{SUFFIX}", f"{NAME}{DIGEST}"}


def test_a_manifest_that_is_being_written_is_no_problem_of_the_folder(tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path)
    with folder.part(f"{NAME}{SUFFIX}"):
        assert folder.stored() == ((), ())


def test_two_runs_do_not_work_in_one_folder(tmp_path: Path) -> None:
    with BackupFolder(tmp_path).locked(), pytest.raises(BackupFailed, match="another backup is being made"):
        BackupFolder(tmp_path).locked().__enter__()


def test_a_part_that_was_not_put_in_its_place_is_gone(tmp_path: Path) -> None:
    with BackupFolder(tmp_path).part(NAME) as part:
        part.write_text("x")
        assert oct(part.stat().st_mode & 0o777) == "0o600"
    assert names(tmp_path) == set()


def test_a_name_that_is_taken_is_not_given_again(tmp_path: Path) -> None:
    folder, at = BackupFolder(tmp_path), datetime(2026, 1, 1, tzinfo=UTC)
    assert folder.new_name("salon", at) == NAME
    (tmp_path / NAME).touch()
    assert folder.new_name("salon", at) == "salon-20260101T000000Z-2.dump"


@pytest.mark.parametrize("database", ["../../etc", "a/b", "", ".", "-x", "Söl on\n"])
def test_a_name_is_one_of_the_folder_whatever_the_database_is_called(tmp_path: Path, database: str) -> None:
    name = BackupFolder(tmp_path).new_name(database, datetime(2026, 1, 1, tzinfo=UTC))
    assert (tmp_path / name).parent == tmp_path
    assert not name.startswith((".", "-"))


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        BackupFolder(tmp_path / "file" / "kept").locked().__enter__()


def test_a_file_is_known_by_length_and_hash(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(os.urandom(3 * 2**20 + 1))
    first = sha256_of(tmp_path / "a")
    assert first[0] == 3 * 2**20 + 1
    with (tmp_path / "a").open("r+b") as file:
        file.seek(2 * 2**20)
        file.write(b"\x00\x01")
    assert sha256_of(tmp_path / "a")[1] != first[1]
