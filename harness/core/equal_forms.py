"""Equal forms: SQL that writes a value so that its hash is alike where it is to be: for the same bytes, or for =."""

from __future__ import annotations

from typing import Final

DRIFTING: Final = frozenset({"numeric", "float4", "float8", "interval", "bpchar", "jsonb", "numrange", "nummultirange"})
"""Types with values that are equal by PostgreSQL's = and have several representations."""

_HASHED_BY: Final = {
    "int2": "hashint2extended",
    "int4": "hashint4extended",
    "uuid": "uuid_hash_extended",
    "name": "hashnameextended",
    "inet": "hashinetextended",
    "cidr": "hashinetextended",
    "macaddr": "hashmacaddrextended",
    "macaddr8": "hashmacaddr8extended",
}
"""Types whose values have one representation each, with the hash function that reads all of it.

Not among them are int8 and the times, which are folded to 32 bits before they are hashed (1 and 4294967296 have one
hash), numeric, whose hash leaves out sign and scale and is the seed for NaN, and floats, whose hash of 0 is the seed.
"""
_ELEMENTS: Final = frozenset({*_HASHED_BY, "bool", "date", "bytea"})
"""Elements of arrays whose hash says all of them"""
_HASHED_IN_C: Final = frozenset({"text", "varchar"})
"""The same, as long as no collation takes two of their values for equal"""
_SENT: Final = {
    "time": "time_send",
    "timetz": "timetz_send",
    "float4": "float4send",
    "float8": "float8send",
    "interval": "interval_send",
    "bpchar": "bpcharsend",
}
_ZONE: Final = {"timestamp": "", "timestamptz": "+00"}
_FLOATS: Final = frozenset({"float4", "float8"})
IN_C: Final = 'COLLATE pg_catalog."C"'
CASE_FOLDED: Final = f"pg_catalog.lower(({{}})::text {IN_C})"
"""A text with its Latin letters in lower case: what else lower() does is another thing in each server's locale, and one
text could become two."""


SEED: Final = "{seed}"
"""In SQL of a hash: where its seed stands, a number of its own for each column"""


def native_form(name: str, element: str | None, value: str) -> str | None:
    """SQL of 64 bits that say all of a value, by a hash function of its type; NULL or any number for NULL.

    None: there is none, and the value is hashed by its bytes. The seed is what keeps two columns from changing places
    unseen. Every function here reads all 64 bits of its seed: it can carry a part of the value.
    """
    if element:
        return _array(element, value) if element in _ELEMENTS or element in _HASHED_IN_C else None
    if name in _HASHED_BY:
        return f"pg_catalog.{_HASHED_BY[name]}({value}, {SEED})"
    if name in _HASHED_IN_C:
        return text_hash(value)
    if name in ("json", "jsonb", "numeric"):
        # Of a numeric that is all: its digits, its sign and its scale; and sooner written than sent.
        return text_hash(f"{value}::text")
    if name == "bool":
        return f"pg_catalog.hashint4extended({value}::int4, {SEED})"
    if name == "bytea":
        return bytes_hash(value)
    if name == "int8":
        # The upper half once more, in the seed: it is not changed by folding.
        upper = f"({value} OPERATOR(pg_catalog.>>) 32) OPERATOR(pg_catalog.+) {SEED}"
        return f"pg_catalog.hashint8extended({value}, {upper})"
    if name == "date":
        days = f"{value} OPERATOR(pg_catalog.-) '2000-01-01'::date"
        return (
            f"CASE WHEN pg_catalog.isfinite({value}) THEN pg_catalog.hashint4extended({days}, {SEED})"
            f" ELSE {bytes_hash(value)} END"
        )
    if name in _ZONE:
        return _moment(name, value)
    return bytes_hash(f"pg_catalog.{_SENT[name]}({value})") if name in _SENT else None


def text_hash(text: str) -> str:
    """SQL of the hash of a text's bytes."""
    return f"pg_catalog.hashtextextended(({text} {IN_C}), {SEED})"


def bytes_hash(value: str) -> str:
    """SQL of the hash of a bytea, or of another value that is hashed as it is, through an array of one: a function of
    bytea that SQL can call by its name exists since 18 alone.
    """
    return f"pg_catalog.hash_array_extended(ARRAY[{value}], {SEED})"


def _array(element: str, value: str) -> str:
    # The hash of an array does not scatter what it adds up: without the function around it, elements of one array could
    # change places with those of the next, unseen. Nor does it read its bounds; nearly every array begins at 1 and has
    # one dimension, and is spared the text of them.
    array = f"({value} {IN_C})" if element in _HASHED_IN_C else value
    hashed = f"pg_catalog.hashint8extended({SEED}, pg_catalog.hash_array_extended({array}, 0))"
    bounds = f"COALESCE(pg_catalog.array_dims({value}), '') {IN_C}"
    return (
        f"CASE WHEN pg_catalog.array_lower({value}, 1) OPERATOR(pg_catalog.=) 1"
        f" AND pg_catalog.array_ndims({value}) OPERATOR(pg_catalog.=) 1"
        f" THEN {hashed} ELSE pg_catalog.hashtextextended({bounds}, {hashed}) END"
    )


def _moment(name: str, value: str) -> str:
    """A moment by its hash, which is of its two halves laid over each other, with a hash of the upper one as seed.

    The upper half alone is the beginning of the 2^32 microseconds that the moment is in. Before 2000 date_bin has
    changed from version to version at the bounds, and a negative upper half would be folded upon that of a positive
    one: those moments are hashed by their bytes, at twice the cost.
    """
    zone = _ZONE[name]
    zero = f"'2000-01-01 00:00:00{zone}'::{name}"
    # There is no hash function of timestamptz by name before 18; an offset of nothing leaves its bits as they are.
    plain = "pg_catalog.timezone('00:00:00'::interval, {})" if zone else "{}"
    whole = plain.replace("{}", value)
    upper = plain.replace("{}", f"pg_catalog.date_bin('01:11:34.967296'::interval, {value}, {zero})")
    halves = f"pg_catalog.timestamp_hash_extended({whole}, pg_catalog.timestamp_hash_extended({upper}, {SEED}))"
    return (
        f"CASE WHEN {value} OPERATOR(pg_catalog.>=) {zero} THEN {halves}"
        f" ELSE {bytes_hash(f'pg_catalog.{name}_send({value})')} END"
    )


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
