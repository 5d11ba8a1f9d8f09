"""Errors as the unmodified client meets them, and the staleness of the schema cache (docs: "Schema Cache")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


def test_an_unknown_table_is_pgrst205_with_a_suggestion(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("client").select("*").execute()
    assert caught.value.code == "PGRST205"
    assert caught.value.message == "Could not find the table 'public.client' in the schema cache"
    assert caught.value.hint == "Perhaps you meant the table 'public.clients'"


def test_a_very_long_url_is_refused_by_the_client(reader: Any) -> None:
    with pytest.raises(httpx.InvalidURL):
        reader.table("clients").select("id").in_("id", list(range(20_000))).execute()


def test_a_new_table_is_unknown_until_the_cache_is_reloaded(project: Project) -> None:
    with_cache = project.http()
    project.gateway.reload_schema_cache()
    _silently(project, "CREATE TABLE late (id int); GRANT ALL ON late TO service_role")
    assert with_cache.get("/late").json()["code"] == "PGRST205"
    project.gateway.reload_schema_cache()
    assert with_cache.get("/late").json() == []


def test_a_new_column_can_be_read_at_once_but_not_inserted(project: Project) -> None:
    _silently(project, "ALTER TABLE companies ADD COLUMN late int")
    http = project.http()
    assert http.get("/companies?select=late&late=is.null").status_code == 200
    assert http.post("/companies", json={"company_id": 1, "title": "x", "late": 1}).json()["code"] == "PGRST204"
    project.gateway.reload_schema_cache()
    assert http.post("/companies", json={"company_id": 1, "title": "x", "late": 1}).status_code == 201


def test_a_dropped_table_is_42p01_until_the_cache_is_reloaded(project: Project) -> None:
    _silently(project, "DROP TABLE passports")
    answer = project.http().get("/passports")
    assert (answer.status_code, answer.json()["code"]) == (404, "42P01")
    project.gateway.reload_schema_cache()
    assert project.http().get("/passports").json()["code"] == "PGRST205"


def test_a_changed_type_is_no_stale_plan(project: Project) -> None:
    http = project.http()
    for _ in range(8):
        assert http.get("/bookings?select=title&id=eq.1").json() == [{"title": "стрижка"}]
    _silently(project, "ALTER TABLE bookings ALTER COLUMN title TYPE int USING 7")
    for _ in range(8):
        assert http.get("/bookings?select=title&id=eq.1").json() == [{"title": 7}]


def _silently(project: Project, text: str) -> None:
    """DDL that nobody tells the gateway of."""
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(text.encode())
