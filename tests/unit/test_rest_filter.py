"""Conditions of the configuration that PostgREST can be asked, and those that it cannot."""

from __future__ import annotations

import pytest

from harness.core.rest_filter import NotForRest, rest_condition, sql_condition, terms_of

COLUMNS = {"id": "bigint", "n": "text", "ok": "boolean", "seen": "timestamp with time zone", "A b": "text"}


@pytest.mark.parametrize(
    ("condition", "asked", "sql"),
    [
        ("id > 5", '("id".gt."5")', "id > '5'"),
        ("5 <= id", '("id".gte."5")', "id >= '5'"),
        (
            "(id <> 5 AND n = 'a''b\"c') AND ok",
            '("id".neq."5","n".eq."a\'b\\"c","ok".eq."true")',
            "id <> '5' AND n = 'a''b\"c' AND ok = 'true'",
        ),
        ("NOT ok AND id IN (1, -2)", '("ok".eq."false","id".in.("1","-2"))', "ok = 'false' AND id IN ('1', '-2')"),
        ("n IS NOT NULL", '("n".not.is.null)', "n IS NOT NULL"),
        ("n IS NULL", '("n".is.null)', "n IS NULL"),
        ("id BETWEEN 1 AND 3 -- some", '("id".gte."1","id".lte."3")', "id >= '1' AND id <= '3'"),
        (
            "\"A b\" = 'x' AND seen >= '2026-01-31 00:00+00'",
            '("A b".eq."x","seen".gte."2026-01-31 00:00+00")',
            "\"A b\" = 'x' AND seen >= '2026-01-31 00:00+00'",
        ),
    ],
)
def test_columns_compared_with_literals_are_asked_of_rest_and_of_sql_alike(
    condition: str, asked: str, sql: str
) -> None:
    terms = terms_of(condition, COLUMNS)
    assert (rest_condition(terms), sql_condition(terms, str)) == (asked, sql)


@pytest.mark.parametrize(
    "condition",
    [
        *("id > 3 OR id < 2", "id + 1 > 3", "lower(n) = 'x'", "id > '5'::int", "n LIKE 'a%'", "x = 1", "t.id = 1"),
        *("id NOT BETWEEN 1 AND 2", "id BETWEEN SYMMETRIC 3 AND 1", "n NOT IN ('a')", "n = E'a'", "n = B'1'"),
        *("seen > '2026-01-31'", "id = 5; DELETE FROM t", "id = (SELECT 1)", "id = n", "n", "((", "id IN (SELECT 1)"),
        *("NOT (id = 5)", "n = NULL", "n = 'a' COLLATE \"C\""),
    ],
)
def test_anything_else_is_refused(condition: str) -> None:
    with pytest.raises(NotForRest):
        terms_of(condition, COLUMNS)
