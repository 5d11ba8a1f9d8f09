"""The other end of a connection: whether it is on this machine, and the certificate that it shows."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import struct

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST"""
_SECONDS = 5


def is_local(host: str, address: str = "") -> bool:
    """Whether a connection stays on this machine: a socket's folder, a loopback address, or the name of one."""
    if not host and not address:
        return True
    if host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(address or host).is_loopback
    except ValueError:
        return host == "localhost"


def peer_certificate(host: str, port: int) -> bytes | None:
    """The DER bytes of the certificate of a PostgreSQL server; None where it offers no TLS. OSError: no answer.

    It is read without being verified, as one reads a passport before judging it; nothing is sent over the connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((host, port), timeout=_SECONDS) as plain:
        plain.sendall(_SSL_REQUEST)
        if plain.recv(1) != b"S":
            return None
        with context.wrap_socket(plain, server_hostname=host) as encrypted:
            return encrypted.getpeercert(binary_form=True)
