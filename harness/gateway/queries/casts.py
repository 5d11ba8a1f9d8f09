"""The type names of casts in `select=`: SQL's own spellings, or the name of a type."""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

# what SQL spells with words that are no name of a type
_SPELLINGS: tuple[LiteralString, ...] = (
    "bigint",
    "bit",
    "bit varying",
    "boolean",
    "char",
    "char varying",
    "character",
    "character varying",
    "dec",
    "decimal",
    "double precision",
    "float",
    "int",
    "integer",
    "interval",
    "interval day",
    "interval day to hour",
    "interval day to minute",
    "interval day to second",
    "interval hour",
    "interval hour to minute",
    "interval hour to second",
    "interval minute",
    "interval minute to second",
    "interval month",
    "interval second",
    "interval year",
    "interval year to month",
    "national char",
    "national char varying",
    "national character",
    "national character varying",
    "nchar",
    "nchar varying",
    "numeric",
    "real",
    "smallint",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "varchar",
)
_BY_WORDS = {spelling: sql.SQL(spelling) for spelling in _SPELLINGS}


def type_name(cast: str) -> sql.Composable:
    """The type that a cast names. As in SQL, a name without quotes is folded to lower case."""
    words = " ".join(cast.lower().split())
    known = _BY_WORDS.get(words)
    return known if known is not None else sql.Identifier(words)
