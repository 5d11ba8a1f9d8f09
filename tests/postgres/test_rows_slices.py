"""Slices of a table's differing rows, from the source's statistics and by counting."""

from __future__ import annotations

import pytest

from harness.core.keys import match_key
from harness.core.mapping import Mapping
from harness.core.projection import project
from harness.stages.rows_slices import slices_of
from harness.stages.rows_table import TableComparison
from tests.cell_pairs import cell_pairs
from tests.data_pair import Pair


def found(pair: Pair, personal: frozenset[str] = frozenset()) -> list[tuple[str, object, int]]:
    catalogs = pair.catalogs()
    projection = project("public.t", Mapping(), *catalogs)
    with cell_pairs(pair) as pairs:
        comparison = TableComparison(
            projection=projection,
            forms=pairs.forms,
            key=match_key(projection, *catalogs),
            source=pairs.source,
            target=pairs.target,
            personal=frozenset(),
            uncompared=(),
            estimated_rows=1000,
            limit=10,
        )
        slices = slices_of(comparison, [each.source for each in pairs.rows()], personal=personal)
    return [(each.column, each.value, each.differences) for each in slices]


@pytest.mark.parametrize("analysed", [False, True])
def test_differences_of_one_company_and_one_day_are_told_so(pair: Pair, analysed: bool) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, company_id int, made timestamptz, active boolean, v text)",
        "INSERT INTO t SELECT g, 900100 + g % 10, '2024-05-01 12:00+00'::timestamptz + g / 100 * interval '1 day',"
        " true, 'x' FROM generate_series(0, 999) g",
    )
    if analysed:
        pair.on_source("ANALYZE t")
    pair.on_target("UPDATE t SET v = 'y' WHERE id % 10 = 3 AND id BETWEEN 200 AND 299")
    assert found(pair) == [("company_id", 900103, 10), ("made", "2024-05-03", 10)]
    told = {name: value for name, value, _ in found(pair, frozenset({"company_id"}))}
    assert str(told["company_id"]).startswith("#")


def test_differences_all_over_the_table_are_in_no_slice(pair: Pair) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, company_id int, active boolean, v text)",
        "INSERT INTO t SELECT g, 900100 + g % 10, true, 'x' FROM generate_series(0, 999) g",
    )
    pair.on_target("UPDATE t SET v = 'y' WHERE id % 7 = 0")
    assert found(pair) == []
