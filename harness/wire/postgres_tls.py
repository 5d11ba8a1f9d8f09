"""TLS of PostgreSQL's protocol: a relay reaches a server with encryption where the tool's own session does."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Mapping
from pathlib import Path

from harness.wire.forward import Connect
from harness.wire.tls import TlsConnection

_CONNECT_SECONDS = 10
_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_OF_THE_USER = Path("~/.postgresql")


def postgres_tls(host: str, port: int, context: ssl.SSLContext, *, name: str | None = None) -> Connect:
    """Connect, ask for TLS as a client of PostgreSQL does, and shake hands; OSError where the server declines.

    `name` is the one that the certificate has to be for; default: the host.
    https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
    """

    def connect() -> TlsConnection:
        plain = socket.create_connection((host, port), timeout=_CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _ask(plain)
            return TlsConnection(context.wrap_socket(plain, server_hostname=name or host))
        except BaseException:
            plain.close()
            raise

    return connect


def _ask(plain: socket.socket) -> None:
    plain.sendall(_SSL_REQUEST)
    if plain.recv(1) != b"S":
        raise OSError("the server offers no TLS")


def like_libpq(parameters: Mapping[str, str]) -> ssl.SSLContext:
    """The context that libpq would make of these parameters of a DSN; OSError where a file cannot be read.

    `require` checks the authority where its certificate is given, `verify-full` the name too.
    https://www.postgresql.org/docs/current/libpq-ssl.html
    """
    mode = parameters.get("sslmode", "prefer")
    given = parameters.get("sslrootcert", "")
    own = _OF_THE_USER.expanduser()
    authorities = Path(given) if given not in ("", "system") else own / "root.crt"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full"
    verified = mode in ("verify-ca", "verify-full") or (mode == "require" and (bool(given) or authorities.exists()))
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    if verified and given == "system":
        context.load_default_certs()
    elif verified:
        context.load_verify_locations(authorities)
    certificate = Path(parameters.get("sslcert") or own / "postgresql.crt")
    if certificate.exists():
        key = Path(parameters.get("sslkey") or own / "postgresql.key")
        context.load_cert_chain(certificate, key, parameters.get("sslpassword"))
    return context
