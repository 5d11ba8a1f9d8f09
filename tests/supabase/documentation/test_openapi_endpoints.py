"""OpenAPI (docs.postgrest.org/en/v16/references/api/openapi.html): how relations and functions are described.

Section of the page: OpenAPI, as far as it is about endpoints, parameters and definitions; the rest of the page is in
test_openapi.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.supabase.documentation.conftest import Serve, Served
from tests.supabase.documentation.openapi_schema import DDL, SCHEMAS

READING = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"]


def references(*names: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/parameters/{name}"} for name in names]


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, grants=False, **SCHEMAS)


@pytest.fixture(scope="module")
def found(served: Served) -> Any:
    """The description as the anonymous role sees it."""
    return served.http.get("/").json()


# OpenAPI: the endpoints of relations


def test_a_table_can_be_read_by_its_columns_and_the_shared_parameters(found: Any) -> None:
    filters = [f"rowFilter.clients.{name}" for name in ("client_id", "company_id", "name")]
    get = found["paths"]["/clients"]["get"]
    assert get["tags"] == ["clients"]
    assert get["parameters"] == references(*filters, *READING)
    assert get["responses"] == {
        "200": {
            "description": "OK",
            "schema": {"type": "array", "items": {"$ref": "#/definitions/clients"}},
        },
        "206": {"description": "Partial Content"},
    }


def test_a_table_can_be_written(found: Any) -> None:
    item = found["paths"]["/clients"]
    filters = [f"rowFilter.clients.{name}" for name in ("client_id", "company_id", "name")]
    assert item.keys() == {"get", "post", "patch", "delete"}
    assert item["post"]["parameters"] == references("body.clients", "select", "preferPost")
    assert item["post"]["responses"] == {"201": {"description": "Created"}}
    assert item["patch"]["parameters"] == references(*filters, "body.clients", "preferReturn")
    assert item["patch"]["responses"] == {"204": {"description": "No Content"}}
    assert item["delete"]["parameters"] == references(*filters, "preferReturn")
    assert item["delete"]["responses"] == {"204": {"description": "No Content"}}


def test_a_view_that_cannot_be_written_can_only_be_read(found: Any) -> None:
    assert found["paths"]["/counted"].keys() == {"get"}
    assert found["paths"]["/stored"].keys() == {"get"}
    assert found["paths"]["/named_clients"].keys() == {"get", "post", "patch", "delete"}


def test_a_partitioned_table_is_one_endpoint(found: Any) -> None:
    assert "/events" in found["paths"]
    assert "/events_2024" not in found["paths"]


def test_a_table_without_columns_has_the_shared_parameters_alone(found: Any) -> None:
    assert found["paths"]["/nothing"]["get"]["parameters"] == references(*READING)
    assert found["definitions"]["nothing"] == {"type": "object"}


# OpenAPI: parameters


def test_the_shared_parameters_are_defined_once(found: Any) -> None:
    shared = {name: found["parameters"][name] for name in [*READING, "preferParams", "preferReturn", "preferPost"]}
    returns = ["return=representation", "return=minimal", "return=none"]
    resolutions = ["resolution=ignore-duplicates", "resolution=merge-duplicates"]
    prefer = {"name": "Prefer", "description": "Preference", "required": False, "in": "header", "type": "string"}
    paging = {"description": "Limiting and Pagination", "required": False, "type": "string"}
    assert shared == {
        "select": {
            "name": "select",
            "description": "Filtering Columns",
            "required": False,
            "in": "query",
            "type": "string",
        },
        "order": {"name": "order", "description": "Ordering", "required": False, "in": "query", "type": "string"},
        "range": {"name": "Range", "in": "header", **paging},
        "rangeUnit": {"name": "Range-Unit", "in": "header", "default": "items", **paging},
        "offset": {"name": "offset", "in": "query", **paging},
        "limit": {"name": "limit", "in": "query", **paging},
        "preferCount": {**prefer, "enum": ["count=none"]},
        "preferParams": prefer,
        "preferReturn": {**prefer, "enum": returns},
        "preferPost": {**prefer, "enum": returns + resolutions},
    }


def test_on_conflict_is_a_parameter(found: Any) -> None:
    assert found["parameters"]["on_conflict"] == {
        "name": "on_conflict",
        "description": "On Conflict",
        "required": False,
        "in": "query",
        "type": "string",
    }


def test_a_row_filter_has_the_columns_comment_and_no_format(found: Any) -> None:
    assert found["parameters"]["rowFilter.companies.company_id"] == {
        "name": "company_id",
        "description": "Number",
        "required": False,
        "in": "query",
        "type": "string",
    }
    assert "description" not in found["parameters"]["rowFilter.companies.rate"]


def test_a_relations_body_is_its_definition(found: Any) -> None:
    assert found["parameters"]["body.companies"] == {
        "name": "companies",
        "description": "companies",
        "required": False,
        "in": "body",
        "schema": {"$ref": "#/definitions/companies"},
    }


# OpenAPI: definitions


def test_a_definition_tells_keys_comments_and_what_is_required(found: Any) -> None:
    assert found["definitions"]["clients"] == {
        "type": "object",
        "description": "Clients summary\n\nClients description that\nspans\nmultiple lines",
        "required": ["client_id"],
        "properties": {
            "client_id": {
                "format": "int32",
                "type": "integer",
                "description": "Note:\nThis is a Primary Key.<pk/>",
            },
            "company_id": {
                "format": "int64",
                "type": "integer",
                "description": (
                    "Note:\nThis is a Foreign Key to `companies.company_id`.<fk table='companies' column='company_id'/>"
                ),
            },
            "name": {"format": "text", "type": "string"},
        },
    }


def test_a_columns_comment_comes_before_the_notes(found: Any) -> None:
    properties = found["definitions"]["companies"]["properties"]
    assert properties["company_id"]["description"] == "Number\n\nNote:\nThis is a Primary Key.<pk/>"
    assert properties["title"]["description"].startswith("What the sign says, which may be far longer than sixty-three")


def test_a_one_to_one_key_is_noted_where_the_foreign_key_is(found: Any) -> None:
    properties = found["definitions"]["passports"]["properties"]
    assert properties["client_id"]["description"] == (
        "Note:\nThis is a Primary Key.<pk/>\n"
        "This is a Foreign Key to `clients.client_id`.<fk table='clients' column='client_id'/>"
    )


def test_a_foreign_key_of_several_columns_is_not_noted(found: Any) -> None:
    properties = found["definitions"]["visit_notes"]["properties"]
    assert "description" not in properties["company_id"]


def test_a_foreign_key_into_another_schema_is_not_noted(served: Served) -> None:
    definitions = served.http.get("/", headers={"Accept-Profile": "other"}).json()["definitions"]
    assert definitions["notes"]["properties"]["company_id"] == {"format": "int64", "type": "integer"}


def test_a_view_has_the_keys_of_its_table(found: Any) -> None:
    assert found["definitions"]["memberships"]["properties"] == {
        "client_id": {"format": "int32", "type": "integer", "description": "Note:\nThis is a Primary Key.<pk/>"},
        "company_id": {
            "format": "int64",
            "type": "integer",
            # of the table, although a view shows that column too
            "description": (
                "Note:\nThis is a Foreign Key to `companies.company_id`.<fk table='companies' column='company_id'/>"
            ),
        },
    }


def test_a_foreign_key_to_a_unique_column_is_noted(found: Any) -> None:
    note = "Note:\nThis is a Foreign Key to `pages.link`.<fk table='pages' column='link'/>"
    for name in ("referrals", "shown_referrals"):
        assert found["definitions"][name]["properties"]["link"]["description"] == note


def test_nothing_of_a_view_is_required(found: Any) -> None:
    definition = found["definitions"]["named_clients"]
    assert "required" not in definition
    assert definition["description"] == "Clients by name"
    assert definition["properties"]["name"] == {"format": "text", "type": "string", "description": "Their name"}


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("a_character_varying", {"format": "character varying", "type": "string"}),
        ("a_character", {"format": "character", "type": "string", "maxLength": 1}),
        ("a_text", {"format": "text", "type": "string"}),
        ("a_boolean", {"format": "boolean", "type": "boolean"}),
        ("a_smallint", {"format": "int32", "type": "integer"}),
        ("a_integer", {"format": "int32", "type": "integer"}),
        ("a_bigint", {"format": "int64", "type": "integer"}),
        ("a_numeric", {"format": "numeric", "type": "number"}),
        ("a_real", {"format": "real", "type": "number"}),
        ("a_double_precision", {"format": "double precision", "type": "number"}),
        ("a_json", {"format": "json"}),
        ("a_jsonb", {"format": "jsonb"}),
        ("a_uuid", {"format": "uuid", "type": "string"}),
        ("a_text_arr", {"format": "text[]", "type": "array", "items": {"type": "string"}}),
        ("a_int_arr", {"format": "integer[]", "type": "array", "items": {"type": "integer"}}),
        ("a_numeric_arr", {"format": "numeric[]", "type": "array", "items": {"type": "number"}}),
        ("a_jsonb_arr", {"format": "jsonb[]", "type": "array", "items": {}}),
        ("a_char_arr", {"format": "character[]", "type": "array", "items": {"type": "string"}}),
        ("a_mood_arr", {"format": "api.mood[]", "type": "array", "items": {"type": "string"}}),
    ],
)
def test_a_type_of_postgresql_becomes_a_type_of_swagger(found: Any, column: str, expected: object) -> None:
    assert found["definitions"]["types"]["properties"][column] == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("title", "Unnamed"),
        ("opened", "2020-01-02"),
        ("opens", "09:30:00"),
        ("active", False),
        ("chairs", 42),
        ("rate", 4.5),
        ("changed", "now()"),
    ],
)
def test_a_default_is_shown(found: Any, column: str, expected: object) -> None:
    assert found["definitions"]["companies"]["properties"][column]["default"] == expected


@pytest.mark.parametrize("column", ["tags", "extra", "company_id"])
def test_a_default_that_is_no_json_is_not_shown(found: Any, column: str) -> None:
    assert "default" not in found["definitions"]["companies"]["properties"][column]


def test_an_enumeration_shows_its_labels(found: Any) -> None:
    properties = found["definitions"]["companies"]["properties"]
    assert properties["mood"] == {"format": "api.mood", "type": "string", "enum": ["calm", "busy"]}
    assert properties["mood_of_day"] == {"format": "api.mood_of_day", "type": "string", "enum": ["calm", "busy"]}


def test_a_domain_is_shown_as_the_type_below_it(found: Any) -> None:
    properties = found["definitions"]["companies"]["properties"]
    assert properties["code"] == {"format": "character varying", "type": "string", "maxLength": 8}


# OpenAPI: functions


def test_a_function_that_reads_can_be_called_with_get(found: Any) -> None:
    get = found["paths"]["/rpc/varied"]["get"]

    def argument(name: str, format_: str, type_: str, *, required: bool = True) -> dict[str, object]:
        return {"name": name, "in": "query", "required": required, "format": format_, "type": type_}

    assert get["tags"] == ["(rpc) varied"]
    assert get["produces"] == [
        "application/json",
        "application/vnd.pgrst.object+json;nulls=stripped",
        "application/vnd.pgrst.object+json",
    ]
    assert get["responses"] == {"200": {"description": "OK"}}
    assert get["parameters"] == [
        argument("double", "double precision", "number"),
        argument("varchar", "character varying", "string"),
        argument("boolean", "boolean", "boolean"),
        argument("date", "date", "string"),
        argument("price", "money", "string"),
        argument("mood", "mood", "string"),
        argument("text_arr", "text[]", "string"),
        argument("jsonb_arr", "jsonb[]", "string"),
        argument("character", "character", "string"),
        argument("integer", "int32", "integer", required=False),
        argument("json", "json", "string", required=False),
    ]


def test_a_function_is_called_with_an_object_in_post(found: Any) -> None:
    post = found["paths"]["/rpc/varied"]["post"]
    assert post["parameters"] == [
        {
            "name": "args",
            "required": True,
            "in": "body",
            "schema": {
                "type": "object",
                "description": "An RPC function\n\nJust about arguments",
                "required": [
                    "double",
                    "varchar",
                    "boolean",
                    "date",
                    "price",
                    "mood",
                    "text_arr",
                    "jsonb_arr",
                    "character",
                ],
                "properties": {
                    "double": {"format": "double precision", "type": "number"},
                    "varchar": {"format": "character varying", "type": "string"},
                    "boolean": {"format": "boolean", "type": "boolean"},
                    "date": {"format": "date", "type": "string"},
                    "price": {"format": "money", "type": "string"},
                    "mood": {"format": "mood", "type": "string"},
                    "text_arr": {"format": "text[]", "type": "array", "items": {"type": "string"}},
                    "jsonb_arr": {"format": "jsonb[]", "type": "array", "items": {}},
                    "character": {"format": "character", "type": "string"},
                    "integer": {"format": "int32", "type": "integer"},
                    "json": {"format": "json"},
                },
            },
        },
        {"$ref": "#/parameters/preferParams"},
    ]


def test_a_volatile_function_can_be_called_with_post_alone(found: Any) -> None:
    assert found["paths"]["/rpc/book"].keys() == {"post"}
    assert found["paths"]["/rpc/now_there"].keys() == {"get", "post"}


def test_a_function_without_arguments_has_no_parameters(found: Any) -> None:
    item = found["paths"]["/rpc/now_there"]
    assert "parameters" not in item["get"]
    assert item["post"]["parameters"][0]["schema"] == {"type": "object"}


def test_out_arguments_are_no_parameters(found: Any) -> None:
    schema = found["paths"]["/rpc/outs"]["post"]["parameters"][0]["schema"]
    assert (schema["required"], list(schema["properties"])) == (["num"], ["num"])


def test_inout_arguments_without_a_default_are_required(found: Any) -> None:
    schema = found["paths"]["/rpc/inouts"]["post"]["parameters"][0]["schema"]
    assert (schema["required"], list(schema["properties"])) == (["num", "str"], ["num", "str", "b"])


def test_a_variadic_argument_is_a_collection_of_several_values(found: Any) -> None:
    assert found["paths"]["/rpc/many"]["get"]["parameters"] == [
        {
            "name": "v",
            "required": False,
            "in": "query",
            "type": "array",
            "collectionFormat": "multi",
            "items": {"format": "text", "type": "string"},
        }
    ]


def test_integers_have_the_formats_that_openapi_has_for_them_among_several_values_too(found: Any) -> None:
    [argument] = found["paths"]["/rpc/sums"]["get"]["parameters"]
    assert argument["items"] == {"format": "int64", "type": "integer"}
    schema = found["paths"]["/rpc/sums"]["post"]["parameters"][0]["schema"]
    assert schema["properties"] == {"n": {"format": "bigint[]", "type": "array", "items": {"type": "integer"}}}


def test_of_overloaded_functions_the_one_with_most_arguments_is_shown(found: Any) -> None:
    schema = found["paths"]["/rpc/overloaded"]["post"]["parameters"][0]["schema"]
    assert list(schema["properties"]) == ["a", "b"]


def test_what_cannot_be_called_is_not_shown(found: Any) -> None:
    shown = {path.removeprefix("/rpc/") for path in found["paths"] if path.startswith("/rpc/")}
    assert "whole_body" in shown
    assert not {"not_by_name", "title_of", "trigger_function"} & shown
