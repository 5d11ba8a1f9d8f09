"""Where a REST answer differs from a direct one: writes. Each test is one fact that callers meet on a hosted project.

What the tests of the gateway's own behaviour already say by name is not said again here.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest.exceptions import APIError

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


@pytest.mark.parametrize("columns", list(itertools.permutations(("company_id", "title", "currency"))), ids=",".join)
def test_the_union_of_keys_means_the_same_in_any_order(http: httpx.Client, columns: tuple[str, ...]) -> None:
    """The client takes it from a set, so that it goes out in another order in another process."""
    rows = [{"company_id": 900301, "title": "a", "currency": "USD"}, {"company_id": 900302, "title": "b"}]
    named = ",".join(f'"{column}"' for column in columns)
    answer = http.post(f"/companies?columns={named}", json=rows, headers={"Prefer": "return=representation"})
    assert answer.json() == [
        {"company_id": 900301, "title": "a", "currency": "USD", "raw_data": None},
        {"company_id": 900302, "title": "b", "currency": None, "raw_data": None},
    ]


def test_an_update_of_one_dict_leaves_columns_that_it_does_not_name(client: Any) -> None:
    client.table("companies").update({"title": "x"}).eq("company_id", 900100).execute()
    row = client.table("companies").select("title,currency").eq("company_id", 900100).single().execute().data
    assert row == {"title": "x", "currency": "RUB"}


def test_a_bulk_upsert_overwrites_with_null_what_one_dict_would_have_left(client: Any) -> None:
    one, other = {"company_id": 900100, "title": "a"}, {"company_id": 900200, "title": "b", "currency": "EUR"}
    assert client.table("companies").upsert(one).execute().data[0]["currency"] == "RUB"
    assert client.table("companies").upsert([one, other]).execute().data[0]["currency"] is None


def test_ignored_duplicates_burn_values_of_the_sequence_as_well(client: Any, project: Project) -> None:
    row = {"yclients_id": 101, "company_id": 900100}
    answer = client.table("clients").upsert(row, on_conflict="yclients_id,company_id", ignore_duplicates=True)
    assert answer.execute().data == []
    assert project.sql("SELECT last_value FROM clients_id_seq") == [(101,)]


def test_a_failed_insert_burns_a_value_of_the_sequence(client: Any, project: Project) -> None:
    with pytest.raises(APIError):
        client.table("clients").insert({"company_id": 1}).execute()
    assert client.table("clients").insert({"company_id": 900100}).execute().data[0]["id"] == 102


def test_a_value_for_an_identity_that_is_always_generated_is_428c9(project: Project) -> None:
    project.sql(
        "CREATE TABLE visits (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at date);"
        " GRANT ALL ON visits TO service_role"
    )
    with pytest.raises(APIError) as caught:
        project.client().table("visits").insert({"id": 7, "at": "2024-01-01"}).execute()
    assert caught.value.code == "428C9"
    assert project.client().table("visits").insert({"at": "2024-01-01"}).execute().data == [
        {"id": 1, "at": "2024-01-01"}
    ]


@pytest.fixture
def audited(project: Project) -> Project:
    """A trigger writes another table, and refuses a company that is called `no`."""
    project.sql(
        """
        CREATE TABLE audit (id int GENERATED ALWAYS AS IDENTITY, company_id bigint, was text);
        CREATE FUNCTION audits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            INSERT INTO public.audit (company_id, was) VALUES (NEW.company_id, OLD.title);
            IF NEW.title = 'no' THEN RAISE check_violation USING MESSAGE = 'no such title'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER audits AFTER UPDATE ON companies FOR EACH ROW EXECUTE FUNCTION audits();
        """
    )
    return project


def test_a_trigger_that_writes_another_table_does_not_show_in_the_answer(audited: Project) -> None:
    answer = audited.client().table("companies").update({"title": "x"}).eq("company_id", 900100).execute()
    assert [row["title"] for row in answer.data] == ["x"]
    assert audited.sql("SELECT company_id, was FROM audit") == [(900100, "Салон")]


def test_a_call_that_fails_takes_back_what_its_triggers_wrote(audited: Project) -> None:
    with pytest.raises(APIError) as caught:
        audited.client().table("companies").update({"title": "no"}).gt("company_id", 0).execute()
    assert caught.value.code == "23514"
    assert audited.sql("SELECT count(*) FROM audit") == [(0,)]


def test_two_calls_are_two_transactions(client: Any, project: Project) -> None:
    """A method that makes several calls is not atomic: what the first wrote stays when the second fails."""
    client.table("companies").insert({"company_id": 900300, "title": "x"}).execute()
    with pytest.raises(APIError):
        client.table("clients").insert({"company_id": 1}).execute()
    assert project.sql("SELECT title FROM companies WHERE company_id = 900300") == [("x",)]


def test_a_view_that_writes_is_25006_with_get(project: Project) -> None:
    project.sql("CREATE VIEW counter AS SELECT nextval('clients_id_seq') AS n; GRANT SELECT ON counter TO service_role")
    answer = project.http().get("/counter")
    assert (answer.status_code, answer.json()["code"]) == (405, "25006")


def test_a_write_that_a_policy_hides_is_no_error_and_an_insert_against_it_is(project: Project) -> None:
    project.sql("ALTER TABLE clients ENABLE ROW LEVEL SECURITY")
    table = project.client(project.keys.anon_key).table("clients")
    assert table.update({"name": "x"}).eq("id", 1).execute().data == []
    assert table.delete().eq("id", 1).execute().data == []
    with pytest.raises(APIError) as caught:
        table.upsert({"id": 1, "company_id": 900100, "name": "x"}).execute()
    assert caught.value.code == "42501"
    assert project.sql("SELECT name FROM clients WHERE id = 1") == [("Анна",)]


def test_a_naive_datetime_is_read_in_the_zone_of_the_request(project: Project) -> None:
    project.sql("CREATE TABLE moments (id int PRIMARY KEY, at timestamptz); GRANT ALL ON moments TO service_role")
    http = project.http()
    http.post("/moments", json={"id": 1, "at": "2024-02-29T12:00:00"})
    http.post("/moments", json={"id": 2, "at": "2024-02-29T12:00:00"}, headers={"Prefer": "timezone=Europe/Moscow"})
    assert http.get("/moments?order=id").json() == [
        {"id": 1, "at": "2024-02-29T12:00:00+00:00"},
        {"id": 2, "at": "2024-02-29T09:00:00+00:00"},
    ]
