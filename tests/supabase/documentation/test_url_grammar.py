"""URL Grammar: Unicode Support, Table / Columns With Spaces, Reserved Characters, and paths that name nothing
(https://docs.postgrest.org/en/v16/references/api/url_grammar.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve

DDL = r"""
CREATE SCHEMA "апи";
CREATE TABLE "апи"."записи" (id int PRIMARY KEY, "имя клиента" text);
INSERT INTO "апи"."записи" VALUES (1, 'Анна'), (2, 'Борис');
CREATE TABLE "апи"."Order Items" ("Unit Price" numeric, " padded " text, "first-name" text, "select" int, "a$1" int);
INSERT INTO "апи"."Order Items" VALUES (100, ' x ', 'Anna', 1, 7), (300, 'y', 'Boris', 2, 8);
CREATE TABLE "апи"."odd;name" (
    ":arr->ow::cast" text, "(inside,parens)" text, "a.dotted.column" text, "*id*" int, "quo""te" text,
    "back\slash" text, "not" int, "order" int, "and" int, "and.or" int
);
INSERT INTO "апи"."odd;name" VALUES ('arrow', 'parens', 'dotted', 1, 'quote', 'slash', 2, 3, 4, 5);
CREATE TABLE "апи".marks (name text);
INSERT INTO "апи".marks VALUES ('Hebdon,John'), ('Williams,Mary'), ('Quote:"'), ('Backslash:\'), ('David White'), ('"'),
    ('\'), ('Double"Quote'), ('(007)'), ('a.b'), ('a:b'), ('50%'), ('1+1');
CREATE FUNCTION "апи"."сколько"("чего" text) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1';
"""


@pytest.fixture(scope="module")
def http(serve: Serve) -> httpx.Client:
    """An anonymous client of a schema whose names need care."""
    return serve(DDL, db_schemas=("апи",)).http


def rows(http: httpx.Client, path: str, **parameters: str) -> Any:
    """What is found, with every name and value percent-encoded as a browser would."""
    query = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in parameters.items())
    answer = http.get(f"/{quote(path, safe='')}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


# Unicode Support


def test_names_and_values_may_be_of_any_alphabet(http: httpx.Client) -> None:
    assert rows(http, "записи", **{"select": "имя клиента", "имя клиента": "eq.Анна"}) == [{"имя клиента": "Анна"}]
    assert rows(http, "записи", select="id", order="имя клиента.desc") == [{"id": 2}, {"id": 1}]
    assert rows(http, "записи", select="id", **{"or": "(имя клиента.eq.Анна,id.eq.7)"}) == [{"id": 1}]


def test_functions_and_arguments_may_be_of_any_alphabet(http: httpx.Client) -> None:
    answer = http.get(f"/rpc/{quote('сколько')}?{quote('чего')}={quote('всего')}")
    assert (answer.status_code, answer.json()) == (200, "всего")


def test_the_content_location_of_such_a_table_holds_its_bytes_as_they_are(http: httpx.Client) -> None:
    headers = dict(http.get(f"/{quote('записи')}?id=eq.1").headers.raw)
    assert headers[b"content-location"] == "/записи?id=eq.1".encode()


# Table / Columns With Spaces


@pytest.mark.parametrize("blank", ["%20", "+"])
def test_blanks_in_names_are_percent_encoded(http: httpx.Client, blank: str) -> None:
    found = http.get(f"/Order%20Items?select=Unit{blank}Price&Unit{blank}Price=lt.200").json()
    assert found == [{"Unit Price": 100}]


def test_blanks_around_a_name_need_quotes(http: httpx.Client) -> None:
    assert rows(http, "Order Items", **{"select": '" padded "', '" padded "': "eq. x "}) == [{" padded ": " x "}]
    assert http.get("/Order%20Items?select=%20padded%20").json()["code"] == "42703"


def test_dashes_and_dollars_need_no_quotes(http: httpx.Client) -> None:
    assert rows(http, "Order Items", **{"select": "first-name,a$1", "first-name": "eq.Anna"}) == [
        {"first-name": "Anna", "a$1": 7}
    ]


# Reserved Characters: in names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (":arr->ow::cast", "arrow"),
        ("(inside,parens)", "parens"),
        ("a.dotted.column", "dotted"),
        ("*id*", 1),
        ('quo"te', "quote"),
        ("back\\slash", "slash"),
        ("not", 2),
        ("order", 3),
        ("and", 4),
    ],
)
def test_quotes_let_a_name_be_anything(http: httpx.Client, name: str, value: object) -> None:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert rows(http, "odd;name", **{"select": quoted, quoted: f"eq.{value}", "order": quoted}) == [{name: value}]
    assert rows(http, "odd;name", **{"select": quoted, "or": f"({quoted}.eq.{value})"}) == [{name: value}]
    assert rows(http, "odd;name", select=f"alias:{quoted}") == [{"alias": value}]


def test_the_dots_of_a_quoted_name_make_it_no_other_parameter(http: httpx.Client) -> None:
    assert rows(http, "odd;name", **{"select": '"and.or"', '"and.or"': "eq.5"}) == [{"and.or": 5}]


def test_a_column_called_like_a_parameter_can_be_selected_but_filtered_only_in_a_tree(http: httpx.Client) -> None:
    assert rows(http, "Order Items", select="select", order="select") == [{"select": 1}, {"select": 2}]
    assert rows(http, "Order Items", **{"select": "select", "or": "(select.eq.2)"}) == [{"select": 2}]


# Reserved Characters: in values


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ('"Hebdon,John","Williams,Mary"', {"Hebdon,John", "Williams,Mary"}),
        ('David White,"Hebdon,John"', {"David White", "Hebdon,John"}),
        (r'"Quote:\"","Backslash:\\"', {'Quote:"', "Backslash:\\"}),
        (r'"D\a\vid W\h\ite"', {"David White"}),
        ('"', {'"'}),
        ('Double"Quote', {'Double"Quote'}),
        ("\\", {"\\"}),
        ("Backslash:\\", {"Backslash:\\"}),
        ('"(007)"', {"(007)"}),
        ("a.b,a:b,50%,1+1", {"a.b", "a:b", "50%", "1+1"}),
    ],
)
def test_a_list_holds_reserved_characters_in_quotes(http: httpx.Client, listed: str, expected: set[str]) -> None:
    assert {row["name"] for row in rows(http, "marks", name=f"in.({listed})")} == expected


def test_the_other_operators_take_reserved_characters_as_they_are(http: httpx.Client) -> None:
    for value in ("Hebdon,John", 'Quote:"', "Backslash:\\", "(007)", "1+1", "50%"):
        assert rows(http, "marks", name=f"eq.{value}") == [{"name": value}]


def test_a_plus_is_a_blank_and_a_semicolon_separates_parameters(http: httpx.Client) -> None:
    assert http.get("/marks?name=eq.David+White;select=name").json() == [{"name": "David White"}]


def test_a_parameter_without_a_value_is_none(http: httpx.Client) -> None:
    assert http.get("/marks?name&select=name&limit=1&&").status_code == 200


# Paths


@pytest.mark.parametrize("path", ["/marks/", "//marks", "/a/b", "/rpc/a/b", "//", "/marks/1"])
def test_a_path_of_more_than_a_name_is_pgrst125(http: httpx.Client, path: str) -> None:
    answer = http.get(f"{str(http.base_url).rstrip('/')}{path}")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "PGRST125",
        "details": None,
        "hint": None,
        "message": "Invalid path specified in request URL",
    }


def test_an_encoded_slash_belongs_to_the_name(http: httpx.Client) -> None:
    answer = http.get("/a%2Fb")
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST205")
    assert answer.json()["message"] == "Could not find the table 'апи.a/b' in the schema cache"


def test_rpc_alone_is_a_table_and_rpc_with_a_slash_a_function(http: httpx.Client) -> None:
    assert http.get("/rpc").json()["code"] == "PGRST205"
    assert http.get("/rpc/").json()["code"] == "PGRST202"


@pytest.mark.parametrize(
    ("method", "path", "code", "message"),
    [
        ("TRACE", "/marks", "PGRST117", "Unsupported HTTP method: TRACE"),
        ("PROPFIND", "/marks", "PGRST117", "Unsupported HTTP method: PROPFIND"),
        ("POST", "/", "PGRST117", "Unsupported HTTP method: POST"),
        ("DELETE", "/rpc/f", "PGRST101", "Cannot use the DELETE method on RPC"),
        ("PUT", "/rpc/f", "PGRST101", "Cannot use the PUT method on RPC"),
        ("PATCH", "/rpc/f", "PGRST101", "Cannot use the PATCH method on RPC"),
    ],
)
def test_a_method_that_there_is_not_is_405(http: httpx.Client, method: str, path: str, code: str, message: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == 405
    assert answer.json() == {"code": code, "details": None, "hint": None, "message": message}
