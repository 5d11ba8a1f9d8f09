"""Where a REST answer differs from a direct one: reads. Each test is one fact that callers meet on a hosted project.

What the tests of the gateway's own behaviour already say by name is not said again here.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod
from psycopg import sql

from harness.embedded.server import Server
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


@pytest.fixture(scope="module")
def stars(shared_project: Project) -> Any:
    """A client of a database with 1,500 rows behind a view, and texts with stars."""
    shared_project.sql(
        """
        CREATE TABLE IF NOT EXISTS many AS SELECT n FROM generate_series(1, 1500) AS n;
        CREATE OR REPLACE VIEW many_seen AS SELECT n FROM many;
        DROP TABLE IF EXISTS stars;
        CREATE TABLE stars (id int PRIMARY KEY, body text);
        INSERT INTO stars VALUES (1, 'a*b'), (2, 'axb'), (3, 'a%b'), (4, 'a_b'), (5, 'a\\b');
        GRANT SELECT ON many, many_seen, stars TO service_role;
        """
    )
    return shared_project.client()


def _ids(query: Any) -> list[int]:
    return [row["id"] for row in query.order("id").execute().data]


# the silent cap


def test_a_view_is_cut_at_1000_rows_without_a_word(stars: Any) -> None:
    assert len(stars.table("many_seen").select("n").execute().data) == 1000
    assert len(stars.table("many_seen").select("n").limit(2000).execute().data) == 1000
    assert len(stars.table("many_seen").select("n").range(0, 1999).execute().data) == 1000


def test_a_range_header_beyond_the_cap_is_cut_as_well(stars: Any, reads: httpx.Client) -> None:
    answer = reads.get("/many_seen", headers={"Range-Unit": "items", "Range": "0-1999"})
    assert (answer.status_code, len(answer.json()), answer.headers["content-range"]) == (200, 1000, "0-999/*")


def test_asked_again_with_an_exact_count_a_cut_answer_is_known(stars: Any) -> None:
    answer = stars.table("many_seen").select("n", count=CountMethod.exact).execute()
    assert len(answer.data) == 1000
    assert answer.count == 1500


def test_the_cap_does_not_cut_what_a_head_request_counts(stars: Any) -> None:
    assert stars.table("many_seen").select("n", count=CountMethod.exact, head=True).execute().count == 1500


# patterns


def test_a_star_in_a_pattern_is_a_percent_sign_while_sql_takes_it_literally(
    stars: Any, shared_project: Project
) -> None:
    assert _ids(stars.table("stars").select("id").like("body", "a*b")) == [1, 2, 3, 4, 5]
    assert _ids(stars.table("stars").select("id").ilike("body", "A*B")) == [1, 2, 3, 4, 5]
    assert _ids(stars.table("stars").select("id").or_("body.like.a*b")) == [1, 2, 3, 4, 5]
    assert shared_project.sql("SELECT id FROM stars WHERE body LIKE 'a*b'") == [(1,)]


def test_an_escaped_star_is_an_escaped_percent_sign(stars: Any) -> None:
    """So `like` cannot look for a star at all; a regular expression can."""
    assert _ids(stars.table("stars").select("id").like("body", r"a\*b")) == [3]
    assert _ids(stars.table("stars").select("id").filter("body", "match", r"a\*b")) == [1]


def test_underscore_and_backslash_are_live_in_a_pattern(stars: Any) -> None:
    assert _ids(stars.table("stars").select("id").like("body", "a_b")) == [1, 2, 3, 4, 5]
    assert _ids(stars.table("stars").select("id").like("body", r"a\_b")) == [4]
    assert _ids(stars.table("stars").select("id").like("body", r"a\\b")) == [5]


def test_eq_takes_stars_and_percent_signs_as_they_are(stars: Any) -> None:
    assert _ids(stars.table("stars").select("id").eq("body", "a*b")) == [1]
    assert _ids(stars.table("stars").select("id").in_("body", ["a%b"])) == [3]


# null and nothing


def test_eq_none_finds_the_text_null_while_sql_finds_nothing(client: Any, project: Project) -> None:
    client.table("companies").insert({"company_id": 900300, "title": "null"}).execute()
    assert client.table("companies").select("company_id").eq("title", None).execute().data == [{"company_id": 900300}]
    assert project.sql("SELECT company_id FROM companies WHERE title = NULL") == []


def test_in_of_one_empty_text_is_empty_while_sql_finds_the_empty_text(client: Any, project: Project) -> None:
    client.table("companies").insert({"company_id": 900300, "title": ""}).execute()
    assert client.table("companies").select("company_id").in_("title", [""]).execute().data == []
    assert project.sql("SELECT company_id FROM companies WHERE title = ANY (ARRAY [''])") == [(900300,)]


# long lists


def test_a_list_of_ids_longer_than_a_request_may_be_is_a_bad_request_without_json(reader: Any) -> None:
    """PostgREST's HTTP server reads 50 KiB of first line and headers, and says `Bad Request` in plain text."""
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id").in_("id", list(range(8_000))).execute()
    assert (caught.value.code, caught.value.message, caught.value.details) == ("400", "Bad Request", "Bad Request")


@pytest.mark.parametrize(("spare", "status"), [(0, 200), (-1, 400)])
def test_a_request_may_be_50_kib_long_and_no_longer(shared_project: Project, spare: int, status: int) -> None:
    head = b"GET /skills?select=%s&skill_id=eq.1 HTTP/1.1\r\nHost: local\r\nConnection: close\r\nX-Long: %s\r\n\r\n"
    filling = b"x" * (50 * 1024 - len(head % (b"title", b"")) - spare + len("\r\n"))
    port = int(shared_project.gateway.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head % (b"title", filling))
        answer = connection.makefile("rb").readline()
    assert answer.startswith(b"HTTP/1.1 %d" % status)


def test_the_same_ids_in_the_body_of_a_call_are_no_matter_of_length(project: Project) -> None:
    project.sql(
        "CREATE FUNCTION clients_in(ids bigint[]) RETURNS SETOF clients LANGUAGE sql STABLE"
        " AS 'SELECT * FROM clients WHERE id = ANY (ids)'"
    )
    found = project.client().rpc("clients_in", {"ids": list(range(20_000))}).select("id").order("id").execute().data
    assert found == [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]


# order and collation


@pytest.fixture(scope="module")
def collated(newer_server: Server) -> Iterator[dict[str, httpx.Client]]:
    """The same names in a database with the locale C and in one with C.UTF-8, which hosted projects have."""
    locales = {
        "C": "LOCALE_PROVIDER libc LOCALE 'C'",
        "C.UTF-8": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'",
    }
    running, clients, names = [], {}, []
    try:
        for locale, how in locales.items():
            names.append(f"t_{uuid.uuid4().hex[:12]}")
            with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
                create = f"CREATE DATABASE {names[-1]} TEMPLATE template0 ENCODING 'UTF8' {how}"
                admin.execute(create.encode())
            with psycopg.connect(newer_server.dsn(names[-1]), autocommit=True) as connection:
                connection.execute(
                    "CREATE TABLE people AS SELECT unnest(ARRAY ['Иван', 'ёж', 'Ёлка', 'abc', 'Abc']) AS name"
                )
                connection.execute(
                    "CREATE FUNCTION lowered(people) RETURNS text LANGUAGE sql AS 'SELECT lower($1.name)'"
                )
            settings = GatewaySettings(db_uri=newer_server.dsn(names[-1]), db_anon_role="postgres")
            running.append(GatewayServer.start(settings))
            clients[locale] = httpx.Client(base_url=running[-1].url)
        yield clients
    finally:
        for client in clients.values():
            client.close()
        for gateway in running:
            gateway.stop()
        with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
            for name in names:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_ilike_knows_cyrillic_letters_under_c_utf8_and_not_under_c(collated: dict[str, httpx.Client]) -> None:
    query = "/people?name=ilike.*ИВАН*"
    assert collated["C.UTF-8"].get(query).json() == [{"name": "Иван"}]
    assert collated["C"].get(query).json() == []


def test_lower_does_nothing_to_cyrillic_letters_under_c(collated: dict[str, httpx.Client]) -> None:
    query = "/people?select=lowered&name=eq.Ёлка"
    assert collated["C.UTF-8"].get(query).json() == [{"lowered": "ёлка"}]
    assert collated["C"].get(query).json() == [{"lowered": "Ёлка"}]


def test_both_locales_order_by_code_point(collated: dict[str, httpx.Client]) -> None:
    for client in collated.values():
        assert [row["name"] for row in client.get("/people?order=name").json()] == ["Abc", "abc", "Ёлка", "Иван", "ёж"]


# row-level security


def test_without_a_policy_a_role_counts_nothing_and_no_error_is_raised(project: Project) -> None:
    project.sql("ALTER TABLE clients ENABLE ROW LEVEL SECURITY")
    anon, service = project.client(project.keys.anon_key), project.client()
    answer = anon.table("clients").select("id", count=CountMethod.exact).execute()
    assert (answer.data, answer.count) == ([], 0)
    assert service.table("clients").select("id", count=CountMethod.exact).execute().count == 4


def test_an_embedded_row_that_a_policy_hides_is_null(project: Project) -> None:
    project.sql("ALTER TABLE companies ENABLE ROW LEVEL SECURITY")
    anon = project.client(project.keys.anon_key)
    row = anon.table("clients").select("id,companies(title)").eq("id", 1).execute().data
    assert row == [{"id": 1, "companies": None}]
