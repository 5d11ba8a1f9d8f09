"""What a check's statement is, and how two answers meet, without a server."""

from __future__ import annotations

import pytest

from harness.core.check_answers import Answer, ComparedAnswers, compare_answers, unlike_columns
from harness.core.check_figures import figures
from harness.core.configuration import RowCheck, Tolerance
from harness.core.row_checks import check_row_checks, in_order, without_end
from harness.core.row_forms import DescribedType
from harness.errors import ConfigurationError

READING = (
    "SELECT 1",
    "select 1;",
    "  SELECT ';' AS semicolon -- ; a comment\n ;; ",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "VALUES (1), (2)",
    "TABLE public.orders",
    "(SELECT 1) UNION ALL (SELECT 2)",
    'SELECT count("update"), sum(delete) FROM public.orders',
    "SELECT pg_catalog.substring(a FROM 2 FOR 3), update FROM t",
)
NOT_READING = (
    ("", "is empty"),
    (" ; ", "is empty"),
    ("SELECT 1; SELECT 2", "more than one statement"),
    ("DELETE FROM t", "begins with DELETE"),
    ("EXPLAIN SELECT 1", "begins with EXPLAIN"),
    ("SET role = 'x'", "begins with SET"),
    ("COMMIT", "begins with COMMIT"),
    ("WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d", "it has DELETE"),
    ("WITH d AS (SELECT 1) INSERT INTO t SELECT * FROM d", "it has INSERT"),
    ("WITH d AS (UPDATE t SET a = 1 RETURNING a) SELECT * FROM d", "it has UPDATE"),
    ("SELECT * FROM t FOR UPDATE", "locks rows"),
    ("SELECT * FROM t FOR NO KEY UPDATE", "locks rows"),
    ("SELECT * INTO u FROM t", "SELECT INTO"),
    ("SELECT 'a", "does not end"),
)


@pytest.mark.parametrize("text", READING)
def test_one_statement_that_reads_is_taken(text: str) -> None:
    check_row_checks([RowCheck(name="c", sql=text)])


@pytest.mark.parametrize(("text", "reason"), NOT_READING)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    for check in (RowCheck(name="c", sql="SELECT 1", target_sql=text), RowCheck(name="c", sql=text or " ")):
        with pytest.raises(ConfigurationError, match=reason) as error:
            check_row_checks([check])
        assert error.value.hint


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 checks are called 'c'"):
        check_row_checks([RowCheck(name="c", sql="SELECT 1"), RowCheck(name="c", sql="SELECT 2")])


def test_what_stands_behind_the_statement_is_left_out() -> None:
    assert without_end("SELECT ';' ; -- end\n;") == "SELECT ';'"


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("SELECT a FROM t ORDER BY (a) LIMIT 3", True),
        ("SELECT a FROM t", False),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a) s", False),
        ("SELECT rank() OVER (ORDER BY a), array_agg(b ORDER BY b) FROM t", False),
        ("SELECT ' ORDER BY ' FROM t", False),
    ],
)
def test_an_answer_has_an_order_where_the_statement_itself_orders(text: str, ordered: bool) -> None:
    assert in_order(text) is ordered


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SELECT count(*) AS n, sum(a) AS s, phone FROM t GROUP BY phone", {"n", "s"}),
        ("SELECT round(avg(a), 2)::text AS mean, max(born) FILTER (WHERE a > 1) AS latest FROM t", {"mean"}),
        ("SELECT (SELECT count(*) FROM t) AS n, (SELECT phone FROM t LIMIT 1) AS p", {"n"}),
        ("SELECT CASE WHEN count(*) > 1 THEN phone END AS p FROM t GROUP BY phone", set()),
        ("SELECT max(phone) AS p, count(phone) AS n FROM t", set()),
        ("SELECT * FROM (SELECT sum(a) AS s FROM t) x", set()),
        ("no sql at all (", set()),
    ],
)
def test_only_aggregates_of_columns_that_are_not_personal_are_figures(text: str, shown: set[str]) -> None:
    assert figures(text, ["phone", "born"]) == shown


def answer(*rows: tuple[str | None, ...], types: tuple[str, ...] = ("text", "numeric")) -> Answer:
    described = tuple(
        DescribedType(oid=number + 20, schema="pg_catalog", name=name, sql=name) for number, name in enumerate(types)
    )
    names = tuple("abcdef"[: len(types)])
    return Answer(columns=names, types=described, rows=rows)


def compare(source: Answer, target: Answer, *, ordered: bool = False, **tolerances: Tolerance) -> ComparedAnswers:
    def settle(as_type: str, pairs: list[tuple[str, str]]) -> list[bool]:
        return [float(one) == float(other) for one, other in pairs]

    return compare_answers(source, target, ordered=ordered, tolerances=tolerances, settle=settle)


def test_equal_rows_more_often_on_one_side_are_counted() -> None:
    result = compare(answer(("x", "1"), ("x", "1"), ("y", "1")), answer(("y", "1"), ("x", "1")))
    assert (result.source_only, result.target_only, result.differing) == (1, 0, [])
    assert result.different


def test_null_and_empty_and_another_value_are_told_apart_by_class() -> None:
    result = compare(
        answer(("x", None), ("y", "1"), ("", "3")), answer(("x", "0"), ("y", "2"), (None, "3")), ordered=True
    )
    classes = [cell.cls.name for row in result.differing for cell in row.cells]
    assert classes == ["NULL against a value", "other", "NULL against empty"]


def test_groups_meet_by_their_first_columns_and_what_is_equal_by_value_is_drift() -> None:
    result = compare(answer(("x", "1.0"), ("y", "2")), answer(("y", "3"), ("x", "1.00")))
    assert [row.source for row in result.drifting] == [("x", "1.0")]
    assert [(row.source, row.target) for row in result.differing] == [(("y", "2"), ("y", "3"))]


def test_several_rows_of_one_group_meet_in_the_order_of_their_tolerated_numbers() -> None:
    source, target = answer(("x", "10"), ("x", "9")), answer(("x", "9.01"), ("x", "10.01"))
    assert not compare(source, target, b=Tolerance(absolute=0.1)).different
    assert compare(source, target, b=Tolerance(absolute=0.001)).different


def test_a_longer_ordered_answer_is_different_by_its_rest() -> None:
    result = compare(answer(("x", "1")), answer(("x", "1"), ("y", "2")), ordered=True)
    assert (result.source_only, result.target_only) == (0, 1)


def test_a_count_of_another_type_is_drift_of_the_column_and_another_count_is_a_difference() -> None:
    one, other = answer(("5",), types=("int8",)), answer(("5.00",), types=("numeric",))
    other = Answer(
        columns=other.columns,
        types=(DescribedType(oid=1700, schema="pg_catalog", name="numeric", sql="numeric"),),
        rows=other.rows,
    )
    result = compare(one, other)
    assert (result.different, result.type_drift) == (False, ("a",))
    more = Answer(columns=other.columns, types=other.types, rows=(("6.00",),))
    assert compare(one, more).different


def test_columns_of_one_name_only_cannot_be_compared() -> None:
    described = answer(("x", "1"))
    twice = Answer(columns=("a", "a"), types=described.types, rows=())
    assert unlike_columns(described, described) is None
    assert unlike_columns(twice, twice) == "the source answers with several columns called a: name each with AS"
