"""Cells of differing rows: their classes by parts, tolerances, stale rows, masked values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.core.configuration import Tolerance
from tests.cell_pairs import CellPairs, cell_pairs
from tests.data_pair import Pair

KINDS: dict[str, tuple[str, str, str, str]] = {
    "a space in one leaf of jsonb": ("jsonb", '{"a": [1, "x"], "b": "Анна"}', '{"a": [1, "x"], "b": "Анна "}',
                                     "white space"),
    "a time in json moved by three hours": ("json", '{"at": "2024-05-01T10:00:00Z"}', '{"at": "2024-05-01T13:00:00Z"}',
                                            "zone shift"),
    "a number in jsonb rounded": ("jsonb", '{"n": 3.14159}', '{"n": 3.14}', "rounding or scale"),
    "two leaves of two classes": ("jsonb", '{"a": "x", "b": "Y"}', '{"a": "x ", "b": "y"}', "other"),
    "another key": ("jsonb", '{"a": 1}', '{"b": 1}', "other"),
    "a null in jsonb for an empty text": ("jsonb", '{"a": null}', '{"a": ""}', "NULL against empty"),
    "one element in another case": ("text[]", "{Анна,Олег}", "{Анна,ОЛЕГ}", "case"),
    "a cut element": ("text[]", "{abcdef,x}", "{abc,x}", "truncation at 3 characters"),
    "an element more": ("text[]", "{a,b}", "{a,b,c}", "other"),
    "a NULL element for an empty one": ("text[]", '{NULL,x}', '{"",x}', "NULL against empty"),
    "elements of numbers rounded": ("numeric[]", "{1.25,2.0}", "{1.3,2.00}", "rounding or scale"),
    "elements of numbers": ("int[]", "{1,12}", "{1,123}", "other"),
    "a field of a composite value": ("place", '(Казань,"ул. Мира")', '(Казань,"ул.  Мира")', "white space"),
    "a moved range": ("tstzrange", "[2024-01-01 10:00+00,2024-01-02 10:00+00)",
                      "[2024-01-01 13:00+00,2024-01-02 13:00+00)", "zone shift"),
    "an interval without its microseconds": ("interval", "1 day 00:00:01.123456", "1 day 00:00:01.123",
                                             "rounding or scale"),
    "another interval": ("interval", "1 day", "1 day 01:00:00", "other"),
    "another day": ("date", "2024-01-31", "2024-02-01", "other"),
    "an address that begins the other": ("inet", "192.0.2.1", "192.0.2.12", "other"),
    "cut bytes": ("bytea", "\\x00ff10", "\\x00ff", "truncation at 2 bytes"),
    "a doubly damaged text": ("text", "Ёлка", "Ёлка".encode().decode("latin-1").encode().decode("latin-1"),
                              "encoding damage"),
    "a time of the day cut to the minute": ("timestamp", "2024-01-01 10:11:12", "2024-01-01 10:11:00",
                                            "rounding or scale"),
    "one moment in two zones": ("timetz", "10:00+00", "11:00+01", "zone shift"),
}  # fmt: skip


def test_each_kind_of_value_is_classed_by_the_part_that_differs(pair: Pair) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, (kind, *_) in enumerate(KINDS.values()))
    pair.on_both("CREATE TYPE place AS (city text, street text)", f"CREATE TABLE t (id int PRIMARY KEY, {columns})")
    for place, put in ((1, pair.on_source), (2, pair.on_target)):
        values = ", ".join("'{}'".format(case[place].replace("'", "''")) for case in KINDS.values())
        put(f"INSERT INTO t VALUES (1, {values}), (2, {', '.join(['NULL'] * len(KINDS))})")
    with cell_pairs(pair) as pairs:
        (row,) = pairs.cells().values()
    found = dict(zip(KINDS, [cell.cls for cell in row], strict=True))
    assert found == {name: case[3] for name, case in KINDS.items()}


TYPES: dict[str, tuple[str, str, str, str]] = {
    "truth and number": ("bool", "int", "true", "1"),
    "truth and text": ("bool", "text", "false", "f"),
    "number and text": ("numeric", "text", "5.0", "5"),
    "document and text": ("jsonb", "text", '{"a": 1}', '{"a":1}'),
    "time and text": ("timestamptz", "text", "2024-01-01 10:00:00+00", "2024-01-01T13:00:00+03:00"),
    "uuid and text": ("uuid", "text", "0b0f1d4e-6a5c-4d3b-8e2f-1a2b3c4d5e6f", "0B0F1D4E6A5C4D3B8E2F1A2B3C4D5E6F"),
    "json and jsonb": ("json", "jsonb", "[1.0]", "[1.00]"),
}


def test_one_value_of_two_types_is_type_drift_and_another_value_beside_it_is_not(pair: Pair) -> None:
    for side, put in ((0, pair.on_source), (1, pair.on_target)):
        columns = ", ".join(f"c{number} {case[side]}" for number, case in enumerate(TYPES.values()))
        put(f"CREATE TABLE t (id int PRIMARY KEY, {columns}, zip {('int', 'text')[side]})")
        values = ", ".join(f"'{case[2 + side]}'" for case in TYPES.values())
        put(f"INSERT INTO t VALUES (1, {values}, '{('7', '007')[side]}')")
    with cell_pairs(pair) as pairs:
        found = pairs.classes()
    assert found == [(f"c{number}", "type drift", True) for number in range(len(TYPES))] + [("zip", "other", False)]


@pytest.fixture
def amounts(pair: Pair) -> Iterator[CellPairs]:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8, at timestamptz, d date, i interval)")
    pair.on_source(
        "INSERT INTO t SELECT g, 10, 10, '2024-01-01 10:00+00', '2024-01-01', '1 hour' FROM generate_series(1, 6) g"
    )
    pair.on_target(
        "INSERT INTO t VALUES (1, 10.01, 10, '2024-01-01 10:00+00', '2024-01-01', '1 hour'),"
        " (2, 10.02, 10, '2024-01-01 10:00:01+00', '2024-01-01', '01:00:01'),"
        " (3, 10, 10.1, '2024-01-01 10:00:01.1+00', '2024-01-02', '1 hour'),"
        " (4, 'NaN', 'Infinity', 'infinity', '2024-01-01', '1 hour'),"
        " (5, NULL, 10, '2024-01-01 10:00+00', '2024-01-01', '1 hour'),"
        " (6, 10.00, 10, '2024-01-01 10:00+00', '2024-01-01', '1 hour')"
    )
    with cell_pairs(pair) as pairs:
        yield pairs


def test_cells_within_their_tolerance_disappear_and_those_beyond_it_stay(amounts: CellPairs) -> None:
    tolerances = {
        "n": Tolerance(absolute=0.01),
        "f": Tolerance(relative=0.01),
        "at": Tolerance(seconds=1),
        "d": Tolerance(seconds=86_400),
        "i": Tolerance(seconds=1),
    }
    found = {key: [cell.column for cell in row] for key, row in amounts.cells(tolerances=tolerances).items()}
    assert found == {"1": [], "2": ["n"], "3": ["at"], "4": ["n", "f", "at"], "5": ["n"], "6": []}


def test_without_tolerances_every_one_of_them_is_a_difference(amounts: CellPairs) -> None:
    assert all(amounts.cells().values())


def test_the_older_version_of_a_row_is_told_with_its_side(pair: Pair) -> None:
    pair.on_both(
        'CREATE TABLE t (id int PRIMARY KEY, v text, made timestamptz, "updatedAt" timestamptz)',
        "INSERT INTO t SELECT g, 'a', '2024-01-01 00:00+00', '2024-05-01 10:00+00' FROM generate_series(1, 5) g",
    )
    pair.on_target(
        "UPDATE t SET v = 'b', \"updatedAt\" = '2024-05-02 11:12+00' WHERE id = 1",
        "UPDATE t SET v = 'b', \"updatedAt\" = '2024-05-01 09:00+00' WHERE id = 2",
        "UPDATE t SET \"updatedAt\" = '2024-05-01 13:00+00' WHERE id = 3",
        "UPDATE t SET v = 'b', made = '2024-01-01 03:00+00', \"updatedAt\" = '2024-05-01 13:00+00' WHERE id = 4",
        "UPDATE t SET v = 'b' WHERE id = 5",
    )
    with cell_pairs(pair) as pairs:
        found = {key: [(cell.cls, str(cell.older or "")) for cell in row] for key, row in pairs.cells().items()}
    assert found == {
        "1": [("stale row", "source")] * 2,
        "2": [("stale row", "target")] * 2,
        "3": [("zone shift", "")],
        "4": [("other", ""), ("zone shift", ""), ("zone shift", "")],
        "5": [("other", "")],
    }


def test_values_appear_when_asked_for_and_masked(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, name text, total numeric, phone bigint)")
    pair.on_source("INSERT INTO t VALUES (1, 'Анна 5', 7.5, 80005550001)")
    pair.on_target("INSERT INTO t VALUES (1, NULL, 8, 80005550002)")
    with cell_pairs(pair) as pairs:
        (shown,) = pairs.cells(show_values=True, personal=frozenset({"phone"})).values()
        (silent,) = pairs.cells().values()
    assert [(cell.source, cell.target) for cell in shown[:2]] == [("'Aaaa 9' (6 long)", "NULL"), ("7.5", "8")]
    assert str(shown[2].source).startswith("#")
    assert str(shown[2].source) != str(shown[2].target)
    assert {(cell.source, cell.target) for cell in silent} == {(None, None)}


def test_many_rows_are_classed_in_the_order_in_which_they_come(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, a text, b numeric)",
        "INSERT INTO t SELECT g, 'x' || g, g FROM generate_series(1, 6000) g",
    )
    pair.on_target("UPDATE t SET a = a || ' ' WHERE id % 2 = 0", "UPDATE t SET b = b + 1 WHERE id % 2 = 1")
    with cell_pairs(pair) as pairs:
        found = pairs.cells()
    assert list(found) == [str(number) for number in range(1, 6001)]
    assert {(int(key) % 2, cell.column, cell.cls) for key, row in found.items() for cell in row} == {
        (0, "a", "white space"),
        (1, "b", "other"),
    }
