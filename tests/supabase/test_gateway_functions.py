"""Calls of functions through the unmodified client (docs: "Functions as RPC")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

FUNCTIONS = """
CREATE FUNCTION add(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION words() RETURNS SETOF text LANGUAGE sql STABLE AS $$ VALUES ('a'), ('b') $$;
CREATE FUNCTION pairs() RETURNS TABLE (x int, y text) LANGUAGE sql STABLE AS $$ VALUES (1, 'a'), (2, 'b') $$;
CREATE FUNCTION one_client(wanted bigint) RETURNS clients LANGUAGE sql STABLE
    AS 'SELECT * FROM clients WHERE id = wanted';
CREATE FUNCTION some_clients() RETURNS SETOF clients LANGUAGE sql STABLE AS 'SELECT * FROM clients';
CREATE FUNCTION outs(a int, OUT twice int, OUT thrice int) LANGUAGE sql IMMUTABLE AS 'SELECT a * 2, a * 3';
CREATE FUNCTION document(body json) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT body';
CREATE FUNCTION total(numbers int[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT sum(n) FROM unnest($1) n';
CREATE FUNCTION rename(wanted bigint, called text) RETURNS text LANGUAGE sql
    AS 'UPDATE clients SET name = called WHERE id = wanted RETURNING name';
CREATE FUNCTION "Имя f"("арг 1" text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
"""


@pytest.fixture
def functions(project: Project) -> Project:
    project.sql(FUNCTIONS)
    return project


def test_a_scalar_is_its_value(functions: Project) -> None:
    client = functions.client()
    assert client.rpc("add", {"a": 1}).execute().data == 3
    assert client.rpc("add", {"b": 5, "a": 1}).execute().data == 6
    assert client.rpc("add", {"a": None}).execute().data is None


def test_a_call_with_get_takes_its_arguments_from_the_query_string(functions: Project) -> None:
    client = functions.client()
    assert client.rpc("add", {"a": 1, "b": 5}, get=True).execute().data == 6
    assert client.rpc("total", {"numbers": [1, 2, 3]}, get=True).execute().data == 6
    assert client.rpc("document", {"body": {"a": [1]}}, get=True).execute().data == {"a": [1]}


def test_a_call_with_head_answers_headers_alone(functions: Project) -> None:
    answer = functions.client().rpc("some_clients", {}, count=CountMethod.exact, head=True).execute()
    assert (answer.data, answer.count) == ([], 4)


def test_void_is_204_without_a_body(functions: Project) -> None:
    assert functions.client().rpc("nothing").execute().data == []
    assert functions.http().post("/rpc/nothing").status_code == 204


def test_rows_and_values_are_lists(functions: Project) -> None:
    client = functions.client()
    assert client.rpc("words").execute().data == ["a", "b"]
    assert client.rpc("pairs").execute().data == [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]
    assert client.rpc("outs", {"a": 2}).execute().data == {"twice": 4, "thrice": 6}


def test_one_row_of_a_table_is_an_object(functions: Project) -> None:
    assert functions.client().rpc("one_client", {"wanted": 1}).execute().data["name"] == "Анна"


def test_what_comes_back_can_be_filtered_ordered_and_cut(functions: Project) -> None:
    client = functions.client()
    query = client.rpc("some_clients", {}, count=CountMethod.exact).select("id").gt("discount", 1)
    answer = query.order("id", desc=True).limit(2).execute()
    assert (answer.data, answer.count) == ([{"id": 4}, {"id": 3}], 4)
    assert client.rpc("pairs").select("y").eq("x", 2).execute().data == [{"y": "b"}]
    assert client.rpc("pairs", get=True).select("y").eq("x", 2).execute().data == [{"y": "b"}]


def test_single_and_maybe_single_of_a_call(functions: Project) -> None:
    client = functions.client()
    assert client.rpc("pairs").eq("x", 1).single().execute().data == {"x": 1, "y": "a"}
    with pytest.raises(APIError) as caught:
        client.rpc("pairs").single().execute()
    assert caught.value.code == "PGRST116"
    assert client.rpc("pairs").eq("x", 9).maybe_single().execute() is None


def test_csv_of_a_call(functions: Project) -> None:
    assert functions.client().rpc("pairs").csv().execute().data == "x,y\n1,a\n2,b"


def test_an_argument_keeps_its_type(functions: Project) -> None:
    assert functions.client().rpc("document", {"body": {"a": [1, None, "б"]}}).execute().data == {"a": [1, None, "б"]}
    assert functions.client().rpc("total", {"numbers": [1, 2]}).execute().data == 3


def test_an_unknown_function_is_pgrst202_with_a_suggestion(functions: Project) -> None:
    with pytest.raises(APIError) as caught:
        functions.client().rpc("pair").execute()
    assert caught.value.code == "PGRST202"
    assert caught.value.hint == "Perhaps you meant to call the function public.pairs"


def test_a_volatile_function_writes_with_post_and_is_25006_with_get(functions: Project) -> None:
    assert functions.client().rpc("rename", {"wanted": 1, "called": "Ася"}).execute().data == "Ася"
    answer = functions.http().get("/rpc/rename?wanted=1&called=x")
    assert (answer.status_code, answer.json()["code"]) == (405, "25006")
    assert functions.sql("SELECT name FROM clients WHERE id = 1") == [("Ася",)]


def test_a_stable_function_runs_read_only_with_post_too(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION sly() RETURNS void LANGUAGE plpgsql STABLE
            AS $$ BEGIN PERFORM nextval('clients_id_seq'); END $$
        """
    )
    answer = project.http().post("/rpc/sly")
    assert (answer.status_code, answer.json()["code"]) == (405, "25006")


def test_a_failed_call_leaves_nothing_behind(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION half() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN UPDATE clients SET name = 'x'; RAISE EXCEPTION 'no' USING DETAIL = 'why', HINT = 'do'; END $$
        """
    )
    answer = project.http().post("/rpc/half")
    assert answer.status_code == 400
    assert answer.json() == {"code": "P0001", "message": "no", "details": "why", "hint": "do"}
    assert project.sql("SELECT count(*) FROM clients WHERE name = 'x'") == [(0,)]


def test_names_of_functions_and_arguments_may_need_quotes(functions: Project) -> None:
    assert functions.client().rpc("Имя f", {"арг 1": "да"}).execute().data == "да"


def test_the_methods_of_a_function_are_told_by_options(functions: Project) -> None:
    http: httpx.Client = functions.http()
    assert http.options("/rpc/words").headers["allow"] == "OPTIONS,GET,HEAD,POST"
    assert http.options("/rpc/nothing").headers["allow"] == "OPTIONS,POST"
    assert http.options("/companies").headers["allow"] == "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"


def test_the_answer_can_be_changed_by_the_transaction(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION teapot() RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM set_config('response.status', '418', true);
            PERFORM set_config('response.headers', '[{"X-Brew": "tea"}, {"Content-Type": "text/tea"}]', true);
            RETURN 'short and stout';
        END $$
        """
    )
    answer = project.http().post("/rpc/teapot")
    assert (answer.status_code, answer.headers["x-brew"], answer.headers["content-type"]) == (418, "tea", "text/tea")


def test_settings_of_a_function_are_taken_on(project: Project) -> None:
    project.sql(
        """
        CREATE FUNCTION hurried() RETURNS text LANGUAGE sql STABLE SET statement_timeout = '1234ms'
            AS $$ SELECT current_setting('statement_timeout') $$
        """
    )
    assert project.client().rpc("hurried").execute().data == "1234ms"


def test_any_value_of_an_array_argument_survives(functions: Project) -> None:
    values: list[Any] = [2147483647, -1, 0]
    assert functions.client().rpc("total", {"numbers": values}, get=True).execute().data == 2147483646
