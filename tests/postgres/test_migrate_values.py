"""Values of every common type arrive as they were, in either format of COPY, and the comparison agrees."""

from __future__ import annotations

import pytest

from harness.core.mapping import Mapping
from harness.core.projection import project
from harness.core.row_forms import PORTABLE_TYPES
from harness.postgres.connect import session
from harness.postgres.projected import copies_binary, described, source_rows
from tests.data_pair import Pair, copied_text

VALUES = {
    "numeric": ["'NaN'", "'Infinity'", "'-Infinity'", "0.00", "-12345678901234567890.123456789000", "1e-40", "1e50"],
    "numeric(12,2)": ["9999999999.99", "-0.01", "'NaN'"],
    "real": ["'NaN'", "'-Infinity'", "'-0'", "1.17549435e-38", "3.4028235e38", "0.1"],
    "double precision": ["'NaN'", "'Infinity'", "'-0'", "5e-324", "1.7976931348623157e308", "0.1"],
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648", "2147483647"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "boolean": ["true", "false"],
    "money": ["'-12.34'", "'92233720368547758.07'"],
    "text": [
        "''", "' '", "E'a\\tb\\nc\\rd\\be\\fg\\vh\\\\i'", "E'\\x01\\x02\\x1f\\x7f'", "'\\N'", "'\\.'", "'null'",
        "'Ёжик 🦔 Ž'", "U&'\\0438\\0306 \\200b'", "'a,b\"c''d'", "repeat('я', 100000)",
    ],
    "varchar(20)": ["'Анна '", "''"],
    "char(5)": ["'ab'", "''", "'Ёлка'"],
    "bytea": ["''", "'\\x00ff0a0d5c'", "decode(repeat('00ff', 5000), 'hex')"],
    "date": ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'", "'2024-02-29'"],
    "time": ["'24:00:00'", "'00:00:00.000001'"],
    "timetz": ["'23:59:59.999999+14'", "'00:00-12'"],
    "timestamp": ["'infinity'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'"],
    "timestamptz": ["'-infinity'", "'0001-01-01 00:00:00+00 BC'", "'2024-03-31 02:30:00.123456+03'"],
    "interval": ["'1 year -2 mons 3 days -04:05:06.789'", "'30 days'", "'1 mon'", "'-178000000 years'"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "'0B0F1D4E-6A5C-4D3B-8E2F-1A2B3C4D5E6F'"],
    "json": ["'{\"b\": 1.0,  \"a\": [null, \"\\\\u0041\"], \"a\": 2}'", "'null'", "'\"\\\\ud83d\"'"],
    "jsonb": ["'{\"b\": 1.00, \"a\": {\"c\": []}}'", "'null'", "'\"🦔\"'", "'1e400'"],
    "inet": ["'192.0.2.1/24'", "'2001:db8::1'"],
    "cidr": ["'10.0.0.0/8'", "'2001:db8::/32'"],
    "macaddr": ["'08:00:2b:01:02:03'"],
    "macaddr8": ["'08:00:2b:01:02:03:04:05'"],
    "bit(3)": ["B'101'"],
    "varbit": ["B''", "B'1010101010101'"],
    "point": ["'(1.5,-0)'", "'(NaN,Infinity)'"],
    "line": ["'{1,2,3}'"],
    "lseg": ["'[(0,0),(1,1)]'"],
    "box": ["'(1,1),(0,0)'"],
    "path": ["'((0,0),(1,1))'", "'[(0,0),(1,1)]'"],
    "polygon": ["'((0,0),(1,1),(2,0))'"],
    "circle": ["'<(1,2),3>'"],
    "tsvector": ["'a:1A fat:2,3 ''it''''s'':4'", "''"],
    "tsquery": ["'fat & (rat | !cat:*)'"],
    "int4range": ["'empty'", "'[1,5]'", "'(,)'"],
    "numrange": ["'[1.0,5.50)'"],
    "tstzrange": ["'[2024-01-01,infinity)'", "'(,2024-01-01]'"],
    "int4multirange": ["'{[1,3),[5,9)}'", "'{}'"],
    "pg_lsn": ["'16/B374D848'"],
    "regclass": ["'pg_class'"],
    "name": ["'имя'"],
    '"char"': ["'x'"],
    "integer[]": ["'{}'", "'{1,NULL,3}'", "'[-1:1]={1,2,3}'", "'{{1,2},{3,4}}'"],
    "text[]": ["'{\"\",NULL,\"NULL\",\"a,b\",\"\\\\\\\\\"}'", "ARRAY[E'\\n', 'Ё']"],
    "timestamptz[]": ["'{infinity,2024-01-01 00:00+00}'"],
    "jsonb[]": ["ARRAY['{\"a\": 1.0}'::jsonb, NULL]"],
    "numeric[]": ["'{NaN,1.00}'"],
}  # fmt: skip

USER_TYPES = {
    "mood": ["'ok'", "'так себе'"],
    "mood[]": ["'{ok,NULL,так себе}'"],
    "phone": ["'80005550001'"],
    "amount": ["1.50", "'NaN'"],
    "amount[]": ["'{1.50,NULL}'"],
    "address": ["ROW(NULL, NULL)", "ROW('Санкт-Петербург, \"центр\"', 5)", "ROW('', NULL)"],
    "address[]": ["ARRAY[ROW('(,)', 1)::address, NULL]"],
    "span": ["'[1.5,Infinity)'"],
}  # fmt: skip


def fill(pair: Pair, types: dict[str, list[str]]) -> None:
    """A table with a column of each type; one row a value, the others NULL, and a row that is NULL throughout."""
    columns = [f"c{number} {kind}" for number, kind in enumerate(types)]
    pair.on_both(f"CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {', '.join(columns)})")
    for number, (kind, values) in enumerate(types.items()):
        for value in values:
            pair.on_source(f"INSERT INTO t (c{number}) SELECT ({value})::{kind}")
    pair.on_source("INSERT INTO t DEFAULT VALUES")


def moves_as_binary(pair: Pair) -> bool:
    source, target = pair.catalogs()
    rows = source_rows(project("public.t", Mapping(), source, target))
    with session(pair.source, purpose="test") as one, session(pair.target, purpose="test") as other:
        return copies_binary(described(one, rows), described(other, rows))


def assert_moved(pair: Pair, count: int) -> None:
    result = pair.migrate(migrate={"batch_rows": 10})
    assert result.artifact.tables[0].error is None
    assert result.artifact.rows == count
    assert copied_text(pair.source_dsn, "t", "1") == copied_text(pair.target_dsn, "t", "1")
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.source_rows, rows.reason) == ("identical", count, None)


PORTABLE = {kind: values for kind, values in VALUES.items() if kind not in ("pg_lsn", "regclass", '"char"')}
"""Types that move in the binary format; one other column makes a table move as text."""


def test_every_type_arrives_in_the_binary_format(pair: Pair) -> None:
    fill(pair, PORTABLE)
    assert moves_as_binary(pair)
    assert_moved(pair, sum(map(len, PORTABLE.values())) + 1)


@pytest.mark.long
def test_every_type_arrives_in_the_text_format(pair: Pair) -> None:
    fill(pair, VALUES)
    assert not moves_as_binary(pair)
    assert_moved(pair, sum(map(len, VALUES.values())) + 1)


def test_user_defined_types_arrive_though_their_oids_differ(pair: Pair) -> None:
    pair.on_target("CREATE TYPE in_the_way AS ENUM ('x')", "CREATE DOMAIN in_the_way_too AS int")
    pair.on_both(
        "CREATE TYPE mood AS ENUM ('ok', 'так себе')",
        "CREATE DOMAIN phone AS text CHECK (VALUE ~ '^[0-9]+$')",
        "CREATE DOMAIN amount AS numeric(10, 2)",
        "CREATE TYPE address AS (city text, house int)",
        "CREATE TYPE span AS RANGE (subtype = float8)",
    )
    fill(pair, USER_TYPES)
    assert_moved(pair, sum(map(len, USER_TYPES.values())) + 1)


def test_every_type_arrives_by_upsert(pair: Pair) -> None:
    fill(pair, VALUES)
    pair.on_target("INSERT INTO t DEFAULT VALUES")
    assert_moved(pair, sum(map(len, VALUES.values())) + 1)


def test_values_arrive_in_a_target_of_other_settings(pair: Pair) -> None:
    fill(pair, VALUES)
    (name,) = pair.rows_of_target("SELECT current_database()")[0]
    for setting in ("DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kolkata'", "IntervalStyle = 'iso_8601'"):
        pair.on_target(f"ALTER DATABASE {name} SET {setting}")
    try:
        assert pair.migrate().artifact.tables[0].verified
        assert pair.compare_one("public.t").status == "identical"
    finally:
        pair.on_target(f"ALTER DATABASE {name} RESET ALL")


def test_values_that_text_and_char_share_arrive_without_padding(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, v char(9))", "INSERT INTO t VALUES (1, 'ab')")
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.migrate()
    assert pair.rows_of_target("SELECT v FROM t") == [("ab",)]


def test_numbers_and_times_arrive_in_columns_of_another_type(pair: Pair) -> None:
    pair.on_source(
        "CREATE TABLE t (id int PRIMARY KEY, n int, m numeric, d date, s timestamp, j json, v varchar(9))",
        "INSERT INTO t VALUES (1, 5, 7, '2024-02-29', '2024-02-29 10:00', '{\"a\": 1}', 'x')",
        "INSERT INTO t VALUES (2)",
    )
    pair.on_target(
        "CREATE TABLE t (id bigint PRIMARY KEY, n numeric(9,2), m int, d timestamp, s timestamptz, j jsonb, v text)"
    )
    assert pair.migrate().artifact.tables[0].verified
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.different) == ("drift", 0)
    assert rows.type_drift == ("id", "n", "m", "d", "s", "j", "v")


def test_the_values_cover_every_type_that_is_held_to_be_portable(pair: Pair) -> None:
    pair.on_source(*(f"CREATE TABLE t{number} (v {kind})" for number, kind in enumerate(VALUES)))
    covered = {
        name
        for (name,) in pair.rows_of_source(
            "SELECT DISTINCT t.typname::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
            " JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND c.relnamespace = 'public'::regnamespace"
        )
    }
    alike = {name for name in PORTABLE_TYPES if name.endswith("range")}
    assert set(PORTABLE_TYPES) - alike <= covered
