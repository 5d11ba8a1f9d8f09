"""Differences that other comparisons miss, or invent: each planted one gets its right answer."""

from __future__ import annotations

import threading

import psycopg
import pytest

from harness.core.deltas import TableRows
from tests.data_pair import Pair


def planted(pair: Pair, columns: str, source: str, target: str) -> TableRows:
    """The comparison of a table t of these columns whose rows are the two VALUES lists."""
    pair.on_both(f"CREATE TABLE t ({columns})")
    pair.on_source(f"INSERT INTO t VALUES {source}")
    pair.on_target(f"INSERT INTO t VALUES {target}")
    return pair.compare_one("public.t")


def cells(rows: TableRows) -> list[tuple[str, str, bool]]:
    """Column, class and drift of every differing cell."""
    return [(cell.column, cell.cls, cell.drift) for delta in rows.differences for cell in delta.cells]


def test_null_is_not_an_empty_text_in_a_table_without_key(pair: Pair) -> None:
    assert planted(pair, "id int, v text", "(1, NULL)", "(1, '')").status == "differs"


def test_a_delimiter_that_moves_in_a_row_without_key_is_a_difference(pair: Pair) -> None:
    rows = planted(pair, "id int, a text, b text", "(1, 'a|b', 'c')", "(1, 'a', 'b|c')")
    assert rows.status == "differs"


@pytest.mark.parametrize("sentinel", ["NULL", "\\\\N"])
def test_null_is_not_the_text_that_stands_for_it(pair: Pair, sentinel: str) -> None:
    rows = planted(pair, "id int PRIMARY KEY, v text", "(1, NULL)", f"(1, '{sentinel}')")
    assert cells(rows) == [("v", "NULL against a value", False)]


def test_a_row_that_is_there_three_times_and_once_is_missing_twice(pair: Pair) -> None:
    rows = planted(pair, "a int", "(7), (7), (7), (8)", "(7), (8)")
    assert (rows.missing_on_target, rows.missing_on_source, rows.different) == (2, 0, 0)


DRIFT = {
    "numeric scale": ("numeric", "1.0", "1.00", "representation drift"),
    "numeric trailing zeros of a large number": ("numeric", "'12345678901234567890.10'", "'12345678901234567890.1'",
                                                 "representation drift"),
    "minus zero": ("float8", "'-0'", "0", "sign of zero"),
    "minus zero of four bytes": ("real", "'-0'", "0", "sign of zero"),
    "interval units": ("interval", "'1 mon'", "'30 days'", "representation drift"),
    "interval hours": ("interval", "'1 day'", "'24:00:00'", "representation drift"),
    "jsonb number": ("jsonb", "'{\"a\": 1.0}'", "'{\"a\": 1.00}'", "representation drift"),
    "json order of keys": ("json", "'{\"a\": 1, \"b\": [true, null]}'", "'{\"b\": [true, null], \"a\": 1}'",
                           "representation drift"),
    "json white space": ("json", "'{\"a\": 1}'", "'{ \"a\" :  1 }'", "representation drift"),
    "json number": ("json", "'[1.0, 2e1]'", "'[1, 20]'", "representation drift"),
    "array of numeric": ("numeric[]", "'{1.0,2}'", "'{1.00,2.0}'", "representation drift"),
    "range of numeric": ("numrange", "'[1.0,2.0)'", "'[1,2)'", "representation drift"),
}  # fmt: skip


@pytest.mark.parametrize("key", ["", "PRIMARY KEY"])
@pytest.mark.parametrize("case", DRIFT)
def test_equal_values_of_another_representation_are_drift(pair: Pair, case: str, key: str) -> None:
    kind, source, target, name = DRIFT[case]
    rows = planted(pair, f"id int {key}, v {kind}", f"(1, {source}), (2, NULL)", f"(1, {target}), (2, NULL)")
    assert (rows.status, rows.drifting, rows.different, rows.reason) == ("drift", 1, 0, None)
    assert cells(rows) == [("v", name, True)]
    assert (rows.missing_on_source, rows.missing_on_target) == (0, 0)


def test_many_rows_of_a_table_without_key_drift_each_for_itself(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (v json, n numeric)")
    pair.on_source('INSERT INTO t SELECT format(\'{"a": %s, "b": 0}\', g)::json, g FROM generate_series(1, 50) g')
    pair.on_target(
        "INSERT INTO t SELECT format('{\"b\":0,\"a\":%s}', g)::json, g || '.0' FROM generate_series(1, 50) g".replace(
            "g || '.0'", "(g || '.0')::numeric"
        )
    )
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.drifting) == ("drift", 50)


NOT_DRIFT = {
    "other dimensions": ("int[]", "'{1,2}'", "'{{1,2}}'"),
    "other array bounds": ("int[]", "'{1,2}'", "'[0:1]={1,2}'"),
    "other bounds of an array of numeric": ("numeric[]", "'{1,2}'", "'[0:1]={1,2}'"),
    "json key that occurs twice": ("json", '\'{"a": 1, "a": 2}\'', "'{\"a\": 2}'"),
    "json true against one": ("json", "'[true]'", "'[1]'"),
    "another shape of equal area": ("box", "'(1,1),(0,0)'", "'(2,2),(1,1)'"),
    "circle of equal area elsewhere": ("circle", "'<(0,0),1>'", "'<(5,5),1>'"),
    "path of as many points": ("path", "'[(0,0),(1,1)]'", "'[(0,0),(2,2)]'"),
    "NaN against NULL": ("numeric", "'NaN'", "NULL"),
    "time in another zone": ("timetz", "'10:00+00'", "'11:00+01'"),
}


@pytest.mark.parametrize("case", NOT_DRIFT)
def test_values_that_one_hash_or_one_operator_confuses_differ(pair: Pair, case: str) -> None:
    kind, source, target = NOT_DRIFT[case]
    rows = planted(pair, f"id int PRIMARY KEY, v {kind}", f"(1, {source})", f"(1, {target})")
    assert (rows.status, rows.different) == ("differs", 1)


CLASSES = {
    "trailing space": ("text", "'Анна'", "'Анна '", "white space"),
    "line end": ("text", "E'a\\nb'", "E'a\\r\\nb'", "white space"),
    "composed and decomposed": ("text", "U&'\\0439'", "U&'\\0438\\0306'", "unicode normalisation"),
    "zone of three hours": ("timestamptz", "'2024-03-31 21:30+00'", "'2024-04-01 00:30+00'", "zone shift"),
    "zone of five and a half hours": ("timestamp", "'2024-01-01 00:00'", "'2024-01-01 05:30'", "zone shift"),
    "Cyrillic in a Latin word": ("text", "'CAPE'", "'САРЕ'", "look-alike letters"),
    "case": ("text", "'ИВАН'", "'Иван'", "case"),
    "cut": ("text", "'Екатерина'", "'Екате'", "truncation at 5 characters"),
    "mojibake": ("text", "'Ёлка'", "'Ð\u0081Ð»ÐºÐ°'", "encoding damage"),
    "question marks": ("text", "'Мария-7'", "'?????-7'", "encoding damage"),
    "scale": ("numeric", "3.14159", "3.14", "rounding or scale"),
    "milliseconds": ("timestamptz", "'2024-01-01 00:00:00.123456+00'", "'2024-01-01 00:00:00.123+00'",
                     "rounding or scale"),
    "another value": ("int", "5", "6", "other"),
}  # fmt: skip


@pytest.mark.parametrize("case", CLASSES)
def test_a_difference_has_its_class(pair: Pair, case: str) -> None:
    kind, source, target, name = CLASSES[case]
    rows = planted(pair, f"id int PRIMARY KEY, v {kind}", f"(1, {source})", f"(1, {target})")
    assert (rows.status, cells(rows)) == ("differs", [("v", name, False)])


def test_cells_of_an_older_version_of_a_row_are_stale(pair: Pair) -> None:
    rows = planted(
        pair,
        "id int PRIMARY KEY, name text, total int, updated_at timestamptz",
        "(1, 'Олег', 7, '2024-05-02 10:11:12+00')",
        "(1, 'Олег', 3, '2024-04-28 09:00:00+00')",
    )
    assert cells(rows) == [("total", "stale row", False), ("updated_at", "stale row", False)]


def test_enums_and_domains_with_other_oids_are_identical(pair: Pair) -> None:
    pair.on_target("CREATE TYPE first_in_the_way AS ENUM ('x')", "CREATE DOMAIN second_in_the_way AS int")
    pair.on_both(
        "CREATE TYPE mood AS ENUM ('ok', 'грустно')",
        "CREATE DOMAIN phone AS text CHECK (VALUE ~ '^[0-9]+$')",
        "CREATE DOMAIN amount AS numeric(10, 2)",
        "CREATE TYPE address AS (city text, house int)",
        "CREATE TYPE span AS RANGE (subtype = float8)",
        "CREATE TABLE t (id int PRIMARY KEY, m mood, p phone, a amount, ms mood[], ad address, ads address[], s span,"
        " ph phone[])",
        "INSERT INTO t VALUES (1, 'ok', '80005550001', 1.50, '{ok,грустно}', ('Казань', 5), "
        "ARRAY[('Уфа', NULL)::address], '[1,2)', '{80005550001}'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    assert pair.compare_one("public.t").status == "identical"


def test_an_enum_as_key_matches_rows_though_its_oids_differ(pair: Pair) -> None:
    pair.on_target("CREATE TYPE in_the_way AS ENUM ('x')")
    pair.on_both("CREATE TYPE mood AS ENUM ('ok', 'bad')", "CREATE TABLE t (m mood PRIMARY KEY, v int)")
    pair.on_source("INSERT INTO t VALUES ('ok', 1), ('bad', 2)")
    pair.on_target("INSERT INTO t VALUES ('ok', 1), ('bad', 3)")
    rows = pair.compare_one("public.t")
    assert [(delta.key, delta.status) for delta in rows.differences] == [({"m": "bad"}, "different")]


@pytest.mark.parametrize("collation", ["C", "unicode", "ucs_basic", "C.utf8"])
def test_text_keys_under_another_collation_in_mixed_case_are_identical(pair: Pair, collation: str) -> None:
    known = [name for (name,) in pair.rows_of_target("SELECT collname FROM pg_collation WHERE collprovider <> 'i'")]
    if collation not in known:
        pytest.skip(f"the server has no collation {collation}")
    pair.on_source("CREATE TABLE t (k text PRIMARY KEY, v int)")
    pair.on_target(f'CREATE TABLE t (k text COLLATE "{collation}" PRIMARY KEY, v int)')
    pair.on_both(
        "INSERT INTO t SELECT (ARRAY['a', 'A', 'б', 'Б', 'ё', 'z-', 'Z', '_', 'é'])[1 + g % 9] || g, g"
        " FROM generate_series(1, 3000) g"
    )
    assert pair.compare_one("public.t").status == "identical"


def test_keys_that_differ_in_case_are_two_keys(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (k text PRIMARY KEY, v int)", "INSERT INTO t VALUES ('Key', 1), ('other', 2)")
    pair.on_target("CREATE TABLE t (k text PRIMARY KEY, v int)", "INSERT INTO t VALUES ('key', 1), ('other', 2)")
    rows = pair.compare_one("public.t")
    assert (rows.missing_on_target, rows.missing_on_source) == (1, 1)


KEYS = {
    "composite": ("a int, b text, PRIMARY KEY (a, b)", "g % 50, 'k' || g"),
    "uuid": ("a uuid PRIMARY KEY, b int", "md5(g::text)::uuid, g"),
    "numeric": ("a numeric PRIMARY KEY, b int", "g + 0.5, g"),
    "timestamptz": ("a timestamptz PRIMARY KEY, b int", "'2024-01-01'::timestamptz + g * interval '1 s', g"),
    "bytea": ("a bytea PRIMARY KEY, b int", "decode(md5(g::text), 'hex'), g"),
    "unique index alone": ("a int NOT NULL, b int", "g, g"),
    "parts that may be NULL": ("a int, b text, UNIQUE (a, b)", "nullif(g % 3, 0), nullif('k' || g % 500, 'k7')"),
    "none": ("a int, b text", "g % 7, 'x' || g % 5"),
}


@pytest.mark.parametrize("case", KEYS)
def test_every_kind_of_key_is_exact(pair: Pair, case: str) -> None:
    columns, values = KEYS[case]
    pair.on_both(f"CREATE TABLE t ({columns}, n bigint GENERATED BY DEFAULT AS IDENTITY, v int)")
    if case == "unique index alone":
        pair.on_both("CREATE UNIQUE INDEX ON t (a)")
    pair.on_both(f"INSERT INTO t SELECT {values}, g, g % 11 FROM generate_series(1, 1000) g ON CONFLICT DO NOTHING")
    assert pair.compare_one("public.t").status == "identical"
    (count,) = pair.rows_of_source("SELECT count(*) FROM t")[0]
    pair.on_target("DELETE FROM t WHERE n IN (1, 500)", "UPDATE t SET v = -1 WHERE n IN (2, 501, 999)")
    pair.on_source("DELETE FROM t WHERE n = 1000")
    rows = pair.compare_one("public.t")
    assert (rows.source_rows, rows.target_rows) == (count - 1, count - 2)
    if case == "none":
        assert (rows.missing_on_target, rows.missing_on_source) == (5, 4)
    else:
        assert (rows.missing_on_target, rows.missing_on_source, rows.different) == (2, 1, 3)


def test_rows_of_one_key_with_nulls_are_compared_as_multisets(pair: Pair) -> None:
    rows = planted(
        pair,
        "a int, b text, v int, UNIQUE (a, b)",
        "(1, NULL, 1), (1, NULL, 1), (1, NULL, 2), (2, 'x', 5)",
        "(1, NULL, 1), (1, NULL, 2), (1, NULL, 3), (2, 'x', 5)",
    )
    assert (rows.different, rows.missing_on_target, rows.missing_on_source) == (1, 0, 0)
    assert rows.differences[0].key == {"a": 1, "b": None}


@pytest.mark.parametrize(
    "setting",
    ["extra_float_digits = 0", "DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kolkata'", "bytea_output = 'escape'",
     "IntervalStyle = 'iso_8601'", "lc_monetary = 'C'"],
)  # fmt: skip
def test_settings_of_a_server_do_not_make_rows_differ(pair: Pair, setting: str) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, f float8, r real, d date, ts timestamptz, b bytea, i interval, m money)",
        "INSERT INTO t SELECT g, sqrt(g), sqrt(g)::real, '2024-01-01'::date + g, '2024-01-01 00:00+00'::timestamptz"
        " + g * interval '1 hour', sha256(g::text::bytea), g * interval '1 day 1 s', g::money"
        " FROM generate_series(1, 300) g",
    )
    (name,) = pair.rows_of_target("SELECT current_database()")[0]
    pair.on_target(f"ALTER DATABASE {name} SET {setting}")
    assert pair.compare_one("public.t").status == "identical"


def test_rows_that_updates_move_while_they_are_compared_raise_no_alarm(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 5000) g",
    )
    over = threading.Event()

    def update() -> None:
        with psycopg.connect(pair.source_dsn, autocommit=True) as writer:
            while not over.is_set():
                writer.execute("UPDATE t SET v = v WHERE id % 7 = 0")

    moving = threading.Thread(target=update)
    moving.start()
    try:
        answers = {pair.compare_one("public.t").status for _ in range(3)}
    finally:
        over.set()
        moving.join()
    assert answers == {"identical"}


def test_a_large_value_is_compared_to_its_last_byte(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t VALUES (1, repeat('x', 20000000) || 'a')")
    pair.on_target("INSERT INTO t VALUES (1, repeat('x', 20000000) || 'A')")
    assert cells(pair.compare_one("public.t")) == [("v", "case", False)]


def test_a_partitioned_table_and_a_plain_one_with_the_same_rows_are_identical(pair: Pair) -> None:
    pair.on_source(
        "CREATE TABLE t (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
        "CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (500)",
        "CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (500) TO (MAXVALUE)",
    )
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text)")
    pair.on_both("INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 1000) g")
    result = pair.compare()
    assert [(rows.table, rows.status) for rows in result.artifact] == [("public.t", "identical")]
    assert result.coverage.complete
    assert result.coverage.checked == 1000


def test_rows_of_an_inheriting_table_are_not_those_of_its_parent(pair: Pair) -> None:
    pair.on_both("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child () INHERITS (parent)")
    pair.on_source("INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (2)")
    pair.on_target("INSERT INTO parent VALUES (1), (2)")
    by_table = {rows.table: rows for rows in pair.compare().artifact}
    assert by_table["public.parent"].missing_on_source == 1
    assert by_table["public.child"].missing_on_target == 1


TYPE_DRIFT = {
    "int and bigint": ("int", "bigint", "5", "5", "6"),
    "int and numeric": ("int", "numeric(10,2)", "5", "5", "5.25"),
    "numeric and double": ("numeric", "float8", "0.10", "0.1", "0.2"),
    "real and double": ("real", "float8", "0.1", "0.1", "0.10000000149011612"),
    "varchar and text": ("varchar(50)", "text", "'Анна'", "'Анна'", "'Анна '"),
    "char and text": ("char(6)", "text", "'Анна'", "'Анна'", "'Анна.'"),
    "timestamp and timestamptz": ("timestamp", "timestamptz", "'2024-01-01 10:00'", "'2024-01-01 10:00+00'",
                                  "'2024-01-01 10:00+03'"),
    "json and jsonb": ("json", "jsonb", "'{\"b\":1, \"a\":2}'", "'{\"a\":2,\"b\":1}'", "'{\"a\":2,\"b\":2}'"),
    "uuid and text": ("uuid", "text", "'0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e6f'",
                      "'0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e6f'", "'0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e60'"),
    "arrays of int and bigint": ("int[]", "bigint[]", "'{1,2}'", "'{1,2}'", "'{1,3}'"),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPE_DRIFT)
def test_equal_values_of_another_type_are_drift_in_type_and_other_values_differ(pair: Pair, case: str) -> None:
    source_type, target_type, source, equal, other = TYPE_DRIFT[case]
    pair.on_source(f"CREATE TABLE t (id int PRIMARY KEY, v {source_type})", f"INSERT INTO t VALUES (1, {source})")
    pair.on_target(f"CREATE TABLE t (id int PRIMARY KEY, v {target_type})", f"INSERT INTO t VALUES (1, {equal})")
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.type_drift, rows.different) == ("drift", ("v",), 0)
    pair.on_target(f"UPDATE t SET v = {other}")
    assert (pair.compare_one("public.t").status, pair.compare_one("public.t").different) == ("differs", 1)


def test_a_key_of_another_type_matches_rows(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    pair.on_target("CREATE TABLE t (id text PRIMARY KEY, v int)", "INSERT INTO t VALUES ('1', 1), ('2', 3)")
    rows = pair.compare_one("public.t")
    assert (rows.different, rows.missing_on_source, rows.missing_on_target) == (1, 0, 0)


def test_a_key_that_drifts_matches_its_row(pair: Pair) -> None:
    rows = planted(pair, "k numeric PRIMARY KEY, v int", "(1.0, 1), (2.0, 2)", "(1.00, 1), (2.0, 2)")
    assert (rows.status, rows.drifting, rows.missing_on_source) == ("drift", 1, 0)
