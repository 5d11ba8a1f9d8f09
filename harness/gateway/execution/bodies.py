"""How bodies pass through psycopg: bytes in without a type, JSON out as PostgreSQL's own bytes."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader


class Untyped(bytes):
    """A parameter in text form whose type PostgreSQL chooses, as it does for a literal in quotes."""

    __slots__ = ()


class UntypedDumper(Dumper):
    """Sends the bytes as they are."""

    def dump(self, obj: Untyped) -> bytes:
        """The bytes themselves."""
        return obj


class BytesLoader(Loader):
    """Gives JSON as the bytes that PostgreSQL sent."""

    def load(self, data: Buffer) -> bytes:
        """A copy of the bytes."""
        return bytes(data)


def register(connection: AsyncConnection[Any]) -> None:
    """Make a connection pass bodies so."""
    connection.adapters.register_dumper(Untyped, UntypedDumper)
    connection.adapters.register_loader("json", BytesLoader)
