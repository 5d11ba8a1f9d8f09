"""Loads values in the forms that a REST answer has them in, so that both backends of an application look alike.

PostgREST serialises rows with PostgreSQL's own JSON functions: a timestamp with time zone is
`2024-02-29T21:00:00+00:00`, a numeric is a JSON number, every type without a JSON form is its text.
https://www.postgresql.org/docs/current/functions-json.html
"""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader

_TYPES_AS_TEXT: Final = (
    "date",
    "time",
    "timetz",
    "interval",
    "uuid",
    "inet",
    "cidr",
    "bytea",
    "int4range",
    "int8range",
    "numrange",
    "daterange",
    "tsrange",
    "tstzrange",
    "oid",
)
_NUMBERS: Final = ("numeric", "float4", "float8")
_OFFSET: Final = re.compile(r"([+-]\d{2})(?=$| BC$)")


class _TextLoader(Loader):
    def load(self, data: Buffer) -> object:
        return bytes(data).decode()


class _NumberLoader(Loader):
    """A JSON number; what JSON has no number for (NaN, Infinity) stays text."""

    def load(self, data: Buffer) -> object:
        text = bytes(data).decode()
        if text.lstrip("-").isdigit():
            return int(text)
        return text if text.lstrip("-") in ("NaN", "Infinity") else float(text)


class _TimestampLoader(Loader):
    def load(self, data: Buffer) -> object:
        return bytes(data).decode().replace(" ", "T", 1)


class _TimestamptzLoader(Loader):
    def load(self, data: Buffer) -> object:
        return _OFFSET.sub(r"\1:00", bytes(data).decode().replace(" ", "T", 1))


def use_json_forms(connection: psycopg.Connection[object]) -> None:
    """Make a connection load JSON forms. Its session has to have TimeZone UTC and DateStyle ISO."""
    for name in _TYPES_AS_TEXT:
        connection.adapters.register_loader(name, _TextLoader)
    for name in _NUMBERS:
        connection.adapters.register_loader(name, _NumberLoader)
    connection.adapters.register_loader("timestamp", _TimestampLoader)
    connection.adapters.register_loader("timestamptz", _TimestamptzLoader)
