"""Relations of every kind and name: views, computed columns, quoted names, schemas, aggregates
(docs: "Computed Fields", "Schemas", "Aggregate Functions")."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from postgrest.exceptions import APIError

from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


def test_a_view_and_a_computed_column_can_be_read(project: Project) -> None:
    project.sql("CREATE VIEW named AS SELECT id, name FROM clients; GRANT SELECT ON named TO service_role")
    project.sql(
        "CREATE FUNCTION label(clients) RETURNS text LANGUAGE sql STABLE AS $$ SELECT $1.id || ' ' || $1.name $$"
    )
    client = project.client()
    assert client.table("named").select("name").eq("id", 1).execute().data == [{"name": "Анна"}]
    assert client.table("clients").select("label").eq("label", "1 Анна").order("label").execute().data == [
        {"label": "1 Анна"}
    ]


def test_names_that_need_quotes_work_everywhere(project: Project) -> None:
    project.sql(
        """
        CREATE TABLE "Имя, фамилия" ("a.b" int PRIMARY KEY, "c""d" text, "e%f" text, "order" int);
        INSERT INTO "Имя, фамилия" VALUES (1, 'x', 'y', 2);
        GRANT ALL ON "Имя, фамилия" TO service_role;
        """
    )
    table = project.client().table("Имя, фамилия")
    assert table.select('"a.b","c\\"d","e%f","order"').execute().data == [
        {"a.b": 1, 'c"d': "x", "e%f": "y", "order": 2}
    ]
    path = quote("/Имя, фамилия")
    assert len(project.http().get(f"{path}?%22a.b%22=eq.1&%22order%22=eq.2&%22e%25f%22=eq.y").json()) == 1
    assert table.insert({"a.b": 2, 'c"d': "z", "e%f": "%s", "order": 1}).execute().data[0]["e%f"] == "%s"
    assert [row["a.b"] for row in table.select('"a.b"').order('"order"').execute().data] == [2, 1]


def test_another_schema_is_named_by_the_profile(server_of_two_schemas: Project) -> None:
    client = server_of_two_schemas.client()
    assert client.schema("api").table("things").select("*").execute().data == [{"id": 7}]
    with pytest.raises(APIError) as caught:
        client.table("things").select("*").execute()
    assert caught.value.code == "PGRST205"
    with pytest.raises(APIError) as caught:
        client.schema("private").table("things").select("*").execute()
    assert caught.value.code == "PGRST106"
    answer = server_of_two_schemas.http().get("/things", headers={"Accept-Profile": "api"})
    assert answer.headers["content-profile"] == "api"


@pytest.fixture
def server_of_two_schemas(project: Project) -> Iterator[Project]:
    """A gateway of its own that exposes two schemas."""
    project.sql(
        """
        CREATE SCHEMA api;
        CREATE TABLE api.things AS SELECT 7 AS id;
        GRANT USAGE ON SCHEMA api TO service_role;
        GRANT ALL ON api.things TO service_role;
        """
    )
    settings = GatewaySettings(
        db_uri=project.dsn,
        db_schemas=("public", "api"),
        jwt_secret=project.keys.jwt_secret,
        anon_key=project.keys.anon_key,
        service_role_key=project.keys.service_role_key,
    )
    with GatewayServer.start(settings) as running:
        yield dataclasses.replace(project, gateway=running)


def test_aggregates_are_refused_unless_enabled(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("discount.sum()").execute()
    assert caught.value.code == "PGRST123"


def test_enabled_aggregates_group_by_the_other_columns(project: Project) -> None:
    settings = GatewaySettings(db_uri=project.dsn, db_anon_role="service_role", db_aggregates_enabled=True)
    with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as plain:
        answer = plain.get("/clients?select=company_id,n:count(),discount.sum()::text&order=company_id")
    assert answer.json() == [
        {"company_id": 900100, "n": 2, "sum": "10"},
        {"company_id": 900200, "n": 2, "sum": "10"},
    ]
