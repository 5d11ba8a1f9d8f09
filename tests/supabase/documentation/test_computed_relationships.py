"""Which functions are relationships, from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html.

Sections: Computed Relationships · Overriding Relationships · Recursive Relationships. How their rows are read (filters,
joins, counts, writes, calls) is in test_resource_embedding.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE SCHEMA hidden;
SET search_path = api;

CREATE TABLE masters (id int PRIMARY KEY, name text, mentor_id int REFERENCES masters);
CREATE TABLE bookings (id int PRIMARY KEY, title text,
    master_id int CONSTRAINT by_master REFERENCES masters, assistant_id int CONSTRAINT assisted REFERENCES masters);
CREATE VIEW early AS SELECT * FROM bookings WHERE id < 3;
CREATE MATERIALIZED VIEW kept AS SELECT * FROM masters;
CREATE TYPE pair AS (a int, b int);
CREATE TABLE hidden.notes (id int PRIMARY KEY);
CREATE TABLE passports (master_id int PRIMARY KEY REFERENCES masters, number text);
CREATE TABLE parts (day date, id int) PARTITION BY RANGE (day);
CREATE TABLE parts_may PARTITION OF parts FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
INSERT INTO masters VALUES (1, 'Глеб', NULL), (2, 'Дина', 1), (3, 'Егор', 1);
INSERT INTO bookings VALUES (1, 'стрижка', 1, 2), (2, 'укладка', 1, NULL), (3, 'окраска', 2, 1);
INSERT INTO passports VALUES (1, 'A-1');
INSERT INTO parts VALUES ('2024-05-02', 1);
REFRESH MATERIALIZED VIEW kept;

-- to one by ROWS 1 or without SETOF, to many otherwise
CREATE FUNCTION assistant(bookings) RETURNS SETOF masters ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE id = $1.assistant_id';
CREATE FUNCTION the_master(bookings) RETURNS masters LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE id = $1.master_id';
CREATE FUNCTION pair_of(bookings) RETURNS SETOF masters ROWS 2 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE id IN ($1.master_id, $1.assistant_id) ORDER BY id';

-- of views and materialized views, from and to
CREATE FUNCTION first_two(masters) RETURNS SETOF early LANGUAGE sql STABLE
    AS 'SELECT * FROM api.early WHERE master_id = $1.id';
CREATE FUNCTION helper(early) RETURNS SETOF kept ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.kept WHERE id = $1.assistant_id';
CREATE FUNCTION helper(kept) RETURNS SETOF passports ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.passports WHERE master_id = $1.id';
CREATE FUNCTION of_may(masters) RETURNS SETOF parts_may LANGUAGE sql STABLE AS 'SELECT * FROM api.parts_may';

-- what is none: other arguments, other results, other schemas
CREATE FUNCTION two(bookings, int) RETURNS SETOF masters LANGUAGE sql STABLE AS 'SELECT * FROM api.masters';
CREATE FUNCTION count_of(bookings) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION pairs(bookings) RETURNS SETOF pair LANGUAGE sql STABLE AS 'SELECT 1, 2';
CREATE FUNCTION records(bookings) RETURNS SETOF record LANGUAGE sql STABLE AS 'SELECT 1, 2';
CREATE FUNCTION notes(bookings) RETURNS SETOF hidden.notes LANGUAGE sql STABLE AS 'SELECT * FROM hidden.notes';
CREATE FUNCTION hidden.secret(bookings) RETURNS SETOF masters LANGUAGE sql STABLE AS 'SELECT * FROM api.masters';

-- named like the relation that foreign keys lead to, in its schema or in another
CREATE FUNCTION masters(bookings) RETURNS SETOF masters ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE id = 3';
CREATE FUNCTION hidden.bookings(masters) RETURNS SETOF bookings LANGUAGE sql STABLE
    AS 'SELECT * FROM api.bookings LIMIT 0';
CREATE FUNCTION passports(masters) RETURNS SETOF passports LANGUAGE sql STABLE
    AS 'SELECT * FROM api.passports';
-- of a table to itself
CREATE FUNCTION mentor(masters) RETURNS SETOF masters ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE id = $1.mentor_id';
CREATE FUNCTION students(masters) RETURNS SETOF masters LANGUAGE sql STABLE
    AS 'SELECT * FROM api.masters WHERE mentor_id = $1.id ORDER BY id';
CREATE TABLE clients (id int PRIMARY KEY, before int UNIQUE REFERENCES clients);
CREATE FUNCTION predecessor(clients) RETURNS SETOF clients ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.clients WHERE id = $1.before';
CREATE FUNCTION successor(clients) RETURNS SETOF clients ROWS 1 LANGUAGE sql STABLE
    AS 'SELECT * FROM api.clients WHERE before = $1.id';
CREATE TABLE follows (who int REFERENCES clients, whom int REFERENCES clients, PRIMARY KEY (who, whom));
CREATE FUNCTION following(clients) RETURNS SETOF clients LANGUAGE sql STABLE
    AS 'SELECT c.* FROM api.clients c JOIN api.follows f ON f.whom = c.id WHERE f.who = $1.id';
INSERT INTO clients VALUES (1, NULL), (2, 1), (3, 2);
INSERT INTO follows VALUES (1, 3);

CREATE SCHEMA other;
CREATE TABLE other.masters (id int PRIMARY KEY);
CREATE FUNCTION api.elsewhere(masters) RETURNS SETOF other.masters LANGUAGE sql STABLE AS 'SELECT 5';
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api", "other"))


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Computed Relationships


def test_computed_rows_1_or_no_setof_is_an_object_and_all_else_a_list(served: Served) -> None:
    assert _rows(served, "/bookings?select=id,assistant(name),the_master(name),pair_of(name)&order=id&limit=2") == [
        {
            "id": 1,
            "assistant": {"name": "Дина"},
            "the_master": {"name": "Глеб"},
            "pair_of": [{"name": "Глеб"}, {"name": "Дина"}],
        },
        {"id": 2, "assistant": None, "the_master": {"name": "Глеб"}, "pair_of": [{"name": "Глеб"}]},
    ]


def test_computed_from_and_to_views_materialized_views_and_partitions(served: Served) -> None:
    assert _rows(served, "/masters?select=first_two(id,helper(name)),of_may(id)&id=eq.1&first_two.order=id") == [
        {"first_two": [{"id": 1, "helper": {"name": "Дина"}}, {"id": 2, "helper": None}], "of_may": [{"id": 1}]}
    ]


def test_computed_the_argument_tells_functions_of_one_name_apart(served: Served) -> None:
    assert _rows(served, "/kept?select=helper(number)&id=eq.1") == [{"helper": {"number": "A-1"}}]
    answer = served.http.get("/masters?select=helper(*)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


@pytest.mark.parametrize("name", ["two", "count_of", "pairs", "records", "notes", "secret"])
def test_computed_takes_one_row_and_returns_rows_of_a_relation_that_is_exposed(served: Served, name: str) -> None:
    answer = served.http.get(f"/bookings?select=id,{name}(*)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


def test_computed_is_found_whatever_the_hint(served: Served) -> None:
    assert _rows(served, "/bookings?select=assistant!anything(name)&id=eq.1") == [{"assistant": {"name": "Дина"}}]


def test_computed_leads_to_another_exposed_schema(served: Served) -> None:
    assert _rows(served, "/masters?select=elsewhere(id)&id=eq.1") == [{"elsewhere": [{"id": 5}]}]


def test_computed_is_what_was_perhaps_meant_by_its_relation_and_not_its_name(served: Served) -> None:
    answer = served.http.get("/kept?select=passport(number)")
    assert answer.json()["hint"] == "Perhaps you meant 'passports' instead of 'passport'."


# Overriding Relationships


def test_overriding_replaces_every_key_between_the_two(served: Served) -> None:
    assert _rows(served, "/bookings?select=masters(name)&id=eq.1") == [{"masters": {"name": "Егор"}}]
    # with them goes their hint, and their constraint as a target
    assert _rows(served, "/bookings?select=masters!by_master(name)&id=eq.1") == [{"masters": {"name": "Егор"}}]
    answer = served.http.get("/bookings?select=by_master(name)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


def test_overriding_can_change_what_one_to_one_is(served: Served) -> None:
    assert _rows(served, "/masters?select=passports(number)&id=eq.2") == [{"passports": [{"number": "A-1"}]}]


def test_overriding_needs_a_function_in_the_schema_of_the_relation(served: Served) -> None:
    assert _rows(served, "/masters?select=bookings!by_master(id)&id=eq.2") == [{"bookings": [{"id": 3}]}]


def test_overriding_leaves_the_other_direction(served: Served) -> None:
    answer = served.http.get("/masters?select=bookings(id)")
    assert (answer.status_code, len(answer.json()["details"])) == (300, 2)


def test_a_function_that_is_named_like_a_constraint_is_ambiguous(serve: Serve) -> None:
    served = serve(
        """
        CREATE SCHEMA api;
        CREATE TABLE api.masters (id int PRIMARY KEY);
        CREATE TABLE api.bookings (id int PRIMARY KEY, master_id int CONSTRAINT done_by REFERENCES api.masters);
        CREATE FUNCTION api.done_by(api.bookings) RETURNS SETOF api.masters ROWS 1 LANGUAGE sql STABLE
            AS 'SELECT * FROM api.masters';
        """,
        db_schemas=("api",),
    )
    answer = served.http.get("/bookings?select=done_by(*)")
    assert answer.status_code == 300
    assert answer.json()["details"] == [
        {
            "cardinality": "many-to-one",
            "embedding": "bookings with masters",
            "relationship": "done_by using bookings(master_id) and masters(id)",
        },
        {},
    ]
    # PostgREST has no words for the function
    assert answer.json()["hint"] == (
        "Try changing 'done_by' to one of the following: 'masters!done_by', ."
        " Find the desired relationship in the 'details' key."
    )


# Recursive Relationships


def test_recursive_many_to_one_and_one_to_many(served: Served) -> None:
    assert _rows(served, "/masters?select=name,mentor(name),students(name)&order=id&limit=2") == [
        {"name": "Глеб", "mentor": None, "students": [{"name": "Дина"}, {"name": "Егор"}]},
        {"name": "Дина", "mentor": {"name": "Глеб"}, "students": []},
    ]


def test_recursive_one_to_one_and_many_to_many(served: Served) -> None:
    assert _rows(served, "/clients?select=id,predecessor(id),successor(id),following(id)&order=id") == [
        {"id": 1, "predecessor": None, "successor": {"id": 2}, "following": [{"id": 3}]},
        {"id": 2, "predecessor": {"id": 1}, "successor": {"id": 3}, "following": []},
        {"id": 3, "predecessor": {"id": 2}, "successor": None, "following": []},
    ]
