"""Insert, upsert, update and delete through the unmodified client (docs: "Insert", "Upsert", "Update", "Delete")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod, ReturnMethod

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


def test_an_insert_returns_the_whole_row_with_defaults(client: Any) -> None:
    answer = client.table("companies").insert({"company_id": 900300, "title": "Новый"}).execute()
    assert answer.data == [{"company_id": 900300, "title": "Новый", "currency": "RUB", "raw_data": None}]


def test_a_bulk_insert_with_unequal_keys_sets_null_for_what_a_row_lacks(client: Any) -> None:
    rows = [{"company_id": 900301, "title": "a", "currency": "USD"}, {"company_id": 900302, "title": "b"}]
    answer = client.table("companies").insert(rows).execute()
    assert [row["currency"] for row in answer.data] == ["USD", None]


def test_a_bulk_insert_with_default_to_null_false_uses_defaults(client: Any) -> None:
    rows = [{"company_id": 900301, "title": "a", "currency": "USD"}, {"company_id": 900302, "title": "b"}]
    answer = client.table("companies").insert(rows, default_to_null=False).execute()
    assert [row["currency"] for row in answer.data] == ["USD", "RUB"]


def test_missing_default_counts_a_sequence_on_once_a_row(client: Any) -> None:
    rows = [{"company_id": 900100, "name": "a"}, {"company_id": 900100, "name": "b", "discount": 9}]
    answer = client.table("clients").insert(rows, default_to_null=False).execute()
    assert [(row["id"], row["discount"]) for row in answer.data] == [(101, 5), (102, 9)]


def test_one_dict_alone_uses_defaults(client: Any) -> None:
    assert client.table("clients").insert({"company_id": 900100}).execute().data[0]["discount"] == 5


def test_an_empty_dict_is_a_row_of_defaults(project: Project) -> None:
    project.sql("CREATE TABLE marks (id serial PRIMARY KEY, at date DEFAULT '2024-01-01')")
    project.sql("GRANT ALL ON marks, marks_id_seq TO service_role")
    assert project.client().table("marks").insert({}).execute().data == [{"id": 1, "at": "2024-01-01"}]
    assert len(project.client().table("marks").insert([{}, {}]).execute().data) == 2


def test_an_empty_list_inserts_nothing(client: Any) -> None:
    assert client.table("companies").insert([]).execute().data == []


def test_an_unknown_column_in_an_insert_is_pgrst204(client: Any) -> None:
    with pytest.raises(APIError) as caught:
        client.table("bookings").insert({"id": 9, "yclients_id": 1}).execute()
    assert caught.value.code == "PGRST204"
    assert caught.value.message == "Could not find the 'yclients_id' column of 'bookings' in the schema cache"


def test_returning_minimal_returns_nothing(client: Any, http: httpx.Client) -> None:
    answer = client.table("companies").insert({"company_id": 900300, "title": "x"}, returning=ReturnMethod.minimal)
    assert answer.execute().data == []
    raw = http.post("/companies", json={"company_id": 900301, "title": "x"}, headers={"Prefer": "return=minimal"})
    assert (raw.status_code, raw.content, raw.headers["preference-applied"]) == (201, b"", "return=minimal")


def test_counts_of_writes_reach_the_client(client: Any) -> None:
    table = client.table("companies")
    rows = [{"company_id": 900301, "title": "a"}, {"company_id": 900302, "title": "b"}]
    assert table.insert(rows, count=CountMethod.exact).execute().count == 2
    assert table.update({"title": "c"}, count=CountMethod.exact).gte("company_id", 900301).execute().count == 2
    assert table.delete(count=CountMethod.exact).gte("company_id", 900301).execute().count == 2


def test_representations_of_writes_are_not_capped(client: Any) -> None:
    rows = [{"company_id": 900100, "name": str(number)} for number in range(1200)]
    assert len(client.table("clients").insert(rows).execute().data) == 1200


def test_an_upsert_updates_what_is_there_and_inserts_the_rest(client: Any) -> None:
    rows = [
        {"yclients_id": 101, "company_id": 900100, "name": "Аня"},
        {"yclients_id": 777, "company_id": 900100, "name": "Яна"},
    ]
    answer = client.table("clients").upsert(rows, on_conflict="yclients_id,company_id").execute()
    assert [(row["id"], row["name"]) for row in answer.data] == [(1, "Аня"), (102, "Яна")]


def test_an_upsert_without_on_conflict_goes_by_the_primary_key(client: Any) -> None:
    client.table("companies").upsert({"company_id": 900100, "title": "Салон 2"}).execute()
    assert client.table("companies").select("title,currency").eq("company_id", 900100).execute().data == [
        {"title": "Салон 2", "currency": "RUB"}
    ]


def test_a_bulk_upsert_with_unequal_keys_overwrites_with_null(client: Any) -> None:
    rows = [{"company_id": 900100, "title": "a"}, {"company_id": 900200, "title": "b", "currency": "EUR"}]
    answer = client.table("companies").upsert(rows).execute()
    assert [row["currency"] for row in answer.data] == [None, "EUR"]


def test_ignore_duplicates_leaves_skipped_rows_out_of_the_answer(client: Any) -> None:
    rows = [{"company_id": 900100, "title": "x"}, {"company_id": 900300, "title": "y"}]
    answer = client.table("companies").upsert(rows, ignore_duplicates=True).execute()
    assert [row["company_id"] for row in answer.data] == [900300]


def test_an_upsert_without_a_matching_unique_index_is_42p10(client: Any) -> None:
    with pytest.raises(APIError) as caught:
        client.table("clients").upsert({"phone": "1", "company_id": 900100}, on_conflict="phone,company_id").execute()
    assert caught.value.code == "42P10"


def test_the_same_key_twice_in_an_upsert_is_21000(client: Any, http: httpx.Client) -> None:
    rows = [{"company_id": 900300, "title": "a"}, {"company_id": 900300, "title": "b"}]
    with pytest.raises(APIError) as caught:
        client.table("companies").upsert(rows).execute()
    assert caught.value.code == "21000"
    answer = http.post("/companies", json=rows, headers={"Prefer": "resolution=merge-duplicates"})
    assert answer.status_code == 500


def test_conflicts_burn_sequence_values(client: Any, project: Project) -> None:
    client.table("clients").upsert(
        {"yclients_id": 101, "company_id": 900100}, on_conflict="yclients_id,company_id"
    ).execute()
    assert project.sql("SELECT last_value FROM clients_id_seq") == [(101,)]


def test_insert_with_upsert_is_an_upsert_by_the_primary_key(client: Any) -> None:
    answer = client.table("companies").insert({"company_id": 900100, "title": "z"}, upsert=True).execute()
    assert answer.data[0]["title"] == "z"


def test_an_update_changes_the_chosen_rows_and_returns_them(client: Any) -> None:
    answer = client.table("clients").update({"discount": 7, "raw_data": None}).eq("company_id", 900200).execute()
    assert [(row["id"], row["discount"], row["raw_data"]) for row in answer.data] == [(3, 7, None), (4, 7, None)]


def test_an_update_of_no_rows_returns_an_empty_list(client: Any) -> None:
    assert client.table("clients").update({"discount": 7}).eq("id", 0).execute().data == []


def test_a_filter_that_no_longer_holds_does_not_hide_an_updated_row(client: Any) -> None:
    answer = client.table("clients").update({"name": "b"}).or_("name.eq.Анна,name.eq.nobody").execute()
    assert [row["name"] for row in answer.data] == ["b"]


def test_an_empty_update_changes_nothing(client: Any) -> None:
    assert client.table("clients").update({}).eq("id", 1).execute().data == []
    assert client.table("clients").update({}).execute().data == []


def test_a_delete_returns_what_it_removed(client: Any) -> None:
    answer = client.table("bookings").delete().in_("id", [2, 3]).execute()
    assert [row["id"] for row in answer.data] == [2, 3]
    assert [row["id"] for row in client.table("bookings").select("id").order("id").execute().data] == [1, 4]


def test_a_refused_write_changes_nothing(client: Any) -> None:
    with pytest.raises(APIError):
        client.table("companies").update({"title": "x"}).execute()
    with pytest.raises(APIError):
        client.table("bookings").delete().execute()
    assert len(client.table("bookings").select("id").execute().data) == 4
    assert client.table("companies").select("title").eq("title", "x").execute().data == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"company_id": 900100, "title": "x"}, 409, "23505"),
        ({"company_id": 900300, "title": None}, 400, "23502"),
        ({"company_id": "many", "title": "x"}, 400, "22P02"),
        ([{"company_id": 1}, {"title": "x"}], 400, "PGRST102"),
        ([1, 2], 400, "PGRST102"),
    ],
)
def test_a_row_that_cannot_be_is_refused(http: httpx.Client, body: Any, status: int, code: str) -> None:
    answer = http.post("/companies", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_failed_bulk_insert_leaves_no_row_behind(client: Any) -> None:
    with pytest.raises(APIError):
        client.table("companies").insert(
            [{"company_id": 900300, "title": "a"}, {"company_id": 900100, "title": "b"}]
        ).execute()
    assert client.table("companies").select("title").eq("company_id", 900300).execute().data == []


def test_a_single_object_is_asked_of_a_write_and_undone_where_it_is_not_one(client: Any, http: httpx.Client) -> None:
    one = {"Prefer": "return=representation", "Accept": "application/vnd.pgrst.object+json"}
    assert http.patch("/clients?id=eq.1", json={"name": "x"}, headers=one).json()["name"] == "x"
    answer = http.patch("/clients?company_id=eq.900200", json={"name": "y"}, headers=one)
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST116")
    assert client.table("clients").select("id").eq("name", "y").execute().data == []


def test_max_affected_undoes_a_write_to_more_rows(client: Any) -> None:
    with pytest.raises(APIError) as caught:
        client.table("clients").update({"name": "y"}).gt("id", 0).max_affected(3).execute()
    assert caught.value.code == "PGRST124"
    assert client.table("clients").select("id").eq("name", "y").execute().data == []
    assert len(client.table("bookings").delete().lte("id", 3).max_affected(3).execute().data) == 3


def test_generated_columns_and_triggers_show_in_the_answer(project: Project) -> None:
    project.sql(
        """
        CREATE TABLE prices (id int PRIMARY KEY, net int, gross int GENERATED ALWAYS AS (net * 2) STORED, at text);
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := 'now'; RETURN NEW; END $$;
        CREATE TRIGGER stamps BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION stamp();
        GRANT ALL ON prices TO service_role;
        """
    )
    data = project.client().table("prices").insert([{"id": 1, "net": 2}], default_to_null=False).execute().data
    assert data == [{"id": 1, "net": 2, "gross": 4, "at": "now"}]


def test_a_sequence_behind_the_largest_id_is_23505_on_the_first_insert(project: Project) -> None:
    project.sql("SELECT setval('clients_id_seq', 1, false)")
    answer = project.http().post("/clients", json={"company_id": 900100})
    assert (answer.status_code, answer.json()["code"]) == (409, "23505")


def test_a_view_is_written_through(project: Project) -> None:
    project.sql("CREATE VIEW titles AS SELECT company_id, title FROM companies; GRANT ALL ON titles TO service_role")
    table = project.client().table("titles")
    assert table.insert({"company_id": 900300, "title": "v"}).execute().data == [{"company_id": 900300, "title": "v"}]
    assert table.update({"title": "w"}).eq("company_id", 900300).execute().data[0]["title"] == "w"
