"""Execution plan (docs.postgrest.org/en/v16/references/observability.html, section "Execution plan").

Sections: Execution plan (formats, `for`, options, writes and calls), Securing the Execution Plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import supabase
from supabase.lib.client_options import SyncClientOptions

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.staff (staff_id int PRIMARY KEY, name text);
CREATE TABLE api.bookings (id int PRIMARY KEY, staff_id int REFERENCES api.staff, title text, extra jsonb);
CREATE INDEX bookings_by_colour ON api.bookings ((extra->>'colour'));
INSERT INTO api.staff VALUES (1, 'Вера'), (2, 'Глеб');
INSERT INTO api.bookings
SELECT i, 1 + i % 2, 'b' || i, json_build_object('colour', i) FROM generate_series(1, 4000) AS i;
ANALYZE;
CREATE FUNCTION api.all_staff() RETURNS SETOF api.staff LANGUAGE sql STABLE AS 'SELECT * FROM api.staff';
CREATE FUNCTION api.added(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE DOMAIN api."text/xml" AS text;
CREATE FUNCTION api.page() RETURNS api."text/xml" LANGUAGE sql STABLE AS $$SELECT '<p/>'$$;
CREATE DOMAIN api."application/vnd.salon" AS text;
CREATE FUNCTION api.joined(state api."application/vnd.salon", one api.staff) RETURNS api."application/vnd.salon"
LANGUAGE sql IMMUTABLE AS 'SELECT state || one.name';
CREATE AGGREGATE api.all_names(api.staff) (
    sfunc = api.joined, stype = api."application/vnd.salon", initcond = ''
);
CREATE FUNCTION api.only_from_inside() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('request.headers', true)::json->>'accept' LIKE 'application/vnd.pgrst.plan%'
        AND coalesce(current_setting('request.headers', true)::json->>'x-forwarded-for', '') <> '192.0.2.7'
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'no plans for strangers';
    END IF;
END $$;
"""

JSON = "application/vnd.pgrst.plan+json"


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_plan_enabled=True, db_tx_end="rollback-allow-override")


def plan(answer: httpx.Response) -> Any:
    """The one plan of an answer in JSON."""
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()
    return found


def asked(served: Served, path: str, accept: str, method: str = "GET", **more: Any) -> httpx.Response:
    """An answer whose Accept header asks for a plan."""
    return served.http.request(method, path, headers={"Accept": accept, **more.pop("headers", {})}, **more)


def output(answer: httpx.Response) -> str:
    """The columns that the plan's topmost node puts out, as verbose shows them."""
    return " ".join(plan(answer)["Plan"]["Output"])


# Execution plan: formats


@pytest.mark.parametrize("accept", ["application/vnd.pgrst.plan", "application/vnd.pgrst.plan+text"])
def test_a_plan_is_text_by_default(served: Served, accept: str) -> None:
    answer = asked(served, "/staff?staff_id=eq.1", accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == ('application/vnd.pgrst.plan+text; for="application/json"; charset=utf-8')
    assert answer.text.startswith("Aggregate  (cost=")
    assert answer.text.splitlines()[1].lstrip().startswith("->  ")


def test_a_plan_in_json_is_postgresqls_own(served: Served) -> None:
    answer = asked(served, "/staff?staff_id=in.(1,2)", JSON)
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; charset=utf-8'
    found = plan(answer)
    assert found["Plan"]["Node Type"] == "Aggregate"
    assert found["Plan"]["Plans"][0]["Relation Name"] == "staff"
    assert found["Plan"]["Total Cost"] > 0


def test_a_plan_has_no_headers_of_the_answer_it_explains(served: Served) -> None:
    answer = asked(served, "/staff?limit=1", JSON, headers={"Prefer": "count=exact"})
    assert not {"content-range", "content-location", "preference-applied", "location"} & answer.headers.keys()


def test_head_has_the_type_of_the_plan_and_no_body(served: Served) -> None:
    answer = asked(served, "/staff", JSON, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; charset=utf-8'


# Execution plan: the representation that is explained


@pytest.mark.parametrize(
    ("wanted", "spelled", "shown"),
    [
        ("application/json", "application/json", "COALESCE(json_agg(ROW("),
        ("application/vnd.pgrst.object", "application/vnd.pgrst.object+json", "-> 0), 'null'::json)"),
        (
            "application/vnd.pgrst.object+json; nulls=stripped",
            "application/vnd.pgrst.object+json;nulls=stripped",
            "json_strip_nulls(",
        ),
        (
            "application/vnd.pgrst.array+json;nulls=stripped",
            "application/vnd.pgrst.array+json;nulls=stripped",
            "json_strip_nulls(",
        ),
        ("text/csv", "text/csv", "string_agg("),
    ],
)
def test_for_says_which_representation_is_explained(served: Served, wanted: str, spelled: str, shown: str) -> None:
    answer = asked(served, "/staff", f'{JSON}; for="{wanted}"; options=verbose')
    assert answer.headers["content-type"] == f'{JSON}; for="{spelled}"; options=verbose; charset=utf-8'
    assert shown in output(answer)


def test_a_single_object_is_explained_whatever_the_number_of_rows(served: Served) -> None:
    answer = asked(served, "/staff", f'{JSON}; for="application/vnd.pgrst.object+json"; options=analyze')
    assert plan(answer)["Plan"]["Actual Rows"] == 1


@pytest.mark.parametrize(
    ("path", "media_type", "shown"),
    [("/rpc/page", "text/xml", "'<p/>'::text"), ("/staff", "application/vnd.salon", "all_names(")],
)
def test_a_media_type_of_the_database_is_explained(served: Served, path: str, media_type: str, shown: str) -> None:
    answer = asked(served, path, f'{JSON}; for="{media_type}"; options=verbose')
    assert answer.headers["content-type"] == f'{JSON}; for="{media_type}"; options=verbose; charset=utf-8'
    assert shown in output(answer)


def test_what_cannot_be_answered_cannot_be_explained(served: Served) -> None:
    answer = asked(served, "/staff", f'{JSON}; for="image/png"')
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")


def test_the_next_accepted_type_is_answered_where_there_is_no_plan(served: Served) -> None:
    answer = asked(served, "/staff?select=staff_id", f'{JSON}; for="image/png", application/json')
    assert answer.json() == [{"staff_id": 1}, {"staff_id": 2}]


# Execution plan: options


def test_analyze_executes(served: Served) -> None:
    answer = asked(served, "/staff", f"{JSON}; options=analyze")
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; options=analyze; charset=utf-8'
    assert plan(answer)["Plan"]["Plans"][0]["Actual Rows"] == 2


def test_verbose_shows_the_columns(served: Served) -> None:
    found = plan(asked(served, "/staff", f"{JSON}; options=verbose"))
    assert found["Plan"]["Plans"][0]["Output"] == ["staff.staff_id", "staff.name"]


@pytest.mark.parametrize(
    ("method", "prefer", "columns"), [("GET", "count=none", 6), ("DELETE", "return=representation", 7)]
)
def test_the_body_stands_behind_the_counts_and_in_a_write_behind_the_location(
    served: Served, method: str, prefer: str, columns: int
) -> None:
    verbose = f"{JSON}; options=verbose"
    found = plan(asked(served, "/staff?staff_id=eq.2", verbose, method, headers={"Prefer": prefer}))["Plan"]["Output"]
    assert len(found) == columns
    assert found[-4] == "COALESCE(json_agg(ROW(staff.staff_id, staff.name)), '[]'::json)"


def test_settings_shows_the_search_path(served: Served) -> None:
    found = plan(asked(served, "/staff", f"{JSON}; options=settings"))
    assert found["Settings"]["search_path"] == '"api", "public"'


def test_buffers_shows_the_blocks(served: Served) -> None:
    answer = asked(served, "/staff", f"{JSON}; options=buffers")
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; options=buffers; charset=utf-8'
    assert "Shared Hit Blocks" in answer.text


def test_wal_shows_the_records(served: Served) -> None:
    found = plan(asked(served, "/staff", f"{JSON}; options=analyze|wal"))
    assert found["Plan"]["WAL Records"] == 0


def test_options_are_answered_in_one_order_and_unknown_ones_dropped(served: Served) -> None:
    answer = asked(served, "/staff", f"{JSON}; options=wal|colour|verbose|analyze")
    assert answer.headers["content-type"] == (
        f'{JSON}; for="application/json"; options=analyze|verbose|wal; charset=utf-8'
    )


def test_an_option_that_needs_another_is_postgresqls_error(served: Served) -> None:
    answer = asked(served, "/staff", f"{JSON}; options=wal")
    assert (answer.status_code, answer.json()["code"]) == (400, "22023")


# Execution plan: writes and calls


@pytest.mark.parametrize(
    ("method", "path", "body", "operation"),
    [
        ("POST", "/staff", {"staff_id": 9, "name": "new"}, "Insert"),
        ("PATCH", "/staff?staff_id=eq.1", {"name": "other"}, "Update"),
        ("DELETE", "/bookings?id=in.(1,2,3)", None, "Delete"),
        ("PUT", "/staff?staff_id=eq.9", {"staff_id": 9, "name": "new"}, "Insert"),
    ],
)
def test_a_write_is_explained_and_not_made(
    served: Served, method: str, path: str, body: object, operation: str
) -> None:
    before = served.sql("SELECT count(*), max(name) FROM api.staff", reload=False)
    answer = asked(served, path, JSON, method, json=body, headers={"Prefer": "tx=commit"})
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; charset=utf-8'
    found = plan(answer)
    assert f'"Operation": "{operation}"' in json.dumps(found)
    assert served.sql("SELECT count(*), max(name) FROM api.staff", reload=False) == before


def test_an_upsert_is_explained(served: Served) -> None:
    answer = asked(
        served,
        "/staff",
        JSON,
        "POST",
        json=[{"staff_id": 1, "name": "a"}, {"staff_id": 9, "name": "b"}],
        headers={"Prefer": "resolution=merge-duplicates"},
    )
    assert '"Conflict Resolution": "UPDATE"' in json.dumps(plan(answer))


def test_the_representation_of_a_write_is_explained(served: Served) -> None:
    accept = f'{JSON}; for="application/vnd.pgrst.object"; options=verbose'
    answer = asked(served, "/staff?staff_id=eq.2", accept, "DELETE", headers={"Prefer": "return=representation"})
    assert "-> 0), 'null'::json)" in output(answer)
    assert answer.headers["content-type"] == (
        f'{JSON}; for="application/vnd.pgrst.object+json"; options=verbose; charset=utf-8'
    )


def test_analyze_of_a_write_commits_it_and_tx_rollback_does_not(served: Served) -> None:
    for end, there in (("rollback", 0), ("commit", 1)):
        answer = asked(
            served,
            "/staff",
            f"{JSON}; options=analyze",
            "POST",
            json={"staff_id": 70, "name": "kept"},
            headers={"Prefer": f"tx={end}"},
        )
        assert answer.status_code == 200
        assert served.sql("SELECT count(*) FROM api.staff WHERE staff_id = 70", reload=False) == [(there,)]
    served.sql("DELETE FROM api.staff WHERE staff_id = 70", reload=False)


def test_a_call_is_explained(served: Served) -> None:
    answer = asked(served, "/rpc/all_staff?staff_id=in.(1,2)", JSON)
    assert answer.headers["content-type"] == f'{JSON}; for="application/json"; charset=utf-8'
    assert plan(answer)["Plan"]["Node Type"] == "Aggregate"
    assert plan(asked(served, "/rpc/added", JSON, "POST", json={"a": 1, "b": 2}))["Plan"]["Total Cost"] < 0.1


def test_a_function_in_sql_is_inlined(served: Served) -> None:
    text = asked(served, "/rpc/all_staff?staff_id=eq.1", "application/vnd.pgrst.plan").text
    assert "on staff" in text
    assert "all_staff" not in text


@pytest.mark.parametrize("query", ["extra->>colour=eq.7", "order=extra->>colour&limit=3"])
def test_an_index_on_a_json_path_is_used(served: Served, query: str) -> None:
    assert "bookings_by_colour" in asked(served, f"/bookings?{query}", "application/vnd.pgrst.plan").text


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("/staff?select=*,bookings(*)&staff_id=eq.1", 400),
        ("/bookings?select=*,staff(*)&id=eq.1", 20),
        ("/bookings?select=*,staff!inner(*)&id=eq.1", 20),
        ("/bookings?select=*,staff(*)&staff=not.is.null&id=eq.1", 20),
    ],
)
def test_embedding_costs_no_more_than_reading_the_related_rows(served: Served, query: str, most: float) -> None:
    assert plan(asked(served, query, JSON))["Plan"]["Total Cost"] < most


def test_the_plan_of_a_count_is_in_the_plan(served: Served) -> None:
    answer = asked(served, "/staff?limit=1", JSON, headers={"Prefer": "count=exact"})
    assert json.dumps(plan(answer)).count('"Relation Name": "staff"') == 2


# Execution plan: through the client


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Any]:
    with httpx.Client(timeout=30) as http:
        options = SyncClientOptions(httpx_client=http, auto_refresh_token=False, schema="api")
        key = served.as_role("anon").headers["Authorization"].removeprefix("Bearer ")
        yield supabase.create_client(served.gateway.url, key, options)


def test_explain_of_the_client_is_text(client: Any) -> None:
    found = client.table("staff").select("*").eq("staff_id", 1).explain(analyze=True, buffers=True).execute()
    assert found.startswith("Aggregate  (cost=")
    assert "actual time=" in found


def test_explain_of_the_client_in_json(client: Any) -> None:
    found = client.table("staff").select("*").explain(verbose=True, format="json").execute().data
    assert found[0]["Plan"]["Node Type"] == "Aggregate"
    assert "Output" in found[0]["Plan"]


# Securing the Execution Plan


@pytest.fixture(scope="module")
def disabled(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/staff"), ("GET", "/rpc/all_staff"), ("DELETE", "/bookings?id=in.(1,2)")]
)
def test_plans_are_refused_where_they_are_not_enabled(disabled: Served, method: str, path: str) -> None:
    answer = asked(disabled, path, "application/vnd.pgrst.plan; options=analyze", method)
    offered = 'application/vnd.pgrst.plan+text; for="application/json"; options=analyze'
    assert (answer.status_code, answer.json()) == (
        406,
        {
            "code": "PGRST107",
            "message": f"None of these media types are available: {offered}",
            "details": None,
            "hint": None,
        },
    )


def test_the_next_accepted_type_is_answered_where_plans_are_not_enabled(disabled: Served) -> None:
    answer = asked(disabled, "/staff?select=staff_id&staff_id=eq.1", f"{JSON}, application/json")
    assert answer.json() == [{"staff_id": 1}]


def test_a_pre_request_function_chooses_who_sees_plans(serve: Serve) -> None:
    guarded = serve(DDL, db_schemas=("api",), db_plan_enabled=True, db_pre_request="api.only_from_inside")
    refused = asked(guarded, "/staff", JSON)
    assert (refused.status_code, refused.json()["message"]) == (401, "no plans for strangers")
    assert plan(asked(guarded, "/staff", JSON, headers={"X-Forwarded-For": "192.0.2.7"}))
    assert guarded.http.get("/staff?select=staff_id&staff_id=eq.1").json() == [{"staff_id": 1}]
