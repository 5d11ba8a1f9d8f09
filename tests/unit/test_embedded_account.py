"""The account of the servers is no privileged one, and places for it are chosen by what it can do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.embedded.account import Account, can, folder_for_servers, runs, server_account, temporary_directories
from harness.embedded.installation_copy import _made_safely

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
NOBODY_HERE = Account("nobody-here", 54321, 54321)


def test_the_account_is_another_for_root_and_none_for_everyone_else() -> None:
    account = server_account()
    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account.uid != 0


def test_this_process_can_read_its_own_file_and_not_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "it's a file").write_text("")
    assert can(None, "read", tmp_path, tmp_path / "it's a file")
    assert not can(None, "read", tmp_path / "it's a file", tmp_path / "missing")


def test_a_command_runs_when_it_succeeds() -> None:
    assert runs(None, ["/bin/sh", "-c", "exit 0"])
    assert not runs(None, ["/bin/sh", "-c", "exit 3"])
    assert not runs(None, ["/no/such/program"])


@root_only
def test_an_account_cannot_enter_a_directory_of_root_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert can(None, "enter", tmp_path)
    assert not can(NOBODY_HERE, "enter", tmp_path)
    assert not can(NOBODY_HERE, "read", tmp_path / "below")


def test_the_directory_that_tmpdir_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert next(temporary_directories()) == tmp_path
    assert len(set(temporary_directories())) == len(list(temporary_directories()))


def test_looking_for_a_directory_leaves_nothing_for_a_kill_to_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    os.utime(tmp_path, (1, 1))
    assert folder_for_servers(None) == tmp_path or len(os.fsencode(tmp_path)) > 65
    # A file made and deleted again would have set the time.
    assert tmp_path.stat().st_mtime == 1


def test_servers_get_a_directory_short_enough_for_a_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    assert next(temporary_directories()) == deep
    assert len(os.fsencode(folder_for_servers(server_account()))) <= 65


def test_a_folder_of_copies_is_made_readable_for_all_and_trusted_again(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    previous = os.umask(0o077)
    try:
        assert _made_safely(folder)
    finally:
        os.umask(previous)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert _made_safely(folder)


def test_a_folder_of_copies_that_others_may_write_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    folder.chmod(0o777)
    assert not _made_safely(folder)


def test_a_link_in_the_place_of_the_folder_of_copies_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "copies").symlink_to(tmp_path / "elsewhere")
    assert not _made_safely(tmp_path / "copies")
    (tmp_path / "file").write_text("")
    assert not _made_safely(tmp_path / "file")


@root_only
def test_a_folder_of_copies_that_another_account_owns_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir(mode=0o755)
    os.chown(folder, NOBODY_HERE.uid, NOBODY_HERE.gid)
    assert not _made_safely(folder)
