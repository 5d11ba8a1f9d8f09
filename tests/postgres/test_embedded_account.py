"""Servers run under an account without privileges, whoever starts them and wherever the programs lie."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import harness
from harness.embedded.account import runs, server_account
from harness.embedded.binaries import VARIABLE, Installation, installation
from harness.embedded.installation_copy import FOLDER, usable_by
from harness.embedded.server import Server

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, or needs to")

PROGRAM = """
import json, os, sys
from harness.embedded.server import Server
with Server.start(major=16) as server:
    owner = os.stat(server.data_directory).st_uid
    os.system(f'"{server.installation.tool("psql")}" -XAtc "SELECT 40 + 2" "{server.dsn()}"')
    print(json.dumps([os.getuid(), owner, str(server.socket_directory), str(server.installation.bin)]), flush=True)
"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory for temporary files of a test: every account may enter and write it."""
    directory = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    directory.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    usable_by.cache_clear()
    yield directory
    usable_by.cache_clear()
    shutil.rmtree(directory)


@pytest.fixture
def closed(place: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation as pip leaves it below /root under umask 077: no account but root can read it."""
    found = installation(16)
    package = found.bin.parent.parent
    if not package.name.endswith("_pgserver"):
        pytest.skip("PostgreSQL 16 is not from a wheel here: its files are not all in one folder")
    home = place / "home"
    copy = home / "site-packages" / package.name / found.bin.parent.name
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(found.bin.parent, copy, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    if libraries.is_dir():
        shutil.copytree(libraries, home / "site-packages" / libraries.name)
    for directory, _, files in os.walk(home):
        Path(directory).chmod(0o700)
        for file in files:
            Path(directory, file).chmod(0o700 if os.access(Path(directory, file), os.X_OK) else 0o600)
    monkeypatch.setenv(VARIABLE, str(copy / "bin"))
    return installation(16)


def _answers(server: Server) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def _python_for_everyone() -> str | None:
    """A Python that the servers' account can run too; the one of these tests may lie below /root."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if runs(server_account(), [python, "-c", check]):
            return python
    return None


@root_only
def test_a_server_that_root_starts_runs_under_an_account_without_privileges() -> None:
    account = server_account()
    assert account is not None
    with Server.start(major=16) as server:
        assert _answers(server)
        assert server.data_directory.stat().st_uid == account.uid
        assert server.socket_directory.stat().st_uid == account.uid
        assert stat.S_IMODE(server.socket_directory.stat().st_mode) == 0o700
        for pid in (server.pid, server._watchdog.pid):
            status = Path(f"/proc/{pid}/status")
            if status.exists():
                lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
                assert set(lines["Uid"].split()) == {str(account.uid)}
                assert set(lines["Gid"].split()) == {str(account.gid)}
                assert lines["Groups"].split() == []


@root_only
def test_an_ordinary_user_starts_a_server_as_that_user(place: Path) -> None:
    python = _python_for_everyone()
    account = server_account()
    if python is None:
        pytest.skip("no Python 3.11 here that an account other than root can run")
    assert account is not None
    # The checkout may be closed to the account: give it the modules that a server needs.
    package = Path(harness.__file__).parent
    shutil.copytree(package / "embedded", place / "project" / "harness" / "embedded")
    shutil.copy(package / "errors.py", place / "project" / "harness")
    for directory in ("project", "home", "tmp dir"):
        (place / directory).mkdir(exist_ok=True)
        os.chown(place / directory, account.uid, account.gid)
    done = subprocess.run(
        [python, "-B", "-c", PROGRAM],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd=place / "home",
        env={
            "HOME": str(place / "home"),
            "TMPDIR": str(place / "tmp dir"),
            "PYTHONPATH": str(place / "project"),
            "PATH": "/usr/bin:/bin",
            VARIABLE: str(usable_by(account, installation(16)).bin),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    answer, facts = done.stdout.splitlines()
    uid, owner, folder, _ = json.loads(facts)
    assert (answer, uid, owner) == ("42", account.uid, account.uid)
    assert Path(folder).parent == place / "tmp dir"
    assert list((place / "tmp dir").iterdir()) == []


@root_only
def test_programs_that_the_account_cannot_read_are_copied_once(closed: Installation, place: Path) -> None:
    with Server.start(installation=closed) as server:
        assert _answers(server)
        copied = server.installation
    assert place / FOLDER in copied.bin.parents
    assert (place / FOLDER).stat().st_uid == 0
    assert stat.S_IMODE((place / FOLDER).stat().st_mode) == 0o755
    first = copied.tool("postgres").stat()
    usable_by.cache_clear()
    with Server.start(installation=closed) as server:
        assert _answers(server)
        assert server.installation == copied
    second = copied.tool("postgres").stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


@root_only
def test_a_copy_that_lost_a_file_is_made_again(closed: Installation, place: Path) -> None:
    account = server_account()
    copied = usable_by(account, closed)
    lost = next((copied.bin.parent / "share").rglob("UTC"))
    lost.unlink()
    leftover = place / FOLDER / "partial-of-a-killed-process"
    leftover.mkdir()
    usable_by.cache_clear()
    assert usable_by(account, closed) == copied
    assert lost.exists()
    assert not leftover.exists()


@root_only
@pytest.mark.long
def test_two_tools_that_copy_at_once_both_start(closed: Installation, place: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(harness.__file__).parents[1]), *sys.path])}
    tools = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [tool.communicate() for tool in tools]
    assert [error for _, error in answers] == ["", ""]
    assert [out.splitlines()[0] for out, _ in answers] == ["42", "42"]
    used = {json.loads(out.splitlines()[1])[3] for out, _ in answers}
    assert len(used) == 1
    assert place / FOLDER in Path(used.pop()).parents
    assert [path.name for path in (place / FOLDER).iterdir() if path.name.startswith("partial-")] == []


@root_only
def test_programs_that_are_linked_from_a_closed_folder_run_in_their_own_place(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = installation(16)
    (place / "closed").mkdir(mode=0o700)
    (place / "closed" / "pg").symlink_to(found.bin.parent)
    monkeypatch.setenv(VARIABLE, str(place / "closed" / "pg" / "bin"))
    linked = installation(16)
    assert (linked.origin, linked.bin) == (VARIABLE, found.bin)
    with Server.start(installation=linked) as server:
        assert _answers(server)


@root_only
def test_a_tmpdir_that_the_account_cannot_enter_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "closed").mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(place / "closed"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with Server.start(major=16) as server:
        assert _answers(server)
        assert place / "closed" not in server.socket_directory.parents


@root_only
def test_neither_the_server_nor_its_watchdog_uses_the_directory_of_the_tool(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "closed").mkdir(mode=0o700)
    monkeypatch.chdir(place / "closed")
    monkeypatch.setenv("HOME", str(place / "closed"))
    with Server.start(major=18) as server:
        assert _answers(server)
        if Path("/proc/self/cwd").exists():
            assert os.readlink(f"/proc/{server.pid}/cwd") == str(server.data_directory)
            assert os.readlink(f"/proc/{server._watchdog.pid}/cwd") == "/"
