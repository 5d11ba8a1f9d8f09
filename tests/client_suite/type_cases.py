"""Every type: what a client reads of it, finds by it and stores in it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.client_suite.case import Case, Client, NotSent, gives, writes

READ: dict[int, dict[str, Any]] = {
    # ordinary values
    1: {
        "t_bool": True,
        "t_int2": 7,
        "t_int4": -42,
        "t_int8": 9007199254740993,
        "t_numeric": 1.1,
        "t_scaled": 12.5,
        "t_float4": 1.5,
        "t_float8": 0.1,
        "t_money": "$12.34",
        "t_text": 'б "x" \\ , (y)',
        "t_varchar": "vary",
        "t_char": "ab   ",
        "t_bytea": "\\xdeadbeef",
        "t_uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "t_timestamptz": "2024-02-29T09:34:56.123+00:00",
        "t_timestamp": "2024-02-29T12:34:56",
        "t_date": "2024-02-29",
        "t_time": "12:34:56.5",
        "t_timetz": "12:34:56+03",
        "t_interval": "1 year 2 mons 3 days 04:05:00",
        "t_json": {"b": 1, "a": [None]},
        "t_jsonb": {"a": [None], "b": 1},
        "t_inet": "10.0.0.1",
        "t_cidr": "10.0.0.0/8",
        "t_macaddr": "08:00:2b:01:02:03",
        "t_bit": "101",
        "t_varbit": "10",
        "t_point": "(1,2)",
        "t_oid": "4294967295",
        "t_tsvector": "'cat':1 'rat':2",
        "t_int4range": "[1,5)",
        "t_int8range": "[1,9007199254740993)",
        "t_numrange": "(1.5,2.5]",
        "t_daterange": "[2024-01-01,2024-02-01)",
        "t_tstzrange": '["2024-01-01 00:00:00+00",)',
        "t_multirange": "{[1,3),[5,7)}",
        "t_pair": {"a": 1, "b": "x"},
        "t_pairs": [{"a": 1, "b": "x"}],
        "t_mood": "ok",
        "t_moods": ["ok", "sad"],
        "t_percent": 12.5,
        "t_texts": ["a", None, "c,d"],
        "t_ints": [1, 2],
        "t_matrix": [[1, 2], [3, 4]],
        "t_dates": ["2024-02-29"],
        "t_documents": [{"a": 1}],
    },
    # what Python's types, or JSON's, have no value for
    2: {
        "t_int8": 9223372036854775807,
        "t_numeric": "NaN",
        "t_float4": "-Infinity",
        "t_float8": "Infinity",
        "t_text": "",
        "t_bytea": "\\x",
        "t_timestamptz": "infinity",
        "t_timestamp": "-infinity",
        "t_date": "0044-03-15 BC",
        "t_time": "24:00:00",
        "t_interval": "-10 mons -3 days",
        "t_json": {"a": 2},
        "t_jsonb": None,
        "t_int4range": "empty",
        "t_tstzrange": "(,)",
        "t_multirange": "{}",
        "t_pair": {"a": None, "b": ""},
        "t_moods": [],
        "t_texts": [],
    },
    3: {
        "t_numeric": 1.2345678901234568e29,
        "t_float8": "NaN",
        "t_text": "+80005550001",
        "t_timestamptz": "0044-03-15T12:00:00+00:00 BC",
    },
}

FOUND: tuple[tuple[str, Any, list[int]], ...] = (
    ("t_bool", True, [1]),
    ("t_int2", 7, [1]),
    ("t_int4", -42, [1]),
    ("t_int8", 9007199254740993, [1]),
    ("t_int8", 9007199254740992, []),
    ("t_int8", 9223372036854775807, [2]),
    ("t_numeric", "1.10", [1]),
    ("t_numeric", 1.1, [1]),
    ("t_numeric", Decimal("1.1"), [1]),
    ("t_numeric", "NaN", [2]),
    ("t_numeric", "123456789012345678901234567890.123", [3]),
    ("t_scaled", "12.5", [1]),
    ("t_float8", 0.1, [1]),
    ("t_float8", "Infinity", [2]),
    ("t_float8", float("nan"), [3]),
    ("t_money", "$12.34", [1]),
    ("t_text", 'б "x" \\ , (y)', [1]),
    ("t_text", "", [2]),
    ("t_varchar", "vary", [1]),
    ("t_char", "ab", [1]),
    ("t_bytea", "\\xdeadbeef", [1]),
    ("t_uuid", UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), [1]),
    ("t_timestamptz", "2024-02-29 12:34:56.123+03", [1]),
    ("t_timestamptz", dt.datetime(2024, 2, 29, 9, 34, 56, 123000, tzinfo=dt.UTC), [1]),
    ("t_timestamptz", "infinity", [2]),
    ("t_timestamp", "2024-02-29T12:34:56", [1]),
    ("t_date", dt.date(2024, 2, 29), [1]),
    ("t_date", "0044-03-15 BC", [2]),
    ("t_time", "12:34:56.5", [1]),
    ("t_time", "24:00:00", [2]),
    ("t_interval", "14 mons 3 days 4 hours 5 minutes", [1]),
    ("t_jsonb", {"a": [None], "b": 1}, [1]),
    ("t_inet", "10.0.0.1", [1]),
    ("t_macaddr", "08-00-2b-01-02-03", [1]),
    ("t_bit", "101", [1]),
    ("t_oid", 4294967295, [1]),
    ("t_tsvector", "'cat':1 'rat':2", [1]),
    ("t_int4range", "[1,4]", [1]),
    ("t_int4range", "empty", [2]),
    ("t_multirange", "{[1,3),[5,7)}", [1]),
    ("t_pair->>b", "x", [1]),
    ("t_mood", "ok", [1]),
    ("t_moods", "{ok,sad}", [1]),
    ("t_percent", "12.5", [1]),
    ("t_texts", '{a,NULL,"c,d"}', [1]),
    ("t_matrix", "{{1,2},{3,4}}", [1]),
)
"""Columns, a value that is sent with `eq`, and the rows that have it."""

STORED: tuple[tuple[str, Any, Any, str], ...] = (
    ("t_bool", False, False, "false"),
    ("t_int2", -32768, -32768, "-32768"),
    ("t_int8", 9223372036854775807, 9223372036854775807, "9223372036854775807"),
    ("t_int8", "9007199254740993", 9007199254740993, "9007199254740993"),
    ("t_numeric", 1.1, 1.1, "1.1"),
    ("t_numeric", "1.10", 1.1, "1.10"),
    ("t_numeric", "123456789012345678901234567890.123", 1.2345678901234568e29, "123456789012345678901234567890.123"),
    ("t_numeric", "NaN", "NaN", "NaN"),
    ("t_scaled", 0.005, 0.01, "0.01"),
    ("t_float4", 0.1, 0.1, "0.1"),
    ("t_float8", 1e300, 1e300, "1e+300"),
    ("t_float8", "-Infinity", "-Infinity", "-Infinity"),
    ("t_money", 5, "$5.00", "$5.00"),
    ("t_text", "😀 'x' \\ %s $1 \t\n", "😀 'x' \\ %s $1 \t\n", "😀 'x' \\ %s $1 \t\n"),
    ("t_text", "null", "null", "null"),
    ("t_text", 1.5, "1.5", "1.5"),
    ("t_text", {"a": 1}, '{"a":1}', '{"a":1}'),
    ("t_char", "x", "x    ", "x"),
    ("t_bytea", b"\xde\xad", "\\xdead", "\\xdead"),
    (
        "t_uuid",
        UUID("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12"),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
    ),
    (
        "t_timestamptz",
        dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=3))),
        "2024-02-29T09:00:00+00:00",
        "2024-02-29 09:00:00+00",
    ),
    # read in the session's zone, which is UTC here as on hosted projects
    ("t_timestamptz", dt.datetime(2024, 2, 29, 12, 0), "2024-02-29T12:00:00+00:00", "2024-02-29 12:00:00+00"),
    ("t_timestamptz", "infinity", "infinity", "infinity"),
    ("t_timestamp", "2024-02-29T12:34:56+03:00", "2024-02-29T12:34:56", "2024-02-29 12:34:56"),
    ("t_date", dt.date(2024, 2, 29), "2024-02-29", "2024-02-29"),
    ("t_date", "0044-03-15 BC", "0044-03-15 BC", "0044-03-15 BC"),
    ("t_time", dt.time(12, 30), "12:30:00", "12:30:00"),
    ("t_time", "24:00", "24:00:00", "24:00:00"),
    ("t_interval", "P1Y2M3DT4H5M", "1 year 2 mons 3 days 04:05:00", "1 year 2 mons 3 days 04:05:00"),
    ("t_json", {"b": [1, 2], "a": None}, {"b": [1, 2], "a": None}, '{"b":[1,2],"a":null}'),
    ("t_json", "text", "text", '"text"'),
    ("t_jsonb", "text", "text", '"text"'),
    ("t_jsonb", [1, {"a": 1.10}], [1, {"a": 1.1}], '[1, {"a": 1.1}]'),
    ("t_inet", "10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"),
    ("t_bit", "011", "011", "011"),
    ("t_oid", 1, "1", "1"),
    ("t_int4range", "[1,4]", "[1,5)", "[1,5)"),
    ("t_tstzrange", "[2024-01-01T00:00:00Z,)", '["2024-01-01 00:00:00+00",)', '["2024-01-01 00:00:00+00",)'),
    ("t_multirange", "{[1,2],[2,4]}", "{[1,5)}", "{[1,5)}"),
    ("t_pair", {"b": "x", "a": 1}, {"a": 1, "b": "x"}, "(1,x)"),
    ("t_pairs", [{"a": 1, "b": "x,y"}, None], [{"a": 1, "b": "x,y"}, None], '{"(1,\\"x,y\\")",NULL}'),
    ("t_mood", "glad", "glad", "glad"),
    ("t_moods", ["ok", None], ["ok", None], "{ok,NULL}"),
    ("t_percent", 99, 99, "99"),
    ("t_texts", ["a,b", "", None, 'q"'], ["a,b", "", None, 'q"'], '{"a,b","",NULL,"q\\""}'),
    ("t_texts", "{a,b}", ["a", "b"], "{a,b}"),
    ("t_texts", [], [], "{}"),
    ("t_ints", (1, 2), [1, 2], "{1,2}"),
    ("t_matrix", [[1, 2], [3, 4]], [[1, 2], [3, 4]], "{{1,2},{3,4}}"),
    ("t_documents", [{"a": [1]}, 2, None], [{"a": [1]}, 2, None], '{"{\\"a\\": [1]}",2,NULL}'),
)
"""Columns, what is inserted, what comes back, and what the column's text then is."""


def _read(row: int, column: str, value: Any) -> Case:
    return gives(
        f"type: {column} of row {row} is read",
        lambda c: c.table("kinds").select(column).eq("id", row),
        [{column: value}],
    )


def _found(column: str, value: Any, ids: list[int]) -> Case:
    return gives(
        f"type: {column} is found by {value!r}",
        lambda c: c.table("kinds").select("id").eq(column, value).order("id"),
        [{"id": number} for number in ids],
    )


def _stored(column: str, sent: Any, returned: Any, text: str) -> Case:
    return writes(
        f"type: {column} stores {sent!r}",
        lambda c: c.table("kinds").insert({"id": 9, column: sent}).select(column),
        [{column: returned}],
        f"SELECT {column}::text FROM kinds WHERE id = 9",
        [(text,)],
    )


def _not_sent(name: str, value: Any, error: str) -> Case:
    def ask(client: Client) -> Any:
        return client.table("kinds").insert({"id": 9, "t_numeric": value})

    return Case(f"type: {name} is refused before it is sent", ask, NotSent(error))


CASES = (
    *(_read(row, column, value) for row, columns in READ.items() for column, value in columns.items()),
    gives(
        "type: null of every type",
        lambda c: c.table("kinds").select("*").eq("id", 4),
        [{"id": 4, **dict.fromkeys(READ[1])}],
    ),
    *(_found(*found) for found in FOUND),
    *(_stored(*stored) for stored in STORED),
    _not_sent("a Decimal", Decimal("1.1"), "TypeError"),
    _not_sent("a float that is no number", float("nan"), "ValueError"),
    _not_sent("a float that is infinite", float("inf"), "ValueError"),
)
