"""Slices: a value that half of the differing rows have, and the table has not."""

from __future__ import annotations

from harness.core.slices import Concentration, Statistics, concentration, few_values, share_by_statistics, slice_of


def found(value: str = "900100", share: float = 0.8) -> Concentration:
    return Concentration(column="company_id", kind="number", value=value, differences=8, share=share)


def test_half_of_the_differing_rows_and_four_of_them_make_a_concentration() -> None:
    top = concentration("company_id", "number", [("900100", 1)] * 8 + [("900200", 1), (None, 1)])
    assert top == found()
    assert concentration("company_id", "number", [("900100", 1)] * 3) is None
    assert concentration("company_id", "number", [("900100", 1)] * 4 + [("900200", 1)] * 3 + [(None, 2)]) is None
    assert concentration("company_id", "number", [(None, 9)]) is None


def test_a_slice_is_told_only_where_the_table_holds_three_times_less_of_it() -> None:
    told = slice_of(found(), 0.2, personal=False)
    assert told is not None
    assert (told.value, told.differences, told.share, told.share_of_rows) == (900100, 8, 0.8, 0.2)
    assert slice_of(found(), 0.27, personal=False) is None
    assert slice_of(found(), None, personal=False) is None


def test_a_personal_value_appears_as_a_hash() -> None:
    told = slice_of(found(), 0.1, personal=True)
    assert told is not None
    assert str(told.value).startswith("#")


def test_statistics_say_about_what_share_of_the_rows_has_a_value() -> None:
    common = Statistics(distinct=4, null_share=0.1, common=("900100",), common_shares=(0.6,))
    assert share_by_statistics(found(), common, 1000) == 0.6
    rest = share_by_statistics(found("900200"), common, 1000)
    assert rest is not None
    assert abs(rest - 0.1) < 1e-9
    assert share_by_statistics(found(), None, 1000) is None


def test_a_day_has_the_share_of_the_histogram_that_lies_in_it() -> None:
    top = Concentration(column="made", kind="day", value="2024-05-02", differences=8, share=0.8)
    bounds = tuple(f"2024-05-{day:02} 10:00:00+00" for day in range(1, 11))
    share = share_by_statistics(top, Statistics(distinct=-1, null_share=0, bounds=bounds), 1000)
    assert share == 0.1


def test_a_column_groups_rows_where_it_has_few_values_for_many_rows() -> None:
    assert few_values(Statistics(distinct=10, null_share=0), 1000)
    assert not few_values(Statistics(distinct=-1, null_share=0), 1000)
    assert not few_values(Statistics(distinct=10, null_share=0), 12)
    assert not few_values(None, 1000)
