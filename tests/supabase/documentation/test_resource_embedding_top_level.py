"""Resource Embedding, written from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html.

Sections: Top-level Filtering · Null filtering on Embedded Resources · OR filtering across Embedded Resources · Empty
Embed · Top-level Ordering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.supabase.documentation.salon import SALON

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(SALON, db_schemas=("api",))


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _counted(served: Served, path: str) -> tuple[Any, str]:
    answer = served.http.get(path, headers={"Prefer": "count=exact"})
    assert answer.status_code in (200, 206), answer.text
    return answer.json(), answer.headers["content-range"]


# Top-level Filtering


def test_inner_drops_rows_without_an_embedded_one_and_left_does_not(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,clients!inner(id)&order=id") == [
        {"id": 1, "clients": {"id": 1}},
        {"id": 2, "clients": {"id": 1}},
        {"id": 3, "clients": {"id": 2}},
        {"id": 4, "clients": {"id": 3}},
    ]
    assert _rows(served, "/bookings?select=id,clients!left(id)&id=gte.4&order=id") == [
        {"id": 4, "clients": {"id": 3}},
        {"id": 5, "clients": None},
    ]
    assert _rows(served, "/clients?select=id,bookings!inner(id)&id=gte.3") == [{"id": 3, "bookings": [{"id": 4}]}]


def test_inner_and_a_hint_stand_in_either_order(served: Served) -> None:
    for parameters in ("!inner!bookings_client_id_fkey", "!bookings_client_id_fkey!inner"):
        path = f"/clients?select=id,bookings{parameters}(id)&bookings.title=eq.укладка"
        assert _rows(served, path) == [{"id": 2, "bookings": [{"id": 3}]}]


def test_inner_filters_by_the_embedded_resource_and_counts_right(served: Served) -> None:
    path = "/clients?select=id,bookings!inner(id)&bookings.title=eq.окраска&order=id&bookings.order=id"
    assert _counted(served, path) == (
        [{"id": 1, "bookings": [{"id": 2}]}, {"id": 3, "bookings": [{"id": 4}]}],
        "0-1/2",
    )
    assert _counted(served, f"{path}&limit=1") == ([{"id": 1, "bookings": [{"id": 2}]}], "0-0/2")
    assert _counted(served, "/clients?select=id,bookings!inner(id)&bookings.id=eq.77") == ([], "*/0")


def test_inner_of_many_to_many(served: Served) -> None:
    path = "/staff?select=name,skills!inner(title)&skills.title=eq.cut&order=id&limit=1"
    assert _counted(served, path) == ([{"name": "Глеб", "skills": [{"title": "cut"}]}], "0-0/2")


def test_inner_two_levels_down_filters_where_each_level_says_so(served: Served) -> None:
    both = "/companies?select=title,clients!inner(id,bookings!inner(id))&clients.bookings.id=eq.3"
    assert _counted(served, both) == ([{"title": "Салон", "clients": [{"id": 2, "bookings": [{"id": 3}]}]}], "0-0/1")
    lower = "/companies?select=title,clients(id,bookings!inner(id))&clients.bookings.id=eq.3&order=company_id"
    assert _counted(served, lower) == (
        [{"title": "Салон", "clients": [{"id": 2, "bookings": [{"id": 3}]}]}, {"title": "Второй", "clients": []}],
        "0-1/2",
    )
    upper = "/companies?select=title,clients!inner(id,bookings(id))&clients.bookings.id=eq.3&clients.order=id"
    assert _counted(served, f"{upper}&company_id=eq.900100") == (
        [{"title": "Салон", "clients": [{"id": 1, "bookings": []}, {"id": 2, "bookings": [{"id": 3}]}]}],
        "0-0/1",
    )


def test_inner_of_several_resources_at_once(served: Served) -> None:
    path = "/bookings?select=id,clients!inner(name),reviews!inner(stars)&reviews.order=id&order=id"
    assert _counted(served, path) == (
        [
            {"id": 1, "clients": {"name": "Анна"}, "reviews": [{"stars": 5}, {"stars": 3}]},
            {"id": 3, "clients": {"name": "Борис"}, "reviews": [{"stars": 4}]},
        ],
        "0-1/2",
    )


def test_inner_is_counted_for_head_too(served: Served) -> None:
    answer = served.http.head("/bookings?select=id,clients!inner(id)", headers={"Prefer": "count=exact"})
    assert (answer.status_code, answer.headers["content-range"]) == (200, "0-3/4")


# Null filtering on Embedded Resources


def test_null_filtering_of_a_to_one(served: Served) -> None:
    assert _counted(served, "/bookings?select=id,clients()&clients=is.null&limit=9") == ([{"id": 5}], "0-0/1")
    rows = _rows(served, "/bookings?select=id,clients(name)&clients=not.is.null&id=gte.4")
    assert rows == [{"id": 4, "clients": {"name": "Вера"}}]


def test_null_filtering_of_a_to_many_is_an_anti_join(served: Served) -> None:
    assert _counted(served, "/clients?select=name,bookings()&bookings=is.null") == ([{"name": "Галя"}], "0-0/1")
    path = "/clients?select=name,bookings(id)&bookings=not.is.null&bookings.title=eq.стрижка"
    assert _counted(served, f"{path}&limit=5") == ([{"name": "Анна", "bookings": [{"id": 1}]}], "0-0/1")


def test_null_filtering_of_a_many_to_many(served: Served) -> None:
    assert _rows(served, "/staff?select=name,skills()&skills.id=eq.2&skills=is.null&order=id") == [
        {"name": "Дина"},
        {"name": "Егор"},
    ]


def test_null_filtering_goes_by_the_alias(served: Served) -> None:
    assert _rows(served, "/clients?select=name,b:bookings()&b=is.null") == [{"name": "Галя"}]


def test_null_filtering_asks_for_the_row_and_not_for_its_values(served: Served) -> None:
    path = "/bookings?select=id,reviews(remark)&reviews=not.is.null&order=id&reviews.stars=lt.5"
    assert _rows(served, path) == [{"id": 1, "reviews": [{"remark": None}]}, {"id": 3, "reviews": [{"remark": None}]}]


def test_null_filtering_inside_an_embedded_resource(served: Served) -> None:
    path = "/companies?select=title,clients(name,bookings())&clients.bookings=is.null&clients=not.is.null"
    assert _rows(served, path) == [{"title": "Второй", "clients": [{"name": "Галя"}]}]


def test_null_filtering_with_another_operator_is_a_filter_on_a_column(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,client_id(name)&client_id=eq.2") == [
        {"id": 3, "client_id": {"name": "Борис"}}
    ]
    # the alias is no column, so the filter means the column of the same name as the relationship
    assert _rows(served, "/bookings?select=id,c:client_id(name)&client_id=is.null") == [{"id": 5, "c": None}]
    answer = served.http.get("/bookings?select=id,clients(name)&clients=eq.2")
    assert (answer.status_code, answer.json()["code"]) == (400, "42703")


# OR filtering across Embedded Resources


def test_or_filtering_is_and_is_not_null_in_one_tree(served: Served) -> None:
    path = "/bookings?select=id,clients(name),reviews(id)&or=(clients.is.null,reviews.not.is.null)&order=id"
    assert _counted(served, f"{path}&limit=2&reviews.order=id") == (
        [
            {"id": 1, "clients": {"name": "Анна"}, "reviews": [{"id": 1}, {"id": 2}]},
            {"id": 3, "clients": {"name": "Борис"}, "reviews": [{"id": 3}]},
        ],
        "0-1/3",
    )


def test_or_filtering_across_resources_that_are_filtered_themselves(served: Served) -> None:
    path = (
        "/bookings?select=id,clients(),staff()&clients.name=eq.Вера&staff.name=eq.Глеб"
        "&or=(clients.not.is.null,staff.not.is.null)&order=id"
    )
    assert _rows(served, path) == [{"id": 1}, {"id": 3}, {"id": 4}]
    assert _rows(served, path.replace("&or=", "&not.or=")) == [{"id": 2}, {"id": 5}]


def test_or_filtering_mixes_columns_and_resources(served: Served) -> None:
    path = "/bookings?select=id,reviews()&or=(price.lt.1000,and(reviews.not.is.null,price.gt.1000))&order=id"
    assert _rows(served, path) == [{"id": 3}, {"id": 5}]


def test_or_filtering_keeps_a_second_embed_of_the_same_resource_whole(served: Served) -> None:
    path = "/clients?select=name,b:bookings(),bookings(title)&b.title=eq.стрижка&b=not.is.null&bookings.order=id"
    assert _rows(served, path) == [{"name": "Анна", "bookings": [{"title": "стрижка"}, {"title": "окраска"}]}]


# Empty Embed


def test_an_empty_embed_is_not_in_the_answer(served: Served) -> None:
    assert _rows(served, "/clients?select=id,bookings()&bookings.title=eq.укладка&bookings=not.is.null") == [{"id": 2}]
    assert _rows(served, "/clients?select=id,bookings!inner()&bookings.id=eq.4") == [{"id": 3}]
    assert _rows(served, "/clients?select=id,bookings(reviews())&id=eq.1") == [{"id": 1}]


def test_an_empty_embed_alone_answers_empty_objects(served: Served) -> None:
    assert _rows(served, "/companies?select=clients()") == [{}, {}]


# Top-level Ordering


def test_ordering_by_a_column_of_a_many_to_one(served: Served) -> None:
    path = "/bookings?select=id,clients(name)&order=clients(name).desc.nullslast,id.desc"
    assert [row["id"] for row in _rows(served, path)] == [4, 3, 2, 1, 5]
    path = "/bookings?select=id,c:clients(name)&order=c(name).nullsfirst,id"
    assert [row["id"] for row in _rows(served, path)] == [5, 1, 2, 3, 4]


def test_ordering_by_a_json_path_of_a_to_one(served: Served) -> None:
    path = "/bookings?select=id,clients(extra)&order=clients(extra->level).desc.nullslast,id"
    assert [row["id"] for row in _rows(served, path)] == [1, 2, 4, 3, 5]


def test_ordering_by_a_path_into_what_is_no_json_is_refused_by_postgresql(served: Served) -> None:
    answer = served.http.get("/bookings?select=id,clients(tags)&order=clients(tags->0)")
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")


def test_ordering_by_a_one_to_one_and_by_a_spread(served: Served) -> None:
    path = "/staff?select=id,passports(number)&order=passports(number).nullslast,id.desc"
    assert [row["id"] for row in _rows(served, path)] == [1, 3, 2]
    path = "/bookings?select=id,...clients(name)&order=clients(name).desc.nullsfirst,id"
    assert [row["id"] for row in _rows(served, path)] == [5, 4, 3, 1, 2]


def test_ordering_inside_an_embedded_resource_by_one_further_in(served: Served) -> None:
    path = "/staff?select=name,bookings(id,clients(name))&bookings.order=clients(name).desc,id&id=eq.1"
    assert [row["id"] for row in _rows(served, path)[0]["bookings"]] == [3, 1]


def test_ordering_by_a_to_many_is_pgrst118(served: Served) -> None:
    answer = served.http.get("/clients?select=id,b:bookings(id)&order=b(id)")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "PGRST118",
            "message": "A related order on 'b' is not possible",
            "details": "'clients' and 'b' do not form a many-to-one or one-to-one relationship",
            "hint": None,
        },
    )


def test_ordering_by_what_is_not_embedded_is_pgrst108(served: Served) -> None:
    # an order goes by the alias alone, with no warning for the relation
    for order in ("clientsx(name)", "clients(name)"):
        answer = served.http.get(f"/bookings?select=id,c:clients(name)&order={order}")
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST108")
        name = order.partition("(")[0]
        assert answer.json()["hint"] == f"Verify that '{name}' is included in the 'select' query parameter."


def test_the_row_cap_holds_on_every_level(serve: Serve) -> None:
    capped = serve(SALON, db_schemas=("api",), db_max_rows=1)
    path = "/companies?select=company_id,clients(id,bookings(id))&order=company_id&clients.order=id"
    answer = capped.http.get(f"{path}&clients.bookings.order=id")
    assert answer.json() == [{"company_id": 900100, "clients": [{"id": 1, "bookings": [{"id": 1}]}]}]
    spread = capped.http.get("/companies?select=company_id,...clients(id)&order=company_id&clients.order=id")
    assert [len(row["id"]) for row in spread.json()] == [1]
