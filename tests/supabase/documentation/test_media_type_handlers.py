"""Media Type Handlers (https://docs.postgrest.org/en/v16/references/api/media_type_handlers.html).

Sections: Handler Function; Handlers for Tables/Views; Overriding a Builtin Handler; The "Any" Handler. Besides, how the
Accept header is matched, and GeoJSON, which only PostGIS can make.
"""

from __future__ import annotations

import httpx
import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = r"""
CREATE SCHEMA api;
CREATE SCHEMA hidden;
SET search_path = api;
CREATE DOMAIN "application/vnd.look" AS bytea;
CREATE DOMAIN "image/png" AS bytea;
CREATE DOMAIN "text/html" AS text;
CREATE DOMAIN "text/plain" AS text;
CREATE DOMAIN "text/xml" AS text;
CREATE DOMAIN "text/csv" AS text;
CREATE DOMAIN "text/tab-separated-values" AS text;
CREATE DOMAIN "pg/rows" AS text;
CREATE DOMAIN "application/json" AS json;
CREATE DOMAIN "application/geo+json" AS jsonb;
CREATE DOMAIN "application/vnd.salon+json" AS jsonb;
CREATE DOMAIN "application/vnd.pgrst.object" AS text;
CREATE DOMAIN plain_number AS int;
CREATE DOMAIN "application/vnd.number" AS plain_number;
CREATE DOMAIN "*/*" AS bytea;

CREATE TABLE looks (id int PRIMARY KEY, title text, photo bytea);
INSERT INTO looks VALUES (1, 'каре', '\x01ff'), (2, 'боб', '\x02fe'), (3, 'пикси', NULL);
CREATE VIEW short_looks AS SELECT * FROM looks WHERE id < 3;
CREATE TABLE prices (id int PRIMARY KEY, look_id int REFERENCES looks, price numeric);
INSERT INTO prices VALUES (1, 1, 10.50), (2, 1, 7);
CREATE TABLE places (id int PRIMARY KEY, name text);
INSERT INTO places VALUES (1, 'зал');
CREATE TABLE numbers (val int);
INSERT INTO numbers VALUES (1), (2), (3);

CREATE FUNCTION look(id int) RETURNS "application/vnd.look" LANGUAGE sql STABLE
    AS 'SELECT photo FROM api.looks WHERE id = look.id';
CREATE FUNCTION picture() RETURNS "image/png" LANGUAGE sql STABLE AS $$ SELECT '\x89504e4700'::bytea $$;
CREATE FUNCTION "page.html"() RETURNS "text/html" LANGUAGE sql STABLE AS $$ SELECT '<p>Салон</p>' $$;
CREATE FUNCTION note() RETURNS "text/plain" LANGUAGE sql STABLE AS $$ SELECT 'заметка' $$;
CREATE FUNCTION notes() RETURNS SETOF "text/plain" LANGUAGE sql STABLE AS $$ VALUES ('a'), ('b') $$;
CREATE FUNCTION tag() RETURNS "text/xml" LANGUAGE sql STABLE AS $$ SELECT '<tag/>' $$;
CREATE FUNCTION number() RETURNS "application/vnd.number" LANGUAGE sql STABLE AS 'SELECT 258';
CREATE FUNCTION echoed(text) RETURNS "text/plain" LANGUAGE sql STABLE AS 'SELECT $1';
CREATE FUNCTION all_looks() RETURNS SETOF looks LANGUAGE sql STABLE AS 'SELECT * FROM api.looks ORDER BY id';
CREATE FUNCTION one_look() RETURNS looks LANGUAGE sql STABLE AS 'SELECT * FROM api.looks WHERE id = 2';
CREATE FUNCTION all_titles() RETURNS TABLE (title text) LANGUAGE sql STABLE AS 'SELECT title FROM api.looks';
CREATE FUNCTION total(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';

CREATE FUNCTION look_next(state bytea, next looks) RETURNS "application/vnd.look" LANGUAGE sql
    AS $$ SELECT state || coalesce(next.photo, '') $$;
CREATE AGGREGATE look_agg (looks) (initcond = '', stype = "application/vnd.look", sfunc = look_next);
CREATE FUNCTION short_look_next(state bytea, next short_looks) RETURNS "application/vnd.look" LANGUAGE sql
    AS $$ SELECT state || '\x00' $$;
CREATE AGGREGATE short_look_agg (short_looks) (initcond = '', stype = "application/vnd.look", sfunc = short_look_next);
CREATE FUNCTION csv_next(state text, next looks) RETURNS "text/csv" LANGUAGE sql
    AS $$ SELECT state || next.id || ';' || next.title || E'\n' $$;
CREATE FUNCTION csv_final(state "text/csv") RETURNS "text/csv" LANGUAGE sql AS $$
    SELECT set_config(
        'response.headers', '[{"Content-Disposition": "attachment; filename=\"looks.csv\""}]', true
    );
    SELECT U&'\FEFF' || E'id;title\n' || state;
$$;
CREATE AGGREGATE csv_agg (looks) (initcond = '', stype = "text/csv", sfunc = csv_next, finalfunc = csv_final);
CREATE FUNCTION json_next(state "application/json", next places) RETURNS "application/json" LANGUAGE sql
    AS $$ SELECT '{"overridden": true}'::json $$;
CREATE AGGREGATE places_agg (places) (initcond = '{}', stype = "application/json", sfunc = json_next);
CREATE FUNCTION geo_next(state "application/geo+json", next places) RETURNS "application/geo+json" LANGUAGE sql
    AS $$ SELECT '{"type": "FeatureCollection"}'::jsonb $$;
CREATE AGGREGATE places_geo (places) (initcond = '{}', stype = "application/geo+json", sfunc = geo_next);
CREATE FUNCTION object_next(state text, next places) RETURNS "application/vnd.pgrst.object" LANGUAGE sql
    AS $$ SELECT 'never' $$;
CREATE AGGREGATE places_object (places) (
    initcond = '', stype = "application/vnd.pgrst.object", sfunc = object_next
);
CREATE FUNCTION rows_next(state text, next anyelement) RETURNS "pg/rows" LANGUAGE sql
    AS $$ SELECT state || (next)::text || E'\n' $$;
CREATE AGGREGATE rows_agg (anyelement) (initcond = '', stype = "pg/rows", sfunc = rows_next);
CREATE FUNCTION salon_next(state "application/vnd.salon+json", next anyelement) RETURNS "application/vnd.salon+json"
    LANGUAGE sql AS $$ SELECT '{"of": "anything"}'::jsonb $$;
CREATE AGGREGATE salon_agg (anyelement) (initcond = '{}', stype = "application/vnd.salon+json", sfunc = salon_next);
CREATE FUNCTION salon_place(state "application/vnd.salon+json", next places) RETURNS "application/vnd.salon+json"
    LANGUAGE sql AS $$ SELECT '{"of": "places"}'::jsonb $$;
CREATE AGGREGATE salon_place_agg (places) (initcond = '{}', stype = "application/vnd.salon+json", sfunc = salon_place);
CREATE FUNCTION hidden.tabs_final(state "pg/rows") RETURNS "text/tab-separated-values" LANGUAGE sql AS 'SELECT state';
CREATE AGGREGATE hidden.tabs_agg (anyelement) (
    initcond = '', stype = "pg/rows", sfunc = rows_next, finalfunc = hidden.tabs_final
);

CREATE FUNCTION anything() RETURNS "*/*" LANGUAGE sql STABLE AS $$ SELECT 'any'::bytea $$;
CREATE FUNCTION chosen() RETURNS "*/*" LANGUAGE plpgsql STABLE AS $$
DECLARE accept text := current_setting('request.headers', true)::json ->> 'accept';
BEGIN
    IF accept = '*/*' THEN
        PERFORM set_config('response.headers', '[{"Content-Type": "app/first"}]', true);
        RETURN 'first';
    ELSIF accept = 'app/second' THEN
        PERFORM set_config('response.headers', '[{"Content-Type": "app/second"}]', true);
        RETURN 'second';
    END IF;
    RAISE SQLSTATE 'PT406' USING MESSAGE = 'Not Acceptable';
END $$;
CREATE FUNCTION number_next(state "*/*", next numbers) RETURNS "*/*" LANGUAGE sql
    AS $$ SELECT state || '|' || next.val::text::bytea $$;
CREATE AGGREGATE numbers_agg (numbers) (initcond = 'n', stype = "*/*", sfunc = number_next);
"""
LOOK = {"Accept": "application/vnd.look"}
ROWS = {"Accept": "pg/rows"}
FULL = {"Prefer": "return=representation"}
COUNT = {"Prefer": "count=exact"}
FIREFOX = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
CHROME = {
    "Accept": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3"
    )
}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override")


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    return served.http


def typed(answer: httpx.Response) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers["content-type"], answer.content


def refused(answer: httpx.Response, accept: str) -> bool:
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return bool(
        answer.json()
        == {
            "code": "PGRST107",
            "message": f"None of these media types are available: {accept}",
            "details": None,
            "hint": None,
        }
    )


# Handler Function


def test_a_function_that_returns_a_media_type_answers_its_bytes(http: httpx.Client) -> None:
    answer = http.get("/rpc/look?id=1", headers=LOOK)
    assert typed(answer) == (200, "application/vnd.look", b"\x01\xff")
    assert answer.headers["content-length"] == "2"
    assert typed(http.post("/rpc/look", json={"id": 2}, headers=LOOK)) == (200, "application/vnd.look", b"\x02\xfe")


@pytest.mark.parametrize("wanted", [3, 777])
def test_a_function_without_a_value_answers_nothing(http: httpx.Client, wanted: int) -> None:
    assert typed(http.get(f"/rpc/look?id={wanted}", headers=LOOK)) == (200, "application/vnd.look", b"")


@pytest.mark.parametrize(
    ("call", "accept", "content_type", "body"),
    [
        ("page.html", "text/html", "text/html", "<p>Салон</p>"),
        ("note", "text/plain", "text/plain; charset=utf-8", "заметка"),
        ("tag", "text/xml", "text/xml; charset=utf-8", "<tag/>"),
        ("number", "application/vnd.number", "application/vnd.number", "\x00\x00\x01\x02"),
    ],
)
def test_the_content_type_is_the_name_of_the_domain(
    http: httpx.Client, call: str, accept: str, content_type: str, body: str
) -> None:
    assert typed(http.get(f"/rpc/{call}", headers={"Accept": accept})) == (200, content_type, body.encode())


def test_a_raw_body_may_come_back_as_it_was(http: httpx.Client) -> None:
    headers = {"Content-Type": "text/plain", "Accept": "text/plain"}
    answer = http.post("/rpc/echoed", content=b"unnamed text", headers=headers)
    assert typed(answer) == (200, "text/plain; charset=utf-8", b"unnamed text")


def test_other_media_types_of_such_a_function_are_the_builtin_ones(http: httpx.Client) -> None:
    assert typed(http.get("/rpc/note")) == (200, "application/json; charset=utf-8", '"заметка"'.encode())
    assert typed(http.get("/rpc/look?id=1")) == (200, "application/json; charset=utf-8", b'"\\\\x01ff"')
    assert refused(http.get("/rpc/note", headers={"Accept": "text/xml"}), "text/xml")


def test_a_set_of_media_types_is_none(http: httpx.Client) -> None:
    assert refused(http.get("/rpc/notes", headers={"Accept": "text/plain"}), "text/plain")


def test_head_of_such_a_function_answers_the_headers_alone(http: httpx.Client) -> None:
    assert typed(http.head("/rpc/look?id=1", headers=LOOK)) == (200, "application/vnd.look", b"")


def test_the_value_of_a_handler_counts_as_one(http: httpx.Client) -> None:
    answer = http.get("/rpc/look?id=1", headers=LOOK | COUNT)
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (200, "0-0/1", b"\x01\xff")


def test_a_value_that_is_cut_off_answers_nothing(http: httpx.Client) -> None:
    assert typed(http.get("/rpc/look?id=1&limit=0", headers=LOOK)) == (200, "application/vnd.look", b"")


# Handlers for Tables/Views


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("looks", b"\x01\xff\x02\xfe"),
        ("looks?id=eq.2", b"\x02\xfe"),
        ("looks?id=gt.5", b""),
        ("looks?select=*", b"\x01\xff\x02\xfe"),
        ("short_looks", b"\x00\x00"),
        ("rpc/all_looks", b"\x01\xff\x02\xfe"),
        ("rpc/all_looks?id=gt.1", b"\x02\xfe"),
        ("rpc/one_look", b"\x02\xfe"),
    ],
)
def test_an_aggregate_over_a_relation_answers_its_rows(http: httpx.Client, path: str, body: bytes) -> None:
    assert typed(http.get(f"/{path}", headers=LOOK)) == (200, "application/vnd.look", body)


def test_a_handler_answers_what_was_written(http: httpx.Client) -> None:
    row = {"id": 9, "title": "новый", "photo": "\\x0909"}
    answer = http.post("/looks", json=row, headers=LOOK | FULL)
    assert typed(answer) == (201, "application/vnd.look", b"\x09\x09")
    assert typed(http.patch("/looks?id=eq.1", json={"title": "x"}, headers=LOOK | FULL))[2] == b"\x01\xff"
    assert typed(http.delete("/looks?id=eq.2", headers=LOOK | FULL))[2] == b"\x02\xfe"
    assert http.patch("/looks?id=eq.1", json={"title": "x"}, headers=LOOK).status_code == 204


def test_a_write_needs_an_acceptable_media_type_too(http: httpx.Client) -> None:
    answer = http.patch("/prices?id=eq.1", json={"price": 1}, headers=LOOK)
    assert refused(answer, "application/vnd.look")


def test_a_handler_is_for_its_own_relation(http: httpx.Client) -> None:
    assert refused(http.get("/prices", headers=LOOK), "application/vnd.look")
    assert refused(http.get("/rpc/all_titles", headers=LOOK), "application/vnd.look")
    assert refused(http.get("/looks", headers={"Accept": "text/plain"}), "text/plain")


@pytest.mark.parametrize(
    "select", ["id", "id,title,photo,id", "title,id,photo", "id,title,photo", "*,prices(*)", "*,total:id"]
)
def test_a_handler_needs_the_rows_as_they_are(http: httpx.Client, select: str) -> None:
    assert refused(http.get(f"/looks?select={select}", headers=LOOK), "application/vnd.look")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("prices", "(1,1,10.50)\n(2,1,7)\n"),
        ("prices?select=price,id&order=id.desc", "(7,2)\n(10.50,1)\n"),
        ("prices?select=id,looks(id)&id=eq.1", '(1,"{""id"": 1}")\n'),
        ("rpc/all_titles?title=eq.боб", "(боб)\n"),
        ("rpc/total?a=1&b=2", "3\n"),
    ],
)
def test_an_aggregate_over_anyelement_answers_any_rows(http: httpx.Client, path: str, body: str) -> None:
    assert typed(http.get(f"/{path}", headers=ROWS)) == (200, "pg/rows", body.encode())


def test_a_handler_of_a_relation_goes_before_one_of_anything(http: httpx.Client) -> None:
    headers = {"Accept": "application/vnd.salon+json"}
    # PostgreSQL writes jsonb as bytes with the number of a version before it
    assert typed(http.get("/prices", headers=headers))[2] == b'\x01{"of": "anything"}'
    assert typed(http.get("/places", headers=headers))[2] == b'\x01{"of": "places"}'
    assert typed(http.get("/places?select=id", headers=headers))[2] == b'\x01{"of": "anything"}'


def test_handlers_outside_the_exposed_schemas_are_none(http: httpx.Client) -> None:
    accept = "text/tab-separated-values"
    assert refused(http.get("/prices", headers={"Accept": accept}), accept)


# Overriding a Builtin Handler


def test_csv_of_one_relation_can_be_overridden(http: httpx.Client) -> None:
    answer = http.get("/looks?id=lt.3&order=id", headers={"Accept": "text/csv"})
    body = "\ufeffid;title\n1;каре\n2;боб\n"
    assert typed(answer) == (200, "text/csv; charset=utf-8", body.encode())
    assert answer.headers["content-disposition"] == 'attachment; filename="looks.csv"'
    builtin = http.get("/looks?select=id&id=lt.3", headers={"Accept": "text/csv"})
    assert typed(builtin) == (200, "text/csv; charset=utf-8", b"id\n1\n2")


def test_json_of_one_relation_can_be_overridden(http: httpx.Client) -> None:
    json = {"Accept": "application/json"}
    expected = (200, "application/json; charset=utf-8", b'{"overridden": true}')
    assert typed(http.get("/places", headers=json)) == expected
    assert typed(http.get("/prices?select=id&id=eq.1", headers=json))[2] == b'[{"id":1}]'
    assert http.get("/places").json() == [{"id": 1, "name": "зал"}]


def test_geojson_of_one_relation_can_be_overridden(http: httpx.Client) -> None:
    answer = http.get("/places", headers={"Accept": "application/geo+json"})
    expected = b'\x01{"type": "FeatureCollection"}'
    assert typed(answer) == (200, "application/geo+json; charset=utf-8", expected)


@pytest.mark.parametrize("accept", ["application/vnd.pgrst.object", "application/vnd.pgrst.object+json"])
def test_vendored_media_types_cannot_be_overridden(http: httpx.Client, accept: str) -> None:
    answer = http.get("/places?id=eq.1", headers={"Accept": accept})
    body = '{"id":1,"name":"зал"}'.encode()
    assert typed(answer) == (200, "application/vnd.pgrst.object+json; charset=utf-8", body)


# The "Any" Handler


@pytest.mark.parametrize("accept", ["*/*", "app/bingo", "text/csv", "application/json"])
def test_an_any_handler_answers_every_media_type(http: httpx.Client, accept: str) -> None:
    answer = http.get("/rpc/anything", headers={"Accept": accept})
    assert typed(answer) == (200, "application/octet-stream", b"any")
    answer = http.get("/numbers?val=gt.1", headers={"Accept": accept})
    assert typed(answer) == (200, "application/octet-stream", b"n|2|3")


def test_an_any_handler_may_say_what_it_answers(http: httpx.Client) -> None:
    assert typed(http.get("/rpc/chosen")) == (200, "app/first", b"first")
    assert typed(http.get("/rpc/chosen", headers={"Accept": "app/second"})) == (200, "app/second", b"second")
    answer = http.get("/rpc/chosen", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PT406")


def test_an_any_handler_leaves_vendored_media_types_alone(http: httpx.Client) -> None:
    answer = http.get("/numbers?val=eq.1", headers={"Accept": "application/vnd.pgrst.object+json"})
    assert answer.json() == {"val": 1}
    plan = "application/vnd.pgrst.plan+text"
    assert http.get("/numbers", headers={"Accept": plan}).status_code == 406


# The Accept header


@pytest.mark.parametrize(
    "accept",
    ["image/png, */*", "*/*, image/png", "text/html,application/xml;q=0.9,image/png,*/*;q=0.8"],
)
def test_the_most_wanted_media_type_that_there_is_answers(http: httpx.Client, accept: str) -> None:
    assert typed(http.get("/rpc/picture", headers={"Accept": accept})) == (200, "image/png", b"\x89PNG\x00")


def test_quality_goes_before_order(http: httpx.Client) -> None:
    accept = {"Accept": "application/json;q=0.5, image/png;q=0.6"}
    assert http.get("/rpc/picture", headers=accept).headers["content-type"] == "image/png"
    accept = {"Accept": "image/png;q=0.5, application/json;q=0.6"}
    assert http.get("/rpc/picture", headers=accept).headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("headers", [FIREFOX, CHROME, {"Accept": "text/plain, application/json"}])
def test_browsers_get_json(http: httpx.Client, headers: dict[str, str]) -> None:
    for path in ("prices?select=id&id=eq.1", "rpc/all_looks?select=id&id=eq.1"):
        assert typed(http.get(f"/{path}", headers=headers)) == (200, "application/json; charset=utf-8", b'[{"id":1}]')


def test_what_is_no_media_type_is_said_as_it_is(http: httpx.Client) -> None:
    assert refused(http.get("/looks", headers={"Accept": "undefined"}), "undefined")
    assert refused(http.get("/looks", headers={"Accept": "unknown/unknown, a/b"}), "unknown/unknown, a/b")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/json; $$ unrecognized-chars=ignored $$"]
)
def test_parameters_of_a_content_type_do_not_matter(http: httpx.Client, content_type: str) -> None:
    answer = http.post("/rpc/total", content=b'{"a": 1, "b": 2}', headers={"Content-Type": content_type})
    assert typed(answer) == (200, "application/json; charset=utf-8", b"3")


# GeoJSON


def test_geojson_needs_postgis(http: httpx.Client) -> None:
    answer = http.get("/looks", headers={"Accept": "application/geo+json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "42883")
    assert answer.json()["message"] == "function st_asgeojson(record) does not exist"
    head = http.head("/looks", headers={"Accept": "application/geo+json"})
    assert typed(head) == (200, "application/geo+json; charset=utf-8", b"")
