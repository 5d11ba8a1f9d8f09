"""Loads values in the forms that a REST answer has them in, so that both backends of an application look alike.

PostgREST serialises rows with PostgreSQL's own JSON functions: a timestamp with time zone is
`2024-02-29T21:00:00+00:00`, a numeric is a JSON number, every type without a JSON form is its text.
https://www.postgresql.org/docs/current/functions-json.html
"""

from __future__ import annotations

import math
import re
from typing import Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.string import TextLoader

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


class _NumberLoader(Loader):
    """A JSON number; what JSON has no number for (NaN, Infinity) stays text."""

    def load(self, data: Buffer) -> object:
        text = bytes(data)
        try:
            return float(text) if b"." in text else int(text)
        except ValueError:
            number = float(text)
            return number if math.isfinite(number) else text.decode()


class _TimestampLoader(Loader):
    def load(self, data: Buffer) -> object:
        return bytes(data).replace(b" ", b"T", 1).decode()


class _TimestamptzLoader(Loader):
    def load(self, data: Buffer) -> object:
        text = bytes(data).replace(b" ", b"T", 1)
        # What nearly every value ends with, in UTC; infinity and years before Christ are the rest.
        if text.endswith(b"+00"):
            return (text + b":00").decode()
        return _OFFSET.sub(r"\1:00", text.decode())


def _json_forms() -> AdaptersMap:
    forms = AdaptersMap(psycopg.adapters)
    for name in _TYPES_AS_TEXT:
        forms.register_loader(name, TextLoader)
    for name in _NUMBERS:
        forms.register_loader(name, _NumberLoader)
    forms.register_loader("timestamp", _TimestampLoader)
    forms.register_loader("timestamptz", _TimestamptzLoader)
    return forms


JSON_FORMS: Final = _json_forms()
"""The `context` of a connection that loads JSON forms. Its session has to have TimeZone UTC and DateStyle ISO."""
