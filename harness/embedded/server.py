"""Starts and stops real PostgreSQL servers on this machine; none of them outlives the process that started it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from harness.embedded import binaries
from harness.embedded.account import folder_for_servers, server_account
from harness.embedded.binaries import Installation
from harness.embedded.installation_copy import usable_by
from harness.embedded.supervision import Watchdog
from harness.errors import LocalStackError

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Files of the data directory: /dev/shm is 64 MB in most containers, and keeps what a killed server had there.
    "dynamic_shared_memory_type": "mmap",
    # The data lives no longer than the process: nothing has to survive a crash of the machine.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
"""The settings of every server, in postgresql.conf; `settings` of `Server.start` adds to them and replaces them."""

PORTS_TO_TRY = 5
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
_LAST_SECONDS = 5.0


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on right now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running PostgreSQL server of its own; `Server.start` makes one, `stop` or the end of `with` ends it.

    A process beside this one (harness/embedded/watchdog.py) is the server's parent, and ends it and removes
    its folder as soon as this process ends, whatever ends it.
    """

    host = "127.0.0.1"
    user = "postgres"

    def __init__(self, watchdog: Watchdog, installation: Installation, password: str, facts: Mapping[str, Any]) -> None:
        self._watchdog = watchdog
        self._owner = os.getpid()
        self._stopped = False
        self._last_log = ""
        self.installation = installation
        self.password = password
        self.port: int = facts["port"]
        self.pid: int = facts["pid"]
        self.system_identifier: int = facts["system_identifier"]
        self.socket_directory = Path(facts["folder"])
        self.data_directory = self.socket_directory / "data"

    @classmethod
    def start(
        cls,
        *,
        major: int | None = None,
        installation: Installation | None = None,
        settings: Mapping[str, str] | None = None,
        memory: int = 0,
        choose_port: Callable[[], int] = free_port,
        timeout: float = 60.0,
    ) -> Self:
        """Create and start a server and return once it takes connections.

        `installation` beats `major`; with neither, the first installation found serves. `memory` (bytes): keep the
        data in memory where so much is free. `timeout` (seconds) bounds each step. Raises LocalStackError, with the
        last lines of the server's log where it has one.
        """
        chosen = installation or binaries.installation(major)
        account = server_account()
        usable = usable_by(account, chosen)
        password = secrets.token_urlsafe(24)
        request = {
            "tool": os.getpid(),
            "account": {"uid": account.uid, "gid": account.gid} if account else None,
            "base": os.fspath(folder_for_servers(account, memory=memory)),
            "bin": os.fspath(usable.bin),
            "environment": {name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "password": password,
            "ports": [choose_port() for _ in range(PORTS_TO_TRY)],
            "settings": {**SETTINGS, **(settings or {})},
            "timeout": timeout,
        }
        watchdog = Watchdog()
        try:
            return cls(watchdog, usable, password, _started(chosen, watchdog.ask(request)))
        except BaseException:
            watchdog.end()
            raise

    def dsn(self, database: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        """A libpq URI over TCP; without a user, that of the superuser with its password."""
        if user is None:
            user, password = self.user, self.password if password is None else password
        credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
        return f"postgresql://{credentials}@{self.host}:{self.port}/{quote(database, safe='')}"

    @property
    def alive(self) -> bool:
        """Whether the server runs: not stopped, and neither it nor its watchdog ended by itself."""
        return not self._stopped and self._watchdog.quiet

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the server's log; after `stop`, of what it was then."""
        if not self._stopped:
            self._last_log = _read(self.socket_directory / "server.log") or self._last_log
        return "\n".join(self._last_log.splitlines()[-lines:])

    def stop(self) -> None:
        """Stop the server and remove its folder; a second call does nothing, nor does one in a forked copy."""
        if self._stopped or os.getpid() != self._owner:
            return
        self.log_tail()
        self._stopped = True
        if not self._watchdog.end():
            self._clear_up()

    def _clear_up(self) -> None:
        """Do what a killed watchdog could not; the kernel sent its server SIGQUIT (on Linux)."""
        kill_at = time.monotonic() + _LAST_SECONDS
        lock_file = self.data_directory / "postmaster.pid"
        # The file goes with the server: while it names this process, the number was not given to another.
        while _read(lock_file).partition("\n")[0] == str(self.pid):
            try:
                os.kill(self.pid, 0 if time.monotonic() < kill_at else signal.SIGKILL)
            except ProcessLookupError:
                break
            time.sleep(0.02)
        shutil.rmtree(self.socket_directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        version = ".".join(map(str, self.installation.version))
        return f"<Server {version} on {self.host}:{self.port}, {'running' if self.alive else 'stopped'}>"


def _started(installation: Installation, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if answer.get("event") == "ready":
        return answer
    message = f"PostgreSQL {installation.major} from {installation.origin} did not start: "
    message += answer.get("message", "its watchdog ended")
    log = answer.get("log", "")
    if not log:
        raise LocalStackError(message, hint="see that the directory for temporary files has room")
    raise LocalStackError(f"{message}\n{log}", hint="the last lines of its log, above, say why")


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace")
    return ""
