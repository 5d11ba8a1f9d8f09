"""Types of users in compared columns: which count as one type, and what their values say where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import pytest

from harness.core.deltas import TableRows
from harness.embedded.server import Server
from tests.data_pair import Pair, pair_of
from tests.server_versions import MAJOR, NEWER_MAJOR


class Planted(NamedTuple):
    """One table with one row: its column's type on either side, its value on either side, and what is right."""

    types: tuple[str, str]
    """DDL of the types; S is the schema, here and below"""
    column: tuple[str, str]
    values: tuple[str, str]
    status: str
    cls: str | None = None


MOOD: Final = "CREATE TYPE S.mood AS ENUM ('sad', 'ok')"
ONE: Final = "CREATE TYPE S.one AS (a int, b numeric)"


def same(types: str, column: str, left: str, right: str, status: str, cls: str | None = None) -> Planted:
    return Planted((types, types), (column, column), (left, right), status, cls)


CASES: Final = {
    # enum
    "an enum, the same": same(MOOD, "S.mood", "'ok'", "'ok'", "identical"),
    "an enum, another label": same(MOOD, "S.mood", "'ok'", "'sad'", "differs", "other"),
    "an enum with more labels": Planted(
        (MOOD, "CREATE TYPE S.mood AS ENUM ('sad', 'ok', 'happy')"), ("S.mood",) * 2, ("'ok'",) * 2, "drift"
    ),
    "an enum in another order": Planted(
        (MOOD, "CREATE TYPE S.mood AS ENUM ('ok', 'sad')"), ("S.mood",) * 2, ("'ok'",) * 2, "drift"
    ),
    "an enum in another order, other values": Planted(
        (MOOD, "CREATE TYPE S.mood AS ENUM ('ok', 'sad')"), ("S.mood",) * 2, ("'ok'", "'sad'"), "differs", "other"
    ),
    "an enum against a composite type of its name": Planted(
        ("CREATE TYPE S.mood AS ENUM ('(1)')", "CREATE TYPE S.mood AS (a int)"),
        ("S.mood",) * 2, ("'(1)'", "ROW(1)"), "drift",
    ),
    "an enum against a domain of its name": Planted(
        (MOOD, "CREATE DOMAIN S.mood AS text"), ("S.mood",) * 2, ("'ok'",) * 2, "drift"
    ),
    "an enum against a domain of its name, other values": Planted(
        (MOOD, "CREATE DOMAIN S.mood AS text"), ("S.mood",) * 2, ("'ok'", "'OK'"), "differs", "case"
    ),
    "an enum against text": Planted((MOOD, ""), ("S.mood", "text"), ("'ok'",) * 2, "drift"),
    "an array of an enum, the same": same(MOOD, "S.mood[]", "'{ok,NULL}'", "'{ok,NULL}'", "identical"),
    "an array of an enum with more labels": Planted(
        (MOOD, "CREATE TYPE S.mood AS ENUM ('sad', 'ok', 'happy')"), ("S.mood[]",) * 2, ("'{ok}'",) * 2, "drift"
    ),
    "an array of an enum against one of text": Planted(
        (MOOD, ""), ("S.mood[]", "text[]"), ("'{ok}'",) * 2, "drift"
    ),
    "an enum whose type is called int4": same(
        "CREATE TYPE S.int4 AS ENUM ('x', 'y')", "S.int4", "'x'", "'y'", "differs", "other"
    ),
    "an enum called int4 against a whole number": Planted(
        ("CREATE TYPE S.int4 AS ENUM ('1', '2')", ""), ("S.int4", "bigint"), ("'1'", "1"), "drift"
    ),
    # domain
    "a domain over another base type, equal": Planted(
        ("CREATE DOMAIN S.d AS int", "CREATE DOMAIN S.d AS numeric"), ("S.d",) * 2, ("1", "1.00"), "drift"
    ),
    "a domain over another base type, other values": Planted(
        ("CREATE DOMAIN S.d AS int", "CREATE DOMAIN S.d AS numeric"), ("S.d",) * 2, ("1", "2.00"), "differs"
    ),
    "a domain against its base type": Planted(
        ("CREATE DOMAIN S.d AS int", ""), ("S.d", "int"), ("1", "1"), "identical"
    ),
    "an array of a domain against one of its base type": Planted(
        ("CREATE DOMAIN S.d AS numeric", ""), ("S.d[]", "numeric[]"), ("'{1.0}'",) * 2, "identical"
    ),
    "an array of a domain, another scale": same(
        "CREATE DOMAIN S.d AS numeric", "S.d[]", "'{1.0}'", "'{1.00}'", "drift", "representation drift"
    ),
    "an array of a domain, other values": same(
        "CREATE DOMAIN S.d AS int", "S.d[]", "'{1,2}'", "'{2,1}'", "differs", "other"
    ),
    "an array of a domain over another base type": Planted(
        ("CREATE DOMAIN S.d AS int", "CREATE DOMAIN S.d AS text"), ("S.d[]",) * 2, ("'{1}'",) * 2, "drift"
    ),
    "an array of a domain over an enum": same(
        MOOD + "; CREATE DOMAIN S.d AS S.mood", "S.d[]", "'{ok}'", "'{ok}'", "identical"
    ),
    # composite
    "a composite type, the same": same(ONE, "S.one", "ROW(1, 1.5)", "ROW(1, 1.5)", "identical"),
    "a composite type, another scale": same(
        ONE, "S.one", "ROW(1, 1.5)", "ROW(1, 1.50)", "drift", "representation drift"
    ),
    "a composite type, other values": same(ONE, "S.one", "ROW(1, 1.5)", "ROW(1, 2)", "differs"),
    "a composite type of NULLs against NULL": same(ONE, "S.one", "ROW(NULL, NULL)", "NULL", "differs"),
    "a composite type with fields of other types, equal": Planted(
        (ONE, "CREATE TYPE S.one AS (a bigint, b float8)"), ("S.one",) * 2, ("ROW(1, 1.50)", "ROW(1, 1.5)"),
        "drift", "type drift",
    ),
    "a composite type with fields of other types, other values": Planted(
        (ONE, "CREATE TYPE S.one AS (a bigint, b float8)"), ("S.one",) * 2, ("ROW(1, 1.50)", "ROW(1, 1.6)"), "differs"
    ),
    "a composite type with a field more": Planted(
        (ONE, "CREATE TYPE S.one AS (a int, b numeric, c int)"), ("S.one",) * 2, ("ROW(1, 1)", "ROW(1, 1, NULL)"),
        "differs",
    ),
    "a composite type with a field of another name": Planted(
        (ONE, "CREATE TYPE S.one AS (a int, z numeric)"), ("S.one",) * 2, ("ROW(1, 1)",) * 2, "drift"
    ),
    "a composite type with its fields in another order, equal": Planted(
        ("CREATE TYPE S.one AS (a int, b int)", "CREATE TYPE S.one AS (b int, a int)"), ("S.one",) * 2,
        ("ROW(1, 2)", "ROW(2, 1)"), "drift",
    ),
    "a composite type with its fields in another order, the same text": Planted(
        ("CREATE TYPE S.one AS (a int, b int)", "CREATE TYPE S.one AS (b int, a int)"), ("S.one",) * 2,
        ("ROW(1, 2)", "ROW(1, 2)"), "differs",
    ),
    "an array of a composite type with its fields in another order": Planted(
        ("CREATE TYPE S.one AS (a int, b int)", "CREATE TYPE S.one AS (b int, a int)"), ("S.one[]",) * 2,
        ("ARRAY[ROW(1, 2)]::S.one[]", "ARRAY[ROW(1, 2)]::S.one[]"), "differs",
    ),
    "an array of a composite type, another scale": same(
        ONE, "S.one[]", "ARRAY[ROW(1, 1.0)]::S.one[]", "ARRAY[ROW(1, 1.00)]::S.one[]", "drift", "representation drift"
    ),
    "a composite type in a composite type, another scale": same(
        ONE + "; CREATE TYPE S.two AS (x S.one, y text[])", "S.two",
        "ROW(ROW(1, 1.0), '{\"a,b\",NULL}')", "ROW(ROW(1, 1.00), '{\"a,b\",NULL}')", "drift", "representation drift",
    ),
    "a composite type in a composite type, NULL against 'NULL'": same(
        ONE + "; CREATE TYPE S.two AS (x S.one, y text[])", "S.two",
        "ROW(ROW(1, 1), '{NULL}')", "ROW(ROW(1, 1), '{\"NULL\"}')", "differs",
    ),
    "an enum with more labels in a composite type": Planted(
        (MOOD + "; CREATE TYPE S.two AS (x S.mood)",
         "CREATE TYPE S.mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE S.two AS (x S.mood)"),
        ("S.two",) * 2, ("ROW('ok')",) * 2, "drift",
    ),
    "the rows of a table as a type": same("CREATE TABLE S.kept (a int, b text)", "S.kept", "ROW(1, 'x')",
                                          "ROW(1, 'X')", "differs", "case"),
    # ranges
    "a range of a type of users, another scale": same(
        "CREATE TYPE S.prices AS RANGE (subtype = numeric)", "S.prices", "'[1.0,2)'", "'[1.00,2)'", "drift",
        "representation drift",
    ),
    "a range of a type of users, another bracket": same(
        "CREATE TYPE S.prices AS RANGE (subtype = numeric)", "S.prices", "'[1.0,2)'", "'[1.0,2]'", "differs"
    ),
    "a range over another type, equal": Planted(
        ("CREATE TYPE S.prices AS RANGE (subtype = numeric)", "CREATE TYPE S.prices AS RANGE (subtype = float8)"),
        ("S.prices",) * 2, ("'[1.50,]'", "'[1.5,]'"), "drift", "type drift",
    ),
    "a range over another type, the same text": Planted(
        ("CREATE TYPE S.prices AS RANGE (subtype = numeric)", "CREATE TYPE S.prices AS RANGE (subtype = float8)"),
        ("S.prices",) * 2, ("'[1.5,2)'",) * 2, "drift",
    ),
    "a range of moments with and without a zone, equal": Planted(
        ("", ""), ("tsrange", "tstzrange"), ("'[2026-01-01 10:00,)'", "'[2026-01-01 10:00Z,)'"), "drift", "type drift"
    ),
    "a range of moments with and without a zone, hours apart": Planted(
        ("", ""), ("tsrange", "tstzrange"), ("'[2026-01-01 10:00,)'", "'[2026-01-01 07:00Z,)'"), "differs"
    ),
    "a multirange of a type of users, another scale": same(
        "CREATE TYPE S.prices AS RANGE (subtype = numeric, multirange_type_name = S.many)", "S.many",
        "'{[1.0,2),(3,4]}'", "'{[1.00,2),(3,4]}'", "drift", "representation drift",
    ),
    "a multirange of a type of users, a range more": same(
        "CREATE TYPE S.prices AS RANGE (subtype = numeric, multirange_type_name = S.many)", "S.many",
        "'{[1,2)}'", "'{[1,2),(3,4]}'", "differs",
    ),
    # arrays of types of pg_catalog
    "an array of other whole numbers, equal": Planted(
        ("", ""), ("int[]", "bigint[]"), ("'{1,2}'",) * 2, "drift"
    ),
    "an array of numerics against one of whole numbers, equal": Planted(
        ("", ""), ("numeric[]", "int[]"), ("'{1.00,NULL}'", "'{1,NULL}'"), "drift", "type drift"
    ),
    "an array of numerics against one of whole numbers, other values": Planted(
        ("", ""), ("numeric[]", "int[]"), ("'{1.50}'", "'{1}'"), "differs"
    ),
    "an array with other bounds, of another type": Planted(
        ("", ""), ("numeric[]", "int[]"), ("'[0:0]={1.0}'", "'{1}'"), "differs"
    ),
}  # fmt: skip


_MULTIRANGES_SINCE: Final = 14
KNOWN: Final = tuple(
    name for name in CASES if not name.startswith("a multirange") or min(MAJOR, NEWER_MAJOR) >= _MULTIRANGES_SINCE
)


@pytest.fixture(scope="module")
def results(server: Server, newer_server: Server) -> Iterator[dict[str, TableRows]]:
    """All of them compared at once, each table in a schema of its own."""
    schemas = {name: f"s{number}" for number, name in enumerate(KNOWN)}
    with pair_of(server, newer_server) as pair:
        for side, run in enumerate((pair.on_source, pair.on_target)):
            statements: list[str] = []
            for name in KNOWN:
                case = CASES[name]
                table = f"CREATE TABLE S.t (id int PRIMARY KEY, v {case.column[side]})"
                filled = f"INSERT INTO S.t VALUES (1, {case.values[side]})"
                made = ("CREATE SCHEMA S.", *case.types[side].split("; "), table, filled)
                statements += [each.replace("S.", f"{schemas[name]}.").rstrip(".") for each in made if each]
            run(*statements)
        compared = Pair(pair.source_dsn, pair.target_dsn, tuple(schemas.values())).compare(
            *(f"{schema}.t" for schema in schemas.values())
        )
        by_table = {each.table: each for each in compared.artifact}
        yield {name: by_table[f"{schema}.t"] for name, schema in schemas.items()}


@pytest.mark.parametrize("name", KNOWN)
def test_the_rows_are(name: str, results: dict[str, TableRows]) -> None:
    case, rows = CASES[name], results[name]
    assert (rows.status, rows.reason) == (case.status, None)
    found = [cell.cls for delta in rows.differences for cell in delta.cells]
    if case.cls is not None:
        assert found == [case.cls]


def test_values_of_more_rows_than_are_classed_are_told_by_their_texts_too(
    server: Server, newer_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No hash is the same for (1,1.0) and (1,1.00): it would call rows different that are equal."""
    for module in ("rows_table", "rows_tally"):
        monkeypatch.setattr(f"harness.stages.{module}.CLASSIFIED_AT_MOST", 1)
    with pair_of(server, newer_server) as pair:
        pair.on_both(ONE.replace("S.", ""), "CREATE TABLE t (id int PRIMARY KEY, v one)")
        pair.on_source("INSERT INTO t SELECT n, ROW(n, 1.0)::one FROM generate_series(1, 5) n")
        pair.on_target("INSERT INTO t SELECT n, ROW(n, 1.00)::one FROM generate_series(1, 5) n")
        rows = pair.compare_one("public.t")
        assert (rows.status, rows.drifting, rows.different) == ("drift", 5, 0)
