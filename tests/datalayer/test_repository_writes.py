"""Writes of the repository base: every type arrives as it was given, in one statement, and a delete names its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from harness.datalayer.envelope import CallFailed, InvalidInput
from harness.datalayer.filters import eq, not_null
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.postgres.statements import Statement
from harness.datalayer.rows import Table
from harness.embedded.server import Server
from tests.datalayer.every_type import EVERY_TYPE, ODD_NAME, UUID_TEXT, every_type_database


@pytest.fixture(scope="module")
def pool(server: Server) -> Iterator[PooledDatabase]:
    with every_type_database(server) as dsn:
        pool = PooledDatabase(dsn)
        yield pool
        pool.close()


@pytest.fixture
def rows(pool: PooledDatabase) -> Iterator[Repository]:
    table = Repository(pool, EVERY_TYPE)
    yield table
    table.delete([not_null("id")])


GIVEN_AND_READ: list[tuple[str, object, str | None]] = [
    ("words", "Ёлка, \"кавычки\" \\ 'апостроф' \n {NULL}", "Ёлка, \"кавычки\" \\ 'апостроф' \n {NULL}"),
    ("words", "null", "null"),
    ("words", "", ""),
    ("words", 5, "5"),
    ("padded", "ab", "ab"),
    ("named", "Мария", "Мария"),
    ("small", -32768, "-32768"),
    ("whole", "17", "17"),
    ("money_amount", Decimal("123456789.125"), "123456789.125"),
    ("any_number", Decimal("1234567890123456789012345678901234567890.12345678901234567890"), None),
    ("any_number", 10**40, str(10**40)),
    ("any_number", "NaN", "NaN"),
    ("any_number", float("nan"), "NaN"),
    ("single", 0.1, "0.1"),
    ("double", 0.1 + 0.2, "0.30000000000000004"),
    ("double", float("-inf"), "-Infinity"),
    ("flag", False, "false"),
    ("day", date(2024, 2, 29), "2024-02-29"),
    ("day", "infinity", "infinity"),
    ("clock", time(23, 59, 59, 999999), "23:59:59.999999"),
    ("clock", "24:00", "24:00:00"),
    ("clock_zone", "12:00+03", "12:00:00+03"),
    ("moment", datetime(2024, 2, 29, 21, 0, 0, 123456, UTC), "2024-02-29 21:00:00.123456+00"),
    ("moment", "2024-03-01T00:00:00+03:00", "2024-02-29 21:00:00+00"),
    ("moment", "0044-03-15 12:00+00 BC", "0044-03-15 12:00:00+00 BC"),
    ("naive", "2024-02-29T21:00:00", "2024-02-29 21:00:00"),
    ("span", "1 year 2 mons 3 days 04:05:06", "1 year 2 mons 3 days 04:05:06"),
    ("span", timedelta(days=2, seconds=3, microseconds=4), "2 days 00:00:03.000004"),
    ("raw", b"\x00\xff\\", "\\x00ff5c"),
    ("raw", "\\xdead", "\\xdead"),
    ("address", "10.0.0.1", "10.0.0.1/32"),
    ("network", "10.0.0.0/8", "10.0.0.0/8"),
    ("feeling", 'happy, "really"', 'happy, "really"'),
    ("feelings", ["sad", None, 'happy, "really"'], '{sad,NULL,"happy, \\"really\\""}'),
    ("tags", ["a,b", 'q"', "\\", "NULL", None, "", "{}"], '{"a,b","q\\"","\\\\","NULL",NULL,"","{}"}'),
    ("tags", [], "{}"),
    ("tags", "{x,y}", "{x,y}"),
    ("grid", [[1, 2], [3, None]], "{{1,2},{3,NULL}}"),
    ("amounts", [Decimal("1.10"), float("inf")], "{1.10,Infinity}"),
    ("home", {"city": 'Ёлка, "(1)"', "house": 5}, '("Ёлка, ""(1)""",5)'),
    ("hours", "[1,5)", "[1,5)"),
    ("document", {"b": [1, None, 1.5, "Ё"], "a": {}}, '{"a": {}, "b": [1, null, 1.5, "Ё"]}'),
    ("document", "a text", '"a text"'),
    ("document", "", '""'),
    ("document", [1, 2], "[1, 2]"),
    ("document", False, "false"),
    ("document_text", {"b": 1, "a": 2}, None),
    ("other_key", UUID(UUID_TEXT), UUID_TEXT),
    (ODD_NAME, "%s %(x)s %", "%s %(x)s %"),
]


@pytest.mark.parametrize(("column", "given", "text"), GIVEN_AND_READ)
def test_a_value_of_every_type_arrives_in_a_batch_as_postgresql_writes_it(
    rows: Repository, pool: PooledDatabase, column: str, given: object, text: str | None
) -> None:
    rows.bulk_upsert([{"id": 1, column: given}, {"id": 2, column: None}])
    stored = _texts(pool, column)
    assert stored[2] is None
    if column == "document_text":
        assert json.loads(stored[1] or "") == given
    else:
        assert stored[1] == (str(given) if text is None else text)


def _texts(pool: PooledDatabase, column: str) -> dict[int, str | None]:
    name = sql.Identifier(column.replace("%", "%%"))
    found = pool.rows(Statement(sql.SQL("SELECT id, {}::text AS text FROM every_type").format(name), ()))
    return {row["id"]: row["text"] for row in found}


def test_five_hundred_rows_of_more_columns_than_parameters_allow_are_one_statement(database: str) -> None:
    names = [f"column_{n}" for n in range(140)]
    with psycopg.connect(database, autocommit=True) as admin:
        columns = sql.SQL(", ").join(sql.SQL("{} integer").format(sql.Identifier(name)) for name in names)
        admin.execute(sql.SQL("CREATE TABLE wide (id integer PRIMARY KEY, {})").format(columns))
        admin.execute("CREATE TABLE statements (n integer)")
        admin.execute(
            "CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO statements VALUES (1); RETURN NULL; END $$"
        )
        admin.execute("CREATE TRIGGER counts BEFORE INSERT ON wide FOR EACH STATEMENT EXECUTE FUNCTION counted()")
    pool = PooledDatabase(database)
    wide = Repository(pool, Table("wide", key=("id",), has_updated_at=False))
    given = [{"id": n, **{name: n * 1000 + place for place, name in enumerate(names)}} for n in range(500)]
    assert wide.bulk_upsert(list(reversed(given))) == given
    assert Repository(pool, Table("statements", key=("n",))).count([]) == 1
    pool.close()


def test_five_hundred_and_one_rows_are_refused_before_any_is_written(rows: Repository) -> None:
    with pytest.raises(InvalidInput, match="500"):
        rows.bulk_upsert([{"id": n} for n in range(501)])
    assert rows.count([]) == 0
    assert len(rows.bulk_upsert([{"id": n} for n in range(500)])) == 500


def test_a_batch_of_nothing_is_nothing(rows: Repository) -> None:
    assert rows.bulk_upsert([]) == []


def test_a_column_that_no_row_of_a_batch_has_keeps_its_default_and_its_value(rows: Repository) -> None:
    written = rows.bulk_upsert([{"id": 1, "words": "a", "whole": 21}])[0]
    assert (written["has_default"], written["twice"]) == ("from the default", 42)
    assert rows.upsert({"id": 1, "whole": 1})["words"] == "a"


def test_a_column_that_one_row_of_a_batch_lacks_is_written_null(rows: Repository) -> None:
    rows.upsert({"id": 2, "words": "before", "has_default": "x"})
    written = rows.bulk_upsert([{"id": 1, "words": "a", "has_default": "y"}, {"id": 2, "tags": ["t"]}])
    assert [(row["words"], row["has_default"], row["tags"]) for row in written] == [
        ("a", "y", None),
        (None, None, ["t"]),
    ]


def test_a_generated_column_that_is_given_is_refused_and_nothing_is_written(rows: Repository) -> None:
    with pytest.raises(CallFailed) as failed:
        rows.bulk_upsert([{"id": 1, "twice": 5}])
    assert failed.value.code == "428C9"
    assert rows.count([]) == 0


@pytest.mark.parametrize(
    ("column", "value", "kind", "code"),
    [
        ("whole", "not a number", "invalid_input", "22P02"),
        ("whole", 2**31, "invalid_input", "22003"),
        ("cut", "six letters", "invalid_input", "22001"),
        ("feeling", "no such mood", "invalid_input", "22P02"),
        ("words", "nul \x00", "invalid_input", "22P05"),
        ("nobody", 1, "internal", "42703"),
        ("document", {"x": float("nan")}, "invalid_input", "invalid_input"),
        ("words", "\ud800", "invalid_input", "invalid_input"),
        ("words", object(), "invalid_input", "invalid_input"),
        ("", 1, "invalid_input", "invalid_input"),
    ],
)
def test_a_value_that_a_column_cannot_have_is_a_failure_that_does_not_repeat_it(
    rows: Repository, column: str, value: object, kind: str, code: str
) -> None:
    with pytest.raises(CallFailed) as failed:
        rows.bulk_upsert([{"id": 1}, {"id": 2, column: value}])
    assert (failed.value.kind, failed.value.code) == (kind, code)
    assert str(value) not in failed.value.message or column == "nobody"
    assert rows.count([]) == 0


def test_a_constraint_that_refuses_is_named(rows: Repository) -> None:
    with pytest.raises(CallFailed) as failed:
        rows.bulk_upsert([{"id": 1, "other_key": UUID_TEXT}, {"id": 2, "other_key": UUID_TEXT}])
    assert (failed.value.kind, failed.value.code) == ("conflict", "23505")
    assert failed.value.constraint == "every_type_other_key_key"


def test_an_upsert_on_another_unique_key_updates_the_row_that_has_it(rows: Repository) -> None:
    rows.upsert({"id": 1, "other_key": UUID_TEXT})
    rows.upsert({"id": 1, "other_key": UUID_TEXT, "words": "new"}, conflict=["other_key"])
    assert [(row["id"], row["words"]) for row in rows.find_many([])] == [(1, "new")]


def test_the_same_key_twice_in_a_batch_is_a_conflict(rows: Repository) -> None:
    with pytest.raises(CallFailed) as failed:
        rows.bulk_upsert([{"id": 1}, {"id": 1}])
    assert (failed.value.kind, failed.value.code) == ("conflict", "21000")


def test_every_write_sets_updated_at(rows: Repository) -> None:
    before = datetime.now(UTC)
    written = rows.upsert({"id": 1, "updated_at": "2000-01-01T00:00:00+00:00"})
    assert before <= datetime.fromisoformat(written["updated_at"]) <= datetime.now(UTC)


def test_a_table_named_like_a_type_is_written(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute('CREATE TABLE "path" (id integer PRIMARY KEY, "user" text)')
    pool = PooledDatabase(database)
    table = Repository(pool, Table("path", key=("id",), has_updated_at=False))
    assert table.upsert({"id": 1, "user": "x"}) == {"id": 1, "user": "x"}
    pool.close()


def test_a_delete_without_a_filter_is_refused_before_any_query(rows: Repository) -> None:
    rows.upsert({"id": 1})
    with pytest.raises(InvalidInput, match="filter"):
        rows.delete([])
    assert rows.count([]) == 1


def test_a_delete_returns_every_row_that_it_deleted_in_the_order_of_the_key(rows: Repository) -> None:
    for start in (0, 500, 1000):
        rows.bulk_upsert([{"id": start + n, "words": "x"} for n in range(500)])
    rows.upsert({"id": 5000, "words": "y"})
    assert [row["id"] for row in rows.delete([eq("words", "x")])] == list(range(1500))
    assert [row["id"] for row in rows.find_many([])] == [5000]
    assert rows.delete([eq("words", "x")]) == []
