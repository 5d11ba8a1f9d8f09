"""Resource Embedding, written from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html.

Sections: Relationships · Computed Relationships · Foreign Key Joins on Table-Valued Functions · Foreign Key Joins on
Writes · Nested Embedding · Embedded Filters. The filters and orders of the row around are in
test_resource_embedding_top_level.py, spreads in test_resource_embedding_spread.py, aliases in filters in
test_resource_embedding_target_names.py.
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
    assert "warning" not in answer.headers
    return answer.json()


# Relationships


def test_relationships_many_to_one_is_an_object_or_null(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,clients(name)&order=id") == [
        {"id": 1, "clients": {"name": "Анна"}},
        {"id": 2, "clients": {"name": "Анна"}},
        {"id": 3, "clients": {"name": "Борис"}},
        {"id": 4, "clients": {"name": "Вера"}},
        {"id": 5, "clients": None},
    ]


def test_relationships_one_to_many_is_an_array(served: Served) -> None:
    assert _rows(served, "/clients?select=id,bookings(id)&order=id&bookings.order=id") == [
        {"id": 1, "bookings": [{"id": 1}, {"id": 2}]},
        {"id": 2, "bookings": [{"id": 3}]},
        {"id": 3, "bookings": [{"id": 4}]},
        {"id": 4, "bookings": []},
    ]


def test_relationships_many_to_many_goes_through_the_join_table(served: Served) -> None:
    assert _rows(served, "/staff?select=name,skills(title)&order=id&skills.order=id") == [
        {"name": "Глеб", "skills": [{"title": "cut"}, {"title": "colour"}]},
        {"name": "Дина", "skills": [{"title": "cut"}]},
        {"name": "Егор", "skills": []},
    ]


def test_relationships_the_same_table_twice_in_a_many_to_many_chain(served: Served) -> None:
    assert _rows(served, "/staff?select=name,skills(title,staff(name))&id=eq.2&skills.staff.order=id") == [
        {"name": "Дина", "skills": [{"title": "cut", "staff": [{"name": "Глеб"}, {"name": "Дина"}]}]}
    ]


def test_relationships_one_to_one_is_an_object_from_both_sides(served: Served) -> None:
    assert _rows(served, "/staff?select=name,passports(number)&order=id&limit=2") == [
        {"name": "Глеб", "passports": {"number": "A-1"}},
        {"name": "Дина", "passports": None},
    ]
    assert _rows(served, "/passports?select=number,staff(name)") == [{"number": "A-1", "staff": {"name": "Глеб"}}]


def test_relationships_an_alias_names_the_embedded_resource(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,client:clients(name)&id=eq.3") == [{"id": 3, "client": {"name": "Борис"}}]


def test_relationships_the_same_relation_is_embedded_twice_under_aliases(served: Served) -> None:
    path = "/companies?select=company_id,a:clients(id),b:clients(id)&a.id=eq.1&b.id=eq.2&company_id=eq.900100"
    assert _rows(served, path) == [{"company_id": 900100, "a": [{"id": 1}], "b": [{"id": 2}]}]


def test_relationships_the_same_name_twice_is_refused_by_postgresql(served: Served) -> None:
    # two joined subqueries of one name: what PostgreSQL makes of it depends on whether their rows are aggregated
    for path, code in (
        ("/bookings?select=clients(id),clients(name)", "42712"),
        ("/companies?select=clients(id),clients(name)", "42803"),
    ):
        answer = served.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_relationships_long_aliases_that_share_their_beginning_stay_apart(served: Served) -> None:
    one, other = "a" * 60 + "x", "a" * 60 + "y"
    path = f"/companies?select={one}:clients(id),{other}:clients(id)&{one}.id=eq.1&{other}.id=eq.2&company_id=eq.900100"
    assert _rows(served, path) == [{one: [{"id": 1}], other: [{"id": 2}]}]
    inner = f"/companies?select=company_id,{one}:clients!inner(id),{other}:clients!inner(id)&{one}.id=eq.1"
    assert _rows(served, f"{inner}&{other}.id=eq.3") == []


def test_relationships_long_names_of_tables_are_joined_to_the_right_level(served: Served) -> None:
    table = "department_" * 5 + "of_salon"
    path = f"/{table}?select=id,below:{table}!parent_id(id,below:{table}!parent_id(id))&parent_id=is.null"
    assert _rows(served, path) == [{"id": 1, "below": [{"id": 2, "below": [{"id": 3}]}]}]


# Computed Relationships


def test_computed_relationships_rows_1_is_to_one(served: Served) -> None:
    assert _rows(served, "/clients?select=name,first_booking(title)&order=id") == [
        {"name": "Анна", "first_booking": {"title": "стрижка"}},
        {"name": "Борис", "first_booking": {"title": "укладка"}},
        {"name": "Вера", "first_booking": {"title": "окраска"}},
        {"name": "Галя", "first_booking": None},
    ]


def test_computed_relationships_without_setof_are_to_one(served: Served) -> None:
    assert _rows(served, "/clients?select=name,salon:home_company(title)&id=eq.3") == [
        {"name": "Вера", "salon": {"title": "Второй"}}
    ]


def test_computed_relationships_of_many_rows_have_filters_order_and_range(served: Served) -> None:
    path = "/companies?select=title,known:named_clients(name)&known.order=name.desc&known.id=gt.1&order=company_id"
    assert _rows(served, path) == [
        {"title": "Салон", "known": [{"name": "Борис"}]},
        {"title": "Второй", "known": [{"name": "Галя"}, {"name": "Вера"}]},
    ]
    assert _rows(served, f"{path}&known.limit=1&known.offset=1") == [
        {"title": "Салон", "known": []},
        {"title": "Второй", "known": [{"name": "Вера"}]},
    ]


def test_computed_relationships_join_inner_and_are_counted(served: Served) -> None:
    answer = served.http.get(
        "/companies?select=title,named_clients!inner(name)&named_clients.name=eq.Вера",
        headers={"Prefer": "count=exact"},
    )
    assert answer.json() == [{"title": "Второй", "named_clients": [{"name": "Вера"}]}]
    assert answer.headers["content-range"] == "0-0/1"
    to_one = served.http.get(
        "/clients?select=name,first_booking!inner()&first_booking.price=gt.1000&limit=1",
        headers={"Prefer": "count=exact"},
    )
    assert (to_one.status_code, to_one.headers["content-range"]) == (206, "0-0/2")


def test_computed_relationships_null_filtering_and_related_order(served: Served) -> None:
    assert _rows(served, "/clients?select=name,first_booking()&first_booking=is.null") == [{"name": "Галя"}]
    path = "/clients?select=id,first_booking(price)&order=first_booking(price).desc.nullslast"
    assert [row["id"] for row in _rows(served, path)] == [2, 3, 1, 4]


def test_computed_relationships_of_a_table_to_itself(served: Served) -> None:
    path = "/staff?select=name,mentor(name),mentees(name,mentees(name))&mentees.order=id&id=in.(1,2)&order=id"
    assert _rows(served, path) == [
        {
            "name": "Глеб",
            "mentor": None,
            "mentees": [{"name": "Дина", "mentees": [{"name": "Егор"}]}],
        },
        {"name": "Дина", "mentor": {"name": "Глеб"}, "mentees": [{"name": "Егор", "mentees": []}]},
    ]


def test_computed_relationships_nest_in_others_and_others_in_them(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,clients(name,first_booking(id,staff(name)))&id=eq.2") == [
        {"id": 2, "clients": {"name": "Анна", "first_booking": {"id": 1, "staff": {"name": "Глеб"}}}}
    ]


def test_computed_relationships_are_told_apart_by_the_type_of_the_row(served: Served) -> None:
    assert _rows(served, "/companies?select=company_id,contacts(name)&contacts.order=name&company_id=eq.900100") == [
        {"company_id": 900100, "contacts": [{"name": "Анна"}, {"name": "Борис"}]}
    ]
    assert _rows(served, "/staff?select=id,contacts(name)&id=eq.1") == [{"id": 1, "contacts": [{"name": "Анна"}]}]


def test_computed_relationships_of_a_table_that_has_a_column_of_its_own_name(served: Served) -> None:
    assert _rows(served, "/rooms?select=rooms,booked(id)&order=rooms&booked.order=id") == [
        {"rooms": 1, "booked": [{"id": 1}, {"id": 3}]},
        {"rooms": 2, "booked": []},
    ]


# Foreign Key Joins on Table-Valued Functions


def test_functions_embed_what_their_rows_are_related_to(served: Served) -> None:
    assert _rows(served, "/rpc/everyone?select=name,companies(title)&name=like.А*") == [
        {"name": "Анна", "companies": {"title": "Салон"}}
    ]


def test_functions_embed_computed_relationships(served: Served) -> None:
    assert _rows(served, "/rpc/everyone?select=name,first_booking(title)&id=eq.2") == [
        {"name": "Борис", "first_booking": {"title": "укладка"}}
    ]
    # overloaded: the rows of a call are given the type of their table
    assert _rows(served, "/rpc/team?select=name,contacts(name)&id=eq.1") == [
        {"name": "Глеб", "contacts": [{"name": "Анна"}]}
    ]


def test_functions_join_inner_and_are_counted(served: Served) -> None:
    answer = served.http.get(
        "/rpc/everyone?select=id,bookings!inner(id)&bookings.id=eq.3", headers={"Prefer": "count=exact"}
    )
    assert answer.json() == [{"id": 2, "bookings": [{"id": 3}]}]
    assert answer.headers["content-range"] == "0-0/1"


# Foreign Key Joins on Writes


REPRESENTATION = {"Prefer": "return=representation"}


def test_writes_an_insert_embeds(served: Served) -> None:
    answer = served.http.post(
        "/bookings?select=title,clients(name),reviews(stars)",
        json={"id": 9, "client_id": 1, "staff_id": 1, "title": "новая", "price": 10},
        headers=REPRESENTATION,
    )
    assert (answer.status_code, answer.json()) == (
        201,
        [{"title": "новая", "clients": {"name": "Анна"}, "reviews": []}],
    )


def test_writes_an_update_and_a_delete_embed(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=name,bookings(id),companies(title)&id=eq.1&bookings.order=id.desc",
        json={"name": "Ася"},
        headers=REPRESENTATION,
    )
    assert (answer.status_code, answer.json()) == (
        200,
        [{"name": "Ася", "bookings": [{"id": 2}, {"id": 1}], "companies": {"title": "Салон"}}],
    )
    gone = served.http.request("DELETE", "/reviews?select=stars,bookings(title)&id=eq.1", headers=REPRESENTATION)
    assert (gone.status_code, gone.json()) == (200, [{"stars": 5, "bookings": {"title": "стрижка"}}])


def test_writes_embed_computed_relationships(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=name,first_booking(title)&id=eq.2", json={"name": "Боря"}, headers=REPRESENTATION
    )
    assert answer.json() == [{"name": "Боря", "first_booking": {"title": "укладка"}}]


def test_writes_filters_on_embedded_resources_choose_no_rows_to_write(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=id,bookings(id)&id=in.(1,2)&bookings.id=eq.3&order=id",
        json={"phone": "80005550009"},
        headers=REPRESENTATION,
    )
    assert answer.json() == [{"id": 1, "bookings": []}, {"id": 2, "bookings": [{"id": 3}]}]


def test_writes_limits_of_embedded_resources_do_not_apply(served: Served) -> None:
    answer = served.http.patch(
        "/clients?select=id,bookings(id)&id=eq.1&bookings.limit=1&bookings.order=id", json={}, headers=REPRESENTATION
    )
    assert answer.json() == []
    answer = served.http.patch(
        "/clients?select=id,bookings(id)&id=eq.1&bookings.limit=1&bookings.order=id",
        json={"name": "Ася"},
        headers=REPRESENTATION,
    )
    assert answer.json() == [{"id": 1, "bookings": [{"id": 1}, {"id": 2}]}]


def test_writes_to_a_table_that_is_called_like_an_alias_of_the_statement(served: Served) -> None:
    answer = served.http.patch("/notes_1?select=id,notes(body)&id=eq.7", json={"topic": "б"}, headers=REPRESENTATION)
    assert answer.json() == [{"id": 7, "notes": [{"body": "два"}]}]


# Nested Embedding


def test_nested_embedding_goes_through_the_join_table_by_hand(served: Served) -> None:
    assert _rows(served, "/staff?select=name,staff_skills(level,skills(title))&id=eq.2") == [
        {"name": "Дина", "staff_skills": [{"level": 2, "skills": {"title": "cut"}}]}
    ]


# Embedded Filters


def test_embedded_filters_order_the_rows_inside(served: Served) -> None:
    assert _rows(served, "/companies?select=clients(id)&clients.order=name.desc&order=company_id") == [
        {"clients": [{"id": 2}, {"id": 1}]},
        {"clients": [{"id": 4}, {"id": 3}]},
    ]


def test_embedded_filters_leave_the_rows_around_as_they_are(served: Served) -> None:
    assert _rows(served, "/clients?select=id,bookings(id)&bookings.title=in.(стрижка,чистка)&order=id") == [
        {"id": 1, "bookings": [{"id": 1}]},
        {"id": 2, "bookings": []},
        {"id": 3, "bookings": []},
        {"id": 4, "bookings": []},
    ]
    assert _rows(served, "/bookings?select=id,clients(name)&clients.name=eq.Вера&id=gte.3&order=id") == [
        {"id": 3, "clients": None},
        {"id": 4, "clients": {"name": "Вера"}},
        {"id": 5, "clients": None},
    ]


def test_embedded_filters_have_trees(served: Served) -> None:
    path = "/companies?select=clients(id)&clients.order=id&company_id=eq.900100"
    assert _rows(served, f"{path}&clients.or=(name.eq.Анна,name.eq.Вера)") == [{"clients": [{"id": 1}]}]
    assert _rows(served, f"{path}&clients.not.and=(name.eq.Анна,id.eq.1)") == [{"clients": [{"id": 2}]}]


def test_embedded_filters_have_limit_and_offset(served: Served) -> None:
    path = "/companies?select=clients(id)&clients.order=id&order=company_id"
    assert _rows(served, f"{path}&clients.limit=1&clients.offset=1") == [
        {"clients": [{"id": 2}]},
        {"clients": [{"id": 4}]},
    ]
    assert _rows(served, f"{path}&clients.limit=0") == [{"clients": []}, {"clients": []}]


def test_embedded_filters_reach_nested_resources_by_name_or_alias(served: Served) -> None:
    names = "/companies?select=company_id,clients(id,bookings(id))&company_id=eq.900100&clients.order=id"
    assert _rows(served, f"{names}&clients.bookings.order=id.desc&clients.bookings.limit=1") == [
        {"company_id": 900100, "clients": [{"id": 1, "bookings": [{"id": 2}]}, {"id": 2, "bookings": [{"id": 3}]}]}
    ]
    aliases = "/companies?select=company_id,c:clients(id,b:bookings(id))&company_id=eq.900100&c.order=id"
    assert _rows(served, f"{aliases}&c.b.title=eq.стрижка&c.id=eq.1") == [
        {"company_id": 900100, "c": [{"id": 1, "b": [{"id": 1}]}]}
    ]


def test_embedded_filters_on_what_is_not_embedded_are_pgrst108(served: Served) -> None:
    for path in ("clients.id=eq.1", "clients.order=id", "clients.limit=1", "clients.or=(id.eq.1,id.eq.2)"):
        answer = served.http.get(f"/companies?select=title&{path}")
        assert (answer.status_code, answer.json()) == (
            400,
            {
                "code": "PGRST108",
                "message": "'clients' is not an embedded resource in this request",
                "details": None,
                "hint": "Verify that 'clients' is included in the 'select' query parameter.",
            },
        )
