"""Embedded resources through the client; its documentation's rules are in documentation/test_resource_embedding*.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


def test_many_to_one_is_an_object(reader: Any) -> None:
    data = reader.table("clients").select("id,companies(title)").eq("id", 1).execute().data
    assert data == [{"id": 1, "companies": {"title": "Салон"}}]


def test_one_to_many_is_a_list(reader: Any) -> None:
    data = reader.table("companies").select("title,clients(id)").order("company_id").execute().data
    assert data == [
        {"title": "Салон", "clients": [{"id": 1}, {"id": 2}]},
        {"title": "Второй", "clients": [{"id": 3}, {"id": 4}]},
    ]


def test_recursive_relationships_go_up_by_the_column_and_down_by_the_table(reader: Any) -> None:
    up = reader.table("staff").select("name,mentor_id(name)").eq("staff_id", 2).execute().data
    assert up == [{"name": "Глеб", "mentor_id": {"name": "Вера"}}]
    down = reader.table("staff").select("name,students:staff!mentor_id(name)").eq("staff_id", 1).execute()
    assert [row["name"] for row in down.data[0]["students"]] == ["Глеб", "Дина"]


def test_two_relationships_are_ambiguous_without_a_hint(reader: Any, reads: httpx.Client) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("bookings").select("id,staff(name)").execute()
    assert caught.value.code == "PGRST201"
    answer = reads.get("/bookings?select=staff(name)")
    assert answer.status_code == 300
    assert [one["cardinality"] for one in answer.json()["details"]] == ["many-to-one", "many-to-one"]
    assert "'staff!bookings_by'" in answer.json()["hint"]


@pytest.mark.parametrize("hint", ["bookings_assisted_by", "assistant_id"])
def test_a_hint_names_the_constraint_or_the_column(reader: Any, hint: str) -> None:
    data = reader.table("bookings").select(f"id,staff!{hint}(name)").eq("id", 1).execute().data
    assert data == [{"id": 1, "staff": {"name": "Глеб"}}]


def test_both_relationships_can_be_embedded_by_their_names(reader: Any) -> None:
    data = (
        reader.table("bookings")
        .select("by:staff!bookings_by(name),assisted:staff!bookings_assisted_by(name),staff_id(name)")
        .eq("id", 1)
        .execute()
        .data
    )
    assert data == [{"by": {"name": "Вера"}, "assisted": {"name": "Глеб"}, "staff_id": {"name": "Вера"}}]


def test_embedded_rows_have_filters_order_and_limit_of_their_own(reader: Any) -> None:
    data = (
        reader.table("companies")
        .select("company_id,clients(id)")
        .gt("clients.id", 1)
        .order("id", desc=True, foreign_table="clients")
        .limit(1, foreign_table="clients")
        .order("company_id")
        .execute()
        .data
    )
    assert data == [
        {"company_id": 900100, "clients": [{"id": 2}]},
        {"company_id": 900200, "clients": [{"id": 4}]},
    ]


def test_range_of_an_embedded_resource(reader: Any) -> None:
    query = reader.table("companies").select("clients(id)").order("id", foreign_table="clients")
    data = query.range(1, 1, foreign_table="clients").eq("company_id", 900100).execute().data
    assert data == [{"clients": [{"id": 2}]}]


def test_or_on_an_embedded_resource(reader: Any) -> None:
    query = reader.table("companies").select("clients(id)").eq("company_id", 900100)
    assert query.or_("id.eq.2,id.eq.9", reference_table="clients").execute().data == [{"clients": [{"id": 2}]}]


def test_inner_drops_parents_without_children_and_counts_right(reader: Any) -> None:
    query = reader.table("companies").select("company_id,clients!inner(id)", count=CountMethod.exact)
    answer = query.eq("clients.id", 3).limit(1).execute()
    assert answer.data == [{"company_id": 900200, "clients": [{"id": 3}]}]
    assert answer.count == 1


def test_null_filtering_on_embedded_resources(reader: Any) -> None:
    without = reader.table("bookings").select("id,clients()", count=CountMethod.exact).is_("clients", "null")
    answer = without.limit(5).execute()
    assert (answer.data, answer.count) == ([{"id": 4}], 1)
    having = reader.table("staff").select("name,bookings!bookings_assisted_by(id)").not_.is_("bookings", "null")
    assert [row["name"] for row in having.order("staff_id").execute().data] == ["Глеб", "Дина"]


def test_or_across_embedded_resources(reader: Any) -> None:
    query = reader.table("bookings").select("id,clients(),by:staff!bookings_by()").order("id")
    assert query.or_("clients.is.null,by.not.is.null").execute().data == [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]


def test_order_by_a_column_of_a_to_one(reader: Any) -> None:
    query = reader.table("bookings").select("id,clients(name)").order("clients(name)", desc=True, nullsfirst=False)
    assert [row["id"] for row in query.order("id").execute().data] == [3, 1, 2, 4]


def test_no_relationship_is_pgrst200_with_a_suggestion(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("companies").select("*,client(*)").execute()
    assert caught.value.code == "PGRST200"
    assert caught.value.hint == "Perhaps you meant 'clients' instead of 'client'."


def test_what_a_write_returns_can_embed(project: Project) -> None:
    client = project.client()
    inserted = client.table("bookings").insert({"id": 9, "client_id": 1, "title": "x"}).select("title,clients(name)")
    assert inserted.execute().data == [{"title": "x", "clients": {"name": "Анна"}}]
    updated = client.table("clients").update({"name": "Ася"}).eq("id", 1).select("name,companies(title),bookings(id)")
    assert updated.execute().data == [
        {"name": "Ася", "companies": {"title": "Салон"}, "bookings": [{"id": 1}, {"id": 2}, {"id": 9}]}
    ]


def test_an_embedded_resource_is_capped_as_well(project: Project) -> None:
    project.sql("INSERT INTO clients (company_id, name) SELECT 900100, 'x' FROM generate_series(1, 1100)")
    data = project.client().table("companies").select("clients(id)").eq("company_id", 900100).execute().data
    assert len(data[0]["clients"]) == 1000
