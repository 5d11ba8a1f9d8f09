"""Conditions that choose other rows each time they are asked are refused, before a row is read; others are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.embedded.server import Server
from harness.errors import ConfigurationError
from tests.data_pair import Pair, pair_of

FUNCTIONS = (
    "CREATE TABLE t (id int PRIMARY KEY, at timestamptz, now text)",
    "INSERT INTO t VALUES (1, '2026-01-01Z', 'x')",
    "CREATE FUNCTION public.chosen(int) RETURNS bool LANGUAGE sql AS 'SELECT $1 > 0'",
    "CREATE FUNCTION public.steady(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT $1 > 0'",
    "CREATE FUNCTION public.alike(int, text) RETURNS bool LANGUAGE sql AS 'SELECT $1 > 0'",
    "CREATE FUNCTION public.alike(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0'",
    "CREATE OPERATOR public.=~= (LEFTARG = int, RIGHTARG = text, FUNCTION = public.alike)",
    "CREATE OPERATOR public.=~= (LEFTARG = int, RIGHTARG = int, FUNCTION = public.alike)",
)


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as found:
        found.on_both(*FUNCTIONS)
        yield found


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("random() < 2", "is volatile"),
        ("id > 0 AND id + random() > 0", "is volatile"),
        ("public.chosen(id)", "is volatile"),
        ("id OPERATOR(public.=~=) 'x'::text", "is volatile"),
        ("EXISTS (SELECT 1 WHERE random() < 2)", "is volatile"),
        ("id IN (SELECT (random() * 9)::int) OR true", "is volatile"),
        ("clock_timestamp() > at", r"reads the clock \(clock_timestamp\(\)\)"),
        ("at < now()", r"reads the clock \(now\(\)\)"),
        ("at < CURRENT_DATE -- today", r"reads the clock \(CURRENT_DATE\)"),
    ],
)
def test_a_condition_that_is_not_always_the_same_is_refused_by_one_line(pair: Pair, condition: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        pair.compare("public.t", rows={"tables": {"public.t": {"where": condition}}})
    assert "source" in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "condition",
    [
        "id > 0",
        "true",
        "public.steady(id)",
        "id OPERATOR(public.=~=) 1",
        "EXISTS (SELECT 1 FROM public.t AS o WHERE o.id = t.id)",
        "now = 'x' AND at < timestamptz '2026-02-01Z' -- now() is not called here",
        "pg_catalog.to_char(at, 'YYYY') = '2026'",
    ],
)
def test_a_condition_that_holds_for_the_same_rows_is_not(pair: Pair, condition: str) -> None:
    rows = pair.compare_one("public.t", rows={"tables": {"public.t": {"where": condition}}})
    assert (rows.status, rows.source_rows) == ("identical", 1)


def test_the_side_whose_condition_is_volatile_is_named(pair: Pair) -> None:
    with pytest.raises(ConfigurationError, match="the target's rows is volatile"):
        pair.compare("public.t", rows={"tables": {"public.t": {"target_where": "random() < 2"}}})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT count(*) FROM public.t WHERE random() < 2", "is volatile"),
        ("WITH o AS (SELECT random() AS r) SELECT count(*) FROM o ORDER BY 1;", "is volatile"),
        ("SELECT count(*) FROM public.t WHERE at < now()", "reads the clock"),
    ],
)
def test_a_check_that_has_another_answer_each_time_is_refused(pair: Pair, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'c'.*{told}"):
        pair.compare("public.t", rows={"checks": [{"name": "c", "sql": text}]})


def test_a_check_that_has_one_answer_is_compared(pair: Pair) -> None:
    text = "SELECT id, count(*) FROM public.t WHERE public.steady(id) GROUP BY id ORDER BY id LIMIT 5 -- all"
    assert pair.compare("public.t", rows={"checks": [{"name": "c", "sql": text}]}).findings == ()
