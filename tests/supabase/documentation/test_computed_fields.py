"""Computed Fields (docs.postgrest.org/en/v16/references/api/computed_fields.html).

Sections: Computed Fields (introduction), Horizontal Filtering on Computed Fields, Vertical Filtering on Computed
Fields, Ordering on Computed Fields.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE SCHEMA extra;
CREATE SCHEMA hidden;
GRANT USAGE ON SCHEMA extra, hidden TO anon, authenticated;
CREATE TABLE api.staff (staff_id int PRIMARY KEY, first_name text, last_name text, job text, skills jsonb);
INSERT INTO api.staff VALUES
    (1, 'Vera', 'Stone', 'stylist', '{"cut": {"years": 7}}'),
    (2, 'Gleb', 'Field', 'barber', '{"cut": {"years": 2}}'),
    (3, 'Dina', 'Stone', 'stylist', NULL);
CREATE TABLE api.bookings (id int PRIMARY KEY, staff_id int REFERENCES api.staff, minutes int);
INSERT INTO api.bookings VALUES (1, 1, 30), (2, 2, 90), (3, 1, 60);
CREATE VIEW api.stylists AS SELECT * FROM api.staff WHERE job = 'stylist';

CREATE FUNCTION api.full_name(api.staff) RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT $1.first_name || ' ' || $1.last_name$$;
CREATE FUNCTION api.badge(api.stylists) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'S' || $1.staff_id$$;
CREATE FUNCTION api.named(member api.staff) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT member.first_name';
CREATE FUNCTION extra.initials(api.staff) RETURNS text LANGUAGE sql IMMUTABLE AS
'SELECT left($1.first_name, 1) || left($1.last_name, 1)';
CREATE FUNCTION hidden.secret(api.staff) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.first_name';
CREATE FUNCTION api.profile(api.staff) RETURNS jsonb LANGUAGE sql STABLE AS
$$SELECT jsonb_build_object('job', $1.job, 'tags', jsonb_build_array('a', $1.first_name))$$;
CREATE FUNCTION api.hours(api.bookings) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT round($1.minutes / 60.0, 2)';
CREATE FUNCTION api.busy(api.staff) RETURNS bigint LANGUAGE sql STABLE AS
'SELECT sum(minutes) FROM api.bookings WHERE staff_id = $1.staff_id';
CREATE FUNCTION api.all_staff() RETURNS SETOF api.staff LANGUAGE sql STABLE AS 'SELECT * FROM api.staff';
CREATE FUNCTION api.always_true(api.staff) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE FUNCTION api.words(api.staff) RETURNS tsvector LANGUAGE sql IMMUTABLE AS
$$SELECT to_tsvector('simple', $1.first_name || ' of ' || $1.last_name)$$;
CREATE INDEX staff_full_name ON api.staff USING gin (to_tsvector('english', api.full_name(staff)));
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(
        DDL,
        db_schemas=("api",),
        db_extra_search_path=("extra",),
        db_tx_end="rollback-allow-override",
        db_aggregates_enabled=True,
    )


def rows(served: Served, path: str) -> Any:
    """The rows that a path answers."""
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(served: Served, query: str) -> list[int]:
    """The staff that a query finds."""
    return [row["staff_id"] for row in rows(served, f"/staff?select=staff_id&{query}")]


# Computed Fields


def test_a_computed_field_does_not_appear_by_itself(served: Served) -> None:
    assert set(rows(served, "/staff")[0]) == {"staff_id", "first_name", "last_name", "job", "skills"}


def test_a_field_with_an_unnamed_argument_is_no_function_of_the_api(served: Served) -> None:
    answer = served.http.get("/rpc/full_name")
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST202")
    assert "/rpc/full_name" not in rows(served, "/")["paths"]


def test_a_field_with_a_named_argument_is_also_a_function(served: Served) -> None:
    assert rows(served, "/staff?select=named&staff_id=eq.1") == [{"named": "Vera"}]
    answer = served.http.post("/rpc/named", json={"member": "(9,Olga,Brook,none,)"})
    assert (answer.status_code, answer.json()) == (200, "Olga")


def test_a_field_may_be_in_the_extra_search_path(served: Served) -> None:
    assert rows(served, "/staff?select=initials&staff_id=eq.2") == [{"initials": "GF"}]


def test_a_field_in_another_schema_is_not_found(served: Served) -> None:
    answer = served.http.get("/staff?select=secret")
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
        400,
        "42703",
        "column staff.secret does not exist",
    )


# Horizontal Filtering on Computed Fields


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("full_name=eq.Gleb%20Field", [2]),
        ("full_name=fts.Stone&order=staff_id", [1, 3]),
        ("full_name=fts(english).stones&order=staff_id", [1, 3]),
        ("words=fts(simple).of%26stone&order=staff_id", [1, 3]),
        ("words=not.plfts(simple).stone", [2]),
        ("full_name=not.like.*Stone", [2]),
        ("full_name=in.(Gleb%20Field,Dina%20Stone)&order=staff_id", [2, 3]),
        ("or=(full_name.eq.Gleb%20Field,initials.eq.DS)&order=staff_id", [2, 3]),
        ("busy=gte.90&order=staff_id", [1, 2]),
        ("busy=is.null", [3]),
        ("always_true=is.true&order=staff_id", [1, 2, 3]),
        ("profile->>job=eq.barber", [2]),
        ("profile->tags->>1=eq.Dina", [3]),
    ],
)
def test_a_filter_on_a_computed_field_finds_rows(served: Served, query: str, expected: list[int]) -> None:
    assert ids(served, query) == expected


def test_a_computed_field_that_is_not_selected_can_be_counted_by(served: Served) -> None:
    answer = served.http.get("/staff?full_name=fts.Stone&limit=1", headers={"Prefer": "count=exact"})
    assert answer.headers["content-range"] == "0-0/2"


def test_a_view_has_its_own_computed_fields(served: Served) -> None:
    assert rows(served, "/stylists?select=staff_id,badge&badge=eq.S3") == [{"staff_id": 3, "badge": "S3"}]


def test_an_embedded_resource_is_filtered_by_a_computed_field(served: Served) -> None:
    assert rows(served, "/staff?select=staff_id,bookings(id)&bookings.hours=gte.1&order=staff_id&limit=2") == [
        {"staff_id": 1, "bookings": [{"id": 3}]},
        {"staff_id": 2, "bookings": [{"id": 2}]},
    ]


def test_an_update_and_a_delete_choose_rows_by_a_computed_field(served: Served) -> None:
    headers = {"Prefer": "return=representation"}
    changed = served.http.patch(
        "/staff?full_name=eq.Gleb%20Field&select=staff_id,full_name", json={"last_name": "Meadow"}, headers=headers
    )
    assert changed.json() == [{"staff_id": 2, "full_name": "Gleb Meadow"}]
    gone = served.http.delete("/bookings?hours=eq.0.5&select=id,hours", headers=headers)
    assert gone.json() == [{"id": 1, "hours": 0.50}]


# Vertical Filtering on Computed Fields


def test_a_computed_field_is_answered_where_it_is_selected(served: Served) -> None:
    assert rows(served, "/staff?select=full_name,job&staff_id=lt.3&order=staff_id") == [
        {"full_name": "Vera Stone", "job": "stylist"},
        {"full_name": "Gleb Field", "job": "barber"},
    ]


def test_a_computed_field_beside_all_columns(served: Served) -> None:
    (found,) = rows(served, "/staff?select=*,full_name&staff_id=eq.1")
    assert (found["first_name"], found["full_name"]) == ("Vera", "Vera Stone")


def test_a_computed_field_is_renamed_cast_and_looked_into(served: Served) -> None:
    assert rows(served, "/staff?select=who:full_name,busy::text,profile->tags->>1,of:profile->job&staff_id=eq.2") == [
        {"who": "Gleb Field", "busy": "90", "tags": "Gleb", "of": "barber"}
    ]


def test_an_embedded_resource_has_computed_fields(served: Served) -> None:
    assert rows(served, "/bookings?select=id,hours,staff(full_name)&id=eq.2") == [
        {"id": 2, "hours": 1.50, "staff": {"full_name": "Gleb Field"}}
    ]
    assert rows(served, "/staff?select=staff_id,bookings(hours)&staff_id=eq.2") == [
        {"staff_id": 2, "bookings": [{"hours": 1.50}]}
    ]


def test_a_spread_resource_has_computed_fields(served: Served) -> None:
    assert rows(served, "/bookings?select=id,...staff(full_name)&id=eq.2") == [{"id": 2, "full_name": "Gleb Field"}]


def test_rows_of_a_function_have_computed_fields(served: Served) -> None:
    assert rows(served, "/rpc/all_staff?select=full_name&full_name=like.Dina*") == [{"full_name": "Dina Stone"}]


def test_an_inserted_row_has_computed_fields(served: Served) -> None:
    answer = served.http.post(
        "/staff?select=full_name,initials",
        json={"staff_id": 9, "first_name": "Olga", "last_name": "Brook"},
        headers={"Prefer": "return=representation"},
    )
    assert (answer.status_code, answer.json()) == (201, [{"full_name": "Olga Brook", "initials": "OB"}])


def test_a_computed_field_is_aggregated(served: Served) -> None:
    assert rows(served, "/bookings?select=hours.sum()") == [{"sum": 3.00}]
    assert rows(served, "/staff?select=last_name,full_name.max()&order=last_name") == [
        {"last_name": "Field", "max": "Gleb Field"},
        {"last_name": "Stone", "max": "Vera Stone"},
    ]


# Ordering on Computed Fields


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("full_name", [3, 2, 1]),
        ("full_name.desc", [1, 2, 3]),
        ("busy.desc.nullslast,staff_id", [1, 2, 3]),
        ("busy.desc.nullsfirst,staff_id", [3, 1, 2]),
        ("profile->>job,full_name", [2, 3, 1]),
    ],
)
def test_rows_are_ordered_by_a_computed_field(served: Served, order: str, expected: list[int]) -> None:
    assert ids(served, f"order={order}") == expected


def test_rows_are_ordered_by_a_computed_field_of_a_related_row(served: Served) -> None:
    found = rows(served, "/bookings?select=id,staff(full_name)&order=staff(full_name),id")
    assert [row["id"] for row in found] == [2, 1, 3]


def test_an_embedded_resource_is_ordered_by_a_computed_field(served: Served) -> None:
    assert rows(served, "/staff?select=bookings(id)&bookings.order=hours.desc&staff_id=eq.1") == [
        {"bookings": [{"id": 3}, {"id": 1}]}
    ]
