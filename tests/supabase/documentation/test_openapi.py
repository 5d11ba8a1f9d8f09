"""OpenAPI (docs.postgrest.org/en/v16/references/api/openapi.html): the description at the root.

Sections of the page: OpenAPI (the answer, comments and summaries, privileges, security), Overriding OpenAPI response.
How relations and functions are described is in test_openapi_endpoints.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.supabase.documentation.conftest import Serve, Served
from tests.supabase.documentation.openapi_schema import DDL, SCHEMAS


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, grants=False, **SCHEMAS)


@pytest.fixture(scope="module")
def found(served: Served) -> Any:
    """The description as the anonymous role sees it."""
    return served.http.get("/").json()


# OpenAPI: the answer


def test_the_root_answers_a_swagger_document_in_its_own_media_type(served: Served) -> None:
    answer = served.http.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/openapi+json; charset=utf-8")
    assert answer.json()["swagger"] == "2.0"
    # several schemas are exposed: the answer says which one it is about
    assert answer.headers["content-profile"] == "api"


def test_the_root_is_also_below_supabases_prefix(served: Served, found: Any) -> None:
    assert served.http.get("/rest/v1/").json() == found


@pytest.mark.parametrize("accept", ["application/openapi+json", "application/json", "*/*", "text/html, */*"])
def test_the_root_answers_those_who_take_openapi_or_json(served: Served, accept: str) -> None:
    answer = served.http.get("/", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/openapi+json; charset=utf-8")


def test_the_root_refuses_those_who_take_neither(served: Served) -> None:
    answer = served.http.get("/", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()) == (
        406,
        {
            "code": "PGRST107",
            "message": "None of these media types are available: text/csv",
            "details": None,
            "hint": None,
        },
    )


def test_a_relation_has_no_openapi(served: Served) -> None:
    answer = served.http.get("/clients", headers={"Accept": "application/openapi+json"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")


def test_head_of_the_root_answers_headers_alone(served: Served) -> None:
    answer = served.http.head("/", headers={"Accept": "application/openapi+json"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/openapi+json; charset=utf-8"
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_root_takes_no_method_that_writes(served: Served, method: str) -> None:
    answer = served.http.request(method, "/")
    assert (answer.status_code, answer.json()["code"]) == (405, "PGRST117")


def test_options_of_the_root_tells_the_methods_that_read(served: Served) -> None:
    assert served.http.options("/").headers["allow"] == "OPTIONS,GET,HEAD"


def test_the_document_refers_to_the_manual_of_its_version(found: Any) -> None:
    assert found["externalDocs"] == {
        "description": "PostgREST Documentation",
        "url": "https://postgrest.org/en/v16/references/api.html",
    }


def test_the_document_tells_the_media_types_of_the_whole_api(found: Any) -> None:
    media_types = [
        "application/json",
        "application/vnd.pgrst.object+json;nulls=stripped",
        "application/vnd.pgrst.object+json",
        "text/csv",
    ]
    assert (found["consumes"], found["produces"]) == (media_types, media_types)


def test_the_root_describes_itself(found: Any) -> None:
    assert found["paths"]["/"] == {
        "get": {
            "tags": ["Introspection"],
            "summary": "OpenAPI description (this document)",
            "produces": ["application/openapi+json", "application/json"],
            "responses": {"200": {"description": "OK"}},
        }
    }


# OpenAPI: comments, and the summary that their first line is


def test_the_schemas_comment_is_title_and_description(found: Any) -> None:
    assert found["info"] == {
        "version": "16.0",
        "title": "Salon",
        "description": "Bookings of a salon\nand who makes them",
    }


def test_a_comment_of_one_line_leaves_the_description_empty(served: Served) -> None:
    info = served.http.get("/", headers={"Accept-Profile": "other"}).json()["info"]
    assert (info["title"], info["description"]) == ("Another", "")


def test_a_tables_comment_of_one_line_is_the_summary_alone(found: Any) -> None:
    operation = found["paths"]["/companies"]["get"]
    assert operation["summary"] == "Companies"
    assert "description" not in operation
    assert found["definitions"]["companies"]["description"] == "Companies"


def test_a_tables_comment_of_several_lines_is_summary_and_description(found: Any) -> None:
    operation = found["paths"]["/clients"]["delete"]
    assert operation["summary"] == "Clients summary"
    assert operation["description"] == "Clients description that\nspans\nmultiple lines"


def test_a_table_without_comment_has_neither(found: Any) -> None:
    assert not {"summary", "description"} & found["paths"]["/visits"]["get"].keys()
    assert "description" not in found["definitions"]["visits"]


@pytest.mark.parametrize(
    ("path", "summary", "description"),
    [
        ("/stored", "A materialized view", "As it was"),
        ("/events", "A partitioned table", "With parts"),
        ("/rpc/varied", "An RPC function", "Just about arguments"),
    ],
)
def test_views_partitioned_tables_and_functions_have_comments(
    found: Any, path: str, summary: str, description: str
) -> None:
    operation = found["paths"][path]["get"]
    assert (operation["summary"], operation["description"]) == (summary, description)


# OpenAPI: by what the role may do (openapi-mode)


def test_a_relation_is_shown_to_those_who_have_a_right_on_it(served: Served, found: Any) -> None:
    assert "/secrets" not in found["paths"]
    assert "secrets" not in found["definitions"]
    assert "rowFilter.secrets.id" not in found["parameters"]
    seen = served.as_role("authenticated").get("/").json()
    assert seen["paths"]["/secrets"]["post"]["tags"] == ["secrets"]


def test_a_right_on_one_column_is_enough(found: Any) -> None:
    assert "/half_open" in found["paths"]


def test_a_function_is_shown_to_those_who_may_execute_it(served: Served, found: Any) -> None:
    assert "/rpc/whisper" not in found["paths"]
    seen = served.as_role("authenticated").get("/").json()
    assert seen["paths"]["/rpc/whisper"]["post"]["tags"] == ["(rpc) whisper"]


def test_a_role_that_does_not_exist_is_refused(served: Served) -> None:
    answer = served.as_role("nobody_knows").get("/")
    assert (answer.status_code, answer.json()["code"]) == (401, "22023")


def test_the_profile_header_chooses_the_schema(served: Served, found: Any) -> None:
    answer = served.http.get("/", headers={"Accept-Profile": "other"})
    assert answer.headers["content-profile"] == "other"
    assert set(answer.json()["paths"]) == {"/", "/notes", "/rpc/shout"}
    assert "/notes" not in found["paths"]


def test_a_schema_that_is_not_exposed_is_refused(served: Served) -> None:
    answer = served.http.get("/", headers={"Accept-Profile": "hidden"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST106")


def test_what_came_after_the_schema_cache_is_not_shown(served: Served) -> None:
    served.sql("CREATE TABLE api.newcomers (id int); GRANT ALL ON api.newcomers TO anon", reload=False)
    assert "/newcomers" not in served.http.get("/").json()["paths"]
    served.gateway.reload_schema_cache()
    assert "/newcomers" in served.http.get("/").json()["paths"]
    served.sql("DROP TABLE api.newcomers")


def test_ignore_privileges_shows_everything_to_everybody(served: Served, serve: Serve) -> None:
    everything = serve(DDL, grants=False, openapi_mode="ignore-privileges", **SCHEMAS).http
    seen = everything.get("/").json()
    assert seen["paths"]["/secrets"]["post"]["tags"] == ["secrets"]
    assert seen["paths"]["/rpc/whisper"]["post"]["tags"] == ["(rpc) whisper"]
    assert seen["paths"]["/clients"]["get"]["summary"] == "Clients summary"
    assert "/notes" not in seen["paths"]
    other = everything.get("/", headers={"Accept-Profile": "other"}).json()
    assert {"/notes", "/rpc/shout"} <= other["paths"].keys()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_disabled_answers_404(served: Served, serve: Serve, method: str) -> None:
    answer = serve("CREATE SCHEMA api", db_schemas=("api",), openapi_mode="disabled").http.request(method, "/")
    assert answer.status_code == 404
    if method != "HEAD":
        assert answer.json() == {
            "code": "PGRST126",
            "message": "Root endpoint metadata is disabled",
            "details": None,
            "hint": None,
        }


# OpenAPI: security, and the address


def test_security_is_not_mentioned_by_default(found: Any) -> None:
    assert not {"security", "securityDefinitions"} & found.keys()


def test_security_active_says_how_a_token_is_sent(serve: Serve) -> None:
    served = serve("CREATE SCHEMA api", db_schemas=("api",), openapi_security_active=True)
    found = served.http.get("/").json()
    assert found["security"] == [{"JWT": []}]
    assert found["securityDefinitions"] == {
        "JWT": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "description": 'Add the token prepending "Bearer " (without quotes) to it',
        }
    }


def test_a_schema_without_comment_has_the_title_of_postgrest(serve: Serve) -> None:
    info = serve("CREATE SCHEMA api", db_schemas=("api",)).http.get("/").json()["info"]
    assert (info["title"], info["description"]) == (
        "PostgREST API",
        "This is a dynamic API generated by PostgREST",
    )


def test_the_address_is_the_one_that_the_client_used(served: Served, found: Any) -> None:
    host = served.gateway.url.removeprefix("http://")
    assert (found["schemes"], found["host"], found["basePath"]) == (["http"], host, "/")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://salon.example/api", ("https", "salon.example:443", "/api")),
        ("http://salon.example", ("http", "salon.example:80", "/")),
        ("https://salon.example:8443/", ("https", "salon.example:8443", "/")),
        ("HTTPS://Salon.example:8443/Api", ("https", "Salon.example:8443", "/Api")),
        ("https://[::1]/api", ("https", "[::1]:443", "/api")),
    ],
)
def test_a_proxy_is_the_address(serve: Serve, uri: str, expected: tuple[str, str, str]) -> None:
    found = serve("CREATE SCHEMA api", db_schemas=("api",), openapi_server_proxy_uri=uri).http.get("/").json()
    assert (found["schemes"][0], found["host"], found["basePath"]) == expected


# Overriding OpenAPI response


@pytest.fixture(scope="module")
def overridden(serve: Serve) -> Served:
    return serve(DDL, grants=False, db_root_spec="own_root", openapi_mode="disabled", **SCHEMAS)


def test_a_function_answers_instead_of_the_description(overridden: Served) -> None:
    answer = overridden.http.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json() == {"swagger": "2.0", "info": {"title": "Overridden"}}


def test_a_function_of_json_is_no_openapi(overridden: Served) -> None:
    answer = overridden.http.get("/", headers={"Accept": "application/openapi+json"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST107")


def test_a_function_of_the_media_type_is_openapi(serve: Serve) -> None:
    served = serve(
        """
        CREATE SCHEMA api;
        CREATE DOMAIN api."application/openapi+json" AS json;
        CREATE FUNCTION api.own_root() RETURNS api."application/openapi+json" LANGUAGE sql STABLE AS
        $$SELECT '{"swagger": "2.0"}'::json$$;
        """,
        db_schemas=("api",),
        db_root_spec="own_root",
    )
    answer = served.http.get("/", headers={"Accept": "application/openapi+json"})
    assert (answer.status_code, answer.json()) == (200, {"swagger": "2.0"})
    assert answer.headers["content-type"] == "application/openapi+json; charset=utf-8"


def test_the_function_at_the_root_is_called_with_post_too(overridden: Served) -> None:
    assert overridden.http.post("/").json()["info"] == {"title": "Overridden"}


def test_options_of_the_root_tells_the_methods_of_the_function(overridden: Served) -> None:
    assert overridden.http.options("/").headers["allow"] == "OPTIONS,GET,HEAD,POST"


def test_the_function_at_the_root_can_be_named_with_its_schema(serve: Serve) -> None:
    served = serve(DDL, grants=False, db_root_spec="api.own_root", **SCHEMAS)
    assert served.http.get("/").json()["info"] == {"title": "Overridden"}
