"""What each type becomes in JSON, and after it in Python: the differences to a direct connection that callers meet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from harness.embedded.server import Server
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.server_versions import since, with_extension

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE samples (
    id int PRIMARY KEY,
    t_numeric numeric, t_int8 int8, t_float8 float8, t_timestamptz timestamptz, t_timestamp timestamp, t_date date,
    t_time time, t_uuid uuid, t_interval interval, t_bytea bytea, t_range int4range, t_composite pair,
    t_enum mood, t_enums mood[], t_money money, t_oid oid, t_inet inet, t_json json, t_jsonb jsonb, t_texts text[],
    t_matrix int[][], t_bool boolean, t_domain percent, t_text text, t_char char(5)
);
GRANT ALL ON samples TO service_role;
"""


def _stored(project: Project, column: str, literal: str) -> tuple[str, Any]:
    """What a value that SQL wrote looks like: the text of the answer, and what the client makes of it."""
    project.sql(f"INSERT INTO samples (id, {column}) VALUES (1, {literal})")
    raw = project.http().get(f"/samples?select={column}").text
    return raw, project.client().table("samples").select(column).execute().data[0][column]


@pytest.fixture
def typed(project: Project) -> Project:
    project.sql(TYPES)
    return project


CASES: list[Any] = [
    ("t_numeric", "1.10", "1.10", 1.1),
    ("t_numeric", "123456789012345678901234567890.123", "123456789012345678901234567890.123", 1.2345678901234568e29),
    ("t_numeric", "'NaN'", '"NaN"', "NaN"),
    pytest.param("t_numeric", "'-Infinity'", '"-Infinity"', "-Infinity", marks=since(14, "infinite numerics")),
    ("t_int8", "9223372036854775807", "9223372036854775807", 9223372036854775807),
    ("t_int8", "9007199254740993", "9007199254740993", 9007199254740993),
    ("t_float8", "'NaN'", '"NaN"', "NaN"),
    ("t_float8", "'Infinity'", '"Infinity"', "Infinity"),
    ("t_float8", "'-Infinity'", '"-Infinity"', "-Infinity"),
    ("t_float8", "0.1", "0.1", 0.1),
    ("t_float8", "1e300", "1e+300", 1e300),
    (
        "t_timestamptz",
        "'2024-02-29 12:34:56.123+03'",
        '"2024-02-29T09:34:56.123+00:00"',
        "2024-02-29T09:34:56.123+00:00",
    ),
    ("t_timestamptz", "'infinity'", '"infinity"', "infinity"),
    ("t_timestamptz", "'0044-03-15 12:00+00 BC'", '"0044-03-15T12:00:00+00:00 BC"', "0044-03-15T12:00:00+00:00 BC"),
    ("t_timestamp", "'-infinity'", '"-infinity"', "-infinity"),
    ("t_timestamp", "'2024-02-29 12:34:56'", '"2024-02-29T12:34:56"', "2024-02-29T12:34:56"),
    ("t_date", "'2024-02-29'", '"2024-02-29"', "2024-02-29"),
    ("t_date", "'0044-03-15 BC'", '"0044-03-15 BC"', "0044-03-15 BC"),
    ("t_date", "'infinity'", '"infinity"', "infinity"),
    ("t_time", "'24:00:00'", '"24:00:00"', "24:00:00"),
    (
        "t_uuid",
        "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
        '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ),
    ("t_interval", "'1 year 2 mons 3 days 04:05'", '"1 year 2 mons 3 days 04:05:00"', "1 year 2 mons 3 days 04:05:00"),
    ("t_bytea", r"'\xdeadbeef'", r'"\\xdeadbeef"', "\\xdeadbeef"),
    ("t_range", "'empty'", '"empty"', "empty"),
    ("t_range", "'[1,5)'", '"[1,5)"', "[1,5)"),
    ("t_composite", "ROW(1, 'x')", '{"a":1,"b":"x"}', {"a": 1, "b": "x"}),
    ("t_enum", "'ok'", '"ok"', "ok"),
    ("t_enums", "'{ok,sad}'", '["ok","sad"]', ["ok", "sad"]),
    ("t_money", "12.34", '"$12.34"', "$12.34"),
    ("t_oid", "4294967295", '"4294967295"', "4294967295"),
    ("t_inet", "'10.0.0.1'", '"10.0.0.1"', "10.0.0.1"),
    ("t_json", """'{"a":1,"a":2}'""", '{"a":1,"a":2}', {"a": 2}),
    ("t_jsonb", """'{"b": 1, "a": [null]}'""", '{"a": [null], "b": 1}', {"a": [None], "b": 1}),
    ("t_texts", """'{a,NULL,"c,d"}'""", '["a",null,"c,d"]', ["a", None, "c,d"]),
    ("t_matrix", "'{{1,2},{3,4}}'", "[[1,2],[3,4]]", [[1, 2], [3, 4]]),
    ("t_bool", "true", "true", True),
    ("t_domain", "12.50", "12.50", 12.5),
    ("t_text", "E'a\\tб😀\"\\\\'", '"a\\tб😀\\"\\\\"', 'a\tб😀"\\'),
    ("t_char", "'ab'", '"ab   "', "ab   "),
]


@pytest.mark.parametrize(("column", "literal", "text", "value"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES])
def test_a_value_comes_out_as_json_agg_writes_it(
    typed: Project, column: str, literal: str, text: str, value: Any
) -> None:
    raw, received = _stored(typed, column, literal)
    assert raw == f'[{{"{column}":{text}}}]'
    assert received == value
    assert type(received) is type(value)


@pytest.mark.parametrize(
    ("column", "sent", "stored"),
    [
        ("t_numeric", 1.1, "1.1"),
        ("t_numeric", "123456789012345678901234567890.123", "123456789012345678901234567890.123"),
        ("t_int8", 9223372036854775807, "9223372036854775807"),
        ("t_float8", "NaN", "NaN"),
        ("t_timestamptz", "2024-02-29T12:34:56", "2024-02-29 12:34:56+00"),
        ("t_bytea", b"\xde\xad", "\\xdead"),
        ("t_range", "[1,4]", "[1,5)"),
        ("t_composite", {"a": 1, "b": "x"}, "(1,x)"),
        ("t_enums", ["ok", None], "{ok,NULL}"),
        ("t_json", {"b": [1, 2]}, '{"b":[1,2]}'),
        ("t_jsonb", "text", '"text"'),
        ("t_texts", ["a,b", "", None, 'q"'], '{"a,b","",NULL,"q\\""}'),
        ("t_matrix", [[1, 2], [3, 4]], "{{1,2},{3,4}}"),
        ("t_bool", False, "false"),
        ("t_text", "😀 'x' \\ %s $1", "😀 'x' \\ %s $1"),
    ],
)
def test_a_value_goes_in_as_its_column_reads_it(typed: Project, column: str, sent: Any, stored: str) -> None:
    typed.client().table("samples").insert({"id": 1, column: sent}).execute()
    assert typed.sql(f"SELECT {column}::text FROM samples") == [(stored,)]


def test_a_raw_body_keeps_the_digits_that_the_client_loses(typed: Project) -> None:
    typed.sql("INSERT INTO samples (id, t_numeric) VALUES (1, 12345678901234567.10)")
    raw = typed.http().get("/samples?select=t_numeric").content
    assert json.loads(raw, parse_float=Decimal)[0]["t_numeric"] == Decimal("12345678901234567.10")
    assert typed.client().table("samples").select("t_numeric").execute().data[0]["t_numeric"] == 12345678901234567.1


def test_json_keeps_the_order_and_the_duplicates_of_its_keys_and_jsonb_neither(typed: Project) -> None:
    """Python's dictionaries lose both: what differs shows in the raw body alone."""
    typed.sql("""INSERT INTO samples (id, t_json, t_jsonb) VALUES (1, '{"b":1,"a":2,"b":3}', '{"b":1,"a":2,"b":3}')""")
    assert typed.http().get("/samples?select=t_json,t_jsonb").text == (
        '[{"t_json":{"b":1,"a":2,"b":3},"t_jsonb":{"a": 2, "b": 3}}]'
    )


@pytest.fixture
def with_citext() -> Iterator[httpx.Client]:
    """A gateway over a database with the extension citext."""
    with Server.start(installation=with_extension("citext")) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION citext; CREATE TABLE names (id int PRIMARY KEY, name citext UNIQUE)")
            connection.execute("INSERT INTO names VALUES (1, 'Anna')")
        settings = GatewaySettings(db_uri=server.dsn(), db_anon_role="postgres")
        with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as client:
            yield client


def test_citext_is_text_that_is_compared_without_case(with_citext: httpx.Client) -> None:
    for query in ("name=eq.ANNA", "name=in.(anna,x)", "name=like.ANN*", "or=(name.eq.anna,id.eq.0)"):
        assert with_citext.get(f"/names?{query}").json() == [{"id": 1, "name": "Anna"}]
    prefer = {"Prefer": "resolution=merge-duplicates,return=representation"}
    upsert = with_citext.post("/names?on_conflict=name", json={"id": 1, "name": "ANNA"}, headers=prefer)
    assert upsert.json() == [{"id": 1, "name": "ANNA"}]


def test_the_timezone_preference_changes_how_timestamps_are_written(typed: Project) -> None:
    typed.sql("INSERT INTO samples (id, t_timestamptz) VALUES (1, '2024-02-29 09:00+00')")
    answer = typed.http().get("/samples?select=t_timestamptz", headers={"Prefer": "timezone=Europe/Moscow"})
    assert answer.json() == [{"t_timestamptz": "2024-02-29T12:00:00+03:00"}]


def test_an_unknown_timezone_is_refused_by_postgresql(typed: Project) -> None:
    answer = typed.http().get("/samples", headers={"Prefer": "timezone=Mars/Olympus"})
    assert (answer.status_code, answer.json()["code"]) == (400, "22023")


def test_a_value_that_breaks_a_domain_is_23514(typed: Project) -> None:
    answer = typed.http().post("/samples", json={"id": 1, "t_domain": 101})
    assert (answer.status_code, answer.json()["code"]) == (400, "23514")


def test_a_nul_character_in_a_body_is_22p05(typed: Project) -> None:
    answer = typed.http().post("/samples", json={"id": 1, "t_text": "a\0b"})
    assert (answer.status_code, answer.json()["code"]) == (400, "22P05")


def test_decimal_and_nan_are_refused_by_the_client_before_anything_is_sent(typed: Project) -> None:
    table = typed.client().table("samples")
    with pytest.raises(TypeError):
        table.insert({"id": 1, "t_numeric": Decimal("1.1")}).execute()
    with pytest.raises(ValueError, match="not JSON compliant"):
        table.insert({"id": 1, "t_float8": float("nan")}).execute()
    assert typed.sql("SELECT count(*) FROM samples") == [(0,)]
