"""Schemas: Multiple Schemas, GET/HEAD, Other Methods, and a schema that is not exposed
(https://docs.postgrest.org/en/v16/references/api/schemas.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

SPECIAL = 'Особая "@/\\#~_-'
DDL = """
CREATE SCHEMA minsk;
CREATE TABLE minsk.salons (id int PRIMARY KEY, name text);
INSERT INTO minsk.salons VALUES (1, 'minsk 1'), (2, 'minsk 2');
CREATE TABLE minsk.rooms (id int PRIMARY KEY, salon_id int REFERENCES minsk.salons, name text);
INSERT INTO minsk.rooms VALUES (1, 1, 'minsk room');
CREATE FUNCTION minsk.below(id int) RETURNS SETOF minsk.salons LANGUAGE sql STABLE
    AS 'SELECT * FROM minsk.salons WHERE salons.id < $1';
CREATE SCHEMA brest;
CREATE TABLE brest.salons (id int PRIMARY KEY, name text);
INSERT INTO brest.salons VALUES (3, 'brest 3');
CREATE TABLE brest.rooms (id int PRIMARY KEY, salon_id int REFERENCES brest.salons, name text);
INSERT INTO brest.rooms VALUES (1, 3, 'brest room');
CREATE TABLE brest.clients (id int PRIMARY KEY);
CREATE FUNCTION brest.below(id int) RETURNS SETOF brest.salons LANGUAGE sql STABLE
    AS 'SELECT * FROM brest.salons WHERE salons.id < $1';
CREATE SCHEMA "Особая ""@/\\#~_-";
CREATE TABLE "Особая ""@/\\#~_-".names (id int PRIMARY KEY, name text);
INSERT INTO "Особая ""@/\\#~_-".names VALUES (1, 'José');
CREATE SCHEMA hidden;
CREATE TABLE hidden.secrets (id int);
""".replace("\\\\", "\\")
FULL = {"Prefer": "return=representation"}


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of three exposed schemas, of which the first is the default one."""
    return serve(DDL, db_schemas=("minsk", "brest", SPECIAL), db_tx_end="rollback-allow-override").http


@pytest.fixture(scope="module")
def alone(serve: Serve) -> httpx.Client:
    """An anonymous client of one exposed schema."""
    return serve(DDL, db_schemas=("brest",)).http


# Multiple Schemas


def test_without_a_header_the_first_schema_is_meant_and_said(http: httpx.Client) -> None:
    answer = http.get("/salons?order=id")
    assert answer.json() == [{"id": 1, "name": "minsk 1"}, {"id": 2, "name": "minsk 2"}]
    assert answer.headers["content-profile"] == "minsk"


def test_where_there_is_one_schema_it_is_said_only_if_it_was_named(alone: httpx.Client) -> None:
    assert "content-profile" not in alone.get("/salons").headers
    assert alone.get("/salons", headers={"Accept-Profile": "brest"}).headers["content-profile"] == "brest"


# GET/HEAD


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_accept_profile_names_the_schema_of_a_read(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/salons", headers={"Accept-Profile": "brest", "Content-Profile": "minsk"})
    assert (answer.status_code, answer.headers["content-profile"]) == (200, "brest")
    assert method == "HEAD" or answer.json() == [{"id": 3, "name": "brest 3"}]


def test_a_table_of_one_schema_is_none_of_another(http: httpx.Client) -> None:
    assert http.get("/clients", headers={"Accept-Profile": "brest"}).json() == []
    answer = http.get("/clients", headers={"Accept-Profile": "minsk"})
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST205")
    assert answer.json()["message"] == "Could not find the table 'minsk.clients' in the schema cache"


def test_embedded_resources_are_of_the_same_schema(http: httpx.Client) -> None:
    answer = http.get("/rooms?select=name,salons(name)", headers={"Accept-Profile": "brest"})
    assert answer.json() == [{"name": "brest room", "salons": {"name": "brest 3"}}]


def test_a_schema_may_be_called_anything(http: httpx.Client) -> None:
    answer = http.get("/names", headers=[(b"Accept-Profile", SPECIAL.encode())])
    assert answer.json() == [{"id": 1, "name": "José"}]
    assert dict(answer.headers.raw)[b"content-profile"] == SPECIAL.encode()


# Other Methods


def test_content_profile_names_the_schema_of_a_write(http: httpx.Client) -> None:
    headers = {**FULL, "Content-Profile": "brest", "Accept-Profile": "minsk"}
    answers = [
        http.post("/salons", json={"id": 9, "name": "new"}, headers=headers),
        http.patch("/salons?id=eq.3", json={"name": "new"}, headers=headers),
        http.put("/salons?id=eq.9", json={"id": 9, "name": "new"}, headers=headers),
        http.delete("/rooms?id=eq.1&select=id", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 201, 200]
    assert {answer.headers["content-profile"] for answer in answers} == {"brest"}


def test_a_write_that_answers_nothing_says_no_schema(http: httpx.Client) -> None:
    answer = http.post("/salons", json={"id": 9}, headers={"Content-Profile": "brest"})
    assert (answer.status_code, "content-profile" in answer.headers) == (201, False)


def test_functions_are_found_by_the_header_of_the_method(http: httpx.Client) -> None:
    answer = http.get("/rpc/below?id=9", headers={"Accept-Profile": "brest"})
    assert (answer.json(), answer.headers["content-profile"]) == ([{"id": 3, "name": "brest 3"}], "brest")
    answer = http.post("/rpc/below", json={"id": 9}, headers={"Content-Profile": "brest"})
    assert (answer.json(), answer.headers["content-profile"]) == ([{"id": 3, "name": "brest 3"}], "brest")
    answer = http.post("/rpc/below", json={"id": 2}, headers={"Accept-Profile": "brest"})
    assert (answer.json(), answer.headers["content-profile"]) == ([{"id": 1, "name": "minsk 1"}], "minsk")


# A schema that is not exposed


@pytest.mark.parametrize(
    ("method", "path", "header", "named"),
    [
        ("GET", "/salons", "Accept-Profile", "hidden"),
        ("GET", "/salons", "Accept-Profile", "Minsk"),
        ("GET", "/", "Accept-Profile", "hidden"),
        ("OPTIONS", "/salons", "Accept-Profile", "hidden"),
        ("POST", "/salons", "Content-Profile", "nowhere"),
        ("PATCH", "/salons", "Content-Profile", "nowhere"),
        ("PUT", "/salons", "Content-Profile", "nowhere"),
        ("DELETE", "/salons", "Content-Profile", ""),
        ("POST", "/rpc/below", "Content-Profile", "nowhere"),
        ("TRACE", "/salons", "Accept-Profile", "hidden"),
    ],
)
def test_a_schema_that_is_not_exposed_is_pgrst106(
    http: httpx.Client, method: str, path: str, header: str, named: str
) -> None:
    answer = http.request(method, path, headers={header: named})
    assert answer.status_code == 406
    assert answer.json() == {
        "code": "PGRST106",
        "details": None,
        "hint": f"Only the following schemas are exposed: minsk, brest, {SPECIAL}",
        "message": f"Invalid schema: {named}",
    }
    assert answer.headers["proxy-status"] == "PostgREST; error=PGRST106"


def test_a_path_that_names_nothing_is_told_before_the_schema(http: httpx.Client) -> None:
    answer = http.get("/a/b", headers={"Accept-Profile": "hidden"})
    assert answer.json()["code"] == "PGRST125"
