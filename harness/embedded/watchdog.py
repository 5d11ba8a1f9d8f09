"""Runs one PostgreSQL server for a tool and ends with it: started by path, on the standard library and leftovers.py.

The tool holds the write end of this process's standard input. It writes one line of JSON, the request; the
first byte after that line, or the end of the pipe, however the tool came to its end, stops the server and
removes its folder. Answers are lines of JSON on standard output: `ready` or `failed`, and later `ended`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import locale
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Behind the standard library, so that it hides nothing: the folder that holds the package, checkout or wheel.
    sys.path.append(os.fspath(Path(__file__).resolve().parents[2]))

from harness.embedded.leftovers import LIBC, LOCK, PREFIX, end_strays, lines_of, release_shared_memory, sweep

LINUX = sys.platform.startswith("linux")
LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8")
PORT_TAKEN = "could not create any TCP/IP sockets"
# How long the server may take to end after each signal: fast shutdown, immediate shutdown, no choice.
ENDINGS = ((signal.SIGINT, 3.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0))
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class ToolGone(Exception):
    """The tool asked for the end, or is gone, or this process was told to end."""


class StartFailed(Exception):
    """The server did not start."""


class Tool:
    """The process that asked for the server: hears its end, and sleeps in between."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._told_to_end = False
        self._wake, write = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def _end(self, *_: object) -> None:
        self._told_to_end = True

    def sleep(self, seconds: float, *sources: int) -> list[int]:
        """Sleep until a child ends, at most so long; return which of the sources can be read."""
        readable, _, _ = select.select([self._wake, *sources], [], [], seconds)
        if self._wake in readable:
            os.read(self._wake, 4096)
        return readable

    def pause(self, seconds: float) -> None:
        """Sleep like `sleep`; raise ToolGone when the tool is."""
        # A forked copy of the tool may hold the pipe open after the tool's end: look at the parent too.
        if 0 in self.sleep(seconds, 0) or self._told_to_end or os.getppid() != self._pid:
            raise ToolGone

    def tell(self, **answer: object) -> None:
        """Write one answer; raise ToolGone when nobody reads."""
        try:
            os.write(1, json.dumps(answer).encode() + b"\n")
        except OSError as error:
            raise ToolGone from error


class Cluster:
    """The server's folder, its data directory and its processes."""

    def __init__(self, tool: Tool, request: dict[str, Any]) -> None:
        self._tool = tool
        self._request = request
        self._child: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=request["base"]))
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        # Held until this process ends; a free lock tells the next watchdog that the folder is nobody's.
        self._lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def create(self) -> None:
        """Run initdb: it gives each server its own system identifier, which a copied directory would not have."""
        password = self.folder / "password"
        password.write_text(self._request["password"] + "\n", encoding="utf-8")
        command = ["initdb", f"--pgdata={self.data}", "--username=postgres", f"--pwfile={password}"]
        command += ["--encoding=UTF8", f"--locale={_utf8_locale()}", "--lc-messages=C", "--no-sync"]
        command += ["--auth-host=scram-sha-256", "--auth-local=scram-sha-256"]
        child = self._spawn(command)
        self._await(child)
        password.unlink()
        if child.returncode != 0:
            raise StartFailed(f"initdb failed ({_ending(child.returncode)})")
        settings = {**self._request["settings"], "unix_socket_directories": _listed(self.folder)}
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = {_quoted(value)}\n" for name, value in settings.items())

    def start(self) -> int:
        """Start the server on the first free port of those offered, and return that port."""
        for port in self._request["ports"]:
            self.log.unlink(missing_ok=True)
            child = self._spawn(["postgres", "-D", os.fspath(self.data), "-p", str(port)])
            if self._await(child, until_ready=True):
                return int(port)
            if PORT_TAKEN not in self.tail():
                raise StartFailed(f"the server ended as it started ({_ending(child.returncode)})")
        raise StartFailed(f"all {len(self._request['ports'])} ports that were tried were taken")

    def follow(self) -> None:
        """Wait for the end of the tool; tell it once when the server ends before that."""
        child = self._child
        while True:
            if child is not None and child.poll() is not None:
                self._tool.tell(event="ended", status=_ending(child.returncode))
                child = None
            self._tool.pause(0.5)

    def facts(self) -> dict[str, object]:
        """What the tool needs to know of the running server."""
        # system_identifier is the first field of ControlFileData (src/include/catalog/pg_control.h).
        with (self.data / "global" / "pg_control").open("rb") as file:
            identifier = int.from_bytes(file.read(8), sys.byteorder)
        return {
            "pid": self._child.pid if self._child else 0,
            "folder": os.fspath(self.folder),
            "system_identifier": identifier,
        }

    def remove(self) -> None:
        """Stop what runs, release its shared memory, delete the folder."""
        for number, seconds in ENDINGS:
            deadline = time.monotonic() + seconds
            if self._child is not None and self._child.poll() is None:
                self._child.send_signal(number)
                while self._child.poll() is None and time.monotonic() < deadline:
                    self._tool.sleep(0.1)
        end_strays()
        release_shared_memory(self.data)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(lines_of(self.log)[-20:])

    def _await(self, child: subprocess.Popen[bytes], *, until_ready: bool = False) -> bool:
        """Wait for the end of the child, False, or until the server that it is takes connections, True."""
        deadline = time.monotonic() + self._request["timeout"]
        while child.poll() is None:
            if until_ready and _ready(self.data, child.pid):
                return True
            if time.monotonic() > deadline:
                raise StartFailed(f"not done after {self._request['timeout']:g} s")
            self._tool.pause(0.01)
        return False

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        parent = os.getpid()

        def die_with_parent() -> None:
            if LINUX:
                LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)
                if os.getppid() != parent:
                    os._exit(1)

        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [os.path.join(self._request["bin"], command[0]), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._request["environment"],
                preexec_fn=die_with_parent,
            )
        return self._child


def _ready(data: Path, pid: int) -> bool:
    """Read the state as pg_ctl does: line 1 of postmaster.pid is the process, line 8 its state."""
    lines = lines_of(data / "postmaster.pid")
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _quoted(value: str) -> str:
    """A value for postgresql.conf, where a backslash escapes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"


def _listed(path: Path) -> str:
    """A path as the one member of a list setting: it may hold a comma or a space."""
    return '"' + os.fspath(path).replace('"', '""') + '"'


def _ending(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {-status}"


def _utf8_locale() -> str:
    """The first UTF-8 locale of this machine, so that servers of every version have the same; else C."""
    for name in LOCALES:
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            return name
    return "C"


def _request() -> dict[str, Any]:
    """Read the one line byte by byte: what follows it is the signal to stop."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            raise ToolGone
        line += byte
    request: dict[str, Any] = json.loads(line)
    return request


def _serve(tool: Tool, request: dict[str, Any]) -> None:
    cluster = Cluster(tool, request)
    try:
        cluster.create()
        port = cluster.start()
        tool.tell(event="ready", port=port, **cluster.facts())
        sweep(request["base"])
        cluster.follow()
    except (StartFailed, OSError) as error:
        tool.tell(event="failed", message=str(error), log=cluster.tail())
    finally:
        cluster.remove()


def main() -> None:
    """Serve the one request that standard input brings."""
    with contextlib.suppress(ToolGone):
        request = _request()
        tool = Tool(request["tool"])
        if request["account"] is not None:
            os.setgroups([])
            os.setgid(request["account"]["gid"])
            os.setuid(request["account"]["uid"])
        os.umask(0o077)
        os.chdir("/")
        if LINUX:
            LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            _serve(tool, request)
        except OSError as error:
            tool.tell(event="failed", message=str(error), log="")


if __name__ == "__main__":
    main()
