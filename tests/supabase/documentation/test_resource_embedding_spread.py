"""Resource Embedding, written from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html.

Sections: Spread embedded resource: Spread To-One relationships · Spread To-Many relationships · Order in spread
to-many · Multiple Spreads · Spread a join table. Aggregates in spreads are in test_aggregate_functions.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.supabase.documentation.salon import SALON

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(SALON, db_schemas=("api",), db_tx_end="rollback-allow-override")


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Spread To-One relationships


def test_to_one_columns_go_into_the_row(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,...clients(client:name,phone)&id=gte.3&order=id") == [
        {"id": 3, "client": "Борис", "phone": "80005550002"},
        {"id": 4, "client": "Вера", "phone": None},
        {"id": 5, "client": None, "phone": None},
    ]


def test_to_one_of_a_one_to_one_and_of_a_computed_relationship(served: Served) -> None:
    assert _rows(served, "/staff?select=name,...passports(number)&id=lte.2&order=id") == [
        {"name": "Глеб", "number": "A-1"},
        {"name": "Дина", "number": None},
    ]
    assert _rows(served, "/clients?select=id,...first_booking(first:title)&id=eq.2") == [{"id": 2, "first": "укладка"}]


def test_to_one_with_casts_json_paths_and_computed_columns(served: Served) -> None:
    path = "/bookings?select=id,...clients(who:id::text,extra->>city,initial,deep:extra->level)&id=eq.4"
    assert _rows(served, path) == [{"id": 4, "who": "3", "city": "Брест", "initial": "В", "deep": 2}]


def test_to_one_of_all_columns(served: Served) -> None:
    assert _rows(served, "/passports?select=number,...staff(*)") == [
        {"number": "A-1", "id": 1, "company_id": 900100, "name": "Глеб", "mentor_id": None}
    ]


def test_to_one_in_a_to_one_and_with_embedded_resources_inside(served: Served) -> None:
    assert _rows(served, "/reviews?select=stars,...bookings(title,...clients(name,companies(title)))&id=eq.3") == [
        {"stars": 4, "title": "укладка", "name": "Борис", "companies": {"title": "Салон"}}
    ]


def test_to_one_inside_an_embedded_resource(served: Served) -> None:
    assert _rows(served, "/companies?select=title,clients(name,...companies(of:title))&clients.id=eq.2&limit=1") == [
        {"title": "Салон", "clients": [{"name": "Борис", "of": "Салон"}]}
    ]


def test_to_one_joins_inner_and_filters_by_null(served: Served) -> None:
    path = "/bookings?select=id,...clients{join}(name)&clients.name=eq.Вера"
    assert _rows(served, path.format(join="!inner")) == [{"id": 4, "name": "Вера"}]
    assert _rows(served, path.format(join="") + "&clients=is.null&order=id") == [
        {"id": number, "name": None} for number in (1, 2, 3, 5)
    ]


def test_to_one_after_a_write_and_of_a_call(served: Served) -> None:
    answer = served.http.post(
        "/bookings?select=id,...clients(name)",
        json={"id": 9, "client_id": 3},
        headers={"Prefer": "return=representation"},
    )
    assert answer.json() == [{"id": 9, "name": "Вера"}]
    assert _rows(served, "/rpc/everyone?select=id,...companies(title)&id=eq.3") == [{"id": 3, "title": "Второй"}]


# Spread To-Many relationships


def test_to_many_columns_become_correlated_arrays(served: Served) -> None:
    assert _rows(served, "/clients?select=name,...bookings(id,titles:title)&order=id&bookings.order=id") == [
        {"name": "Анна", "id": [1, 2], "titles": ["стрижка", "окраска"]},
        {"name": "Борис", "id": [3], "titles": ["укладка"]},
        {"name": "Вера", "id": [4], "titles": ["окраска"]},
        {"name": "Галя", "id": [], "titles": []},
    ]


def test_to_many_keeps_the_nulls_of_rows_that_are_there(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,...reviews(stars,remark)&id=in.(1,3)&order=id&reviews.order=id") == [
        {"id": 1, "stars": [5, 3], "remark": ["да", None]},
        {"id": 3, "stars": [4], "remark": [None]},
    ]


def test_to_many_of_a_many_to_many_and_of_a_computed_relationship(served: Served) -> None:
    assert _rows(served, "/staff?select=name,...skills(skills:title)&order=id&skills.order=title") == [
        {"name": "Глеб", "skills": ["colour", "cut"]},
        {"name": "Дина", "skills": ["cut"]},
        {"name": "Егор", "skills": []},
    ]
    path = "/companies?select=title,...named_clients(names:name)&named_clients.order=id.desc&order=company_id"
    assert _rows(served, path) == [
        {"title": "Салон", "names": ["Борис", "Анна"]},
        {"title": "Второй", "names": ["Галя", "Вера"]},
    ]


def test_to_many_of_all_columns(served: Served) -> None:
    assert _rows(served, "/bookings?select=booking:id,...reviews(*)&id=in.(1,2)&order=id&reviews.order=id") == [
        {"booking": 1, "id": [1, 2], "booking_id": [1, 1], "stars": [5, 3], "remark": ["да", None]},
        {"booking": 2, "id": [], "booking_id": [], "stars": [], "remark": []},
    ]


def test_to_many_with_casts_json_paths_arrays_and_computed_columns(served: Served) -> None:
    path = (
        "/companies?select=title,...clients(ids:id::text,extra->>city,extra,tags,initial)"
        "&company_id=eq.900100&clients.order=id"
    )
    assert _rows(served, path) == [
        {
            "title": "Салон",
            "ids": ["1", "2"],
            "city": ["Минск", None],
            "extra": [{"level": 3, "city": "Минск"}, {"level": 1}],
            "tags": [["a", "b"], []],
            "initial": ["А", "Б"],
        }
    ]


def test_to_many_has_filters_and_limits(served: Served) -> None:
    path = "/clients?select=id,...bookings(titles:title)&bookings.price=gt.1000&order=id"
    assert _rows(served, path) == [
        {"id": 1, "titles": ["окраска"]},
        {"id": 2, "titles": ["укладка"]},
        {"id": 3, "titles": ["окраска"]},
        {"id": 4, "titles": []},
    ]
    assert [
        len(row["titles"]) for row in _rows(served, "/clients?select=...bookings(titles:title)&bookings.limit=1")
    ] == [
        1,
        1,
        1,
        0,
    ]


def test_to_many_joins_inner_and_filters_by_null(served: Served) -> None:
    inner = served.http.get(
        "/clients?select=id,...bookings!inner(titles:title)&bookings.title=eq.окраска&order=id&limit=1",
        headers={"Prefer": "count=exact"},
    )
    assert (inner.json(), inner.headers["content-range"]) == ([{"id": 1, "titles": ["окраска"]}], "0-0/2")
    assert _rows(served, "/clients?select=id,...bookings(titles:title)&bookings=is.null") == [{"id": 4, "titles": []}]
    rows = _rows(served, "/clients?select=id,...bookings(titles:title)&bookings=not.is.null&bookings.id=eq.3")
    assert rows == [{"id": 2, "titles": ["укладка"]}]


def test_to_many_after_a_write_and_of_a_call(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=name,...bookings(titles:title)&id=eq.1&bookings.order=id.desc",
        json={"name": "Ася"},
        headers={"Prefer": "return=representation"},
    )
    assert answer.json() == [{"name": "Ася", "titles": ["окраска", "стрижка"]}]
    path = "/rpc/everyone?select=name,...bookings(prices:price)&id=eq.1&bookings.order=price"
    assert _rows(served, path) == [{"name": "Анна", "prices": [1000, 3000]}]


def test_to_many_in_csv_is_json_in_a_cell(served: Served) -> None:
    answer = served.http.get(
        "/clients?select=id,...bookings(n:id)&id=in.(1,4)&order=id&bookings.order=id", headers={"Accept": "text/csv"}
    )
    assert answer.text == 'id,n\n1,"[1, 2]"\n4,[]'


# Order in spread to-many


def test_order_is_the_same_in_every_array(served: Served) -> None:
    path = "/companies?select=...clients(id,name)&company_id=eq.900100"
    assert _rows(served, f"{path}&clients.order=name.desc") == [{"id": [2, 1], "name": ["Борис", "Анна"]}]
    nulls = "/companies?select=...clients(id,phone)&company_id=eq.900200&clients.order=phone."
    assert _rows(served, f"{nulls}nullsfirst") == [{"id": [3, 4], "phone": [None, "80005550004"]}]
    assert _rows(served, f"{nulls}nullslast") == [{"id": [4, 3], "phone": ["80005550004", None]}]


def test_order_by_what_is_not_selected_by_a_json_path_and_by_several(served: Served) -> None:
    path = "/companies?select=...clients(names:name)&company_id=eq.900100&clients.order="
    assert _rows(served, f"{path}id.desc") == [{"names": ["Борис", "Анна"]}]
    assert _rows(served, f"{path}extra->level") == [{"names": ["Борис", "Анна"]}]
    assert _rows(served, f"{path}company_id,tags.desc,id") == [{"names": ["Анна", "Борис"]}]


def test_order_by_a_column_of_a_to_one_inside(served: Served) -> None:
    path = "/staff?select=id,...bookings(ids:id,...clients(who:name))&bookings.order=clients(who).desc,id.desc&id=lte.2"
    assert _rows(served, f"{path}&order=id") == [
        {"id": 1, "ids": [3, 1], "who": ["Борис", "Анна"]},
        {"id": 2, "ids": [4, 2], "who": ["Вера", "Анна"]},
    ]


def test_order_by_long_names_stays_apart(served: Served) -> None:
    served.sql(
        f'ALTER TABLE api.reviews ADD COLUMN "{"r" * 62}1" int, ADD COLUMN "{"r" * 62}2" int;'
        f'UPDATE api.reviews SET "{"r" * 62}1" = 1, "{"r" * 62}2" = -id'
    )
    path = f"/bookings?select=...reviews(ids:id)&id=eq.1&reviews.order={'r' * 62}1,{'r' * 62}2"
    assert _rows(served, path) == [{"ids": [2, 1]}]


# Multiple Spreads


def test_multiple_spreads_of_a_to_one_in_a_to_many(served: Served) -> None:
    assert _rows(
        served, "/staff?select=name,...bookings(titles:title,...clients(who:name))&bookings.order=id&id=eq.2"
    ) == [{"name": "Дина", "titles": ["окраска", "окраска"], "who": ["Анна", "Вера"]}]


def test_multiple_spreads_of_a_to_many_in_a_to_many_are_arrays_of_arrays(served: Served) -> None:
    path = (
        "/companies?select=title,...clients(names:name,...bookings(prices:price))"
        "&clients.order=id&clients.bookings.order=price.desc&order=company_id"
    )
    assert _rows(served, path) == [
        {"title": "Салон", "names": ["Анна", "Борис"], "prices": [[3000, 1000], [1500]]},
        {"title": "Второй", "names": ["Вера", "Галя"], "prices": [[1200], []]},
    ]


def test_multiple_spreads_of_a_to_many_in_a_to_one(served: Served) -> None:
    assert _rows(
        served, "/reviews?select=id,...bookings(title,...reviews(all:stars))&id=eq.1&bookings.reviews.order=id"
    ) == [{"id": 1, "title": "стрижка", "all": [5, 3]}]


def test_multiple_spreads_with_stars(served: Served) -> None:
    assert _rows(
        served, "/skills?select=title,...staff_skills(*,...staff(who:name))&id=eq.1&staff_skills.order=staff_id"
    ) == [{"title": "cut", "staff_id": [1, 2], "skill_id": [1, 1], "level": [5, 2], "who": ["Глеб", "Дина"]}]


def test_multiple_spreads_embedded_resources_inside_a_to_many_become_arrays(served: Served) -> None:
    path = "/clients?select=name,...bookings(ids:id,staff(name),reviews(stars))&id=eq.1&bookings.order=id"
    assert _rows(served, f"{path}&bookings.reviews.order=id") == [
        {
            "name": "Анна",
            "ids": [1, 2],
            "staff": [{"name": "Глеб"}, {"name": "Дина"}],
            "reviews": [[{"stars": 5}, {"stars": 3}], []],
        }
    ]


def test_multiple_spreads_one_beside_the_other(served: Served) -> None:
    path = "/bookings?select=id,...clients(who:name),...reviews(stars)&id=eq.1&reviews.order=id"
    assert _rows(served, path) == [{"id": 1, "who": "Анна", "stars": [5, 3]}]


def test_multiple_spreads_that_are_empty_add_nothing(served: Served) -> None:
    assert _rows(served, "/companies?select=title,...clients()&order=company_id") == [
        {"title": "Салон"},
        {"title": "Второй"},
    ]
    assert _rows(served, "/bookings?select=id,...clients(who:name,...companies())&id=eq.1") == [
        {"id": 1, "who": "Анна"}
    ]
    assert _rows(served, "/companies?select=title,...clients()&clients.name=eq.Вера&clients=not.is.null") == [
        {"title": "Второй"}
    ]


# Spread a join table


def test_a_join_table_spreads_into_the_row_of_the_other_side(served: Served) -> None:
    assert _rows(
        served, "/staff?select=name,skills:staff_skills(level,...skills(title))&id=eq.1&staff_skills.order=level"
    ) == [{"name": "Глеб", "skills": [{"level": 4, "title": "colour"}, {"level": 5, "title": "cut"}]}]
