"""Functions as RPC, how they are called (https://docs.postgrest.org/en/v16/references/api/functions.html).

Sections: Calling with POST; Calling with GET; Functions with an array of JSON objects; Functions with a single unnamed
JSON parameter; Functions with a single unnamed parameter; Functions with array parameters; Variadic functions. How one
of several functions is chosen is in test_functions_overloaded.py, what they return in test_functions.py.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE TYPE api.length AS ENUM ('short', 'long');
CREATE TYPE api.slot AS (hour int, chair text);
CREATE DOMAIN api.discount AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE api.visits (id int PRIMARY KEY, client text);
INSERT INTO api.visits VALUES (1, 'Анна'), (2, 'Борис'), (3, 'Вера'), (4, 'Глеб');

CREATE FUNCTION api.price(base int, extra int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT base + extra';
CREATE FUNCTION api.greeting(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'Здравствуйте, ' || name $$;
CREATE FUNCTION api.rebook(visit int, to_client text) RETURNS text LANGUAGE sql
    AS 'UPDATE api.visits SET client = to_client WHERE id = visit RETURNING client';
CREATE FUNCTION api.visits_below(id int) RETURNS SETOF api.visits LANGUAGE sql STABLE
    AS 'SELECT * FROM api.visits v WHERE v.id < $1';
CREATE FUNCTION api."fullName"("firstName" text, "SSN" text) RETURNS json LANGUAGE sql IMMUTABLE
    AS $$ SELECT json_build_object('firstName', $1, 'SSN', $2) $$;
CREATE FUNCTION api."price.list v2"() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE FUNCTION api."запись"("имя" text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION api.all_types(
    double double precision, string varchar, flag boolean, day date, cost money, cut api.length, colours text[],
    n integer, document json DEFAULT '{}', documentb jsonb DEFAULT '{}'
) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('double', double, 'string', string, 'flag', flag, 'day', day, 'cost', cost, 'cut', cut,
        'colours', colours, 'n', n, 'document', document, 'documentb', documentb)
$$;
CREATE FUNCTION api.kind_of(document json) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT json_typeof(document)';
CREATE FUNCTION api.off(percent api.discount) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT percent::int';
CREATE FUNCTION api.chairs(slots api.slot[]) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT string_agg(chair || hour, ' ' ORDER BY hour) FROM unnest(slots) $$;
CREATE FUNCTION api.with_defaults(a int DEFAULT 1, b int DEFAULT 2, c int DEFAULT 3) RETURNS int LANGUAGE sql IMMUTABLE
    AS 'SELECT 100 * a + 10 * b + c';
CREATE FUNCTION api.codes(code char, codes char[], mask bit, masks bit[]) RETURNS json LANGUAGE sql IMMUTABLE
    AS 'SELECT json_build_array(code, codes, mask, masks)';
CREATE FUNCTION api.add_visits(entries jsonb) RETURNS bigint LANGUAGE sql AS $$
    WITH new AS (
        INSERT INTO api.visits SELECT (e->>'id')::int, e->>'client' FROM jsonb_array_elements(entries) e RETURNING id
    ) SELECT count(*) FROM new
$$;
CREATE FUNCTION api.whole_json(json) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION api.whole_jsonb(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION api.whole_text(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)';
CREATE FUNCTION api.whole_bytea(bytea) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
CREATE FUNCTION api.whole_xml(xml) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE FUNCTION api.plus_one(arr int[]) RETURNS int[] LANGUAGE sql IMMUTABLE
    AS 'SELECT array_agg(n + 1) FROM unnest($1) AS n';
CREATE FUNCTION api.shouted(VARIADIC words text[] DEFAULT '{}') RETURNS text[] LANGUAGE sql IMMUTABLE
    AS 'SELECT array_agg(upper(w)) FROM unnest(words) AS w';
CREATE FUNCTION api.shouted_to(name text, VARIADIC words text[]) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT name || ': ' || array_to_string(words, ' ') $$;
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override")


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    return served.http


def result(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


# Calling with POST


def test_post_takes_the_arguments_from_a_json_object(http: httpx.Client) -> None:
    answer = http.post("/rpc/price", json={"base": 1, "extra": 2})
    assert (answer.status_code, answer.text) == (200, "3")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-range"] == "0-0/*"
    assert "content-location" not in answer.headers


def test_post_takes_the_first_of_several_objects(http: httpx.Client) -> None:
    rows = [{"base": 1, "extra": 2}, {"base": 4, "extra": 6}]
    assert http.post("/rpc/price", json=rows).text == "3"


def test_post_with_columns_ignores_other_keys(http: httpx.Client) -> None:
    body = {"name": "Анна", "phone": "80005550001", "other": 1}
    assert result(http.post("/rpc/greeting?columns=name", json=body)) == (200, "Здравствуйте, Анна")


def test_post_takes_the_first_line_of_csv(http: httpx.Client) -> None:
    answer = http.post("/rpc/price", content=b"base,extra\n1,2\n4,6", headers={"Content-Type": "text/csv"})
    assert result(answer) == (200, 3)


def test_post_without_a_body_has_no_arguments(http: httpx.Client) -> None:
    assert result(http.post("/rpc/with_defaults")) == (200, 123)
    assert result(http.post("/rpc/with_defaults", headers={"Content-Type": "application/json"})) == (200, 123)
    assert result(http.post("/rpc/with_defaults", json={})) == (200, 123)


def test_post_does_not_take_arguments_from_the_query_string(http: httpx.Client) -> None:
    answer = http.post("/rpc/greeting?name=Анна", json={"name": "Анна"})
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST100")


def test_post_refuses_what_is_no_json(http: httpx.Client) -> None:
    answer = http.post("/rpc/greeting", content=b"sdfsdf", headers={"Content-Type": "application/json"})
    assert result(answer) == (
        400,
        {"code": "PGRST102", "message": "Empty or invalid json", "details": None, "hint": None},
    )


def test_arguments_with_defaults_may_be_left_out(http: httpx.Client) -> None:
    assert http.post("/rpc/with_defaults", json={"b": 7}).text == "173"
    assert http.get("/rpc/with_defaults?b=7&c=9").text == "179"


def test_null_is_an_argument(http: httpx.Client) -> None:
    assert http.post("/rpc/with_defaults", json={"b": None}).text == "null"


def test_names_in_quotes_keep_their_case(http: httpx.Client) -> None:
    expected = {"firstName": "Анна", "SSN": "000-00"}
    assert result(http.post("/rpc/fullName", json=expected)) == (200, expected)
    assert result(http.get("/rpc/fullName", params=expected)) == (200, expected)
    assert http.post("/rpc/fullname", json=expected).status_code == 404


def test_names_may_have_dots_blanks_and_any_letters(http: httpx.Client) -> None:
    assert http.get("/rpc/price.list%20v2").text == "2"
    assert result(http.post("/rpc/запись", json={"имя": "да"})) == (200, "да")
    assert result(http.get("/rpc/запись?имя=да")) == (200, "да")


def test_arguments_of_many_types(http: httpx.Client) -> None:
    given = {
        "double": 3.1,
        "string": "строка",
        "flag": True,
        "day": "20240229",
        "cost": 0,
        "cut": "short",
        "colours": ["a", "b,c"],
        "n": 43,
        "document": {"some key": "some value"},
        "documentb": {"another key": [1, 2, "3"]},
    }
    expected = {**given, "day": "2024-02-29", "cost": "$0.00"}
    assert result(http.post("/rpc/all_types", json=given)) == (200, expected)
    fields = "double=3.1&string=x&flag=true&day=20240229&cost=0&cut=short&colours=%7Ba,b%7D&n=43"
    flat = {**expected, "string": "x", "colours": ["a", "b"], "document": {}, "documentb": {}}
    assert result(http.get(f"/rpc/all_types?{fields}")) == (200, flat)
    assert result(http.post("/rpc/all_types", content=fields, headers=FORM)) == (200, flat)


def test_a_json_argument_is_what_the_body_has_there(http: httpx.Client) -> None:
    assert result(http.post("/rpc/kind_of", json={"document": {"key": 3}})) == (200, "object")
    assert result(http.post("/rpc/kind_of", json={"document": '{"key": 3}'})) == (200, "string")
    assert result(http.get('/rpc/kind_of?document={"key": 3}')) == (200, "object")


def test_an_argument_of_a_domain_is_checked(http: httpx.Client) -> None:
    assert http.post("/rpc/off", json={"percent": 7}).text == "7"
    answer = http.get("/rpc/off?percent=101")
    assert (answer.status_code, answer.json()["code"]) == (400, "23514")


def test_an_argument_may_be_an_array_of_rows(http: httpx.Client) -> None:
    slots = [{"hour": 9, "chair": "A"}, {"hour": 10, "chair": "B"}]
    assert result(http.post("/rpc/chairs", json={"slots": slots})) == (200, "A9 B10")
    assert result(http.get('/rpc/chairs?slots={"(9,A)","(10,B)"}')) == (200, "A9 B10")


def test_character_and_bit_arguments_are_not_cut(http: httpx.Client) -> None:
    expected = ["abcdefg", ["abc", "abcdefg"], "101010", ["101", "101010"]]
    fields = "code=abcdefg&codes={abc,abcdefg}&mask=101010&masks={101,101010}"
    assert result(http.get(f"/rpc/codes?{fields}")) == (200, expected)
    given = dict(zip(("code", "codes", "mask", "masks"), expected, strict=True))
    assert result(http.post("/rpc/codes", json=given)) == (200, expected)


def test_an_argument_of_a_wrong_type_is_refused_by_postgresql(http: httpx.Client) -> None:
    answer = http.post("/rpc/price", json={"base": "dear", "extra": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "22P02")


# Calling with GET


def test_get_takes_the_arguments_from_the_query_string(http: httpx.Client) -> None:
    assert http.get("/rpc/price?base=1&extra=2").text == "3"


def test_head_answers_the_headers_alone(http: httpx.Client) -> None:
    answer = http.head("/rpc/price?base=1&extra=2")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-range"] == "0-0/*"


def test_get_of_a_function_that_writes_is_405(http: httpx.Client) -> None:
    answer = http.get("/rpc/rebook?visit=1&to_client=x")
    assert result(answer) == (
        405,
        {
            "code": "25006",
            "message": "cannot execute UPDATE in a read-only transaction",
            "details": None,
            "hint": None,
        },
    )
    assert result(http.post("/rpc/rebook", json={"visit": 1, "to_client": "x"})) == (200, "x")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_405(http: httpx.Client, method: str) -> None:
    assert result(http.request(method, "/rpc/greeting")) == (
        405,
        {"code": "PGRST101", "message": f"Cannot use the {method} method on RPC", "details": None, "hint": None},
    )


def test_a_repeated_argument_has_its_last_value(http: httpx.Client) -> None:
    assert http.get("/rpc/greeting?name=ignored&name=Анна").json() == "Здравствуйте, Анна"


@pytest.mark.parametrize(
    ("condition", "found"),
    [("gt.2", [3, 4]), ("not.gt.2", [1, 2]), ("not.in.(1,3)", [2, 4]), ("not_null", [1, 2, 3, 4])],
)
def test_an_argument_and_a_filter_may_have_the_same_name(http: httpx.Client, condition: str, found: list[int]) -> None:
    wanted = condition if condition != "not_null" else "is.not_null"
    answer = http.get(f"/rpc/visits_below?id=5&id={wanted}&select=id&order=id")
    assert result(answer) == (200, [{"id": one} for one in found])


# Functions with an array of JSON objects


def test_an_array_of_objects_can_be_one_argument(http: httpx.Client) -> None:
    entries = [{"id": 11, "client": "Дина"}, {"id": 12, "client": "Егор"}]
    assert result(http.post("/rpc/add_visits", json={"entries": entries})) == (200, 2)


# Functions with a single unnamed JSON parameter


@pytest.mark.parametrize("function", ["whole_json", "whole_jsonb"])
@pytest.mark.parametrize("body", [{"A": 1, "B": "два"}, [{"x": 1}, {"x": 2}], {}])
def test_the_whole_body_is_the_unnamed_json_argument(http: httpx.Client, function: str, body: object) -> None:
    assert result(http.post(f"/rpc/{function}", json=body)) == (200, body)


# Functions with a single unnamed parameter


def test_text_is_the_unnamed_text_argument(http: httpx.Client) -> None:
    answer = http.post("/rpc/whole_text", content="тише".encode(), headers=TEXT)
    assert result(answer) == (200, "ТИШЕ")


def test_bytes_are_the_unnamed_bytea_argument(http: httpx.Client) -> None:
    assert http.post("/rpc/whole_bytea", content=b"\x89PNG\x00\xff", headers=BYTES).text == "6"


def test_xml_is_the_unnamed_xml_argument(http: httpx.Client) -> None:
    answer = http.post("/rpc/whole_xml", content=b"<note>a</note>", headers={"Content-Type": "text/xml"})
    # a server that was built without libxml refuses the type itself
    unsupported = answer.status_code == 400 and answer.json()["code"] == "0A000"
    assert unsupported or result(answer) == (200, "<note>a</note>")


# Functions with array parameters


def test_an_array_is_json_in_a_body_and_a_literal_in_a_query_string(http: httpx.Client) -> None:
    assert http.post("/rpc/plus_one", json={"arr": [1, 2, 3, 4]}).json() == [2, 3, 4, 5]
    assert http.post("/rpc/plus_one", json={"arr": "{1,2}"}).json() == [2, 3]
    assert http.get("/rpc/plus_one?arr=%7B1,2,3,4%7D").json() == [2, 3, 4, 5]


# Variadic functions


def test_a_variadic_argument_is_an_array_in_a_body(http: httpx.Client) -> None:
    assert http.post("/rpc/shouted", json={"words": ["hi", "there"]}).json() == ["HI", "THERE"]


@pytest.mark.parametrize(
    ("fields", "expected"), [("", None), ("words=hi", ["HI"]), ("words=hi&words=a,b", ["HI", "A,B"])]
)
def test_a_variadic_argument_is_repeated(http: httpx.Client, fields: str, expected: list[str] | None) -> None:
    assert result(http.get(f"/rpc/shouted?{fields}")) == (200, expected)
    assert result(http.post("/rpc/shouted", content=fields, headers=FORM)) == (200, expected)


def test_only_the_variadic_argument_may_be_repeated(http: httpx.Client) -> None:
    answer = http.get("/rpc/shouted_to?name=ignored&name=Анна&words=a&words=b")
    assert result(answer) == (200, "Анна: a b")
