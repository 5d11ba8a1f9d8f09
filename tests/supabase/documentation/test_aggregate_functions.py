"""Aggregate Functions, written from https://docs.postgrest.org/en/v16/references/api/aggregate_functions.html.

Sections: Automatic GROUP BY · The count() Aggregate · Casting Aggregates · Grouping by an Embedded Resource · Using
Aggregates Inside Embedded Resources · Using Aggregates in Spreads; and db-aggregates-enabled, where they are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.supabase.documentation.salon import SALON

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(SALON, db_schemas=("api",), db_aggregates_enabled=True, db_tx_end="rollback-allow-override")


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _refused(served: Served, path: str) -> tuple[int, str]:
    answer = served.http.get(path)
    return answer.status_code, answer.json()["code"]


def test_every_aggregate_has_its_own_name(served: Served) -> None:
    path = "/bookings?select=price.sum(),price.avg(),price.max(),price.min(),price.count()"
    assert _rows(served, path) == [{"sum": 7200, "avg": 1440, "max": 3000, "min": 500, "count": 5}]


def test_several_are_renamed(served: Served) -> None:
    path = "/bookings?select=total:price.sum(),most:price.max(),first:id.min()&price=gt.1000"
    assert _rows(served, path) == [{"total": 5700, "most": 3000, "first": 2}]


# Automatic GROUP BY


def test_group_by_every_other_column(served: Served) -> None:
    assert _rows(served, "/bookings?select=title,price.sum()&order=title") == [
        {"title": "окраска", "sum": 4200},
        {"title": "стрижка", "sum": 1500},
        {"title": "укладка", "sum": 1500},
    ]
    assert _rows(served, "/bookings?select=what:title,staff_id,id.max()&title=eq.окраска") == [
        {"what": "окраска", "staff_id": 2, "max": 4}
    ]


def test_group_by_json_paths_casts_and_computed_columns(served: Served) -> None:
    rows = _rows(served, "/clients?select=extra->>city,id.count()")
    assert sorted(rows, key=lambda row: row["city"] or "") == [
        {"city": None, "count": 2},
        {"city": "Брест", "count": 1},
        {"city": "Минск", "count": 1},
    ]
    rows = _rows(served, "/clients?select=salon:company_id::text,count()")
    assert sorted(rows, key=lambda row: row["salon"]) == [
        {"salon": "900100", "count": 2},
        {"salon": "900200", "count": 2},
    ]
    assert _rows(served, "/clients?select=initial,count()&id=eq.1") == [{"initial": "А", "count": 1}]


def test_group_by_stands_a_star_for_all_columns(served: Served) -> None:
    assert _rows(served, "/passports?select=*,count()") == [{"staff_id": 1, "number": "A-1", "count": 1}]


def test_group_by_with_limit_and_count(served: Served) -> None:
    answer = served.http.get("/bookings?select=title,count()&order=title&limit=1", headers={"Prefer": "count=exact"})
    assert answer.json() == [{"title": "окраска", "count": 2}]
    # what is counted are the rows, not the groups
    assert answer.headers["content-range"] == "0-0/5"


def test_order_by_what_is_aggregated_is_refused_by_postgresql(served: Served) -> None:
    assert _refused(served, "/bookings?select=title,total:price.sum()&order=total") == (400, "42703")
    assert _refused(served, "/bookings?select=title,price.sum()&order=price") == (400, "42803")


# The count() Aggregate


def test_count_without_a_column_counts_rows_and_with_one_its_values(served: Served) -> None:
    path = "/clients?select=count(),phones:phone.count(),company_id&order=company_id"
    assert _rows(served, path) == [
        {"count": 2, "phones": 2, "company_id": 900100},
        {"count": 2, "phones": 1, "company_id": 900200},
    ]
    assert _rows(served, "/clients?select=n:count()::text") == [{"n": "4"}]


# Casting Aggregates


def test_casting_the_column_the_aggregate_or_both(served: Served) -> None:
    assert _rows(served, "/clients?select=extra->>level::int.sum()") == [{"sum": 6}]
    assert _rows(served, "/bookings?select=price.avg()::int") == [{"avg": 1440}]
    assert _rows(served, "/clients?select=s:extra->>level::int.sum()::text") == [{"s": "6"}]


# Grouping by an Embedded Resource


def test_grouping_by_a_to_one(served: Served) -> None:
    path = "/bookings?select=price.sum(),clients(name)&order=clients(name)"
    assert _refused(served, path) == (400, "42803")
    rows = _rows(served, "/bookings?select=price.sum(),clients(name)")
    assert sorted(rows, key=lambda row: row["sum"]) == [
        {"sum": 500, "clients": None},
        {"sum": 1200, "clients": {"name": "Вера"}},
        {"sum": 1500, "clients": {"name": "Борис"}},
        {"sum": 4000, "clients": {"name": "Анна"}},
    ]


def test_grouping_by_columns_and_an_aliased_to_one(served: Served) -> None:
    path = "/bookings?select=client_id,total:price.sum(),who:clients(name)&order=client_id&client_id=lte.2"
    assert _rows(served, path) == [
        {"client_id": 1, "total": 4000, "who": {"name": "Анна"}},
        {"client_id": 2, "total": 1500, "who": {"name": "Борис"}},
    ]


def test_grouping_by_a_to_many(served: Served) -> None:
    rows = _rows(served, "/bookings?select=count(),reviews(stars)&reviews.stars=eq.4")
    assert sorted(rows, key=lambda row: row["count"]) == [
        {"count": 1, "reviews": [{"stars": 4}]},
        {"count": 4, "reviews": []},
    ]


def test_grouping_by_a_spread_and_by_all_of_its_columns(served: Served) -> None:
    path = "/bookings?select=price.sum(),...staff(name)&order=staff(name).nullslast"
    assert _rows(served, path) == [
        {"sum": 2500, "name": "Глеб"},
        {"sum": 4200, "name": "Дина"},
        {"sum": 500, "name": None},
    ]
    assert _rows(served, "/reviews?select=count(),...bookings(*)&order=bookings(id)") == [
        {"count": 2, "id": 1, "client_id": 1, "staff_id": 1, "title": "стрижка", "price": 1000},
        {"count": 1, "id": 3, "client_id": 2, "staff_id": 1, "title": "укладка", "price": 1500},
    ]


def test_grouping_by_a_to_many_spread(served: Served) -> None:
    rows = _rows(served, "/bookings?select=count(),...reviews(stars)&reviews.stars=eq.4")
    assert sorted(rows, key=lambda row: row["count"]) == [{"count": 1, "stars": [4]}, {"count": 4, "stars": []}]


def test_grouping_by_an_empty_embed_is_refused_by_postgresql(served: Served) -> None:
    assert _refused(served, "/bookings?select=count(),clients()") == (400, "42703")


# Using Aggregates Inside Embedded Resources


def test_inside_a_to_many_it_is_the_aggregate_of_its_rows(served: Served) -> None:
    path = "/clients?select=name,bookings(price.sum(),count())&order=id"
    assert _rows(served, path) == [
        {"name": "Анна", "bookings": [{"sum": 4000, "count": 2}]},
        {"name": "Борис", "bookings": [{"sum": 1500, "count": 1}]},
        {"name": "Вера", "bookings": [{"sum": 1200, "count": 1}]},
        {"name": "Галя", "bookings": [{"sum": None, "count": 0}]},
    ]


def test_inside_a_to_many_it_is_grouped_by_its_other_columns_alone(served: Served) -> None:
    path = "/staff?select=name,bookings(title,price.sum())&id=eq.2"
    assert _rows(served, path) == [{"name": "Дина", "bookings": [{"title": "окраска", "sum": 4200}]}]


def test_inside_a_many_to_many_a_computed_relationship_and_after_a_call(served: Served) -> None:
    assert _rows(served, "/staff?select=name,skills(count())&order=id") == [
        {"name": "Глеб", "skills": [{"count": 2}]},
        {"name": "Дина", "skills": [{"count": 1}]},
        {"name": "Егор", "skills": [{"count": 0}]},
    ]
    assert _rows(served, "/companies?select=title,named_clients(n:count())&company_id=eq.900200") == [
        {"title": "Второй", "named_clients": [{"n": 2}]}
    ]
    assert _rows(served, "/rpc/everyone?select=id.max(),companies(title)&id=lte.2") == [
        {"max": 2, "companies": {"title": "Салон"}}
    ]


def test_inside_what_a_write_returns(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=name,bookings(price.sum())&id=eq.1",
        json={"name": "Ася"},
        headers={"Prefer": "return=representation"},
    )
    assert answer.json() == [{"name": "Ася", "bookings": [{"sum": 4000}]}]
    answer = served.http.patch(
        "/clients?select=company_id,count()&company_id=eq.900100",
        json={"phone": None},
        headers={"Prefer": "return=representation"},
    )
    assert answer.json() == [{"company_id": 900100, "count": 2}]


# Using Aggregates in Spreads


def test_in_a_spread_it_is_made_in_the_row_around(served: Served) -> None:
    assert _rows(served, "/reviews?select=...bookings(price.max(),first:price.min()::text)") == [
        {"max": 1500, "first": "1000"}
    ]
    path = "/reviews?select=stars.sum(),...bookings(title,paid:price.sum())&order=bookings(title)"
    assert _rows(served, path) == [
        {"sum": 8, "title": "стрижка", "paid": 2000},
        {"sum": 4, "title": "укладка", "paid": 1500},
    ]


def test_in_a_spread_it_is_grouped_by_columns_of_the_row_around_and_of_other_spreads(served: Served) -> None:
    path = "/bookings?select=title,...clients(id.max())&order=title"
    assert _rows(served, path) == [
        {"title": "окраска", "max": 3},
        {"title": "стрижка", "max": 1},
        {"title": "укладка", "max": 2},
    ]
    path = "/bookings?select=...clients(n:phone.count()),...staff(name)&order=staff(name).nullslast"
    assert _rows(served, path) == [{"n": 2, "name": "Глеб"}, {"n": 1, "name": "Дина"}, {"n": 0, "name": None}]


def test_in_a_spread_of_a_spread_it_goes_all_the_way_out(served: Served) -> None:
    path = "/reviews?select=...bookings(title,...clients(newest:id.max()))&order=bookings(title)"
    assert _rows(served, path) == [{"title": "стрижка", "newest": 1}, {"title": "укладка", "newest": 2}]
    path = "/reviews?select=...bookings(staff(name),...clients(id.max()))"
    assert _rows(served, path) == [{"staff": {"name": "Глеб"}, "max": 2}]
    path = "/reviews?select=booking_id,...bookings(...clients(max:id.max()),...staff(who:name))&order=booking_id"
    assert _rows(served, path) == [
        {"booking_id": 1, "max": 1, "who": "Глеб"},
        {"booking_id": 3, "max": 2, "who": "Глеб"},
    ]


def test_in_a_spread_inside_an_embedded_resource_it_stops_there(served: Served) -> None:
    path = "/clients?select=name,bookings(...staff(name,n:id.count()))&id=lte.2&order=id&bookings.order=staff(name)"
    assert _rows(served, path) == [
        {"name": "Анна", "bookings": [{"name": "Глеб", "n": 1}, {"name": "Дина", "n": 1}]},
        {"name": "Борис", "bookings": [{"name": "Глеб", "n": 1}]},
    ]


def test_in_a_spread_count_without_a_column_counts_the_rows_that_are_there(served: Served) -> None:
    assert _rows(served, "/bookings?select=title,...clients(count())&order=title") == [
        {"title": "окраска", "count": 2},
        {"title": "стрижка", "count": 1},
        {"title": "укладка", "count": 1},
    ]
    path = "/bookings?select=...staff(who:name,n:count())&order=staff(who).nullslast"
    assert _rows(served, path) == [{"who": "Глеб", "n": 2}, {"who": "Дина", "n": 2}, {"who": None, "n": 0}]
    path = "/reviews?select=...bookings(title,b:count(),...clients(c:count()::text))&order=bookings(title)"
    assert _rows(served, path) == [{"title": "стрижка", "b": 2, "c": "2"}, {"title": "укладка", "b": 1, "c": "1"}]


def test_in_a_spread_json_paths_and_casts_are_taken_before(served: Served) -> None:
    path = "/bookings?select=...clients(city:extra->>city,levels:extra->>level::int.sum()::text)&client_id=in.(1,3)"
    rows = _rows(served, path)
    assert sorted(rows, key=lambda row: row["city"]) == [
        {"city": "Брест", "levels": "2"},
        {"city": "Минск", "levels": "6"},
    ]


@pytest.mark.parametrize(
    "select",
    [
        "title,...clients(phone,id.max())",
        "title,...clients(count())",
        "title,...clients(...companies(company_id.max()))",
    ],
)
def test_in_a_to_many_spread_they_are_pgrst127(served: Served, select: str) -> None:
    answer = served.http.get(f"/companies?select={select}")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "PGRST127",
            "message": "Feature not implemented",
            "details": "Aggregates are not implemented for one-to-many or many-to-many spreads.",
            "hint": None,
        },
    )


# db-aggregates-enabled


@pytest.fixture(scope="module")
def disabled(serve: Serve) -> Served:
    return serve(SALON, db_schemas=("api",))


@pytest.mark.parametrize(
    "path",
    [
        "/bookings?select=price.sum()",
        "/bookings?select=count()",
        "/clients?select=name,bookings(price.sum())",
        "/bookings?select=...clients(id.count())",
        "/companies?select=...clients(id.count())",
    ],
)
def test_disabled_aggregates_are_pgrst123_everywhere(disabled: Served, path: str) -> None:
    answer = disabled.http.get(path)
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": "PGRST123", "message": "Use of aggregate functions is not allowed", "details": None, "hint": None},
    )


def test_disabled_aggregates_are_refused_after_names_that_mean_nothing(disabled: Served) -> None:
    for path, code in (
        ("/bookings?select=count(),nothing(id)", "PGRST200"),
        ("/bookings?select=count()&clients.id=eq.1", "PGRST108"),
        ("/clients?select=count(),bookings(id)&order=bookings(id)", "PGRST118"),
    ):
        assert _refused(disabled, path) == (400, code)


def test_disabled_aggregates_leave_the_column_count(disabled: Served) -> None:
    assert _rows(disabled, "/clients?select=count") == [{"count": 4}]
    assert _rows(disabled, "/companies?select=title,clients(count)&order=company_id&clients.id=lt.4") == [
        {"title": "Салон", "clients": [{"count": 2}]},
        {"title": "Второй", "clients": [{"count": 1}]},
    ]
