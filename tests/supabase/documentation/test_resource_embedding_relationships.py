"""Which relationships there are, from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html.

Sections: Many-to-many relationships · One-to-one relationships · Foreign Key Joins on Multiple Foreign Key
Relationships (Multiple Many-To-One, Multiple One-To-Many, Recursive Relationships) · Foreign Key Joins on Partitioned
Tables; and from the page "Errors" the codes PGRST200 and PGRST201. Views are in test_resource_embedding_views.py,
computed relationships in test_computed_relationships.py.
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

CREATE TABLE rooms (number int PRIMARY KEY, name text NOT NULL);
CREATE TABLE salons (id int PRIMARY KEY, title text NOT NULL, best_room int CONSTRAINT salons_best REFERENCES rooms);
CREATE TABLE masters (id int PRIMARY KEY, name text NOT NULL, salon_id int CONSTRAINT masters_salon REFERENCES salons);
ALTER TABLE salons ADD COLUMN head_id int CONSTRAINT salons_head REFERENCES masters;
INSERT INTO rooms VALUES (1, 'blue'), (2, 'red');
INSERT INTO salons VALUES (1, 'Салон', 1), (2, 'Второй', NULL);
INSERT INTO masters VALUES (1, 'Глеб', 1), (2, 'Дина', 1), (3, 'Егор', 2);
UPDATE salons SET head_id = 1 WHERE id = 1;

-- two junctions between salons and rooms, one with a further column in its key; one that is none
CREATE TABLE rentals (salon_id int REFERENCES salons, room int REFERENCES rooms, month int,
    PRIMARY KEY (month, room, salon_id));
CREATE TABLE viewings (salon_id int REFERENCES salons, room int REFERENCES rooms, PRIMARY KEY (salon_id, room));
CREATE TABLE wishes (id int PRIMARY KEY, master_id int REFERENCES masters, room int REFERENCES rooms);
INSERT INTO rentals VALUES (1, 1, 5), (1, 2, 6), (2, 2, 5);
INSERT INTO viewings VALUES (1, 2);

CREATE TABLE bookings (id int PRIMARY KEY, title text, master_id int, assistant_id int,
    CONSTRAINT by_master FOREIGN KEY (master_id) REFERENCES masters,
    CONSTRAINT with_assistant FOREIGN KEY (assistant_id) REFERENCES masters);
INSERT INTO bookings VALUES (1, 'стрижка', 1, 2), (2, 'укладка', 1, NULL), (3, 'окраска', 2, 1);

-- one-to-one: by the primary key, by a unique constraint in another order, twice; and not by a unique index alone
CREATE TABLE shifts (salon_id int, day int, note text, PRIMARY KEY (salon_id, day));
CREATE TABLE openings (day int, salon_id int, at int, UNIQUE (day, salon_id),
    CONSTRAINT openings_shift FOREIGN KEY (salon_id, day) REFERENCES shifts);
CREATE TABLE passports (master_id int PRIMARY KEY REFERENCES masters, number text);
CREATE TABLE badges (master_id int REFERENCES masters, number text);
CREATE UNIQUE INDEX ON badges (master_id);
CREATE TABLE lockers (id int PRIMARY KEY,
    owner_id int UNIQUE REFERENCES masters, guest_id int UNIQUE REFERENCES masters);
INSERT INTO shifts VALUES (1, 1, 'first'), (1, 2, 'second');
INSERT INTO openings VALUES (2, 1, 9);
INSERT INTO passports VALUES (1, 'A-1');
INSERT INTO badges VALUES (1, 'B-1');
INSERT INTO lockers VALUES (7, 1, 2);

-- three relationships of a table to itself
CREATE TABLE clients (id int PRIMARY KEY, name text, friend int REFERENCES clients, boss int REFERENCES clients);
INSERT INTO clients VALUES (1, 'Анна', NULL, NULL), (2, 'Борис', 1, NULL), (3, 'Вера', 1, 2);
CREATE TABLE places (id int PRIMARY KEY, part_of int REFERENCES places);
INSERT INTO places VALUES (1, NULL), (2, 1), (3, 1);
CREATE TABLE heads (id int PRIMARY KEY, before int UNIQUE REFERENCES heads);
CREATE TABLE people (id int PRIMARY KEY);
CREATE TABLE follows (who int REFERENCES people, whom int REFERENCES people, PRIMARY KEY (who, whom));
INSERT INTO people VALUES (1), (2);
INSERT INTO follows VALUES (1, 2);

-- a junction with two keys to either side
CREATE TABLE teams (id int PRIMARY KEY);
CREATE TABLE games (id int PRIMARY KEY);
CREATE TABLE matches (home int REFERENCES teams, away int REFERENCES teams,
    game int REFERENCES games, rematch int REFERENCES games, PRIMARY KEY (home, away, game, rematch));

-- partitions on either side of a key and between two
CREATE TABLE brands (id int PRIMARY KEY, name text);
CREATE TABLE models (name text, year int, brand_id int REFERENCES brands, PRIMARY KEY (name, year))
    PARTITION BY LIST (year);
CREATE TABLE models_2023 PARTITION OF models FOR VALUES IN (2023);
CREATE TABLE models_2024 PARTITION OF models FOR VALUES IN (2024);
CREATE TABLE sales (day date, model text, year int, PRIMARY KEY (day, model, year),
    CONSTRAINT sales_model FOREIGN KEY (model, year) REFERENCES models) PARTITION BY RANGE (day);
CREATE TABLE sales_may PARTITION OF sales FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
CREATE TABLE dealers (name text PRIMARY KEY);
CREATE TABLE offers (dealer text REFERENCES dealers, model text, year int, PRIMARY KEY (dealer, model, year),
    FOREIGN KEY (model, year) REFERENCES models) PARTITION BY LIST (year);
CREATE TABLE offers_2024 PARTITION OF offers FOR VALUES IN (2024);
INSERT INTO brands VALUES (1, 'Ветер');
INSERT INTO models VALUES ('A', 2023, 1), ('B', 2024, 1);
INSERT INTO sales VALUES ('2024-05-02', 'B', 2024);
INSERT INTO dealers VALUES ('Юг');
INSERT INTO offers VALUES ('Юг', 'B', 2024);

-- what is not exposed is no way, and a relation of the same name is no other one
CREATE TABLE actors (id int PRIMARY KEY);
CREATE TABLE films (id int PRIMARY KEY);
CREATE TABLE hidden.roles (actor int REFERENCES actors, film int REFERENCES films, PRIMARY KEY (actor, film));
CREATE TABLE roles (id int PRIMARY KEY);
CREATE TABLE hidden.agents (id int PRIMARY KEY);
CREATE TABLE scenes (id int PRIMARY KEY, film_id int REFERENCES films, agent_id int REFERENCES hidden.agents);
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",))


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _unknown(served: Served, path: str) -> Any:
    """The hint of the answer that there is no such relationship."""
    answer = served.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200"), answer.text
    return answer.json()["hint"]


def _choices(served: Served, path: str) -> list[tuple[str, str]]:
    """Cardinality and relationship of each of those that an ambiguous request could mean."""
    answer = served.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (300, "PGRST201"), answer.text
    return [(one["cardinality"], one["relationship"]) for one in answer.json()["details"]]


# Many-to-many relationships


def test_many_to_many_needs_both_keys_in_the_primary_key_and_allows_more(served: Served) -> None:
    assert _rows(served, "/rooms?select=number,salons!rentals(title)&order=number&salons.order=id") == [
        {"number": 1, "salons": [{"title": "Салон"}]},
        {"number": 2, "salons": [{"title": "Салон"}, {"title": "Второй"}]},
    ]
    assert _unknown(served, "/masters?select=rooms(name)") == "Perhaps you meant 'bookings' instead of 'rooms'."


# One-to-one relationships


def test_one_to_one_by_the_primary_key_or_a_unique_constraint_in_any_order(served: Served) -> None:
    assert _rows(served, "/masters?select=passports(number)&id=eq.1") == [{"passports": {"number": "A-1"}}]
    assert _rows(served, "/shifts?select=day,openings(at)&order=day") == [
        {"day": 1, "openings": None},
        {"day": 2, "openings": {"at": 9}},
    ]
    assert _rows(served, "/openings?select=shifts(note)") == [{"shifts": {"note": "second"}}]


def test_one_to_one_needs_a_constraint_and_no_index(served: Served) -> None:
    assert _rows(served, "/masters?select=badges(number)&id=eq.1") == [{"badges": [{"number": "B-1"}]}]


def test_one_to_one_is_ambiguous_like_any_other(served: Served) -> None:
    assert _choices(served, "/masters?select=lockers(*)") == [
        ("one-to-one", "lockers_guest_id_fkey using masters(id) and lockers(guest_id)"),
        ("one-to-one", "lockers_owner_id_fkey using masters(id) and lockers(owner_id)"),
    ]
    assert _rows(served, "/masters?select=lockers!owner_id(id)&id=eq.1") == [{"lockers": {"id": 7}}]


# Multiple Many-To-One


def test_multiple_many_to_one_is_pgrst201_with_every_way(served: Served) -> None:
    answer = served.http.get("/bookings?select=*,masters(*)")
    assert answer.status_code == 300
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == {
        "code": "PGRST201",
        "message": "Could not embed because more than one relationship was found for 'bookings' and 'masters'",
        "details": [
            {
                "cardinality": "many-to-one",
                "embedding": "bookings with masters",
                "relationship": "by_master using bookings(master_id) and masters(id)",
            },
            {
                "cardinality": "many-to-one",
                "embedding": "bookings with masters",
                "relationship": "with_assistant using bookings(assistant_id) and masters(id)",
            },
        ],
        "hint": (
            "Try changing 'masters' to one of the following: 'masters!by_master', 'masters!with_assistant'."
            " Find the desired relationship in the 'details' key."
        ),
    }


@pytest.mark.parametrize("embed", ["masters!with_assistant", "masters!assistant_id", "with_assistant", "assistant_id"])
def test_multiple_many_to_one_by_constraint_or_column_as_hint_or_as_target(served: Served, embed: str) -> None:
    assert _rows(served, f"/bookings?select=to:{embed}(name)&id=eq.1") == [{"to": {"name": "Дина"}}]


@pytest.mark.parametrize("join", ["!inner", "!left", ""])
def test_multiple_many_to_one_with_a_hint_and_a_join(served: Served, join: str) -> None:
    rows = _rows(served, f"/bookings?select=id,masters!with_assistant{join}(name)&order=id")
    assert [row["id"] for row in rows] == ([1, 3] if join == "!inner" else [1, 2, 3])


def test_multiple_many_to_one_the_target_can_be_a_composite_constraint_and_no_column_of_it(served: Served) -> None:
    assert _rows(served, "/openings?select=openings_shift(note)") == [{"openings_shift": {"note": "second"}}]
    assert _rows(served, "/openings?select=shifts!openings_shift(note)") == [{"shifts": {"note": "second"}}]
    assert _unknown(served, "/openings?select=salon_id(note)") is None
    assert _unknown(served, "/openings?select=shifts!salon_id(note)") is None


def test_multiple_many_to_one_a_wrong_hint_is_named_in_the_error(served: Served) -> None:
    answer = served.http.get("/bookings?select=masters!rooms(name)")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'bookings' and 'masters' in the schema cache",
        "details": (
            "Searched for a foreign key relationship between 'bookings' and 'masters' using the hint 'rooms'"
            " in the schema 'api', but no matches were found."
        ),
        "hint": None,
    }


# Multiple One-To-Many


def test_multiple_one_to_many_by_constraint_column_or_constraint_as_target(served: Served) -> None:
    for embed in ("bookings!with_assistant", "bookings!assistant_id", "with_assistant"):
        assert _rows(served, f"/masters?select=to:{embed}(id)&id=eq.1") == [{"to": [{"id": 3}]}]


def test_multiple_one_to_many_a_hint_that_both_have_is_ambiguous(served: Served) -> None:
    assert len(_choices(served, "/masters?select=bookings!id(*)")) == 2


def test_multiple_keys_in_a_circle_list_the_one_to_many_first(served: Served) -> None:
    assert _choices(served, "/masters?select=salons(*)") == [
        ("one-to-many", "salons_head using masters(id) and salons(head_id)"),
        ("many-to-one", "masters_salon using masters(salon_id) and salons(id)"),
    ]
    assert _rows(served, "/salons?select=salons_head(name),masters!masters_salon(id)&id=eq.1&masters.order=id") == [
        {"salons_head": {"name": "Глеб"}, "masters": [{"id": 1}, {"id": 2}]}
    ]


def test_multiple_ways_of_which_some_are_many_to_many(served: Served) -> None:
    answer = served.http.get("/salons?select=rooms(*)")
    assert _choices(served, "/salons?select=rooms(*)") == [
        ("many-to-one", "salons_best using salons(best_room) and rooms(number)"),
        ("many-to-many", "rentals using rentals_salon_id_fkey(salon_id) and rentals_room_fkey(room)"),
        ("many-to-many", "viewings using viewings_salon_id_fkey(salon_id) and viewings_room_fkey(room)"),
    ]
    assert answer.json()["hint"] == (
        "Try changing 'rooms' to one of the following: 'rooms!salons_best', 'rooms!rentals', 'rooms!viewings'."
        " Find the desired relationship in the 'details' key."
    )
    assert _rows(served, "/salons?select=best:best_room(name),seen:rooms!viewings(name)&id=eq.1") == [
        {"best": {"name": "blue"}, "seen": [{"name": "red"}]}
    ]


def test_multiple_keys_of_one_junction_are_all_listed_and_reached_one_by_one(served: Served) -> None:
    ways = _choices(served, "/teams?select=games(*)")
    assert ways == [
        ("many-to-many", f"matches using matches_{one}_fkey({one}) and matches_{other}_fkey({other})")
        for one in ("away", "home")
        for other in ("game", "rematch")
    ]
    assert len(_choices(served, "/teams?select=games!matches(*)")) == 4
    assert _rows(served, "/teams?select=matches!home(games!rematch(id))") == []


# Recursive Relationships


def test_recursive_without_a_hint_is_the_children_by_table_and_the_parent_by_column(served: Served) -> None:
    assert _rows(served, "/places?select=id,part_of(id),places(id)&order=id&places.order=id") == [
        {"id": 1, "part_of": None, "places": [{"id": 2}, {"id": 3}]},
        {"id": 2, "part_of": {"id": 1}, "places": []},
        {"id": 3, "part_of": {"id": 1}, "places": []},
    ]
    assert _rows(served, "/places?select=id,part_of(id,parts:places!part_of(id))&id=eq.2&part_of.parts.order=id") == [
        {"id": 2, "part_of": {"id": 1, "parts": [{"id": 2}, {"id": 3}]}}
    ]


def test_recursive_a_constraint_is_neither_target_nor_hint(served: Served) -> None:
    assert _unknown(served, "/places?select=places_part_of_fkey(id)") is None
    assert _unknown(served, "/places?select=places!places_part_of_fkey(id)") is None
    assert _unknown(served, "/places?select=places!id(id)") is None


def test_recursive_two_keys_of_one_table_are_told_apart_by_the_column(served: Served) -> None:
    path = (
        "/clients?select=name,friend(name,boss(name)),boss(name),friends:clients!friend(name),staff:clients!boss(name)"
    )
    assert _rows(served, f"{path}&id=gt.1&order=id") == [
        {
            "name": "Борис",
            "friend": {"name": "Анна", "boss": None},
            "boss": None,
            "friends": [],
            "staff": [{"name": "Вера"}],
        },
        {
            "name": "Вера",
            "friend": {"name": "Анна", "boss": None},
            "boss": {"name": "Борис"},
            "friends": [],
            "staff": [],
        },
    ]
    assert _choices(served, "/clients?select=clients(*)") == [
        ("one-to-many", "clients_boss_fkey using clients(id) and clients(boss)"),
        ("one-to-many", "clients_friend_fkey using clients(id) and clients(friend)"),
    ]


def test_recursive_one_to_one_and_many_to_many_need_computed_relationships(served: Served) -> None:
    assert _unknown(served, "/heads?select=before(id)") is None
    assert _unknown(served, "/heads?select=heads(id)") is None
    assert _unknown(served, "/people?select=people(id)") is None
    assert _rows(served, "/people?select=id,follows!who(whom(id))&id=eq.1") == [
        {"id": 1, "follows": [{"whom": {"id": 2}}]}
    ]


# Foreign Key Joins on Partitioned Tables


def test_partitioned_tables_embed_and_are_embedded(served: Served) -> None:
    assert _rows(served, "/models?select=name,brands(name),sales(day)&order=name") == [
        {"name": "A", "brands": {"name": "Ветер"}, "sales": []},
        {"name": "B", "brands": {"name": "Ветер"}, "sales": [{"day": "2024-05-02"}]},
    ]
    assert _rows(served, "/brands?select=models(name)&models.order=name") == [
        {"models": [{"name": "A"}, {"name": "B"}]}
    ]
    assert _rows(served, "/sales?select=models(brand_id)") == [{"models": {"brand_id": 1}}]


def test_partitioned_tables_are_junctions_and_their_partitions_none(served: Served) -> None:
    assert _rows(served, "/models?select=dealers(name)&name=eq.B") == [{"dealers": [{"name": "Юг"}]}]


def test_partitions_are_neither_embedded_nor_endpoints(served: Served) -> None:
    assert _unknown(served, "/models?select=sales_may(day)") == "Perhaps you meant 'sales' instead of 'sales_may'."
    assert _unknown(served, "/sales?select=models_2024(name)") == "Perhaps you meant 'models' instead of 'models_2024'."
    answer = served.http.get("/models_2024")
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST205")


# PGRST200: no relationship


def test_pgrst200_says_where_it_looked_and_what_was_perhaps_meant(served: Served) -> None:
    answer = served.http.get("/bookings?select=master(name)")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "PGRST200",
        "message": "Could not find a relationship between 'bookings' and 'master' in the schema cache",
        "details": (
            "Searched for a foreign key relationship between 'bookings' and 'master' in the schema 'api',"
            " but no matches were found."
        ),
        "hint": "Perhaps you meant 'masters' instead of 'master'.",
    }


def test_pgrst200_suggests_nothing_where_nothing_is_alike_or_only_capitals_differ(served: Served) -> None:
    assert _unknown(served, "/bookings?select=zzz(name)") is None
    assert _unknown(served, "/bookings?select=Masters(name)") is None


def test_pgrst200_suggests_another_parent_where_nothing_leads_away_from_this_one(served: Served) -> None:
    assert _unknown(served, "/roles?select=films(id)") == "Perhaps you meant 'sales' instead of 'roles'."


def test_pgrst200_knows_no_relation_that_is_not_exposed(served: Served) -> None:
    # the junction is hidden, and its homonym in the exposed schema is another table
    assert _unknown(served, "/actors?select=films(id)") is None
    assert _unknown(served, "/scenes?select=agents(id)") is None
    assert _unknown(served, "/scenes?select=agent_id(id)") is None
    assert _rows(served, "/scenes?select=films(id)") == []


def test_relationships_hold_inside_one_schema_each(serve: Serve) -> None:
    served = serve(
        """
        CREATE SCHEMA one; CREATE SCHEMA two;
        CREATE TABLE one.parents (id int PRIMARY KEY);
        CREATE TABLE one.children (id int PRIMARY KEY, parent_id int REFERENCES one.parents);
        CREATE TABLE two.children (id int PRIMARY KEY, parent_id int REFERENCES one.parents);
        CREATE TABLE two.parents (id int PRIMARY KEY);
        """,
        db_schemas=("one", "two"),
    )
    assert _rows(served, "/parents?select=children(id)") == []
    answer = served.http.get("/children?select=parents(id)", headers={"Accept-Profile": "two"})
    assert answer.status_code == 400
    assert answer.json()["details"] == (
        "Searched for a foreign key relationship between 'children' and 'parents' in the schema 'two',"
        " but no matches were found."
    )
