"""When health is a warning or worse, and what may be told of a statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.health.documents import ServerBudget
from harness.core.health.judging import HealthLimits, answered, pool_health, targets, worst
from harness.core.health.statement_text import LONGEST, told


@pytest.mark.parametrize(
    ("in_use", "waiting", "status"),
    [(0, 0, "ok"), (8, 0, "ok"), (9, 0, "warning"), (10, 3, "warning"), (1, 1, "warning")],
)
def test_a_pool_is_a_warning_above_80_percent(in_use: int, waiting: int, status: str) -> None:
    found = pool_health("main", max_size=10, total=10, idle=10 - in_use, in_use=in_use, waiting=waiting)
    assert (found.status, found.use_percent) == (status, in_use * 10.0)


@pytest.mark.parametrize(("milliseconds", "status"), [(100.0, "ok"), (100.1, "degraded")])
def test_a_round_trip_is_degraded_above_its_limit(milliseconds: float, status: str) -> None:
    assert answered("target", milliseconds, None, HealthLimits(slow_ms=100)).status == status


def test_the_worst_of_all_counts_and_of_none_it_is_ok() -> None:
    assert worst(["ok", "degraded", "warning"]) == "degraded"
    assert worst(["unavailable", "ok"]) == "unavailable"
    assert worst([]) == "ok"


def test_a_server_with_no_connection_left_is_a_warning() -> None:
    budget = ServerBudget(maximum=20, reserved=3, used_by_others=17, left=0)
    assert answered("target", 1.0, budget, HealthLimits()).reasons == (
        "the server has no connection left for the services",
    )


def test_a_target_is_met_below_its_limit_not_at_it_and_unknown_where_nothing_was_measured() -> None:
    found = targets(mean_ms=9.99, p95_ms=20.0, p99_ms=None, error_rate=0.001, pool_use_percent=79.9)
    assert [each.met for each in found] == [True, False, None, False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT a FROM t WHERE b = $1 LIMIT $2", ("SELECT", "SELECT a FROM t WHERE b = $1 LIMIT $2")),
        ("select 'x', 79005551122, E'y' from t", ("SELECT", "select ?, ?, ? from t")),
        ("SELECT 1 -- secret\n/* secret /* secret */ */ FROM t;", ("SELECT", "SELECT ? FROM t")),
        ("SELECT $tag$ secret $tag$", ("SELECT", "SELECT ?")),
        ('SELECT a AS "secret 1", "plain" FROM t', ("SELECT", 'SELECT a AS "…", "plain" FROM t')),
        ("WITH a AS (SELECT 1) UPDATE t SET b = 2", ("UPDATE", "WITH a AS (SELECT ?) UPDATE t SET b = ?")),
        ("(SELECT 1)", ("SELECT", "(SELECT ?)")),
        ("INSERT INTO t VALUES ('s')", ("INSERT", "INSERT INTO t VALUES (?)")),
        ("ALTER ROLE x PASSWORD 'secret'", ("utility", None)),
        ("CREATE TABLE t (a text DEFAULT 'secret')", ("utility", None)),
        ("SELECT 'it\\'s secret, ' , 1", ("SELECT", None)),
        ("SELECT 'does not end", ("SELECT", None)),
        ("SELECT 1; ALTER ROLE x PASSWORD 'secret'", ("SELECT", None)),
        ("WITH x", ("utility", None)),
        ("", ("utility", None)),
        ("SELECT " + "1, " * 10_000, ("SELECT", None)),
    ],
)
def test_of_a_statement_only_what_cannot_hold_a_value_is_told(text: str, expected: tuple[str, str | None]) -> None:
    assert told(text) == expected


def test_a_long_text_is_cut() -> None:
    _, text = told("SELECT " + ", ".join(f"column_{number}" for number in range(200)))
    assert text is not None
    assert len(text) <= LONGEST


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["'", "e'", "$$", "--", "/*"]),
)
def test_no_constant_and_no_comment_is_told_whatever_is_in_it(value: str, opening: str) -> None:
    inner = f"zq{value}zq"
    closed = {
        "'": "'" + inner.replace("'", "''") + "'",
        "e'": "e'" + inner.replace("\\", "\\\\").replace("'", "''") + "'",
        "$$": "$$" + inner.replace("$", "") + "$$",
        "--": "1 --" + inner.replace("\n", " ") + "\n",
        "/*": "1 /*" + inner.replace("*", " ").replace("/", " ") + "*/",
    }[opening]
    _, text = told(f"SELECT {closed} FROM t")
    assert text is None or text == "SELECT ? FROM t"
