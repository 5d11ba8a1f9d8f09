"""TLS before a PostgreSQL server: ends TLS as a proxy does, with a certificate made for the test.

The servers from wheels are built without TLS; what a client sees of it is the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""https://www.postgresql.org/docs/current/protocol-message-formats.html"""


def certificate(not_after: dt.datetime, *, not_before: dt.datetime | None = None) -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1, signed by itself, and its key, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "пример")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before or min(dt.datetime.now(dt.UTC), not_after) - dt.timedelta(days=2))
        .not_valid_after(not_after)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return (
        made.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


@contextlib.contextmanager
def tls_front(
    port: int, folder: Path, not_after: dt.datetime, *, first: list[bytes] | None = None
) -> Iterator[tuple[int, Path]]:
    """A port of 127.0.0.1 that speaks TLS and passes on to `port`, and the file with its certificate.

    `first` takes the first bytes of each connection: SSL_REQUEST, or a client that would speak without TLS.
    """
    folder.mkdir(parents=True, exist_ok=True)
    public, private = certificate(not_after)
    chain, key = folder / "server.crt", folder / "server.key"
    chain.write_bytes(public)
    key.write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with socket.create_server((HOST, 0)) as listening:
        threading.Thread(target=_serve, args=(listening, context, port, first), daemon=True).start()
        yield listening.getsockname()[1], chain
        # A thread that waits in accept() is woken by a last connection, and finds the socket closed.
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, context: ssl.SSLContext, port: int, first: list[bytes] | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listening.accept()
            threading.Thread(target=_pass_on, args=(client, context, port, first), daemon=True).start()


def _pass_on(client: socket.socket, context: ssl.SSLContext, port: int, first: list[bytes] | None) -> None:
    with contextlib.suppress(OSError), client:
        asked = client.recv(8)
        if first is not None:
            first.append(asked)
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True) as inside, socket.create_connection((HOST, port)) as server:
            answers = threading.Thread(target=_pump, args=(server, inside), daemon=True)
            answers.start()
            _pump(inside, server)
            answers.join(5)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
