"""A server that may die: all of its processes are killed, and it is started again on the data that it had."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psycopg

from harness.embedded.account import server_account
from harness.embedded.server import Server
from tests.faults.migrate import witness

DURABLE: Final = {"synchronous_commit": "on", "full_page_writes": "on"}
"""A transaction that was acknowledged survives the death of the server; what `fsync` adds is for that of the machine"""
PR_SET_PDEATHSIG: Final = 1


class MortalServer:
    """A server of its own that keeps its port and its data however often it is killed."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._pid = server.pid
        self._again: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """SIGKILL to the postmaster and to every process that it began, at once: none may act on another's end."""
        os.kill(self._pid, signal.SIGSTOP)
        for pid in (*children(self._pid), self._pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._again is not None:
            self._again.wait()
        wait_for(lambda: not Path(f"/proc/{self._pid}").exists(), "the postmaster survives")

    def stop(self) -> None:
        """Shut it down in order."""
        os.kill(self._pid, signal.SIGINT)
        if self._again is not None:
            self._again.wait()
        wait_for(lambda: not Path(f"/proc/{self._pid}").exists(), "the postmaster does not stop")

    def start(self, wrapper: Sequence[str] = (), *, file_bytes: int | None = None) -> None:
        """Start it again on the same data, and wait until it takes connections.

        `wrapper`: a command that runs it; `file_bytes`: how long a file of it may grow.
        """
        account = None if wrapper else server_account()
        postgres = [os.fspath(self.server.installation.bin / "postgres"), "-D", os.fspath(self.server.data_directory)]
        parent = os.getpid()

        def before_it_runs() -> None:
            if file_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
            if sys.platform.startswith("linux"):
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)
                if os.getppid() != parent:
                    os._exit(1)

        with (self.server.socket_directory / "server.log").open("ab") as log:
            self._again = subprocess.Popen(
                [*wrapper, *postgres, "-p", str(self.server.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=before_it_runs,
            )
        self._pid = self._again.pid
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait for the end of its recovery."""

        def ready() -> bool:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.server.dsn(), connect_timeout=2).close()
                return True
            return False

        wait_for(ready, "the server does not recover")

    def close(self) -> None:
        """End what this process started; the server's own watchdog removes its folder."""
        if self._again is not None and self._again.poll() is None:
            self.kill()


@contextlib.contextmanager
def mortal_server(major: int) -> Iterator[MortalServer]:
    """A server that survives being killed with what it had acknowledged."""
    with Server.start(major=major, settings=DURABLE, memory=2 * 1024**3) as server:
        mortal = MortalServer(server)
        try:
            yield mortal
        finally:
            mortal.close()


def children(pid: int) -> list[int]:
    """The processes that a process began, as /proc has them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text("ascii", "replace").rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def wait_for(done: object, otherwise: str) -> None:
    """Ask again and again until it is so."""
    assert callable(done)
    deadline = time.monotonic() + witness.PATIENCE
    while not done():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
