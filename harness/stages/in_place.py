"""Where one side's clones are made: on a local server, of a dump; or on the database's own server, in place."""

from __future__ import annotations

import contextlib
import datetime as dt
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from harness.core.record import Side
from harness.errors import CloneFailed
from harness.postgres.clones import CloneServer, drop_database
from harness.postgres.connect import Endpoint
from harness.postgres.copying import Copy, copy_database
from harness.postgres.in_place import OwnServer, cloned_in_place
from harness.stages.scratch import ScratchStack
from harness.wire import Relay, ServerIdentity, postgres_relay
from harness.wire.postgres_tls import like_libpq

_SHUFFLE = {Side.SOURCE: 0.25, Side.TARGET: 0.75}
"""Seeds of the order of rows on disk: an order that nobody asked for must not be the same on both sides."""
_SAME_CLOCK = dt.timedelta(milliseconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A server, a template on it, and the names of the databases that may be made of it."""

    server: CloneServer
    copy: Copy
    clone: str
    before: str
    ahead: dt.timedelta = dt.timedelta()
    """By how much the server's clock is ahead of this machine's"""
    remarks: tuple[str, ...] = ()
    """What is worth a sentence"""
    context: ssl.SSLContext | None = None
    """How to reach the server, where its own sessions are encrypted"""

    def relay(self, identity: ServerIdentity) -> Relay:
        """A relay to the server."""
        return postgres_relay(identity, host=self.server.host, port=self.server.port, context=self.context)


def ground(
    origin: Endpoint,
    stack: ScratchStack,
    cleanup: contextlib.ExitStack,
    *,
    schemas: tuple[str, ...],
    schema_only: bool,
    in_place: bool,
) -> Ground:
    """Make the template, and have `cleanup` remove it. CloneFailed, LocalStackError, ConnectionFailed: it cannot be."""
    shuffle = _SHUFFLE[origin.side]
    if in_place:
        # The source is never written, and a database that is made on its server is written there.
        if origin.side is Side.SOURCE:
            raise CloneFailed("clones of the source are never made on its own server")
        return _in_place(origin, cleanup, schemas, shuffle)
    server = stack.server(origin)
    admin = server.connect(purpose="clones")
    cleanup.callback(admin.close)
    template = f"{origin.side}_template"
    cleanup.callback(drop_database, admin, template)
    copy = copy_database(origin, server, template, schemas=schemas, schema_only=schema_only, shuffle=shuffle)
    return Ground(server=server, copy=copy, clone=f"{origin.side}_clone", before=f"{origin.side}_before")


def _in_place(origin: Endpoint, cleanup: contextlib.ExitStack, schemas: tuple[str, ...], shuffle: float) -> Ground:
    made = cleanup.enter_context(cloned_in_place(origin, schemas=schemas, shuffle=shuffle))
    return Ground(
        server=made.server,
        copy=made.copy,
        clone=made.prefix,
        before=f"{made.prefix}_before",
        ahead=made.ahead if abs(made.ahead) > _SAME_CLOCK else dt.timedelta(),
        remarks=made.remarks,
        context=_context(origin, made.server),
    )


def _context(origin: Endpoint, server: OwnServer) -> ssl.SSLContext | None:
    if not server.encrypted:
        return None
    parameters = origin.parameters()
    try:
        return like_libpq(parameters)
    except OSError:
        raise CloneFailed(
            "clones cannot be made in place: a certificate of the target DSN cannot be read",
            hint="Check sslrootcert, sslcert and sslkey.",
        ) from None


@contextlib.contextmanager
def told_as_clone_failure(server: CloneServer) -> Iterator[None]:
    """What the server of the clones answers with an error, as CloneFailed."""
    try:
        yield
    except psycopg.Error as error:
        reason = error.sqlstate or "no connection"
        raise CloneFailed(f"the server of the clones at {server.address} failed with SQLSTATE {reason}") from None
