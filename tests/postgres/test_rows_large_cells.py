"""Cells above 1 MB: the place where they begin to differ is found on the servers, and a window of it is classed."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.cell_pairs import cell_pairs
from tests.data_pair import Pair

HALF = 900_000
LARGE: dict[str, tuple[str, str, str, tuple[str, str | None, bool]]] = {
    "a space in the middle": (
        "text", f"repeat('я', {HALF}) || 'Анна Мария' || repeat('z', {HALF})",
        f"repeat('я', {HALF}) || 'Анна  Мария' || repeat('z', {HALF})",
        ("white space", "character 900,006 of 1,800,011", False),
    ),
    "other letters at the first character": (
        "text", f"'А' || repeat('z', {2 * HALF})", f"'A' || repeat('z', {2 * HALF})",
        ("look-alike letters", "character 1 of 1,800,001", False),
    ),
    "another letter of the same first byte": (
        "text", f"repeat('ж', {HALF}) || 'Ж'", f"repeat('ж', {HALF}) || 'ж'",
        ("case", "character 900,001 of 900,001", False),
    ),
    "cut": (
        "text", f"repeat('я', {2 * HALF})", f"repeat('я', {HALF})",
        ("truncation at 900000 characters", "character 900,001 of 1,800,000", False),
    ),
    "damaged throughout": (
        "text", f"repeat('Ёлка ', {HALF // 3})",
        f"convert_from(convert_to(repeat('Ёлка ', {HALF // 3}), 'UTF8'), 'LATIN1')",
        ("encoding damage", "character 1 of 2,700,000", False),
    ),
    "nothing in common": (
        "text", f"repeat('a', {2 * HALF})", f"repeat('b', {2 * HALF})", ("other", "character 1 of 1,800,000", False),
    ),
    "large on one side": (
        "text", "'яблоко'", f"'яблоня' || repeat('z', {2 * HALF})", ("other", "character 5 of 1,800,006", False),
    ),
    "NULL on one side": ("text", "NULL", f"repeat('z', {2 * HALF})", ("NULL against a value", None, False)),
    "a byte": (
        "bytea", f"decode(repeat('00', {2 * HALF}) || '01', 'hex')", f"decode(repeat('00', {2 * HALF}) || '02', 'hex')",
        ("other", "byte 1,800,001 of 1,800,001", False),
    ),
    "cut bytes": (
        "bytea", f"decode(repeat('00', {2 * HALF}), 'hex')", f"decode(repeat('00', {2 * HALF - 1}), 'hex')",
        ("truncation at 1799999 bytes", "byte 1,800,000 of 1,800,000", False),
    ),
    "a document": (
        "jsonb", f"""('{{"a": "' || repeat('z', {2 * HALF}) || '", "b": "x"}}')::jsonb""",
        f"""('{{"a": "' || repeat('z', {2 * HALF}) || '", "b": "X"}}')::jsonb""",
        ("case", "character 1,800,017 of 1,800,019", False),
    ),
    "a document of equal value": (
        "jsonb", f"""('{{"a": "' || repeat('z', {2 * HALF}) || '", "b": 1.0}}')::jsonb""",
        f"""('{{"a": "' || repeat('z', {2 * HALF}) || '", "b": 1.00}}')::jsonb""",
        ("representation drift", "character 1,800,019 of 1,800,020", True),
    ),
}  # fmt: skip


def test_a_large_cell_is_classed_by_the_window_around_its_first_difference(pair: Pair) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, (kind, *_) in enumerate(LARGE.values()))
    pair.on_both(f"CREATE TABLE t (id int PRIMARY KEY, {columns}, same text, small text)")
    pair.on_source(
        f"INSERT INTO t SELECT 1, {', '.join(case[1] for case in LARGE.values())}, repeat('s', 3000000), 'a'"
    )
    pair.on_target(
        f"INSERT INTO t SELECT 1, {', '.join(case[2] for case in LARGE.values())}, repeat('s', 3000000), 'A'"
    )
    with cell_pairs(pair) as pairs:
        (row,) = pairs.cells().values()
    found = {name: (cell.cls, cell.at, cell.drift) for name, cell in zip(LARGE, row[:-1], strict=True)}
    assert found == {name: case[3] for name, case in LARGE.items()}
    assert (row[-1].column, row[-1].cls, row[-1].at) == ("small", "case", None)


@pytest.mark.long
def test_values_of_100_mb_are_compared_without_fetching_them(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, a text, b bytea, c jsonb)",
        "INSERT INTO t SELECT 1, repeat('Ж', 25000000) || repeat('z', 50000000) || '.',"
        " decode(repeat('00', 100000000) || 'ff', 'hex'), to_jsonb(repeat('z', 100000000) || '.')",
    )
    pair.on_target(
        "UPDATE t SET a = repeat('Ж', 25000000) || repeat('z', 50000000) || '. ',"
        " b = decode(repeat('00', 100000000) || 'fe', 'hex'), c = to_jsonb(repeat('z', 100000000) || '. ')"
    )
    with cell_pairs(pair) as pairs:
        rows = pairs.rows()
        assert len(rows) == 1
        tracemalloc.start()
        try:
            (row,) = pairs.cells().values()
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert [(cell.cls, cell.at) for cell in row] == [
        ("white space", "character 75,000,002 of 75,000,002"),
        ("other", "byte 100,000,001 of 100,000,001"),
        ("white space", "character 100,000,003 of 100,000,004"),
    ]
    assert most < 10_000_000
