"""Equal forms: SQL that writes a value so that its hash is alike where it is to be: for the same bytes, or for =."""

from __future__ import annotations

from typing import Final

DRIFTING: Final = frozenset({"numeric", "float4", "float8", "interval", "bpchar", "jsonb", "numrange", "nummultirange"})
"""Types with values that are equal by PostgreSQL's = and have several representations."""

_HASHED_AS_THEY_ARE: Final = frozenset(
    {"bool", "int2", "int4", "date", "uuid", "bytea", "name", "inet", "cidr", "macaddr", "macaddr8"}
)
"""Types whose values have one representation each, and whose hash function reads all of it.

Not among them are int8 and the times, which are folded to 32 bits before they are hashed (1 and 4294967296 have one
hash), numeric, whose hash leaves out the sign and takes NaN for NULL, and floats, whose hash of 0 is that of NULL: a
record's hash has 0 for NULL.
"""
_HASHED_IN_C: Final = frozenset({"text", "varchar"})
"""The same, as long as no collation takes two of their values for equal"""
_SENT: Final = {
    "time": "time_send",
    "timetz": "timetz_send",
    "timestamp": "timestamp_send",
    "timestamptz": "timestamptz_send",
    "numeric": "numeric_send",
    "float4": "float4send",
    "float8": "float8send",
    "interval": "interval_send",
    "bpchar": "bpcharsend",
}
_FLOATS: Final = frozenset({"float4", "float8"})
IN_C: Final = 'COLLATE pg_catalog."C"'
CASE_FOLDED: Final = f"pg_catalog.lower(({{}})::text {IN_C})"
"""A text with its Latin letters in lower case: what else lower() does is another thing in each server's locale, and one
text could become two."""


def native_form(name: str, element: str | None, value: str) -> str | None:
    """What of a value is hashed where records are."""
    if element in _HASHED_AS_THEY_ARE or element in _HASHED_IN_C:
        # Neither the hash of an array nor that of a record scatters what it adds up: without the function around it,
        # elements of one array could change places with those of the next, unseen. Its seed is read as a whole, and so
        # are bytes; the hash of a bigint would fold it.
        array = f"({value} {IN_C})" if element in _HASHED_IN_C else value
        bounds = f"COALESCE(pg_catalog.array_dims({value}), '') {IN_C}"
        hashed = f"pg_catalog.hash_array_extended({array}, 0)"
        return f"pg_catalog.int8send(pg_catalog.hashtextextended({bounds}, {hashed}))"
    if element:
        return None
    if name in _HASHED_AS_THEY_ARE:
        return value
    if name == "int8":
        # The upper half once more, as a number that is not changed by folding.
        return f"{value}, ({value} OPERATOR(pg_catalog.>>) 32)"
    if name in _HASHED_IN_C:
        return f"({value} {IN_C})"
    if name in ("json", "jsonb"):
        return f"({value}::text {IN_C})"
    return f"pg_catalog.{_SENT[name]}({value})" if name in _SENT else None


def equal_form(name: str, element: str | None, value: str) -> str:
    """One form for all values that are equal by =; where = has no such form, a hash of PostgreSQL's own that does."""
    if element:
        return _array_key(element, value) if element in DRIFTING else value
    if name == "json":
        # The cast to jsonb refuses some escapes that json keeps (\u0000, lone surrogates).
        parsed = _signed("({})::jsonb", "pg_catalog.jsonb_hash_extended(({})::jsonb, 0)")
        return (
            "CASE WHEN pg_catalog.strpos(({})::text, '\\u') > 0 THEN pg_catalog.hashtextextended(({})::text, 0)"
            f" ELSE {parsed} END"
        )
    return {
        "numeric": f"pg_catalog.trim_scale({value})",
        # Minus zero plus zero is zero.
        "float4": f"({value} OPERATOR(pg_catalog.+) 0::float4)",
        "float8": f"({value} OPERATOR(pg_catalog.+) 0::float8)",
        "bpchar": f"({value})::text",
        "interval": f"pg_catalog.justify_interval({value})",
        "jsonb": _signed(value, f"pg_catalog.jsonb_hash_extended({value}, 0)"),
        "numrange": _signed(value, f"pg_catalog.hash_range_extended({value}, 0)"),
        "nummultirange": _signed(value, f"pg_catalog.hash_multirange_extended({value}, 0)"),
    }.get(name, value)


def _array_key(element: str, value: str) -> str:
    """A hash of an array whose elements have several representations: with its bounds, which = compares as well."""
    hashed = f"pg_catalog.hash_array_extended({value}, 0)"
    bounds = f"COALESCE(pg_catalog.array_dims({value}), '')"
    if element in ("bpchar", "interval"):
        return f"pg_catalog.hashtextextended({bounds} {IN_C}, {hashed})"
    # What is left of a text without its digits tells NULL from 0, and is the same for equal values.
    return _signed(value, hashed, digits="0123456789.-" if element in _FLOATS else "0123456789.", more=bounds)


def _signed(value: str, hashed: str, *, digits: str = "0123456789.", more: str | None = None) -> str:
    """A hash of a value that holds numerics, with their signs, which PostgreSQL's own leaves out: by the text without
    digits, which is the same for equal values.
    """
    text = f"pg_catalog.translate({value}::text, '{digits}', '')"
    if more is not None:
        text = f"pg_catalog.concat({text}, {more})"
    return f"pg_catalog.hashtextextended({text} {IN_C}, {hashed})"
