"""Kinds of columns for random tables: literals of each, and when two of their texts stand for one value, in Python.

Nothing here is taken from what is tested: these are the rules of docs/rows.md, written a second time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any, Final

Reading = Callable[[str], Hashable]

TYPES: Final = (
    "CREATE TYPE mood AS ENUM ('calm', 'glad', 'sad')",
    "CREATE TYPE part AS (n int, t text)",
    "CREATE TYPE total AS (n numeric, t text)",
    "CREATE TYPE floats AS RANGE (subtype = float8)",
    "CREATE DOMAIN amount AS numeric",
    "CREATE DOMAIN word AS text CHECK (VALUE <> 'never')",
)
"""What a database needs for the kinds below"""
COLLATIONS: Final = {
    "any_case": ("(provider = icu, locale = 'und-u-ks-level2', deterministic = false)", 'FROM "C"'),
    "words": ("(provider = icu, locale = 'und')", "FROM ucs_basic"),
}
"""Collations with ICU, and without it"""

LITERALS: Final[dict[str, tuple[str, ...]]] = {
    "smallint": ("0", "1", "-1", "32767"),
    "int": ("0", "1", "-1", "2147483647"),
    "bigint": ("0", "1", "-1", "4294967295", "4294967296", "-9223372036854775808"),
    "numeric": ("0", "1", "1.0", "1.00", "-1", "NaN", "12345678901234567890.10", "12345678901234567890.1"),
    "numeric(9,2)": ("0", "1.5", "-1.5"),
    "amount": ("1", "1.0", "-2.50"),
    "real": ("0", "-0", "0.1", "NaN", "Infinity", "-Infinity", "1e20"),
    "float8": ("0", "-0", "0.1", "0.30000000000000004", "0.3", "NaN", "-Infinity", "1e300"),
    "money": ("0", "1.5", "-1.5"),
    "bool": ("t", "f"),
    "text": ("", " ", "a", "A", "а", "a|b", "|", "é", "e\u0301", "NULL", "\\N", "🦔", "a ", "\u0435"),
    "varchar(20)": ("", "a", "A", "a ", "é"),
    "char(5)": ("", "a", "A", "ab"),
    "bpchar": ("", "a", "a ", "b"),
    '"char"': ("a", "b", ""),
    "name": ("", "a", "A"),
    "word": ("", "a", "A"),
    'text COLLATE "C"': ("a", "A", "é"),
    "text COLLATE any_case": ("a", "A", "b"),
    "bytea": ("", "\\x00", "\\x0000", "\\xff"),
    "date": ("2024-02-29", "1999-12-31", "infinity", "-infinity"),
    "time": ("00:00:00", "00:00:00.000001", "01:11:34.967296"),
    "timetz": ("10:00:00+00", "11:00:00+01", "10:00:00+01"),
    "timestamp": ("2000-01-01 00:00:00.000001", "2000-01-01 01:11:34.967296", "2024-03-31 02:30:00", "infinity"),
    "timestamptz": ("2000-01-01 00:00:00.000001+00", "2024-03-31 03:30:00+03", "2024-03-31 00:30:00+00", "-infinity"),
    "interval": ("1 mon", "30 days", "720:00:00", "1 day", "-1 day +24:00:00", "00:00:00", "1 mon -30 days", "-1 mon"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001"),
    "json": ('{"a": 1}', '{"a":1}', '{"a": 1.0}', '{"b": [true, null], "a": ""}', "[true]", "[1]", "1", "null", '"é"'),
    "jsonb": ('{"a": 1}', '{"a": 1.00}', '{"a": -1}', '{"b": [true, null], "a": ""}', "[true]", "[1]", "null", "{}"),
    "inet": ("192.0.2.1", "192.0.2.1/24", "::1"),
    "cidr": ("192.0.2.0/24", "192.0.0.0/16"),
    "macaddr": ("08:00:2b:01:02:03", "08:00:2b:01:02:04"),
    "macaddr8": ("08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06"),
    "bit(3)": ("101", "100"),
    "varbit": ("", "1", "10", "01"),
    "point": ("(1,2)", "(2,1)", "(0,-0)", "(0,0)"),
    "line": ("{1,2,3}", "{2,4,6}"),
    "lseg": ("[(0,0),(1,1)]", "[(0,0),(2,2)]"),
    "box": ("(1,1),(0,0)", "(2,2),(1,1)"),
    "path": ("((0,0),(1,1))", "[(0,0),(1,1)]", "[(0,0),(2,2)]"),
    "polygon": ("((0,0),(1,1),(2,0))", "((0,0),(1,1),(3,0))"),
    "circle": ("<(0,0),1>", "<(5,5),1>"),
    "tsvector": ("'a':1 'z':2", "'a':1,2B", "", "'a' 'z'"),
    "tsquery": ("'a' & 'b'", "'b' & 'a'", "'a':*"),
    "xml": ("<a/>", "<a></a>", "<a>1</a>"),
    "oid": ("0", "1", "4294967295"),
    "regtype": ("integer", "text"),
    "pg_lsn": ("0/0", "16/B374D848"),
    "xid": ("3", "4"),
    "txid_snapshot": ("10:20:10,14", "10:20:"),
    "mood": ("calm", "glad", "sad"),
    "part": ("(1,a)", "(1,)", "(,)", '(1,"")'),
    "total": ("(1,a)", "(1.0,a)", "(1.00,b)", "(,a)", "(1.0,)"),
    "floats": ("[0,1)", "[-0,1)", "empty"),
    "int4range": ("[1,5)", "[1,4]", "empty", "(,)", "[1,6)"),
    "numrange": ("[1.0,2)", "[1,2)", "[-1,2)", "empty", "(,1.50]", "(,1.5]"),
    "daterange": ("[2024-01-01,2024-02-29)", "(,2024-01-01)", "empty"),
    "tstzrange": ("[2024-01-01 00:00:00+00,)", "[2024-01-01 00:00:00+03,)"),
    "int[]": ("{}", "{1,2}", "{{1,2}}", "[0:1]={1,2}", "{NULL}", "{1}"),
    "bigint[]": ("{1}", "{4294967296}", "{NULL,1}"),
    "text[]": ("{}", '{""}', "{NULL}", '{"NULL"}', '{"a,b"}', "{a,b}", '{"a\\"}"}'),
    "numeric[]": ("{1}", "{1.0}", "{-1}", "{NULL}", "{1,2}", "[0:1]={1,2}", "[0:1]={1.0,2}", "{{1.0,2}}"),
    "float8[]": ("{0}", "{-0}", "{NULL}", "{0,1}"),
    "interval[]": ("{@ 1 mon}", "{@ 30 days}", "{NULL}"),
    "bpchar[]": ('{"a "}', "{a}", "{NULL}"),
    "jsonb[]": ('{"{\\"a\\": 1}"}', '{"{\\"a\\": 1.0}"}', '{"{\\"a\\": -1}"}'),
    "timestamptz[]": ('{"2024-03-31 00:30:00+00"}', '{"2024-03-31 03:30:00+03"}', "{NULL}"),
    "uuid[]": ("{00000000-0000-0000-0000-000000000001}", "{}"),
    "amount[]": ("{1}", "{1.0}", "{-1}", "{NULL}"),
    "mood[]": ("{calm}", "{calm,NULL}", "{}"),
    "part[]": ('{"(1,a)"}', '{"(1,)"}'),
    "bytea[]": ('{"\\\\x00"}', '{"\\\\x0000"}'),
    "nummultirange": ("{[1.0,2)}", "{[1,2)}", "{}", "{[1,2),[3,4)}"),
    "int4multirange": ("{[1,5)}", "{[1,3),[4,5)}", "{}"),
    "xid8": ("3", "4294967299"),
}
"""Types, and literals of each as COPY reads them"""
SINCE: Final = {"nummultirange": 14, "int4multirange": 14}
"""What not every server has, by major version"""
TOLD_BY_TEXTS: Final = frozenset({"floats", "total"})
"""Types of users with values that are equal and have no form in common that a server could hash"""


def kinds(major: int, *, xml: bool) -> tuple[str, ...]:
    """The kinds that servers of a major version have, built with XML or without."""
    return tuple(kind for kind in LITERALS if SINCE.get(kind, 0) <= major and (xml or kind != "xml"))


def equal(kind: str, text: str | None) -> Hashable:
    """What is the same for the texts of two values that are equal by PostgreSQL's =, of json by the parsed value."""
    return text if text is None else _READINGS.get(kind, str)(text)


def matched(kind: str, text: str | None) -> Hashable:
    """What rows of a table with no key are matched by: the same, but types of users are matched by their text."""
    return text if kind in TOLD_BY_TEXTS else equal(kind, text)


def _number(text: str) -> Hashable:
    return text if text == "NaN" else Decimal(text)


def _blanks(text: str) -> str:
    return text.rstrip(" ")


_UNITS: Final = {"year": 360, "mon": 30, "day": 1}
_DAY: Final = 86_400


def _interval(text: str) -> Hashable:
    total = Decimal(0)
    for amount, unit in re.findall(r"([+-]?\d+) (year|mon|day)s?", text):
        total += int(amount) * _UNITS[unit] * _DAY
    for sign, hours, minutes, seconds in re.findall(r"([+-]?)(\d+):(\d+):(\d+(?:\.\d+)?)", text):
        spent = int(hours) * 3600 + int(minutes) * 60 + Decimal(seconds)
        total += -spent if sign == "-" else spent
    return total


def json_value(text: str) -> Hashable:
    """A document by its value: numbers by theirs, and true is not 1."""
    return _frozen(json.loads(text, parse_int=Decimal, parse_float=Decimal))


def json_form(text: str) -> Hashable:
    """The same, with the digits that a number is written with, as jsonb keeps them."""
    return _frozen(json.loads(text, parse_int=_Written, parse_float=_Written))


class _Written(str):
    """A number as it is written."""


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return "object", frozenset((name, _frozen(each)) for name, each in value.items())
    if isinstance(value, list):
        return "array", tuple(_frozen(each) for each in value)
    return type(value).__name__, value


def _range(text: str) -> Hashable:
    if text == "empty":
        return text
    low, high = text[1:-1].split(",")
    return text[0], _number(low) if low else None, _number(high) if high else None, text[-1]


def _total(text: str) -> Hashable:
    number, words = text[1:-1].split(",")
    return _number(number) if number else None, words


def _ranges(text: str) -> Hashable:
    return tuple(_range(each) for each in re.findall(r"[\[(][^\])]*[\])]", text))


def _array(element: Reading) -> Reading:
    """Arrays with their bounds, element by element."""

    def read(text: str) -> Hashable:
        bounds, _, body = text.rpartition("=") if text.startswith("[") else ("", "", text)
        parts: list[Hashable] = []
        for match in re.finditer(r'"((?:[^"\\]|\\.)*)"|([{},])|([^{},"]+)', body):
            quoted, sign, bare = match.groups()
            if sign is not None:
                parts.append(sign)
            elif bare == "NULL":
                parts.append(None)
            else:
                item = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
                parts.append(("element", element(item)))
        return bounds, tuple(parts)

    return read


_READINGS: Final[dict[str, Reading]] = {
    **dict.fromkeys(("numeric", "numeric(9,2)", "amount"), _number),
    **dict.fromkeys(("real", "float8"), lambda text: text if text == "NaN" else float(text)),
    **dict.fromkeys(("char(5)", "bpchar"), _blanks),
    "interval": _interval,
    "json": json_value,
    "jsonb": json_value,
    "numrange": _range,
    "floats": _range,
    "total": _total,
    "amount[]": _array(_number),
    "nummultirange": _ranges,
    "numeric[]": _array(_number),
    "float8[]": _array(lambda text: text if text == "NaN" else float(text)),
    "interval[]": _array(_interval),
    "bpchar[]": _array(_blanks),
    "jsonb[]": _array(json_value),
}
