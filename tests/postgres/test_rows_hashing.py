"""Hashing of rows: what PostgreSQL's own hash functions leave out must not be left out here."""

from __future__ import annotations

import pytest
from psycopg import sql

from harness.core import segments
from harness.core.configuration import Configuration
from harness.core.row_forms import PORTABLE_TYPES
from harness.stages.rows_opened import opened_comparisons
from tests.data_pair import Pair

DIGESTS = ("values", "bytes", "sha256")


@pytest.fixture(params=DIGESTS)
def pair(databases: Pair, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Compared by each digest in turn."""
    if request.param != "values":
        monkeypatch.setattr("harness.postgres.row_hash._NATIVE_SINCE", 10**9)
    if request.param == "sha256":
        monkeypatch.setattr("harness.postgres.row_hash._PROBE", "current_setting('server_version')::bytea")
    return databases.emptied()


UNLIKE = (
    ("int8", "1", "4294967296"),
    ("int8[]", "'{1}'", "'{4294967296}'"),
    ("timestamp", "'2000-01-01 00:00:00.000001'", "timestamp '2000-01-01' + 4294967296 * interval '1 microsecond'"),
    ("time", "'00:00:00.000001'", "time '00:00' + 4294967296 * interval '1 microsecond'"),
    ("numeric", "1", "-1"),
    ("numeric", "'NaN'", "NULL"),
    ("float8", "0", "NULL"),
    ("numeric[]", "'{1}'", "'{-1}'"),
    ("float8[]", "'{0}'", "'{NULL}'"),
    ("jsonb", "'{\"a\": 1}'", "'{\"a\": -1}'"),
    ("numrange", "'[-1,1]'", "'[1,1]'"),
    ("int[]", "'{1,2}'", "'{{1,2}}'"),
    ("numeric[]", "'{1,2}'", "'{{1,2}}'"),
    ("int[]", "'[0:1]={1,2}'", "'{1,2}'"),
    ("int[]", "'{}'", "NULL"),
    ("text[]", "'{NULL}'", "'{\"NULL\"}'"),
    ("text", "''", "NULL"),
    ("bigint", "-1", "4294967295"),
    ("bigint", "1", "4294967296"),
    ("bigint[]", "'{-1}'", "'{4294967295}'"),
    ("time", "'00:00:00.000001'", "'01:11:34.967296'"),
    ("timetz", "'00:00:00.000001Z'", "'01:11:34.967296Z'"),
    ("timestamp", "'2000-01-01 00:00:00.000001'", "'2000-01-01 01:11:34.967296'"),
    ("timestamptz", "'2000-01-01 00:00:00.000001Z'", "'2000-01-01 01:11:34.967296Z'"),
    ("timestamp[]", "'{2000-01-01 00:00:00.000001}'", "'{2000-01-01 01:11:34.967296}'"),
    # Folded, a negative upper half (-6) is a positive one (5).
    ("timestamp", "timestamp '2000-01-01' + 5 * {wide}", "timestamp '2000-01-01' - 6 * {wide}"),
    ("timestamptz", "timestamptz '2000-01-01Z' + 5 * {wide}", "timestamptz '2000-01-01Z' - 6 * {wide}"),
    ("timestamp", "timestamp '2000-01-01' - 5 * {wide}", "timestamp '2000-01-01' - 6 * {wide} + {least}"),
    ("timestamptz", "'infinity'", "'-infinity'"),
    ("timestamp", "'294276-12-31 23:59:59.999999'", "'infinity'"),
    ("timestamp", "'4714-11-24 00:00:00 BC'", "'-infinity'"),
    ("date", "'infinity'", "'-infinity'"),
    ("date", "'5874897-12-31'", "'infinity'"),
    ("date", "'4713-01-01 BC'", "NULL"),
    ("boolean", "false", "NULL"),
    ("boolean", "false", "true"),
    ("bytea", "''", "NULL"),
    ("bigint", "0", "NULL"),
    ("numeric", "'NaN'", "0"),
    ("numeric", "1", "10000"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'", "NULL"),
    ("text[]", "'{}'", "'{NULL}'"),
    ("text[]", "'[2:3]={a,b}'", "'[3:4]={a,b}'"),
    ("text[]", "'{{a},{b}}'", "'{{a,b}}'"),
)


WIDE = "interval '01:11:34.967296'"
"""2^32 microseconds"""
LEAST = "interval '0.000001 s'"


def test_values_that_a_hash_function_of_the_server_takes_for_one_are_told_apart(pair: Pair) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _, _) in enumerate(UNLIKE))
    pair.on_both(f"CREATE TABLE t (id int PRIMARY KEY, {columns})")
    for number, (_, left, right) in enumerate(UNLIKE):
        left, right = (each.replace("{wide}", WIDE).replace("{least}", LEAST) for each in (left, right))
        pair.on_source(f"INSERT INTO t (id, c{number}) VALUES ({number}, {left})")
        pair.on_target(f"INSERT INTO t (id, c{number}) VALUES ({number}, {right})")
    rows = pair.compare_one("public.t")
    assert (rows.reason, rows.different, rows.drifting) == (None, len(UNLIKE), 0)
    assert [[cell.column for cell in delta.cells] for delta in rows.differences] == [
        [f"c{number}"] for number in range(len(UNLIKE))
    ]


def test_rows_with_no_key_are_one_in_the_form_of_equal_values_only_where_they_are_equal(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (v jsonb, w numeric[])")
    pair.on_source("INSERT INTO t VALUES ('{\"a\": 1}', '{1}'), ('{\"a\": 2.0}', '{2.0}')")
    pair.on_target("INSERT INTO t VALUES ('{\"a\": -1}', '{1}'), ('{\"a\": 2.00}', '{2.00}')")
    rows = pair.compare_one("public.t")
    assert (rows.missing_on_target, rows.missing_on_source, rows.drifting, rows.different) == (1, 1, 1, 0)


def test_rows_that_exchange_the_values_of_a_column_are_seen(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "FEWEST", 1)
    pair.on_both(
        "CREATE TABLE t (id text PRIMARY KEY, v text, a int[], b int[])",
        "INSERT INTO t VALUES (1, 'x', '{1,2}', '{3,4,5}'), (2, 'y', '{1,3}', '{2,4,5}')",
    )
    pair.on_target("UPDATE t SET v = CASE id WHEN '1' THEN 'y' ELSE 'x' END")
    rows = pair.compare_one("public.t")
    assert "1 buckets" in rows.method
    assert rows.different == 2


def test_keys_whose_halves_a_hash_function_folds_to_one_are_two(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id bigint PRIMARY KEY, v text)")
    pair.on_source("INSERT INTO t VALUES (-1, 'a')")
    pair.on_target("INSERT INTO t VALUES (4294967295, 'a')")
    rows = pair.compare_one("public.t")
    assert (rows.missing_on_target, rows.missing_on_source, rows.different) == (1, 1, 0)


def test_elements_that_change_places_between_two_arrays_are_seen(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, a int[], b int[])")
    pair.on_source("INSERT INTO t VALUES (1, '{1,2}', '{3,4,5}')")
    pair.on_target("INSERT INTO t VALUES (1, '{1,3}', '{2,4,5}')")
    assert pair.compare_one("public.t").different == 1


EXCHANGED = (
    ("int", "1", "2"),
    ("bigint", "1", "4294967297"),
    ("numeric", "1", "10000"),
    ("boolean", "true", "false"),
    ("date", "'2024-01-01'", "'2024-01-02'"),
    ("date", "'infinity'", "'2024-01-02'"),
    ("timestamptz", "'2024-01-01'", "'2024-01-02'"),
    ("timestamp", "'1990-01-01'", "'2024-01-02'"),
    ("text", "'a'", "NULL"),
    ("uuid", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    ("jsonb", "'1'", "'2'"),
    ("int[]", "'{}'", "'{NULL}'"),
    ("int[]", "'{1}'", "'[0:0]={1}'"),
    ("float8", "1", "2"),
    ("bytea", "'a'", "'b'"),
    ("inet", "'192.0.2.1'", "'192.0.2.2'"),
)
"""Two values of a type, in two columns of one row"""


def test_values_that_change_places_between_two_columns_of_a_row_are_seen(pair: Pair) -> None:
    columns = ", ".join(f"a{number} {kind}, b{number} {kind}" for number, (kind, _, _) in enumerate(EXCHANGED))
    pair.on_both(f"CREATE TABLE t (id int PRIMARY KEY, {columns})")
    for number, (_, one, other) in enumerate(EXCHANGED):
        statement = f"INSERT INTO t (id, a{number}, b{number}) VALUES ({number}, {{}}, {{}})"
        pair.on_source(statement.format(one, other))
        pair.on_target(statement.format(other, one))
    rows = pair.compare_one("public.t")
    assert [each.key["id"] for each in rows.differences if each.status == "different"] == list(range(len(EXCHANGED)))


def test_every_type_that_is_hashed_is_identical_to_itself(pair: Pair) -> None:
    known = {name for (name,) in pair.rows_of_source("SELECT typname FROM pg_type")}
    known &= {name for (name,) in pair.rows_of_target("SELECT typname FROM pg_type")}
    types = {name: value for name, value in PORTABLE_TYPES.items() if name != "json" and name in known}
    columns = ", ".join(f'"c_{name}" pg_catalog."{name}", "a_{name}" pg_catalog."{name}"[]' for name in types)
    values = ", ".join(f"{value}, ARRAY[{value}, NULL]" for value in types.values())
    pair.on_both(f"CREATE TABLE t (id int PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {values})")
    assert pair.compare_one("public.t").status == "identical"


def test_a_table_of_many_columns_is_compared(databases: Pair) -> None:
    pair = databases.emptied()
    columns = ", ".join(f"c{number} int[]" for number in range(810))
    pair.on_both(f"CREATE TABLE t (id int PRIMARY KEY, {columns})", "INSERT INTO t (id, c7) VALUES (1, '{1}')")
    assert pair.compare_one("public.t").status == "identical"
    pair.on_target("UPDATE t SET c809 = '{}'")
    (delta,) = pair.compare_one("public.t").differences
    assert [cell.column for cell in delta.cells] == ["c809"]


def test_hashes_of_records_have_64_bits(databases: Pair) -> None:
    """Of 200,000 hashes of 32 bits some five pairs would be one, and rows of other keys would be compared."""
    pair = databases.emptied()
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v int)")
    pair.on_source("INSERT INTO t SELECT g, g FROM generate_series(1, 200000) g")
    pair.on_target("INSERT INTO t VALUES (1, 1)")
    with opened_comparisons(pair.source, pair.target, pair.catalogs(), ("public.t",), Configuration()) as (found, _):
        table = found[0].source
        for hashed in (table.key_hash, table.row_hash, table.same_hash):
            statement = sql.SQL("SELECT count(DISTINCT h) FROM (SELECT {} AS h FROM ({}) AS p) s")
            row = table.connection.execute(statement.format(sql.SQL(hashed), table.rows)).fetchone()
            assert row == (200_000,)
