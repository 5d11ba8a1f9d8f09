"""The sockets that the gateway listens at, and what a client calls them."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from urllib.parse import quote

from harness.errors import ConfigurationError

# PostgREST's special values of server-host: which families are taken, in which order
_EVERYWHERE = {"*": "64", "*4": "46", "!4": "4", "*6": "64", "!6": "6"}


def _tcp(family: socket.AddressFamily, address: tuple[object, ...], *, both: bool = False) -> socket.socket:
    # the protocol makes asyncio set TCP_NODELAY: else an answer in two writes waits 40 ms for the client's ACK
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if both else 1)
        opened.bind(address)
        opened.listen(2048)
    except BaseException:
        opened.close()
        raise
    return opened


def _everywhere(families: str, port: int) -> socket.socket:
    failure: OSError | None = None
    for family in families:
        try:
            if family == "4":
                return _tcp(socket.AF_INET, ("0.0.0.0", port))  # noqa: S104 - the setting asks for it
            return _tcp(socket.AF_INET6, ("::", port), both=len(families) > 1)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))


def _named(host: str, port: int) -> socket.socket:
    failure: OSError | None = None
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE):
        try:
            return _tcp(family, address)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))


def listen_at(host: str, port: int, what: str = "server") -> socket.socket:
    """A TCP socket that listens.

    :param what: server or admin-server: which settings are named where that fails.
    :raises ConfigurationError: where the port is in use, or the host not this machine's.
    """
    try:
        return _everywhere(_EVERYWHERE[host], port) if host in _EVERYWHERE else _named(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} of {host} is in use",
                hint=f"Give another {what}-port (0 picks one), or end what listens there.",
            ) from None
        reason = error.strerror or "unknown host"
        raise ConfigurationError(
            f"cannot listen at port {port} of {host}: {reason}", hint=f"Give another {what}-host or {what}-port."
        ) from None


def listen_at_file(path: str, mode: int) -> socket.socket:
    """A Unix socket that listens; one that is left over from before is replaced.

    :raises ConfigurationError: where it cannot be made.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.stat(path).st_mode):
                os.unlink(path)
        opened.bind(path)
        os.chmod(path, mode)
        opened.listen(2048)
    except OSError as error:
        opened.close()
        raise ConfigurationError(
            f"cannot listen at the Unix socket {path}: {error.strerror or error}",
            hint="Give server-unix-socket a short path in a folder that can be written to.",
        ) from None
    return opened


def remove_file(path: str) -> None:
    """Remove the file of a Unix socket that is closed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def address(listening: socket.socket) -> tuple[str, int] | str:
    """How the socket is reached from this machine: host and port, or a path; loopback where it listens everywhere."""
    name = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return str(name)
    host, port = name[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - compared, not bound


def url(listening: socket.socket) -> str:
    """The URL of what listens there."""
    found = address(listening)
    if isinstance(found, str):
        return f"http+unix://{quote(found, safe='')}"
    host, port = found
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
