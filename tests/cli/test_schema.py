"""`pgparity schema diff` as programs and people read it: keys, values, exit codes."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.cli.conftest import Pgparity

CLIENTS = "CREATE TABLE clients (id int PRIMARY KEY, phone text, name text)"
TURNED_ROUND = "CREATE TABLE clients (id int PRIMARY KEY, name text, phone text)"


def _load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_diff_as_json_has_its_six_parts(pgparity: Pgparity, database: str, newer_database: str) -> None:
    _load(database, CLIENTS, "CREATE INDEX clients_phone ON clients (phone)")
    _load(newer_database, "CREATE TABLE clients (id int PRIMARY KEY, phone text, name text NOT NULL, vip bool)")
    done = pgparity("schema", "diff", "--source", database, "--target", newer_database, "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"changes", "renames", "column_order", "unmodelled", "filtered", "dependencies"}
    told = {(each["kind"], each["identity"], each["attribute"], each["change"]) for each in found["changes"]}
    assert told == {
        ("column", "public.clients.name", "not_null", "altered"),
        ("column", "public.clients.vip", None, "added"),
        ("index", "public.clients.clients_phone", None, "removed"),
    }
    needed = {"kind", "identity", "attribute", "change", "consequence", "severity", "source", "target"}
    assert all(needed <= set(each) for each in found["changes"])
    added = next(each for each in found["changes"] if each["change"] == "added")
    assert added["source"] is None
    assert added["target"]["type"] == "boolean"


@pytest.mark.parametrize("form", ["text", "json"])
def test_another_order_of_columns_is_told_and_is_no_change(
    here: Pgparity, database: str, newer_database: str, form: str
) -> None:
    _load(database, CLIENTS)
    _load(newer_database, TURNED_ROUND)
    done = here("schema", "diff", "--source", database, "--target", newer_database, "--format", form)
    assert done.returncode == 0, done.stderr
    if form == "json":
        assert json.loads(done.stdout)["column_order"] == [
            {"table": "public.clients", "source": ["id", "phone", "name"], "target": ["id", "name", "phone"]}
        ]
    else:
        told = "cosmetic: no statement notices\n    its columns stand in another order"
        assert f"table public.clients\n  {told}" in done.stdout


def test_what_is_not_compared_alone_is_exit_code_3(here: Pgparity, database: str, newer_database: str) -> None:
    for dsn in (database, newer_database):
        _load(dsn, CLIENTS, "SELECT count(lo_create(0)) FROM generate_series(1, 1001)")
    done = here("schema", "diff", "--source", database, "--target", newer_database)
    assert done.returncode == 3, done.stdout
    assert "large objects" in done.stdout
    assert "no change in what was compared" in done.stdout


def test_the_same_schema_is_exit_code_0(here: Pgparity, database: str, newer_database: str) -> None:
    _load(database, CLIENTS)
    _load(newer_database, CLIENTS)
    done = here("schema", "diff", "--source", database, "--target", newer_database, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "changes": [],
        "renames": [],
        "column_order": [],
        "unmodelled": [],
        "filtered": {},
        "dependencies": [],
    }
