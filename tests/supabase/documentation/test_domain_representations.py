"""Domain Representations (docs.postgrest.org/en/v16/references/api/domain_representations.html).

Sections: Custom Domain, Domain Response Format, Domain Filter Format, Domain Request Body Format, Advantages over
Views.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.supabase.documentation.conftest import Serve, Served

# colour: answered as "#rrggbb" (nothing for NULL), taken from JSON with the hash and from a filter without it.
# moment: answered with Z, taken from JSON alone. price: answered alone. token: taken from a filter alone.
DDL = """
CREATE SCHEMA api;
CREATE SCHEMA casts;
GRANT USAGE ON SCHEMA casts TO anon, authenticated;

CREATE DOMAIN api.colour AS integer;
CREATE FUNCTION casts.shown(api.colour) RETURNS json LANGUAGE sql IMMUTABLE AS
$$SELECT to_json(CASE WHEN $1 IS NULL THEN '' ELSE '#' || lpad(upper(to_hex($1)), 6, '0') END)$$;
CREATE FUNCTION casts.taken(text) RETURNS api.colour LANGUAGE sql IMMUTABLE AS
$$SELECT (('x' || lpad($1, 8, '0'))::bit(32)::int)::api.colour$$;
CREATE FUNCTION casts.taken(json) RETURNS api.colour LANGUAGE sql IMMUTABLE AS
$$SELECT casts.taken(substr($1 #>> '{}', 2))$$;
CREATE CAST (api.colour AS json) WITH FUNCTION casts.shown(api.colour) AS IMPLICIT;
CREATE CAST (text AS api.colour) WITH FUNCTION casts.taken(text) AS IMPLICIT;
CREATE CAST (json AS api.colour) WITH FUNCTION casts.taken(json) AS IMPLICIT;

CREATE DOMAIN api.moment AS timestamptz;
CREATE FUNCTION casts."Shown Moment"(api.moment) RETURNS json LANGUAGE sql IMMUTABLE AS
$$SELECT to_json(replace(to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || 'Z', ' ', ''))$$;
CREATE FUNCTION casts.moment_of(json) RETURNS api.moment LANGUAGE sql IMMUTABLE AS
$$SELECT replace($1 #>> '{}', 'Z', '+00:00')::api.moment$$;
CREATE CAST (api.moment AS json) WITH FUNCTION casts."Shown Moment"(api.moment) AS IMPLICIT;
CREATE CAST (json AS api.moment) WITH FUNCTION casts.moment_of(json) AS IMPLICIT;

CREATE DOMAIN api.price AS numeric(16, 2);
CREATE FUNCTION casts.price_text(api.price) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT to_json($1::text)';
CREATE CAST (api.price AS json) WITH FUNCTION casts.price_text(api.price) AS IMPLICIT;

CREATE DOMAIN api.token AS text;
CREATE FUNCTION casts.token_of(text) RETURNS api.token LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)::api.token';
CREATE CAST (text AS api.token) WITH FUNCTION casts.token_of(text) AS IMPLICIT;

-- neither counts: one has to be asked for, the other is of no domain
CREATE DOMAIN api.plain AS integer;
CREATE FUNCTION casts.plain_text(api.plain) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT to_json('never'::text)$$;
CREATE CAST (api.plain AS json) WITH FUNCTION casts.plain_text(api.plain);

CREATE TABLE api.chairs (
    id int PRIMARY KEY,
    name text,
    colour api.colour DEFAULT 255,
    bought api.moment DEFAULT '2024-01-01T00:00:00Z',
    price api.price,
    token api.token,
    plain api.plain
);
INSERT INTO api.chairs VALUES
    (1, 'left', 0, '2024-01-02T00:00:00Z', 12.5, 'abc', 1),
    (2, 'right', 256, '2024-01-03T00:00:00Z', 100000000000.13, 'def', 2),
    (3, 'spare', 123456, '2024-01-01T14:12:34Z', 0, NULL, NULL),
    (4, 'broken', NULL, NULL, NULL, NULL, NULL);
CREATE TABLE api.stylists (id int PRIMARY KEY, name text, chair_id int REFERENCES api.chairs);
INSERT INTO api.stylists VALUES (1, 'Вера', 2), (2, 'Глеб', 1), (3, 'Дина', 3);
CREATE VIEW api.dark_chairs AS SELECT id, name, colour, bought, (colour / 2)::api.colour AS dark FROM api.chairs;
CREATE FUNCTION api.chairs_below(most int) RETURNS SETOF api.chairs LANGUAGE sql STABLE AS
'SELECT * FROM api.chairs WHERE id < most ORDER BY id';
CREATE FUNCTION api.same_colour(colour api.colour) RETURNS api.colour LANGUAGE sql IMMUTABLE AS 'SELECT colour';
CREATE FUNCTION api.shade(api.chairs) RETURNS api.colour LANGUAGE sql STABLE AS 'SELECT ($1.colour / 2)::api.colour';
"""

REPRESENTATION = {"Prefer": "return=representation"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override", db_aggregates_enabled=True)


def rows(served: Served, path: str) -> Any:
    """The rows that a path answers."""
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Custom Domain


def test_a_domain_without_implicit_casts_is_shown_as_it_is(served: Served) -> None:
    assert rows(served, "/chairs?select=plain,token&id=eq.1") == [{"plain": 1, "token": "abc"}]


def test_a_cast_counts_once_the_schema_cache_knows_it(serve: Serve) -> None:
    fresh = serve(
        "CREATE SCHEMA api; CREATE DOMAIN api.d AS int; CREATE TABLE api.t (d api.d); INSERT INTO api.t VALUES (7);"
        "CREATE FUNCTION api.d_json(api.d) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT to_json('n' || $1)$$",
        db_schemas=("api",),
    )
    fresh.sql("CREATE CAST (api.d AS json) WITH FUNCTION api.d_json(api.d) AS IMPLICIT", reload=False)
    assert rows(fresh, "/t") == [{"d": 7}]
    fresh.gateway.reload_schema_cache()
    assert rows(fresh, "/t") == [{"d": "n7"}]


# Domain Response Format


def test_a_column_is_formatted(served: Served) -> None:
    assert rows(served, "/chairs?select=id,colour&id=lt.4&order=id") == [
        {"id": 1, "colour": "#000000"},
        {"id": 2, "colour": "#000100"},
        {"id": 3, "colour": "#01E240"},
    ]


def test_two_columns_are_formatted_each_in_its_way(served: Served) -> None:
    assert rows(served, "/chairs?select=colour,bought,price&id=eq.2") == [
        {"colour": "#000100", "bought": "2024-01-03T00:00:00Z", "price": "100000000000.13"}
    ]


@pytest.mark.parametrize("query", ["?id=eq.1", "?select=*&id=eq.1"])
def test_all_columns_are_formatted(served: Served, query: str) -> None:
    assert rows(served, f"/chairs{query}") == [
        {
            "id": 1,
            "name": "left",
            "colour": "#000000",
            "bought": "2024-01-02T00:00:00Z",
            "price": "12.50",
            "token": "abc",
            "plain": 1,
        }
    ]


def test_an_empty_select_gives_the_columns_as_they_are_stored(served: Served) -> None:
    (found,) = rows(served, "/chairs?select=&id=eq.2")
    assert (found["colour"], found["bought"]) == (256, "2024-01-03T00:00:00+00:00")


def test_a_star_beside_a_column_formats_both(served: Served) -> None:
    text = served.http.get("/chairs?select=bought,*&id=eq.3").text
    assert text.startswith('[{"bought":"2024-01-01T14:12:34Z","id":3,"name":"spare","colour":"#01E240","bought":"2024')


def test_null_is_formatted_as_the_function_says(served: Served) -> None:
    assert rows(served, "/chairs?select=colour,bought&id=eq.4") == [{"colour": "", "bought": None}]


def test_a_renamed_column_is_formatted(served: Served) -> None:
    assert rows(served, "/chairs?select=paint:colour&id=eq.2") == [{"paint": "#000100"}]


def test_a_cast_is_made_of_the_formatted_value(served: Served) -> None:
    assert rows(served, "/chairs?select=paint:colour::text&id=eq.2") == [{"paint": '"#000100"'}]


def test_a_column_that_is_not_there_is_postgresqls_error(served: Served) -> None:
    answer = served.http.get("/chairs?select=id,colour,banana")
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
        400,
        "42703",
        "column chairs.banana does not exist",
    )


def test_a_view_is_formatted_with_its_computed_columns(served: Served) -> None:
    assert rows(served, "/dark_chairs?select=id,colour,dark&order=id") == [
        {"id": 1, "colour": "#000000", "dark": "#000000"},
        {"id": 2, "colour": "#000100", "dark": "#000080"},
        {"id": 3, "colour": "#01E240", "dark": "#00F120"},
        {"id": 4, "colour": "", "dark": ""},
    ]


@pytest.mark.parametrize("select", ["chairs(colour,bought)", "chair:chairs(colour,bought)"])
def test_an_embedded_resource_is_formatted(served: Served, select: str) -> None:
    name = select.partition("(")[0].partition(":")[0]
    assert rows(served, f"/stylists?select=name,{select}&id=eq.1") == [
        {"name": "Вера", name: {"colour": "#000100", "bought": "2024-01-03T00:00:00Z"}}
    ]


def test_all_columns_of_an_embedded_resource_are_formatted(served: Served) -> None:
    (found,) = rows(served, "/stylists?select=name,chairs(*)&id=eq.3")
    assert (found["chairs"]["colour"], found["chairs"]["price"]) == ("#01E240", "0.00")


@pytest.mark.parametrize("select", ["name,...chairs(colour)", "name,...chairs(colour:colour)"])
def test_a_spread_resource_is_formatted(served: Served, select: str) -> None:
    assert rows(served, f"/stylists?select={select}&id=eq.1") == [{"name": "Вера", "colour": "#000100"}]


def test_all_columns_of_a_spread_resource_are_formatted(served: Served) -> None:
    (found,) = rows(served, "/stylists?select=stylist:name,...chairs(*)&id=eq.1")
    assert (found["stylist"], found["colour"], found["price"]) == ("Вера", "#000100", "100000000000.13")


def test_rows_of_a_function_are_formatted(served: Served) -> None:
    assert rows(served, "/rpc/chairs_below?most=3&select=id,colour") == [
        {"id": 1, "colour": "#000000"},
        {"id": 2, "colour": "#000100"},
    ]
    assert rows(served, "/rpc/chairs_below?most=2")[0]["price"] == "12.50"


def test_a_value_of_a_function_is_not_formatted(served: Served) -> None:
    assert rows(served, "/rpc/same_colour?colour=256") == 256


def test_a_computed_field_is_not_formatted(served: Served) -> None:
    assert rows(served, "/chairs?select=shade&id=eq.2") == [{"shade": 128}]


def test_order_is_of_the_stored_values(served: Served) -> None:
    found = rows(served, "/chairs?select=colour&order=colour.desc.nullslast")
    assert [row["colour"] for row in found] == ["#01E240", "#000100", "#000000", ""]


def test_an_aggregate_is_of_the_formatted_value_and_groups_by_the_stored_one(served: Served) -> None:
    assert rows(served, "/chairs?select=colour,count()&id=lt.3&order=colour") == [
        {"colour": "#000000", "count": 1},
        {"colour": "#000100", "count": 1},
    ]


def test_csv_is_formatted_as_json_is(served: Served) -> None:
    answer = served.http.get("/chairs?select=id,colour&id=eq.2", headers={"Accept": "text/csv"})
    assert answer.text == 'id,colour\n2,"""#000100"""'


def test_a_single_object_is_formatted(served: Served) -> None:
    headers = {"Accept": "application/vnd.pgrst.object+json"}
    assert served.http.get("/chairs?select=colour&id=eq.2", headers=headers).json() == {"colour": "#000100"}


# Domain Filter Format


def test_a_filter_takes_the_value_as_the_cast_from_text_does(served: Served) -> None:
    assert rows(served, "/chairs?select=id&colour=eq.000100") == [{"id": 2}]
    assert rows(served, "/chairs?select=id&colour=gt.000100&order=id") == [{"id": 3}]
    assert rows(served, "/chairs?select=id&colour=not.eq.000100&order=id") == [{"id": 1}, {"id": 3}]


def test_a_list_is_taken_element_by_element(served: Served) -> None:
    assert rows(served, "/chairs?select=id&colour=in.(000100,01E240)&order=id") == [{"id": 2}, {"id": 3}]
    assert rows(served, "/chairs?select=id&colour=not.in.(000000,01E240)") == [{"id": 2}]
    assert rows(served, "/chairs?select=id&colour=in.()") == []


def test_a_filter_in_a_tree_is_taken_so(served: Served) -> None:
    assert rows(served, "/chairs?select=id&or=(colour.eq.000100,id.eq.1)&order=id") == [{"id": 1}, {"id": 2}]


def test_a_filter_of_a_view_is_taken_so(served: Served) -> None:
    assert rows(served, "/dark_chairs?select=id&dark=eq.000080") == [{"id": 2}]


def test_a_filter_of_an_embedded_resource_is_taken_so(served: Served) -> None:
    assert rows(served, "/stylists?select=id,chairs(colour)&chairs.colour=neq.000100&id=lt.3&order=id") == [
        {"id": 1, "chairs": None},
        {"id": 2, "chairs": {"colour": "#000000"}},
    ]


def test_a_filter_on_the_rows_of_a_function_is_taken_so(served: Served) -> None:
    assert rows(served, "/rpc/chairs_below?most=9&select=id&colour=eq.000100") == [{"id": 2}]


def test_a_count_filters_in_the_same_way(served: Served) -> None:
    answer = served.http.get("/chairs?select=id&colour=eq.000100&limit=1", headers={"Prefer": "count=exact"})
    assert answer.headers["content-range"] == "0-0/1"


def test_null_is_filtered_without_a_cast(served: Served) -> None:
    assert rows(served, "/chairs?select=id&colour=is.null") == [{"id": 4}]


def test_a_cast_from_text_alone_changes_filters_alone(served: Served) -> None:
    assert rows(served, "/chairs?select=id,token&token=eq.ABC") == [{"id": 1, "token": "abc"}]


def test_without_a_cast_from_text_a_filter_has_the_types_own_form(served: Served) -> None:
    assert rows(served, "/chairs?select=id&bought=eq.2024-01-03T00:00:00Z") == [{"id": 2}]
    answer = served.http.get("/chairs?select=id&bought=eq.Z")
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
        400,
        "22007",
        'invalid input syntax for type timestamp with time zone: "Z"',
    )


def test_a_pattern_is_not_cast(served: Served) -> None:
    answer = served.http.get("/chairs?select=id&colour=ilike.*100")
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
        404,
        "42883",
        "operator does not exist: colour ~~* unknown",
    )


def test_isdistinct_is_not_cast(served: Served) -> None:
    assert rows(served, "/chairs?select=id&colour=isdistinct.256&id=lt.3") == [{"id": 1}]


# Domain Request Body Format


@pytest.mark.parametrize("relation", ["chairs", "dark_chairs"])
def test_an_insert_takes_what_an_answer_shows(served: Served, relation: str) -> None:
    answer = served.http.post(
        f"/{relation}?select=id,colour,bought",
        json={"id": 5, "name": "new", "colour": "#001100", "bought": "2024-05-03T11:00:00Z"},
        headers=REPRESENTATION,
    )
    assert (answer.status_code, answer.json()) == (
        201,
        [{"id": 5, "colour": "#001100", "bought": "2024-05-03T11:00:00Z"}],
    )


def test_all_columns_of_a_representation_are_formatted(served: Served) -> None:
    answer = served.http.post("/chairs", json=[{"id": 5, "colour": "#001100", "price": 7}], headers=REPRESENTATION)
    assert answer.json() == [
        {
            "id": 5,
            "name": None,
            "colour": "#001100",
            "bought": "2024-01-01T00:00:00Z",
            "price": "7.00",
            "token": None,
            "plain": None,
        }
    ]


def test_an_insert_is_stored_in_the_domains_own_form(served: Served) -> None:
    headers = {"Prefer": "return=headers-only, tx=commit"}
    answer = served.http.post("/chairs", json={"id": 60, "colour": "#001100"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (201, "/chairs?id=eq.60")
    assert served.sql("DELETE FROM api.chairs WHERE id = 60 RETURNING colour", reload=False) == [(0x1100,)]


def test_without_a_cast_from_json_a_body_has_the_types_own_form(served: Served) -> None:
    answer = served.http.post(
        "/chairs?select=price,token", json={"id": 5, "price": 1.5, "token": "ABC"}, headers=REPRESENTATION
    )
    assert answer.json() == [{"price": "1.50", "token": "ABC"}]


def test_columns_says_what_is_taken_and_the_rest_is_not_cast(served: Served) -> None:
    answer = served.http.post(
        "/chairs?columns=id,colour&select=id,colour,bought",
        json={"id": 5, "colour": "#001100", "bought": "no moment at all"},
        headers=REPRESENTATION,
    )
    assert answer.json() == [{"id": 5, "colour": "#001100", "bought": "2024-01-01T00:00:00Z"}]


@pytest.mark.parametrize("relation", ["chairs", "dark_chairs"])
def test_a_column_that_is_not_there_is_refused_before_anything_is_cast(served: Served, relation: str) -> None:
    answer = served.http.post(f"/{relation}?columns=id,colour,banana", json={"id": 5, "colour": "invalid"})
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST204")


def test_a_missing_column_has_its_default_where_that_is_asked_for(served: Served) -> None:
    headers = {"Prefer": "return=representation, missing=default"}
    answer = served.http.post(
        "/chairs?columns=id,colour,name&select=id,colour,name",
        json=[{"id": 5, "colour": "#001100"}, {"id": 6, "name": "n", "colour": "#000001"}],
        headers=headers,
    )
    assert answer.json() == [
        {"id": 5, "colour": "#001100", "name": None},
        {"id": 6, "colour": "#000001", "name": "n"},
    ]


def test_an_update_takes_formats_and_filters_by_the_casts(served: Served) -> None:
    answer = served.http.patch(
        "/chairs?colour=eq.000100&select=id,colour,bought", json={"colour": "#221100"}, headers=REPRESENTATION
    )
    assert (answer.status_code, answer.json()) == (
        200,
        [{"id": 2, "colour": "#221100", "bought": "2024-01-03T00:00:00Z"}],
    )


def test_an_update_of_several_columns_casts_each(served: Served) -> None:
    answer = served.http.patch(
        "/dark_chairs?id=eq.1&select=colour,bought,dark",
        json={"colour": "#000010", "bought": "2024-07-01T00:00:00Z"},
        headers=REPRESENTATION,
    )
    assert answer.json() == [{"colour": "#000010", "bought": "2024-07-01T00:00:00Z", "dark": "#000008"}]


def test_columns_of_an_update_says_what_is_taken_and_the_rest_is_not_cast(served: Served) -> None:
    body = {"bought": "2024-07-01T00:00:00Z", "colour": "invalid", "what": 1}
    answer = served.http.patch(
        "/dark_chairs?id=eq.2&columns=bought&select=colour,bought,dark", json=body, headers=REPRESENTATION
    )
    assert (answer.status_code, answer.headers["content-range"], answer.json()) == (
        200,
        "0-0/*",
        [{"colour": "#000100", "bought": "2024-07-01T00:00:00Z", "dark": "#000080"}],
    )
    nothing = served.http.patch("/dark_chairs?id=eq.99&columns=colour", json=body, headers=REPRESENTATION)
    assert (nothing.status_code, nothing.json()) == (200, [])
    unknown = served.http.patch("/dark_chairs?id=eq.2&columns=colour,banana", json=body, headers=REPRESENTATION)
    assert (unknown.status_code, unknown.json()["code"]) == (400, "PGRST204")


def test_an_update_without_a_representation_casts_too(served: Served) -> None:
    headers = {"Prefer": "return=headers-only"}
    answer = served.http.patch("/dark_chairs?id=eq.2", json={"colour": "#221100"}, headers=headers)
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (204, "0-0/*", b"")


def test_a_delete_filters_by_the_cast(served: Served) -> None:
    served.sql("INSERT INTO api.chairs (id, colour) VALUES (61, 77)", reload=False)
    answer = served.http.delete("/chairs?colour=eq.4D&select=id,colour", headers=REPRESENTATION)
    assert answer.json() == [{"id": 61, "colour": "#00004D"}]
    served.sql("DELETE FROM api.chairs WHERE id = 61", reload=False)


def test_an_upsert_takes_and_formats(served: Served) -> None:
    headers = {"Prefer": "return=representation, resolution=merge-duplicates"}
    answer = served.http.post("/chairs?select=id,colour", json={"id": 1, "colour": "#0000FF"}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, [{"id": 1, "colour": "#0000FF"}])


def test_put_takes_and_formats(served: Served) -> None:
    answer = served.http.put(
        "/chairs?id=eq.1&select=id,colour", json={"id": 1, "colour": "#0000FE"}, headers=REPRESENTATION
    )
    assert (answer.status_code, answer.json()) == (200, [{"id": 1, "colour": "#0000FE"}])


def test_a_value_that_the_cast_refuses_is_postgresqls_error(served: Served) -> None:
    answer = served.http.post("/chairs", json={"id": 5, "colour": "#zz"})
    assert (answer.status_code, answer.json()["code"]) == (400, "22P02")


def test_arguments_of_a_function_are_not_cast(served: Served) -> None:
    answer = served.http.post("/rpc/same_colour", json={"colour": 17})
    assert answer.json() == 17


# Advantages over Views


def test_a_formatted_column_is_still_a_foreign_key_and_uses_its_index(serve: Serve) -> None:
    served = serve(
        """
        CREATE SCHEMA api;
        CREATE DOMAIN api.short_id AS int;
        CREATE FUNCTION api.short(api.short_id) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT to_json('s' || $1)$$;
        CREATE FUNCTION api.long(text) RETURNS api.short_id LANGUAGE sql IMMUTABLE AS 'SELECT substr($1, 2)::int';
        CREATE CAST (api.short_id AS json) WITH FUNCTION api.short(api.short_id) AS IMPLICIT;
        CREATE CAST (text AS api.short_id) WITH FUNCTION api.long(text) AS IMPLICIT;
        CREATE TABLE api.rooms (id api.short_id PRIMARY KEY, name text);
        CREATE TABLE api.sinks (id int PRIMARY KEY, room_id api.short_id REFERENCES api.rooms);
        INSERT INTO api.rooms SELECT i, 'r' || i FROM generate_series(1, 3000) AS i;
        INSERT INTO api.sinks VALUES (1, 7);
        ANALYZE;
        """,
        db_schemas=("api",),
        db_plan_enabled=True,
    )
    assert rows(served, "/sinks?select=room_id,rooms(id,name)") == [
        {"room_id": "s7", "rooms": {"id": "s7", "name": "r7"}}
    ]
    plan = served.http.get("/rooms?id=eq.s7", headers={"Accept": "application/vnd.pgrst.plan"}).text
    assert "Index Scan using rooms_pkey" in plan
