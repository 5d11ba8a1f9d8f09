"""Views, from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html and "Tables and Views".

Sections: Foreign Key Joins on Views · Foreign Key Joins on Chains of Views · what a view that shows a key can be used
for in writes (Location, upserts, PUT) · which relations can be written (views with triggers, materialized views).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from tests.server_versions import since

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served

# the tables are in a schema of their own, as the API is isolated from them
DDL = """
CREATE SCHEMA data;
CREATE SCHEMA shared;
CREATE SCHEMA api;
SET search_path = data;

CREATE TABLE companies (id int PRIMARY KEY, title text NOT NULL);
CREATE TABLE clients (id int PRIMARY KEY, company_id int CONSTRAINT of_company REFERENCES companies, name text,
    brought_by int CONSTRAINT brought REFERENCES clients);
CREATE TABLE cards (client_id int PRIMARY KEY REFERENCES clients, points int);
CREATE TABLE services (id int PRIMARY KEY, title text);
CREATE TABLE tastes (client_id int REFERENCES clients, service_id int REFERENCES services, liked bool,
    PRIMARY KEY (service_id, client_id));
CREATE TABLE visits (client_id int, day int, note text, PRIMARY KEY (day, client_id));
CREATE TABLE bills (id int PRIMARY KEY, day int, client_id int, total int,
    CONSTRAINT bills_visit FOREIGN KEY (day, client_id) REFERENCES visits);
CREATE TABLE transfers (id int PRIMARY KEY, sender int CONSTRAINT sent_by REFERENCES clients,
    receiver int CONSTRAINT received_by REFERENCES clients);
INSERT INTO companies VALUES (900100, 'Салон'), (900200, 'Второй');
INSERT INTO clients VALUES (1, 900100, 'Анна', NULL), (2, 900100, 'Борис', 1), (3, 900200, 'Вера', 1);
INSERT INTO cards VALUES (1, 50);
INSERT INTO services VALUES (1, 'cut'), (2, 'colour');
INSERT INTO tastes VALUES (1, 1, true), (1, 2, true), (2, 1, false);
INSERT INTO visits VALUES (1, 5, 'first'), (2, 5, 'late');
INSERT INTO bills VALUES (1, 5, 1, 900), (2, 5, 2, 700);
INSERT INTO transfers VALUES (1, 1, 2), (2, 3, 1);

CREATE VIEW api.companies AS SELECT * FROM companies;
CREATE VIEW api.clients AS SELECT id, name, company_id, brought_by FROM clients;
CREATE VIEW api.cards AS SELECT client_id AS holder, points FROM cards;
CREATE VIEW api.services AS SELECT id AS code, title FROM services;
CREATE VIEW api.tastes AS SELECT client_id, service_id AS code, liked FROM tastes;
CREATE VIEW api.visits AS SELECT note, client_id AS who, day AS "on" FROM visits;
CREATE VIEW api.bills AS SELECT id, total, client_id, day FROM bills;
CREATE VIEW api.transfers AS SELECT * FROM transfers;

-- columns that are shown twice
CREATE VIEW api.doubled AS SELECT id, client_id AS c1, client_id AS c2, day AS d1, day AS d2 FROM bills;
CREATE VIEW api.family AS SELECT id, name, brought_by AS friend, brought_by AS sponsor FROM clients;

-- ways to write a view that keep a column what it is
CREATE VIEW api.joined AS SELECT cl.id AS client_id, co.id AS company, co.title FROM clients cl
    LEFT JOIN companies co ON co.id = cl.company_id;
CREATE VIEW api.used AS SELECT client_id, points, liked FROM cards JOIN tastes USING (client_id);
CREATE VIEW api.inside AS SELECT s.* FROM (SELECT id, company_id, upper(name) AS shout FROM clients OFFSET 0) s;
CREATE VIEW api.named AS WITH early AS MATERIALIZED (SELECT * FROM clients WHERE id < 3)
    SELECT id, company_id FROM early;
CREATE VIEW api.grouped AS SELECT company_id, count(*) AS people FROM clients GROUP BY company_id;
CREATE VIEW api.ranked AS SELECT DISTINCT ON (company_id) id, company_id, row_number() OVER (ORDER BY id) FROM clients;
CREATE VIEW api.guarded WITH (security_barrier) AS SELECT id, company_id FROM clients WHERE (SELECT true)
    ORDER BY id;
CREATE VIEW api.questions AS SELECT id, CASE WHEN EXISTS (SELECT id FROM clients x WHERE x.company_id = companies.id)
    THEN (SELECT max(id) FROM clients) END AS newest, ARRAY(SELECT id FROM services WHERE id IN (SELECT 1)) AS chosen
    FROM companies;
CREATE VIEW api.lateral AS SELECT cl.id, one.company FROM clients cl,
    LATERAL (SELECT co.id AS company FROM companies co WHERE co.id = cl.company_id) one;
CREATE MATERIALIZED VIEW api.kept AS SELECT id, company_id, name FROM clients;
CREATE VIEW api."{( a,b :targetList ({ \\}" AS
    SELECT id AS " :resno 7 }{", company_id AS ")(,\\{:resorigtbl 0" FROM clients;

-- and those that do not
CREATE VIEW api.united AS SELECT id, company_id FROM clients UNION ALL SELECT id, company_id FROM clients;
CREATE VIEW api.climbed AS WITH RECURSIVE up AS (SELECT id, brought_by FROM clients WHERE id = 2
    UNION SELECT c.id, c.brought_by FROM clients c JOIN up ON up.brought_by = c.id) SELECT id FROM up;
CREATE VIEW api.computed AS SELECT id + 0 AS id, coalesce(company_id, 0) AS company_id FROM clients;
CREATE VIEW api.partly AS SELECT id, day AS bill_day FROM bills;

-- chains: through the exposed schema and the search path, not through any other
CREATE VIEW shared.clients AS SELECT id AS number, company_id AS firm FROM clients;
CREATE VIEW data.hidden_clients AS SELECT id, company_id FROM clients;
CREATE VIEW api.second AS SELECT id AS second_id, company_id AS second_company FROM api.clients;
CREATE VIEW api.third AS SELECT second_id AS third_id, second_company AS third_company FROM api.second;
CREATE VIEW api.through_shared AS SELECT number, firm FROM shared.clients;
CREATE VIEW api.through_hidden AS SELECT id, company_id FROM hidden_clients;

-- tables beside views of them
CREATE TABLE api.halls (id int PRIMARY KEY, title text);
CREATE TABLE api.seats (id int PRIMARY KEY, hall_id int CONSTRAINT seats_hall REFERENCES api.halls);
CREATE VIEW api.open_halls AS SELECT id, title FROM api.halls WHERE id > 1;
CREATE TABLE api.films (id int PRIMARY KEY);
CREATE TABLE api.shows (hall_id int REFERENCES api.halls, film_id int REFERENCES api.films,
    PRIMARY KEY (hall_id, film_id));
CREATE VIEW api.all_shows AS SELECT * FROM api.shows;
INSERT INTO api.halls VALUES (1, 'big'), (2, 'small');
INSERT INTO api.seats VALUES (1, 1), (2, 2);
CREATE VIEW api.types AS SELECT oid, typname FROM pg_catalog.pg_type;

-- views that can be written by triggers alone
CREATE VIEW api.both AS SELECT cl.id, cl.name, co.id AS company, co.title FROM clients cl
    JOIN companies co ON co.id = cl.company_id;
CREATE FUNCTION shared.write_both() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER written INSTEAD OF INSERT ON api.both FOR EACH ROW EXECUTE FUNCTION shared.write_both();
CREATE VIEW api.changed AS SELECT company_id, count(*) AS n FROM clients GROUP BY 1;
CREATE TRIGGER changed INSTEAD OF UPDATE ON api.changed FOR EACH ROW EXECUTE FUNCTION shared.write_both();
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL, db_schemas=("api",), db_extra_search_path=("shared",), db_tx_end="rollback-allow-override")


def _rows(served: Served, path: str) -> Any:
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _code(served: Served, path: str) -> str:
    return str(served.http.get(path).json()["code"])


# Foreign Key Joins on Views


def test_views_of_private_tables_are_related_as_their_tables_are(served: Served) -> None:
    assert _rows(served, "/clients?select=name,companies(title),transfers!sent_by(id)&order=id&limit=2") == [
        {"name": "Анна", "companies": {"title": "Салон"}, "transfers": [{"id": 1}]},
        {"name": "Борис", "companies": {"title": "Салон"}, "transfers": []},
    ]
    assert _rows(served, "/companies?select=title,clients(name)&id=eq.900200") == [
        {"title": "Второй", "clients": [{"name": "Вера"}]}
    ]


def test_views_rename_the_columns_of_keys(served: Served) -> None:
    assert _rows(served, "/visits?select=note,bills(total)&order=who") == [
        {"note": "first", "bills": [{"total": 900}]},
        {"note": "late", "bills": [{"total": 700}]},
    ]
    assert _rows(served, "/bills?select=total,visits(note)&id=eq.2") == [{"total": 700, "visits": {"note": "late"}}]


def test_views_are_one_to_one_where_their_tables_are(served: Served) -> None:
    assert _rows(served, "/clients?select=name,cards(points)&order=id&limit=2") == [
        {"name": "Анна", "cards": {"points": 50}},
        {"name": "Борис", "cards": None},
    ]
    assert _rows(served, "/cards?select=clients(name)") == [{"clients": {"name": "Анна"}}]


def test_views_are_junctions(served: Served) -> None:
    assert _rows(served, "/clients?select=name,services(title)&order=id&services.order=code") == [
        {"name": "Анна", "services": [{"title": "cut"}, {"title": "colour"}]},
        {"name": "Борис", "services": [{"title": "cut"}]},
        {"name": "Вера", "services": []},
    ]
    assert _rows(served, "/services?select=clients!inner(name)&clients.id=eq.2") == [{"clients": [{"name": "Борис"}]}]


def test_views_of_a_junction_beside_it_make_two_ways(served: Served) -> None:
    answer = served.http.get("/halls?select=films(id)")
    assert answer.status_code == 300
    assert [one["relationship"] for one in answer.json()["details"]] == [
        f"{junction} using shows_hall_id_fkey(hall_id) and shows_film_id_fkey(film_id)"
        for junction in ("all_shows", "shows")
    ]
    assert _rows(served, "/halls?select=id,films!all_shows(id)&id=eq.1") == [{"id": 1, "films": []}]


def test_views_and_tables_embed_each_other(served: Served) -> None:
    assert _rows(served, "/seats?select=id,open_halls(title)&order=id") == [
        {"id": 1, "open_halls": None},
        {"id": 2, "open_halls": {"title": "small"}},
    ]
    assert _rows(served, "/open_halls?select=title,seats(id)") == [{"title": "small", "seats": [{"id": 2}]}]


@pytest.mark.parametrize("target", ["hall_id", "seats_hall"])
def test_views_are_not_meant_by_the_column_or_constraint_that_leads_to_their_table(served: Served, target: str) -> None:
    assert _rows(served, f"/seats?select=id,to:{target}(title)&order=id") == [
        {"id": 1, "to": {"title": "big"}},
        {"id": 2, "to": {"title": "small"}},
    ]
    assert _rows(served, f"/seats?select=id,open_halls!{target}(title)&id=eq.1") == [{"id": 1, "open_halls": None}]


def test_views_of_private_tables_are_not_meant_by_a_column(served: Served) -> None:
    assert _code(served, "/transfers?select=sender(name)") == "PGRST200"
    assert _code(served, "/transfers?select=clients(name)") == "PGRST201"
    path = "/transfers?select=id,from:clients!sent_by(name),to:clients!receiver(name)&id=eq.1"
    assert _rows(served, path) == [{"id": 1, "from": {"name": "Анна"}, "to": {"name": "Борис"}}]


def test_views_that_show_a_key_twice_are_ambiguous_and_told_apart_by_the_column(served: Served) -> None:
    answer = served.http.get("/doubled?select=visits(note)")
    assert answer.status_code == 300
    assert answer.json()["message"] == (
        "Could not embed because more than one relationship was found for 'doubled' and 'visits'"
    )
    assert answer.json()["details"] == [
        {
            "cardinality": "many-to-one",
            "embedding": "doubled with visits",
            "relationship": f"bills_visit using doubled({day}, {client}) and visits(on, who)",
        }
        for day in ("d1", "d2")
        for client in ("c1", "c2")
    ]
    assert answer.json()["hint"].count("'visits!bills_visit'") == 4
    assert _rows(served, "/clients?select=family!sponsor(name)&id=eq.1&family.order=id") == [
        {"family": [{"name": "Борис"}, {"name": "Вера"}]}
    ]


def test_views_of_a_table_that_refers_to_itself_are_recursive(served: Served) -> None:
    assert _rows(
        served, "/family?select=name,friend(name),sponsor(name),brought:family!friend(name)&id=lt.3&order=id"
    ) == [
        {"name": "Анна", "friend": None, "sponsor": None, "brought": [{"name": "Борис"}, {"name": "Вера"}]},
        {"name": "Борис", "friend": {"name": "Анна"}, "sponsor": {"name": "Анна"}, "brought": []},
    ]
    assert _rows(served, "/clients?select=name,brought_by(name)&id=eq.2") == [
        {"name": "Борис", "brought_by": {"name": "Анна"}}
    ]


@pytest.mark.parametrize("view", ["inside", "named", "grouped", "ranked", "guarded", "kept"])
def test_views_of_every_kind_keep_the_key_that_they_show(served: Served, view: str) -> None:
    assert _rows(served, f"/{view}?select=company_id,companies(title)&limit=1&order=company_id") == [
        {"company_id": 900100, "companies": {"title": "Салон"}}
    ]


def test_views_of_several_tables_have_the_keys_of_all(served: Served) -> None:
    path = "/joined?select=title,clients!of_company(id),cards(points)&client_id=eq.1&clients.order=id"
    assert _rows(served, path) == [{"title": "Салон", "clients": [{"id": 1}, {"id": 2}], "cards": {"points": 50}}]


def test_views_that_merge_a_column_show_it_of_the_left_table(served: Served) -> None:
    assert _rows(served, "/used?select=points,clients(name)&limit=1") == [{"points": 50, "clients": {"name": "Анна"}}]


def test_views_with_subselects_keep_the_columns_beside_them(served: Served) -> None:
    assert _rows(served, "/questions?select=id,newest,chosen,clients(name)&id=eq.900200") == [
        {"id": 900200, "newest": 3, "chosen": [1], "clients": [{"name": "Вера"}]}
    ]
    assert _rows(served, "/lateral?select=id,transfers!sent_by(id)&id=eq.1") == [{"id": 1, "transfers": [{"id": 1}]}]


def test_views_are_embedded_by_materialized_views_and_embed_them(served: Served) -> None:
    assert _rows(served, "/kept?select=name,cards(points)&id=eq.1") == [{"name": "Анна", "cards": {"points": 50}}]
    assert _rows(served, "/cards?select=kept(name)") == [{"kept": {"name": "Анна"}}]


def _quoted(name: str) -> str:
    """A name as it stands in a URL: in double quotes, percent-encoded."""
    escaped = name.replace("\\", "\\\\")
    return quote(f'"{escaped}"', safe="")


def test_views_with_names_like_the_stored_query_are_understood(served: Served) -> None:
    view, key, company = "{( a,b :targetList ({ \\}", " :resno 7 }{", ")(,\\{:resorigtbl 0"
    path = f"/{quote(view)}?select={_quoted(key)},{_quoted(company)},companies(title)&{_quoted(key)}=eq.3"
    assert _rows(served, path) == [{key: 3, company: 900200, "companies": {"title": "Второй"}}]
    assert _rows(served, f"/companies?select=to:{_quoted(view)}({_quoted(key)})&id=eq.900200") == [{"to": [{key: 3}]}]


@pytest.mark.parametrize("view", ["united", "climbed", "computed"])
def test_views_with_set_operations_or_computed_columns_are_not_followed(served: Served, view: str) -> None:
    answer = served.http.get(f"/{view}?select=*,companies(*)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


def test_views_that_show_half_a_key_are_not_followed(served: Served) -> None:
    assert _code(served, "/partly?select=id,visits(*)") == "PGRST200"


# Foreign Key Joins on Chains of Views


def test_chains_of_views_are_followed_to_any_depth(served: Served) -> None:
    assert _rows(served, "/third?select=third_id,companies(title),cards(points)&third_id=eq.1") == [
        {"third_id": 1, "companies": {"title": "Салон"}, "cards": {"points": 50}}
    ]
    assert _rows(served, "/companies?select=third(third_id)&id=eq.900200") == [{"third": [{"third_id": 3}]}]


def test_chains_of_views_are_followed_through_the_extra_search_path_only(served: Served) -> None:
    assert _rows(served, "/through_shared?select=number,companies(title)&number=eq.3") == [
        {"number": 3, "companies": {"title": "Второй"}}
    ]
    answer = served.http.get("/through_hidden?select=id,companies(title)")
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")


# Keys of views: Location, upserts, PUT


@pytest.mark.parametrize(
    ("view", "row", "location"),
    [
        ("clients", {"id": 9}, "/clients?id=eq.9"),
        ("tastes", {"client_id": 3, "code": 2}, "/tastes?client_id=eq.3&code=eq.2"),
        # each base table gives its key
        ("both", {"id": 7, "name": "x", "company": 900100}, "/both?id=eq.7&company=eq.900100"),
        ("second", {"second_id": 11}, "/second?second_id=eq.11"),
    ],
)
def test_keys_of_views_are_in_the_location(served: Served, view: str, row: dict[str, Any], location: str) -> None:
    answer = served.http.post(f"/{view}", json=row, headers={"Prefer": "return=headers-only"})
    assert (answer.status_code, answer.headers["location"]) == (201, location)


def test_keys_of_views_that_are_not_whole_are_none(served: Served) -> None:
    served.sql("CREATE VIEW api.half AS SELECT client_id, liked FROM data.tastes; GRANT ALL ON api.half TO anon")
    answer = served.http.options("/half")
    assert answer.headers["allow"] == "OPTIONS,GET,HEAD,POST,PATCH,DELETE"


def test_keys_of_views_are_what_an_upsert_goes_by(served: Served) -> None:
    rows = [{"client_id": 1, "code": 1, "liked": False}, {"client_id": 3, "code": 1, "liked": True}]
    answer = served.http.post(
        "/tastes", json=rows, headers={"Prefer": "return=representation, resolution=merge-duplicates"}
    )
    assert (answer.status_code, answer.json()) == (201, rows)


def test_keys_of_views_are_what_put_goes_by(served: Served) -> None:
    row = {"client_id": 2, "code": 2, "liked": True}
    answer = served.http.put("/tastes?client_id=eq.2&code=eq.2", json=row, headers={"Prefer": "return=representation"})
    assert (answer.status_code, answer.json()) == (201, [row])
    refused = served.http.put("/tastes?client_id=eq.2", json=row)
    assert (refused.status_code, refused.json()["code"]) == (405, "PGRST105")


def test_keys_of_views_let_a_write_embed(served: Served) -> None:
    answer = served.http.patch(
        "/clients?id=eq.3&select=name,companies(title)",
        json={"name": "Ася"},
        headers={"Prefer": "return=representation"},
    )
    assert answer.json() == [{"name": "Ася", "companies": {"title": "Второй"}}]


# Which relations can be written


@since(14, "primary keys in pg_catalog")
@pytest.mark.parametrize(
    ("relation", "allowed"),
    [
        ("seats", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
        ("clients", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
        ("types", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
        ("joined", "OPTIONS,GET,HEAD"),
        ("kept", "OPTIONS,GET,HEAD"),
        ("both", "OPTIONS,GET,HEAD,POST"),
        ("changed", "OPTIONS,GET,HEAD,PATCH"),
    ],
)
def test_writes_of_views_are_allowed_where_postgresql_or_a_trigger_can(
    served: Served, relation: str, allowed: str
) -> None:
    answer: httpx.Response = served.http.options(f"/{relation}")
    assert (answer.status_code, answer.headers["allow"]) == (200, allowed)
