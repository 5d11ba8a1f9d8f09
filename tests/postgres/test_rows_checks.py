"""Custom checks: SELECTs of the configuration, answered by both servers and compared; a fault, and its equal twin."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.record import Severity
from harness.errors import ConfigurationError
from harness.postgres.connect import session, snapshot
from harness.stages.check_sides import ROWS_OF_ANSWER
from harness.stages.rows_checks import ComparedChecks, compare_checks
from tests.data_pair import Pair

ORDERS = (
    "CREATE TABLE public.orders (id int PRIMARY KEY, company int, total numeric, note text, paid timestamptz)",
    """
    INSERT INTO public.orders
    SELECT g, 900100 + g % 2 * 100, g * 10, 'n' || g, '2026-01-01Z'::timestamptz + g * '1h'::interval
    FROM generate_series(1, 10) g
    """,
)
BY_COMPANY = "SELECT company, count(*) AS orders, sum(total) AS total FROM public.orders GROUP BY company"


@pytest.fixture
def pair(databases: Pair) -> Pair:
    databases.emptied().on_both(*ORDERS)
    return databases


def checks(pair: Pair, *declared: dict[str, Any], **settings: Any) -> ComparedChecks:
    named = [{"name": f"c{number}"} | each for number, each in enumerate(declared)]
    configuration = Configuration.model_validate({"rows": {"checks": named}} | settings)
    with (
        session(pair.source, purpose="test") as left,
        snapshot(left),
        session(pair.target, purpose="test") as right,
        snapshot(right),
    ):
        return compare_checks((left, pair.source), (right, pair.target), configuration.rows.checks, configuration)


def one(pair: Pair, sql: str, **rest: Any) -> Finding:
    """The one finding of one check."""
    result = checks(pair, {"sql": sql, **rest})
    (finding,) = result.findings
    return finding


def shown(finding: Finding) -> dict[str, tuple[str | None, str | None]]:
    return {each.label: (each.source, each.target) for each in finding.evidence if each.text is None}


def test_equal_answers_are_no_finding_and_each_check_is_covered(pair: Pair) -> None:
    result = checks(
        pair,
        {"sql": BY_COMPANY},
        {"sql": "SELECT id, note FROM public.orders ORDER BY id DESC;"},
        {"sql": "SELECT 1 FROM public.orders WHERE total < 0", "expect": "no rows"},
        {"sql": "WITH o AS (SELECT * FROM public.orders) SELECT max(paid) AS last FROM o -- the last"},
    )
    assert result == ComparedChecks(items=("check c0", "check c1", "check c2", "check c3"))


def test_a_figure_that_differs_is_a_blocker_with_both_figures_and_its_group_as_a_hash(pair: Pair) -> None:
    pair.on_target("UPDATE public.orders SET total = total + 1 WHERE id = 1")
    finding = one(pair, BY_COMPANY)
    assert (finding.code, finding.severity, finding.object.identity) == ("ROW008", Severity.BLOCKER, "c0")
    ((label, values),) = [each for each in shown(finding).items() if each[0].startswith("total")]
    assert label.startswith("total where company #")
    assert label.endswith("orders 5")
    assert values == ("250", "251")
    assert "900200" not in finding.to_json()


def test_a_group_that_is_missing_is_counted_and_the_others_still_meet(pair: Pair) -> None:
    pair.on_target("DELETE FROM public.orders WHERE company = 900100")
    finding = one(pair, BY_COMPANY)
    assert finding.title == "check c0: the answers differ: 1 row from the source alone"


def test_texts_and_values_of_single_rows_appear_as_a_hash(pair: Pair) -> None:
    pair.on_target("UPDATE public.orders SET note = 'Тайна', total = 777001 WHERE id = 1")
    finding = one(pair, "SELECT note, total FROM public.orders WHERE id = 1")
    assert finding.code == "ROW008"
    assert not {value for value in ("Тайна", "777001", "n1") if value in finding.to_json()}


def test_an_aggregate_of_a_personal_column_appears_as_a_hash(pair: Pair) -> None:
    pair.on_target("UPDATE public.orders SET total = 777001 WHERE id = 10")
    text = "SELECT max(total) AS largest FROM public.orders"
    assert "777001" in one(pair, text).to_json()
    (finding,) = checks(pair, {"sql": text}, personal={"columns": ["public.orders.total"]}).findings
    assert "777001" not in finding.to_json()


def test_rows_in_another_order_are_alike_but_for_a_statement_that_orders_them(pair: Pair) -> None:
    pair.on_target("CREATE TABLE public.turned AS SELECT * FROM public.orders ORDER BY id DESC")
    turned = {"sql": "SELECT id FROM public.orders", "target_sql": "SELECT id FROM public.turned"}
    assert checks(pair, turned).findings == ()
    ordered = {
        "sql": "SELECT id FROM public.orders ORDER BY id",
        "target_sql": "SELECT id FROM public.turned ORDER BY 1 DESC",
    }
    (finding,) = checks(pair, ordered).findings
    assert finding.title == "check c0: the answers differ: 10 rows with other values"


def test_columns_are_compared_by_name_whatever_their_order(pair: Pair) -> None:
    check = {
        "sql": "SELECT count(*) AS n, sum(total) AS s FROM public.orders",
        "target_sql": "SELECT sum(total) AS s, count(*) AS n FROM public.orders",
    }
    assert checks(pair, check).findings == ()


@pytest.mark.parametrize(
    ("target_sql", "reason"),
    [
        ("SELECT count(*) AS m FROM public.orders", "only the source answers with n; only the target answers with m"),
        ("SELECT count(*) AS n, 1 AS n FROM public.orders", "the target answers with several columns called n"),
    ],
)
def test_other_columns_are_a_gap(pair: Pair, target_sql: str, reason: str) -> None:
    result = checks(pair, {"sql": "SELECT count(*) AS n FROM public.orders", "target_sql": target_sql})
    assert [finding.code for finding in result.findings] == ["ROW009"]
    assert (result.items, reason in result.gaps[0].reason) == ((), True)


def test_another_type_and_another_scale_are_drift_which_can_be_allowed(pair: Pair) -> None:
    typed = {
        "sql": "SELECT count(*) AS n FROM public.orders",
        "target_sql": "SELECT count(*)::numeric(9, 2) AS n FROM public.orders",
    }
    scaled = {
        "sql": "SELECT sum(total) AS s FROM public.orders",
        "target_sql": "SELECT sum(total)::numeric(9, 2) AS s FROM public.orders",
    }
    for check, said in ((typed, "columns of another type: n"), (scaled, "1 row with another representation")):
        (finding,) = checks(pair, check).findings
        assert (finding.code, finding.severity, said in finding.title) == ("ROW008", Severity.RISK, True)
        (allowed,) = checks(pair, check, run={"allow_drift": True}).findings
        assert allowed.severity is Severity.COSMETIC


def test_figures_within_their_tolerance_are_alike_and_beyond_it_are_not(pair: Pair) -> None:
    pair.on_target("UPDATE public.orders SET total = total + 0.05 WHERE id IN (1, 2)")
    near: dict[str, Any] = {"sql": BY_COMPANY, "tolerances": {"total": {"absolute": 0.1}}}
    assert checks(pair, near).findings == ()
    near["tolerances"] = {"total": {"absolute": 0.01}}
    assert [finding.code for finding in checks(pair, near).findings] == ["ROW008"]


def test_rows_that_differ_by_a_tolerated_figure_alone_meet(pair: Pair) -> None:
    pair.on_target("UPDATE public.orders SET total = total + 0.05")
    check = {"sql": "SELECT total FROM public.orders", "tolerances": {"total": {"absolute": 0.1}}}
    assert checks(pair, check).findings == ()


def test_rows_where_there_may_be_none_are_counted_on_each_side(pair: Pair) -> None:
    text = "SELECT id FROM public.orders WHERE total < 0"
    pair.on_target("UPDATE public.orders SET total = -1 WHERE id IN (1, 2)")
    finding = one(pair, text, expect="no rows")
    assert (finding.code, finding.severity) == ("ROW008", Severity.BLOCKER)
    assert finding.title == "check c0: 2 rows on the target where there may be none"
    assert shown(finding) == {"rows": ("0", "2")}
    pair.on_source("UPDATE public.orders SET total = -1 WHERE id = 1")
    assert one(pair, text, expect="no rows").title.endswith("on the source too")
    pair.on_target("UPDATE public.orders SET total = 1")
    assert one(pair, text, expect="no rows").severity is Severity.RISK


def test_too_many_rows_are_a_gap_with_the_advice_to_aggregate(pair: Pair) -> None:
    finding = one(pair, f"SELECT g FROM pg_catalog.generate_series(1, {ROWS_OF_ANSWER + 5}) g")
    assert finding.code == "ROW009"
    assert finding.fix
    assert "aggregate" in finding.fix.text
    at_most = {"sql": f"SELECT g FROM pg_catalog.generate_series(1, {ROWS_OF_ANSWER}) g"}
    assert checks(pair, at_most).findings == ()


def test_a_statement_that_fails_is_a_gap_of_that_side_and_the_next_check_still_runs(pair: Pair) -> None:
    pair.on_source("CREATE TABLE public.old (id int)")
    result = checks(
        pair,
        {"sql": "SELECT count(*) FROM public.old"},
        {"sql": "SELECT id / (id - 3) AS x FROM public.orders"},
        {"sql": "SELECT note::int AS x FROM public.orders"},
        {"sql": "SELECT count(*) FROM public.orders"},
    )
    titles = [finding.title for finding in result.findings]
    assert titles[0] == 'check c0 could not be compared: on the target: 42P01: relation "public.old" does not exist'
    assert "on the source: 22012" in titles[1]
    assert "n1" not in titles[2]
    assert ([gap.item for gap in result.gaps], result.items) == (["check c0", "check c1", "check c2"], ("check c3",))


def test_a_function_that_writes_is_refused_by_the_read_only_session(pair: Pair) -> None:
    function = (
        "CREATE FUNCTION public.clear() RETURNS bigint LANGUAGE sql AS"
        " 'WITH d AS (DELETE FROM public.orders RETURNING 1) SELECT count(*) FROM d'"
    )
    pair.on_both(function)
    finding = one(pair, "SELECT public.clear() AS n")
    assert (finding.code, "it writes, and a check runs read only" in finding.title) == ("ROW009", True)
    assert pair.rows_of_target("SELECT count(*) FROM public.orders") == [(10,)]


def test_a_table_that_the_role_may_not_read_is_a_gap(pair: Pair) -> None:
    pair.on_target("CREATE ROLE pgparity_checker")
    try:
        as_role = make_conninfo(pair.target_dsn, options="-c role=pgparity_checker")
        finding = one(Pair(pair.source_dsn, as_role), "SELECT count(*) FROM public.orders")
        assert (finding.code, "permission denied" in finding.title) == ("ROW009", True)
    finally:
        pair.on_target("DROP ROLE pgparity_checker")


def test_a_tolerance_for_a_column_that_is_not_answered_is_an_error_with_the_nearest_name(pair: Pair) -> None:
    with pytest.raises(ConfigurationError, match="totl") as error:
        checks(pair, {"sql": BY_COMPANY, "tolerances": {"totl": {"absolute": 1}}})
    assert "total" in str(error.value.hint)


def test_checks_are_part_of_the_rows_stage(pair: Pair) -> None:
    pair.on_target("CREATE VIEW public.none AS SELECT 1 WHERE false")
    declared = [
        {"name": "orders by company", "sql": BY_COMPANY},
        {"name": "broken", "sql": "SELECT count(*) FROM public.none"},
    ]
    result = pair.compare("public.orders", rows={"checks": declared})
    assert result.coverage.items == ("public.orders", "check orders by company")
    assert [gap.item for gap in result.coverage.gaps] == ["check broken"]
    assert result.summary.endswith("2 checks, 1 not compared")
