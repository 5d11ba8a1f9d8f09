"""Exact plans of a role that owns the database and is no superuser: it makes all that is the source's its own."""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from harness.core.align.exact.plan import exact_plan
from harness.core.diff import compare
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres.apply import apply
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect

SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL);
CREATE VIEW names AS SELECT name FROM clients;
CREATE FUNCTION greeting(name text) RETURNS text LANGUAGE sql AS $$ SELECT 'Hello ' || name $$;
COMMENT ON TABLE clients IS 'whoever comes';
"""
TARGET = "CREATE TABLE clients (id int PRIMARY KEY, name varchar(20))"


def catalog_of(dsn: str) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection, schemas=("public",))


def owner_of(newer_server: Server, database: str) -> str:
    """A role that owns the database, and so the schema public of a server of today."""
    name = str(conninfo_to_dict(database)["dbname"])
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS exact_owner")
        admin.execute("CREATE ROLE exact_owner LOGIN PASSWORD 'exact_owner'")
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO exact_owner").format(sql.Identifier(name)))
    return newer_server.dsn(name, user="exact_owner", password="exact_owner")


def test_what_belongs_to_the_sources_superuser_belongs_to_the_role_that_runs_the_plan(
    newer_server: Server, database: str, newer_database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SOURCE.encode())
    dsn = owner_of(newer_server, newer_database)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TARGET.encode())
    source, target = catalog_of(database), catalog_of(dsn)
    plan = exact_plan(source, target)
    assert [step.sql for step in plan.steps if "OWNER TO" in step.sql] == []
    with session(Endpoint(Side.TARGET, dsn), purpose="test", writable=True) as connection:
        apply(connection, plan, target_catalog=target, allow=frozenset(Hazard))
    after = catalog_of(dsn)
    owners = [after.tables[0].owner, after.views[0].owner, after.routines[0].owner]
    assert owners == ["exact_owner"] * 3
    assert {each.attribute for each in compare(source, after).changes} == {"owner"}
