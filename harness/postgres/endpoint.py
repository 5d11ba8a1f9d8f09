"""Endpoint: one of the two databases and how to reach it; and what is wrong with that, in words without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import psycopg
from psycopg import conninfo

from harness.core.denied import grant_for
from harness.core.record import Side
from harness.errors import ConfigurationError, ConnectionFailed, PgparityError, PrivilegeMissing

_HINTS = {
    "28P01": (PrivilegeMissing, "Check user and password of the {side} DSN."),
    "28000": (PrivilegeMissing, "The server refuses this role from here: check pg_hba.conf and the DSN's user."),
    "3D000": (ConnectionFailed, "Check the database name of the {side} DSN."),
    "42501": (PrivilegeMissing, "Give the role the right, or use a role that has it."),
    "53300": (ConnectionFailed, "The server has no connection left: wait, or lower --max-connections."),
    "55P03": (ConnectionFailed, "Another session of the {side} holds a lock: let it end, and run again."),
}
_KEEPING_ALIVE = {
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Seconds of silence, and milliseconds that what was sent may stay unanswered: libpq-connect.html"""


class SessionObserver(Protocol):
    """Sees the sessions of an endpoint come and go, in whatever thread they do."""

    def opened(self, connection: psycopg.Connection[Any]) -> None:
        """A session begins; its connection may have been another's before."""
        ...

    def ended(self, connection: psycopg.Connection[Any]) -> None:
        """It ends; the connection may be closed, and may be kept for another one."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the two databases and how to reach it. The DSN is never shown: not in repr, not in an error."""

    side: Side
    dsn: str = field(repr=False)
    label: str = ""
    statement_timeout: int = 600
    """Seconds"""
    observer: SessionObserver | None = field(default=None, repr=False, compare=False)
    """Told of every session that `connect.session` opens and ends"""

    @property
    def name(self) -> str:
        """What to call it: the label, or the side."""
        return self.label or str(self.side)

    def parameters(self) -> dict[str, str]:
        """The DSN's parameters without the password. ConfigurationError where it is no DSN, without repeating it."""
        try:
            parsed = conninfo.conninfo_to_dict(self.dsn)
        except psycopg.Error:
            raise ConfigurationError(
                f"the {self.side} DSN is not a valid libpq connection string",
                hint="Write postgresql://user:password@host:port/database, service=NAME, or env:NAME. "
                "Special characters of a password must be percent-encoded in a URI.",
            ) from None
        return {key: str(value) for key, value in parsed.items() if key not in ("password", "sslpassword")}

    def watched(self) -> Endpoint:
        """The same, with connections that notice within about a minute that the other side is gone.

        libpq's own settings wait for two hours before they ask; what the DSN says itself is kept.
        """
        try:
            given = conninfo.conninfo_to_dict(self.dsn)
        except psycopg.Error:
            return self
        wanted = {name: value for name, value in _KEEPING_ALIVE.items() if name not in given}
        return replace(self, dsn=conninfo.make_conninfo(self.dsn, **wanted))

    def with_database(self, database: str) -> Endpoint:
        """The same server, another database."""
        dsn = conninfo.make_conninfo(self.dsn, dbname=database)
        return Endpoint(self.side, dsn, self.label, self.statement_timeout, self.observer)


def translated(error: psycopg.Error, endpoint: Endpoint) -> PgparityError:
    """An error of the driver as one of ours: which side, what, what to do; never the DSN, a password or a value."""
    state = error.sqlstate or _state_of_connect(str(error))
    side = endpoint.side
    kind, hint = _HINTS.get(state, (ConnectionFailed, "Check host, port and network of the {side} DSN."))
    where = address(endpoint)
    if state == "28P01":
        text = f"the {side} server at {where} refused the password"
    elif state == "28000":
        text = f"the {side} server at {where} refused the role"
    elif state == "3D000":
        text = f"the {side} server at {where} has no database {endpoint.parameters().get('dbname', '')!r}"
    elif state == "42501":
        object_name = error.diag.message_primary or "permission denied"
        text = f"the {side} role may not do this: {object_name}"
        grant = grant_for(object_name)
        hint = f"On the {side}: {grant} TO the role, or use another role." if grant else hint
        if "row-level security" in object_name or "row security" in object_name:
            hint = "Row-level security would hide rows from this role: use the owner or a role with BYPASSRLS."
    elif state == "57014":
        text = f"a statement on the {side} took longer than {endpoint.statement_timeout} s"
        hint = "Raise run.statement_timeout, or look for a lock."
    elif state:
        text = f"the {side} server at {where} failed with SQLSTATE {state}"
    elif "certificate" in str(error) or "SSL" in str(error):
        text = f"no TLS connection to the {side} server at {where} that sslmode allows: {_reason_of_tls(str(error))}"
        hint = (
            "Check sslmode and sslrootcert of the {side} DSN, and the server's certificate: pgparity doctor reads it."
        )
    else:
        text = f"the {side} server at {where} cannot be reached"
    return kind(text, hint=hint.format(side=side))


def _state_of_connect(message: str) -> str:
    """libpq gives no SQLSTATE for a refused connection; its message is matched, and never repeated."""
    if "password authentication failed" in message or "no password supplied" in message:
        return "28P01"
    if "does not exist" in message and "database" in message:
        return "3D000"
    if "pg_hba.conf" in message or ("role" in message and "does not exist" in message):
        return "28000"
    return "53300" if "too many" in message or "remaining connection slots" in message else ""


def _reason_of_tls(message: str) -> str:
    """Why libpq or OpenSSL refused, in our words: their messages hold paths and names."""
    for part, reason in (
        ("does not support SSL", "the server offers none"),
        ("does not match host name", "the certificate is for another host"),
        ("root certificate file", "the authority's certificate is not there"),
        ("verify failed", "the certificate expired, or is not from an authority that is trusted here"),
    ):
        if part in message:
            return reason
    return "the handshake failed"


def address(endpoint: Endpoint) -> str:
    """host:port of an endpoint, for people."""
    parameters = endpoint.parameters()
    if "service" in parameters and "host" not in parameters:
        return f"service {parameters['service']}"
    host = parameters.get("host") or parameters.get("hostaddr") or "localhost"
    port = parameters.get("port", "5432" if not host.startswith("/") else "")
    return f"{host}:{port}" if port else host
