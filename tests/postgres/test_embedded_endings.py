"""Whatever ends the tool, or its watchdog, ends the servers and removes their folders."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import harness
from harness.embedded.server import Server

ROOT = Path(harness.__file__).parents[1]
SECONDS = 10.0

# A tool: it starts two servers, or one, and says on one line what they consist of; then it does what a test adds.
TOOL = """
import json, os, signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT} if "block" in sys.argv else ())
from harness.embedded.server import Server

servers = [Server.start(major=major) for major in ([16] if "one" in sys.argv else [16, 18])]
forked = os.fork() if "fork" in sys.argv else -1
if forked == 0:
    servers[0].stop()
    time.sleep(600)
pids = [pid for server in servers for pid in (server.pid, server._watchdog.pid)]
print(json.dumps({"pids": pids, "forked": forked}), flush=True)
"""
WAIT = "time.sleep(600)\n"

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a process of the death of its parent"
)


@pytest.fixture
def tmpdir_of_servers() -> Iterator[Path]:
    """A short directory for the servers' folders that every account may enter and write."""
    directory = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    directory.chmod(0o1777)
    yield directory
    _soon(lambda: list(directory.glob("pgparity-*/data")) == [])
    shutil.rmtree(directory)


@contextlib.contextmanager
def _tool(tmpdir: Path, *arguments: str, program: str = TOOL + WAIT) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "TMPDIR": str(tmpdir), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _facts(tool: subprocess.Popen[str]) -> dict[str, Any]:
    assert tool.stdout is not None
    facts: dict[str, Any] = json.loads(tool.stdout.readline())
    return facts


def _gone(pid: int) -> bool:
    """Whether a process has ended: an orphan that nobody has reaped yet has, too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _processes_that_mention(path: Path) -> list[str]:
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if os.fsencode(path) in command.read_bytes():
                found.append(command.parent.name)
    return found


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(each, marks=pytest.mark.long) for each in (signal.SIGTERM, signal.SIGINT))],
)
def test_a_signal_that_ends_the_tool_ends_its_servers(number: signal.Signals, tmpdir_of_servers: Path) -> None:
    with _tool(tmpdir_of_servers) as tool:
        pids = _facts(tool)["pids"]
        assert not any(_gone(pid) for pid in pids)
        tool.send_signal(number)
        begun = time.monotonic()
        assert _soon(lambda: all(_gone(pid) for pid in pids))
        assert time.monotonic() - begun < 5
        assert _soon(lambda: list(tmpdir_of_servers.iterdir()) == [])


def test_ctrl_c_at_the_terminal_does_not_reach_the_servers_before_the_tool(tmpdir_of_servers: Path) -> None:
    program = (
        TOOL
        + "signal.sigwait({signal.SIGINT})\ntime.sleep(0.5)\nprint([server.alive for server in servers], flush=True)\n"
    )
    with _tool(tmpdir_of_servers, "block", "one", program=program) as tool:
        pids = _facts(tool)["pids"]
        os.killpg(tool.pid, signal.SIGINT)
        assert tool.stdout is not None
        assert tool.stdout.readline() == "[True]\n"
        assert _soon(lambda: all(_gone(pid) for pid in pids))


@pytest.mark.long
def test_a_forked_copy_of_the_tool_neither_stops_its_servers_nor_keeps_them(tmpdir_of_servers: Path) -> None:
    with _tool(tmpdir_of_servers, "fork", "one") as tool:
        facts = _facts(tool)
        try:
            time.sleep(0.3)
            assert not any(_gone(pid) for pid in facts["pids"])
            tool.kill()
            assert _soon(lambda: all(_gone(pid) for pid in facts["pids"]))
            assert not _gone(facts["forked"])
            assert _soon(lambda: list(tmpdir_of_servers.iterdir()) == [])
        finally:
            os.kill(facts["forked"], signal.SIGKILL)


@pytest.mark.parametrize("seconds", [0.02, 0.2, 0.5])
def test_a_tool_killed_while_a_server_starts_leaves_nothing(seconds: float, tmpdir_of_servers: Path) -> None:
    program = "from harness.embedded.server import Server\nprint(1, flush=True)\nServer.start(major=16)\n"
    with _tool(tmpdir_of_servers, program=program) as tool:
        assert tool.stdout is not None
        assert tool.stdout.readline() == "1\n"
        time.sleep(seconds)
        tool.kill()
        assert _soon(lambda: _processes_that_mention(tmpdir_of_servers) == [])
        assert _soon(lambda: list(tmpdir_of_servers.iterdir()) == [])


def test_a_server_that_nobody_stopped_ends_with_the_interpreter(tmpdir_of_servers: Path) -> None:
    with _tool(tmpdir_of_servers, program=TOOL) as tool:
        pids = _facts(tool)["pids"]
        assert tool.wait(SECONDS) == 0
        assert _soon(lambda: all(_gone(pid) for pid in pids))
        assert _soon(lambda: list(tmpdir_of_servers.iterdir()) == [])


@linux_only
def test_killing_the_watchdog_ends_its_server_and_stop_removes_the_folder() -> None:
    with Server.start(major=16) as server, psycopg.connect(server.dsn()) as connection:
        backend = connection.info.backend_pid
        os.kill(server._watchdog.pid, signal.SIGKILL)
        assert _soon(lambda: _gone(server.pid) and _gone(backend))
        assert not server.alive
        connection.close()
        server.stop()
    assert not server.socket_directory.exists()


def test_a_watchdog_told_to_end_stops_its_server_even_where_the_tool_blocked_the_signal() -> None:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        server = Server.start(major=16)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with server:
        os.kill(server._watchdog.pid, signal.SIGTERM)
        assert _soon(lambda: not server.alive)
        assert _gone(server.pid)
        assert not server.socket_directory.exists()


@linux_only
@pytest.mark.long
def test_a_second_servers_processes_do_not_hold_the_first_ones_pipe() -> None:
    def pipes(pid: int) -> set[str]:
        return {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir() if file.is_symlink()}

    with Server.start(major=16) as first, Server.start(major=16) as second:
        pipe = f"pipe:[{os.fstat(first._watchdog._requests.fileno()).st_ino}]"
        assert pipe in pipes(os.getpid())
        assert pipe in pipes(first._watchdog.pid)
        assert pipe not in pipes(first.pid) | pipes(second._watchdog.pid) | pipes(second.pid)


@pytest.mark.long
@linux_only
def test_a_folder_whose_watchdog_was_killed_with_its_tool_goes_at_the_next_start(
    tmpdir_of_servers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _tool(tmpdir_of_servers) as tool:
        pids = _facts(tool)["pids"]
        tool.send_signal(signal.SIGSTOP)
        for watchdog in pids[1::2]:
            os.kill(watchdog, signal.SIGKILL)
        tool.kill()
        assert _soon(lambda: all(_gone(pid) for pid in pids))
    left = list(tmpdir_of_servers.iterdir())
    assert len(left) == 2
    fresh, old = left
    os.utime(old / "watchdog.lock", (0, 0))
    (tmpdir_of_servers / "pgparity-of-somebody").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmpdir_of_servers))
    monkeypatch.setattr(tempfile, "tempdir", None)
    os.utime(fresh / "watchdog.lock")
    with Server.start(major=16) as one, Server.start(major=16) as other:
        os.utime(fresh / "watchdog.lock")
        os.utime(one.socket_directory / "watchdog.lock", (0, 0))
        assert _soon(lambda: not old.exists())
        with Server.start(major=16):
            assert one.socket_directory.exists()
            assert other.socket_directory.exists()
        assert fresh.exists()
    assert {path.name for path in tmpdir_of_servers.iterdir()} == {fresh.name, "pgparity-of-somebody"}
    shutil.rmtree(fresh)


@pytest.mark.long
def test_a_folder_whose_watchdog_or_server_lives_is_kept(
    tmpdir_of_servers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmpdir_of_servers))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmpdir_of_servers / "pgparity-starting"
    with Server.start(major=16) as server:
        owner = server.socket_directory.stat()
    folder.mkdir()
    with (folder / "watchdog.lock").open("w") as lock:
        for path in (folder, folder / "watchdog.lock"):
            os.chown(path, owner.st_uid, owner.st_gid)
        os.utime(folder / "watchdog.lock", (0, 0))
        fcntl.flock(lock, fcntl.LOCK_EX)
        with Server.start(major=16):
            time.sleep(0.3)
        assert folder.exists()
    (folder / "data").mkdir()
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    for path in (folder / "data", folder / "data" / "postmaster.pid"):
        os.chown(path, owner.st_uid, owner.st_gid)
    with Server.start(major=16):
        time.sleep(0.3)
    assert folder.exists()
    (folder / "data" / "postmaster.pid").unlink()
    with Server.start(major=16):
        assert _soon(lambda: not folder.exists())


@pytest.mark.long
def test_stop_does_not_wait_for_a_forked_copy_that_holds_the_pipe(tmpdir_of_servers: Path) -> None:
    program = TOOL + "begun = time.monotonic()\nservers[0].stop()\nprint(time.monotonic() - begun, flush=True)\n" + WAIT
    with _tool(tmpdir_of_servers, "fork", program=program) as tool:
        facts = _facts(tool)
        try:
            assert tool.stdout is not None
            assert float(tool.stdout.readline()) < 5
            assert [_gone(pid) for pid in facts["pids"]] == [True, True, False, False]
        finally:
            os.kill(facts["forked"], signal.SIGKILL)
