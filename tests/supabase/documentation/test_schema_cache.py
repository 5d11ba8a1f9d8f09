"""Schema Cache, written from https://docs.postgrest.org/en/v16/references/schema_cache.html.

Sections: Schema Cache (what is known of the database, on every version alike) · Schema Cache Reloading (what is stale
until then); and from the page "Errors" the code PGRST205 with its suggestions.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from harness.gateway.cache.reading import read_schema_cache
from tests.server_versions import since
from tests.supabase.documentation import test_computed_relationships as computed
from tests.supabase.documentation import test_resource_embedding_relationships as relationships
from tests.supabase.documentation import test_resource_embedding_views as views

if TYPE_CHECKING:
    from harness.gateway.cache.schema_cache import SchemaCache
    from tests.supabase.documentation.conftest import Serve, Served


DDL = """
CREATE SCHEMA api;
CREATE SCHEMA crowd;
CREATE TABLE api.companies (id int PRIMARY KEY);
CREATE TABLE api.clients (id int PRIMARY KEY, company_id int);
CREATE VIEW api.regulars AS SELECT * FROM api.clients;
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api", "crowd"))


@pytest.fixture
def fresh(serve: Serve) -> Served:
    """A database of the test's own."""
    return serve(DDL, db_schemas=("api",))


def _error(served: Served, path: str, **headers: str) -> tuple[int, Any, Any]:
    answer = served.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return answer.status_code, answer.json()["code"], answer.json()["hint"]


# Schema Cache


def _read(dsn: str, ddl: str) -> SchemaCache:
    async def read() -> SchemaCache:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            await connection.execute(ddl.encode())
            await connection.execute("CREATE SCHEMA IF NOT EXISTS shared")
            return await read_schema_cache(connection, ("api",), ("shared",))

    return asyncio.run(read())


@since(14, "primary keys in pg_catalog")
@pytest.mark.parametrize("module", [relationships, views, computed])
def test_the_schema_cache_is_the_same_on_every_version_of_postgresql(
    module: Any, database: str, newer_database: str
) -> None:
    older, newer = _read(database, module.DDL), _read(newer_database, module.DDL)
    assert len(older.relationships) > 5
    assert older.relationships == newer.relationships
    assert older.tables == newer.tables


# Schema Cache Reloading


def test_a_new_foreign_key_is_unknown_until_the_schema_cache_is_reloaded(fresh: Served) -> None:
    # nothing leads away from a relation: then another one would be suggested, but none has relationships here
    path = "/clients?select=id,companies(id)"
    assert _error(fresh, path) == (400, "PGRST200", None)
    fresh.sql("ALTER TABLE api.clients ADD FOREIGN KEY (company_id) REFERENCES api.companies", reload=False)
    assert _error(fresh, path) == (400, "PGRST200", None)
    fresh.gateway.reload_schema_cache()
    assert fresh.http.get(path).json() == []
    assert fresh.http.get("/regulars?select=companies(id)").json() == []


def test_a_new_function_is_no_relationship_until_the_schema_cache_is_reloaded(fresh: Served) -> None:
    function = "CREATE FUNCTION api.all_of(api.companies) RETURNS SETOF api.clients LANGUAGE sql STABLE"
    fresh.sql(f"{function} AS 'SELECT * FROM api.clients'", reload=False)
    assert _error(fresh, "/companies?select=all_of(*)")[:2] == (400, "PGRST200")
    fresh.gateway.reload_schema_cache()
    assert fresh.http.get("/companies?select=all_of(*)").json() == []


# PGRST205: no such relation


def test_pgrst205_names_the_relation_with_its_schema(served: Served) -> None:
    answer = served.http.get("/nothing")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "PGRST205",
        "message": "Could not find the table 'api.nothing' in the schema cache",
        "details": None,
        "hint": None,
    }


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/client", "clients"),
        ("/regulers", "regulars"),
        ("/Clients", "clients"),
        ("/cliexx", None),
    ],
)
def test_pgrst205_suggests_a_relation_that_is_three_quarters_like_it(
    served: Served, path: str, meant: str | None
) -> None:
    hint = f"Perhaps you meant the table 'api.{meant}'" if meant is not None else None
    assert _error(served, path) == (404, "PGRST205", hint)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_pgrst205_is_answered_to_writes_too(served: Served, method: str) -> None:
    answer = served.http.request(method, "/client?id=eq.1", json={"id": 1})
    assert (answer.status_code, answer.json()["hint"]) == (404, "Perhaps you meant the table 'api.clients'")


def test_pgrst205_suggests_nothing_of_another_schema(served: Served) -> None:
    assert _error(served, "/client", Accept_Profile="crowd") == (404, "PGRST205", None)


def test_pgrst205_suggests_nothing_among_five_hundred_relations(served: Served) -> None:
    served.sql("DO 'BEGIN FOR i IN 1..499 LOOP EXECUTE format(''CREATE TABLE crowd.t%s ()'', i); END LOOP; END'")
    hint = "Perhaps you meant the table 'crowd.t1'"
    assert _error(served, "/t1_", Accept_Profile="crowd") == (404, "PGRST205", None)
    assert _error(served, "/T1", Accept_Profile="crowd") == (404, "PGRST205", hint)
    served.sql("CREATE TABLE crowd.t500 ()")
    assert _error(served, "/T1", Accept_Profile="crowd") == (404, "PGRST205", None)
