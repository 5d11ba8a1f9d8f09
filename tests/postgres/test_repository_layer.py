"""The data layer on PostgreSQL: what it answers, in which form, and how it fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.datalayer.envelope import CallFailed
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.statements import Statement
from harness.embedded.server import Server
from harness.errors import ConfigurationError, DataLayerFailed
from harness.reference import repository_layer
from harness.reference.cases import cases
from harness.reference.data_set import COMPANY_ID, TABLES_IN_SCOPE, data_set
from harness.reference.repository_layer import RepositoryLayer
from harness.reference.seed import seed

SCHEMA = Path(__file__).parents[2] / "schemas" / "reference" / "aligned.sql"
TEMPLATE = "reference_aligned_template"


@dataclass(frozen=True)
class Context:
    dsn: str
    rest_url: str = ""
    api_key: str = ""


@pytest.fixture(scope="module")
def template(newer_server: Server) -> Iterator[str]:
    """The aligned target with both companies, to make copies of."""
    name = sql.Identifier(TEMPLATE)
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        with psycopg.connect(newer_server.dsn(TEMPLATE)) as connection:
            connection.execute(SCHEMA.read_bytes())
            seed(connection, data_set(second_company=True))
        yield TEMPLATE
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def dsn(newer_server: Server, template: str) -> Iterator[str]:
    """A copy of the aligned target, personal to a test."""
    name = sql.Identifier("reference_copy")
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(template)))
        yield newer_server.dsn("reference_copy")
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def layer(dsn: str) -> Iterator[RepositoryLayer]:
    layer = repository_layer.create(Context(dsn))
    yield layer
    layer.close()


def data_of(envelope: Any) -> Any:
    assert envelope["error"] is None, envelope["error"]
    return envelope["data"]


def error_of(envelope: Any) -> tuple[str, str]:
    assert envelope["success"] is False
    return envelope["error"]["kind"], envelope["error"]["code"]


def test_every_case_is_answered_with_an_envelope_and_none_fails_in_the_layer_itself(layer: RepositoryLayer) -> None:
    for case in cases():
        answer = getattr(layer, case["method"])(**case["kwargs"])
        assert set(answer) == {"success", "data", "error"}, case["id"]
        if not answer["success"]:
            assert answer["error"]["kind"] != "internal", case["id"]


def test_rows_come_in_exactly_the_forms_that_postgresql_s_json_has(dsn: str) -> None:
    database = PooledDatabase(dsn)
    for table in TABLES_IN_SCOPE:
        rows = database.rows(_statement("SELECT * FROM {} ORDER BY id", table))
        as_json = database.rows(_statement("SELECT row_to_json(t)::text AS row FROM {} AS t ORDER BY id", table))
        assert [json.dumps(row) for row in rows] == [json.dumps(json.loads(row["row"])) for row in as_json], table
    database.close()


def test_every_type_with_a_json_form_of_its_own_is_loaded_in_it(dsn: str) -> None:
    database = PooledDatabase(dsn)
    values = (
        "SELECT 1.10::numeric AS a, 5::numeric AS b, 'NaN'::numeric AS c, '-Infinity'::float8 AS d, 1::float8 AS e,"
        " 0.1::float4 AS f, 1e25::float8 AS g, '2024-02-29 21:00:00.120+00'::timestamptz AS h,"
        " 'infinity'::timestamptz AS i, '0044-03-15 12:00+00 BC'::timestamptz AS j, '2024-02-29 21:00'::timestamp AS k,"
        " '24:00'::time AS l, '1 year 2 mons'::interval AS m, int4range(1, 5) AS n, '{1.50,NULL}'::numeric[] AS o,"
        " '\\xdead'::bytea AS p, '10.0.0.0/8'::cidr AS q, '{2024-02-29}'::date[] AS r, true AS s,"
        " 9007199254740993::int8 AS t, '12:00+03'::timetz AS u, tstzrange(NULL, 'infinity') AS v,"
        " '2f0c1c9e-0000-4000-8000-000000000000'::uuid AS w, '{\"a\": 1.10}'::jsonb AS x"
    )
    row = database.rows(Statement(sql.Composed([sql.SQL(values)]), ()))[0]
    whole = sql.Composed([sql.SQL("SELECT row_to_json(one)::text AS row FROM ("), sql.SQL(values), sql.SQL(") AS one")])
    as_json = database.rows(Statement(whole, ()))[0]["row"]
    database.close()
    assert json.dumps(row) == json.dumps(json.loads(as_json))


def _statement(text: Any, table: str) -> Statement:
    return Statement(sql.SQL(text).format(sql.Identifier(table)), ())


def test_clients_who_never_came_are_found_first_and_fill_a_small_limit(layer: RepositoryLayer) -> None:
    found = data_of(layer.search_clients_by_name(COMPANY_ID, "Анна Тёзкина", 10))
    visits = [row["last_visit_date"] for row in found]
    assert visits[:5] == [None] * 5
    assert visits[5:] == sorted(visits[5:], reverse=True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("test_client", ["test_client"]),
        ("50%", ["Скидка 50% Ольга"]),
        ("VIP*", ["VIP* Эдуард"]),
        ("Путь\\Анна", ["Путь\\Анна"]),
        ("ёлкина", ["Ёлкина Алёна"]),
    ],
)
def test_a_wildcard_in_a_name_is_an_ordinary_character(layer: RepositoryLayer, text: str, names: list[str]) -> None:
    found = data_of(layer.search_clients_by_name(COMPANY_ID, text, 100))
    assert [row["name"] for row in found] == names


def test_a_phone_that_two_companies_know_is_a_conflict_and_not_anybody_s_row(layer: RepositoryLayer) -> None:
    assert error_of(layer.get_client_by_phone("80005550001")) == ("conflict", "P0003")


def test_a_missing_row_is_a_success_with_no_data(layer: RepositoryLayer) -> None:
    assert layer.get_client_by_id(9_999_999, COMPANY_ID) == {"success": True, "data": None, "error": None}


def test_an_upsert_writes_what_is_given_and_leaves_the_rest(layer: RepositoryLayer) -> None:
    before = data_of(layer.get_client_by_id(1002, COMPANY_ID))
    written = data_of(layer.upsert_client({"yclients_id": 1002, "company_id": COMPANY_ID, "name": "Новое Имя"}))
    after = data_of(layer.get_client_by_id(1002, COMPANY_ID))
    assert written == after
    assert {name for name in after if after[name] != before[name]} == {"name", "updated_at"}


def test_a_batch_writes_null_where_a_row_lacks_a_column_that_another_has(layer: RepositoryLayer) -> None:
    rows = [
        {"yclients_id": 1013, "company_id": COMPANY_ID, "name": "А", "email": "a@example.com"},
        {"yclients_id": 1001, "company_id": COMPANY_ID, "name": "Б"},
    ]
    written = data_of(layer.upsert_clients(rows))
    assert [(row["yclients_id"], row["email"]) for row in written] == [(1001, None), (1013, "a@example.com")]


def test_a_batch_is_one_statement_so_that_one_refused_row_keeps_all_out(layer: RepositoryLayer) -> None:
    rows = [
        {"yclients_id": 9_900_000 + n, "company_id": COMPANY_ID, "name": "Тест", "discount": 50 * n} for n in range(4)
    ]
    assert error_of(layer.upsert_clients(rows)) == ("constraint", "23514")
    assert data_of(layer.find_clients_by_yclients_ids([9_900_000, 9_900_001], COMPANY_ID)) == []


def test_a_read_that_would_leave_rows_out_says_so(layer: RepositoryLayer) -> None:
    for start in (0, 500):
        services = [
            {"yclients_id": 9_900_000 + start + n, "company_id": COMPANY_ID, "title": "Тест"} for n in range(500)
        ]
        data_of(layer.upsert_services(services))
    assert error_of(layer.get_services(COMPANY_ID)) == ("truncated", "truncated")


def test_a_role_without_rights_is_answered_with_permission(newer_server: Server, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("CREATE ROLE reference_stranger LOGIN PASSWORD 'x'")
    layer = repository_layer.create(
        Context(newer_server.dsn("reference_copy", user="reference_stranger", password="x"))
    )
    answer = layer.get_company(COMPANY_ID)
    layer.close()
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("DROP ROLE reference_stranger")
    assert error_of(answer) == ("permission", "42501")


def test_a_statement_that_takes_too_long_is_answered_with_timeout(dsn: str) -> None:
    database = PooledDatabase(dsn)
    with pytest.raises(CallFailed) as failed:
        database.rows(_slow(settings="SET statement_timeout = '50ms'", database=database))
    database.close()
    assert (failed.value.kind, failed.value.code) == ("timeout", "57014")


def _slow(settings: Any, database: PooledDatabase) -> Statement:
    with pytest.raises(CallFailed):
        database.rows(Statement(sql.Composed([sql.SQL(settings)]), ()))
    return Statement(sql.Composed([sql.SQL("SELECT pg_sleep(10)")]), ())


def test_a_connection_that_the_server_ended_between_two_calls_is_replaced_before_anything_is_sent(
    layer: RepositoryLayer, dsn: str
) -> None:
    data_of(layer.get_company(COMPANY_ID))
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'datalayer'"
            " AND datname = current_database()"
        )
    assert data_of(layer.get_company(COMPANY_ID))["company_id"] == COMPANY_ID


def test_the_layer_never_holds_more_than_three_connections_and_none_after_close(dsn: str) -> None:
    layer = repository_layer.create(Context(dsn))
    seen: list[int] = []
    with psycopg.connect(dsn, autocommit=True) as admin:
        threads = [threading.Thread(target=_repeated(layer.get_services, COMPANY_ID)) for _ in range(8)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            seen.append(_connections(admin))
        layer.close()
        assert 0 < max(seen) <= 3
        assert _eventually_none(admin)


def _repeated(call: Callable[[int], object], argument: int) -> Callable[[], None]:
    def run() -> None:
        for _ in range(20):
            call(argument)

    return run


def _connections(admin: psycopg.Connection) -> int:
    row = admin.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'datalayer' AND datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _eventually_none(admin: psycopg.Connection) -> bool:
    for _ in range(200):
        if _connections(admin) == 0:
            return True
        admin.execute("SELECT pg_sleep(0.01)")
    return False


def test_a_session_is_in_utc_whatever_the_database_says(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute("ALTER DATABASE reference_copy SET timezone = 'Asia/Kolkata'")
        admin.execute("ALTER DATABASE reference_copy SET datestyle = 'German'")
    layer = repository_layer.create(Context(dsn))
    found = data_of(layer.get_client_appointments("80005550001", {"company_id": COMPANY_ID, "limit": 1000}))
    layer.close()
    assert "2025-10-31T21:00:00+00:00" in {row["datetime"] for row in found}


@pytest.mark.parametrize(
    "dsn_that_fails", ["postgresql://a:hunter2@127.0.0.1:1/x", "host=/nonexistent password=hunter2"]
)
def test_a_database_that_cannot_be_reached_is_an_error_at_once_without_its_password(dsn_that_fails: str) -> None:
    with pytest.raises(DataLayerFailed) as failed:
        repository_layer.create(Context(dsn_that_fails))
    assert "hunter2" not in f"{failed.value.message}{failed.value.hint}"
    assert failed.value.__cause__ is None


@pytest.mark.parametrize("dsn_that_is_none", ["", "postgresql://a:hunter2@[x/y"])
def test_a_dsn_that_is_none_is_an_error_at_once_without_its_password(dsn_that_is_none: str) -> None:
    with pytest.raises(ConfigurationError) as failed:
        repository_layer.create(Context(dsn_that_is_none))
    assert "hunter2" not in f"{failed.value.message}{failed.value.hint}"
