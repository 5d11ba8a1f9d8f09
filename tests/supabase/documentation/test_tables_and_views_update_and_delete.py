"""Tables and views, sections: Update; Delete; and what became of limited updates and deletes
(https://docs.postgrest.org/en/v16/references/api/tables_views.html#update).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.server_versions import since

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE SCHEMA api;
CREATE TABLE api.companies (company_id int PRIMARY KEY, title text UNIQUE, parent_id int REFERENCES api.companies);
INSERT INTO api.companies VALUES
    (1, 'Salon', NULL), (2, 'Barbers', 1), (3, 'Spa', 1), (4, 'Baths', 3), (5, 'Gym', NULL);
CREATE TABLE api.clients (
    id int PRIMARY KEY, name text DEFAULT 'Nobody', discount int DEFAULT 5, tags text[], code char(5), flags bit(3),
    half int GENERATED ALWAYS AS (discount / 2) STORED
);
INSERT INTO api.clients VALUES
    (1, 'Ann', 1, '{a}', 'aaaaa', B'001'), (2, 'Bob', 2, NULL, NULL, NULL), (3, 'Cid', 2, NULL, NULL, NULL);
CREATE TABLE api.cards (id int PRIMARY KEY, client_id int UNIQUE REFERENCES api.clients, number text);
INSERT INTO api.cards VALUES (7, 1, '0001');
CREATE TABLE api.services (id int PRIMARY KEY, title text);
INSERT INTO api.services VALUES (1, 'Cut'), (2, 'Shave'), (3, 'Curl');
CREATE TABLE api.visits (
    client_id int REFERENCES api.clients, service_id int REFERENCES api.services, PRIMARY KEY (client_id, service_id)
);
INSERT INTO api.visits VALUES (1, 1), (1, 2), (1, 3);
CREATE FUNCTION api.is_first(api.clients) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1.id = 1';
CREATE FUNCTION api.is_first(api.services) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1.id = 1';
CREATE TABLE api.empty (id int);
CREATE TABLE api.loose (a text, b text);
INSERT INTO api.loose VALUES ('1', '0'), ('2', '0'), ('2', '0');
CREATE VIEW api.people AS SELECT id, name, discount FROM api.clients;
ALTER VIEW api.people ALTER COLUMN name SET DEFAULT 'Default';
CREATE TABLE api.accounts (id int PRIMARY KEY, email text, password text);
INSERT INTO api.accounts VALUES (1, 'a@example.org', 'x'), (2, 'b@example.org', 'y');
CREATE TABLE api.owned (id int PRIMARY KEY, owner text);
INSERT INTO api.owned VALUES (1, 'ann'), (2, 'bob');
ALTER TABLE api.owned ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON api.owned USING (owner = 'ann');
CREATE TABLE api.kept (id int PRIMARY KEY, note text);
INSERT INTO api.kept VALUES (1, 'keep'), (2, 'go');
CREATE FUNCTION api.keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.note = 'keep' THEN RETURN NULL; END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keeps BEFORE UPDATE OR DELETE ON api.kept FOR EACH ROW EXECUTE FUNCTION api.keep();
"""
RIGHTS = """
REVOKE SELECT ON api.accounts FROM anon;
GRANT SELECT (id, email) ON api.accounts TO anon;
"""
FULL = {"Prefer": "return=representation"}
ONE = {**FULL, "Accept": "application/vnd.pgrst.object+json"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """A database whose rows stay as they are: every write is rolled back unless it asks for a commit."""
    served = serve(DDL, db_schemas=("api",), db_tx_end="rollback-allow-override")
    served.sql(RIGHTS)
    return served


@pytest.fixture(scope="module")
def http(served: Served) -> httpx.Client:
    """An anonymous client."""
    return served.http


# Update


@pytest.mark.parametrize(
    ("path", "body", "content_range"),
    [
        ("/clients?id=eq.2", {"id": 42}, "0-0/*"),
        ("/clients?id=gt.1", {"name": "x"}, "0-1/*"),
        ("/loose?b=eq.0", {"b": "1"}, "0-2/*"),
        ("/loose", {"b": "1"}, "0-2/*"),
        ("/clients?id=eq.99", {"name": "x"}, "*/*"),
        ("/empty", {"id": 20}, "*/*"),
    ],
)
def test_update_answers_204_and_which_rows(
    http: httpx.Client, path: str, body: dict[str, Any], content_range: str
) -> None:
    for prefer in (None, "return=minimal", "return=headers-only"):
        answer = http.patch(path, json=body, headers={"Prefer": prefer} if prefer else {})
        assert (answer.status_code, answer.content, answer.headers["content-range"]) == (204, b"", content_range)
        assert answer.headers.get("preference-applied") == prefer
        assert not {"content-type", "content-length", "location"} & answer.headers.keys()


def test_update_returns_the_changed_rows(http: httpx.Client) -> None:
    prefer = {"Prefer": "return=representation, count=exact"}
    answer = http.patch(
        "/companies?company_id=in.(1,5)&select=id:company_id::text", json={"parent_id": 3}, headers=prefer
    )
    assert (answer.status_code, answer.json()) == (200, [{"id": "1"}, {"id": "5"}])
    assert answer.headers["content-range"] == "0-1/2"
    assert answer.headers["preference-applied"] == "return=representation, count=exact"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    answer = http.patch("/companies?company_id=eq.99", json={"title": "x"}, headers=prefer)
    assert (answer.status_code, answer.json(), answer.headers["content-range"]) == (200, [], "*/0")


def test_update_sets_null_arrays_and_typed_text(http: httpx.Client) -> None:
    query = "/clients?id=eq.1&select=name,tags,code,flags"
    body = {"name": None, "tags": ["b", "c,d"], "code": "zzzyy", "flags": "110"}
    assert http.patch(query, json=body, headers=FULL).json() == [body]
    answer = http.patch("/clients?id=eq.1", json={"code": "zzzyyx"})
    assert (answer.status_code, answer.json()["code"]) == (400, "22001")


def test_update_takes_an_array_of_one(http: httpx.Client) -> None:
    answer = http.patch("/clients?id=eq.1&select=name", json=[{"name": "x"}], headers=FULL)
    assert answer.json() == [{"name": "x"}]
    answer = http.patch("/clients?id=eq.1", json=[{"name": "x"}, {"discount": 1}])
    assert answer.json()["message"] == "All object keys must match"


def test_update_filters_by_computed_columns_and_returns_them(http: httpx.Client) -> None:
    answer = http.patch("/clients?is_first=is.true&select=id,is_first", json={"name": "x"}, headers=FULL)
    assert (answer.json(), answer.headers["content-range"]) == ([{"id": 1, "is_first": True}], "0-0/*")
    answer = http.patch("/services?id=eq.1&select=id,is_first", json={"title": "x"}, headers=FULL)
    assert answer.json() == [{"id": 1, "is_first": True}]
    assert http.patch("/services?select=id,is_first", json={}, headers=FULL).json() == []


@pytest.mark.parametrize("tree", ["or=(name.eq.Ann,discount.eq.9)", "and=(name.eq.Ann,id.lt.2)", "not.or=(id.gt.1)"])
def test_a_tree_chooses_what_is_written_not_what_is_returned(http: httpx.Client, tree: str) -> None:
    # neither has the tree to hold afterwards, nor have its columns to be selected
    answer = http.patch(f"/clients?{tree}&select=code", json={"name": "x"}, headers=FULL)
    assert (answer.status_code, answer.json()) == (200, [{"code": "aaaaa"}])


def test_update_of_an_unknown_relation_or_column(http: httpx.Client) -> None:
    answer = http.patch("/client?columns=helicopter", json={"real": False})
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST205")
    assert answer.json()["hint"] == "Perhaps you meant the table 'api.clients'"
    answer = http.patch("/clients?id=eq.1", json={"helicopter": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST204")
    assert answer.json()["message"] == "Could not find the 'helicopter' column of 'clients' in the schema cache"
    answer = http.patch("/clients?helicopter=eq.1", json={"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "42703")
    assert answer.json()["message"] == "column clients.helicopter does not exist"


@pytest.mark.parametrize("body", [b"", b"}{ x = 2", b'{"id": 1'])
def test_update_with_what_is_no_json_is_pgrst102(http: httpx.Client, body: bytes) -> None:
    answer = http.patch("/clients?id=eq.1", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST102")
    assert answer.json()["message"] == "Empty or invalid json"


@pytest.mark.parametrize("body", ["{}", "[]", "[{}]", "[{}, {}]", "5"])
@pytest.mark.parametrize("query", ["", "?select=id", "?select=id,is_first&id=eq.1", "?select=id,cards(number)"])
def test_update_with_an_empty_body_changes_nothing(http: httpx.Client, body: str, query: str) -> None:
    answer = http.patch(f"/clients{query}", content=body)
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (204, b"", "*/*")
    answer = http.patch(f"/clients{query}", content=body, headers=FULL)
    assert (answer.status_code, answer.json(), answer.headers["content-range"]) == (200, [], "*/*")


def test_update_with_columns_leaves_other_keys_out(http: httpx.Client) -> None:
    body = {"name": "x", "discount": 50, "fake": 13}
    answer = http.patch("/clients?id=eq.1&columns=name&select=id,name,discount", json=body, headers=FULL)
    assert answer.json() == [{"id": 1, "name": "x", "discount": 1}]
    answer = http.patch("/clients?id=eq.1&columns=name,discount&select=name,discount", json={"name": "x"}, headers=FULL)
    assert answer.json() == [{"name": "x", "discount": None}]
    assert http.patch("/clients?id=eq.99&columns=name", json=body, headers=FULL).status_code == 200
    answer = http.patch("/clients?id=eq.1&columns=helicopter", json=body)
    assert answer.json()["message"] == "Could not find the 'helicopter' column of 'clients' in the schema cache"


def test_update_with_missing_default_sets_defaults(http: httpx.Client) -> None:
    prefer = {"Prefer": "missing=default, return=representation"}
    query = "id=eq.3&columns=name,discount&select=name,discount"
    for body in ({"discount": None}, [{"discount": None}]):
        answer = http.patch(f"/clients?{query}", json=body, headers=prefer)
        assert answer.json() == [{"name": "Nobody", "discount": None}]
        assert answer.headers["preference-applied"] == "missing=default, return=representation"
    assert http.patch(f"/clients?{query}", json={"name": "x"}, headers=prefer).json() == [{"name": "x", "discount": 5}]
    assert http.patch(f"/people?{query}", json={"discount": 1}, headers=prefer).json() == [
        {"name": "Default", "discount": 1}
    ]


@since(14, "this code for generated columns")
def test_update_of_a_generated_column_is_428c9(http: httpx.Client) -> None:
    answer = http.patch("/clients?id=eq.1", json={"half": 1})
    assert (answer.status_code, answer.json()["code"]) == (400, "428C9")
    assert answer.json()["message"] == 'column "half" can only be updated to DEFAULT'
    assert http.patch("/clients?id=eq.1&select=half", json={"discount": 8}, headers=FULL).json() == [{"half": 4}]


def test_update_against_a_constraint_is_409(http: httpx.Client) -> None:
    answer = http.patch("/companies?company_id=eq.2", json={"title": "Salon"})
    assert (answer.status_code, answer.json()["code"]) == (409, "23505")
    answer = http.patch("/companies?company_id=eq.2", json={"parent_id": 99})
    assert (answer.status_code, answer.json()["code"]) == (409, "23503")


@pytest.mark.parametrize(
    ("query", "row"),
    [
        (
            "select=title,companies(title)&companies.order=title",
            {"title": "x", "companies": [{"title": "Barbers"}, {"title": "Spa"}]},
        ),
        ("select=title,companies(title)&companies.title=like.B*", {"title": "x", "companies": [{"title": "Barbers"}]}),
        (
            "select=companies(title,companies(title)),parent:parent_id(title)&companies.title=eq.Spa",
            {"companies": [{"title": "Spa", "companies": [{"title": "Baths"}]}], "parent": None},
        ),
        (
            "select=title,companies(title)&companies.order=title.desc&companies.limit=1",
            {"title": "x", "companies": [{"title": "Spa"}, {"title": "Barbers"}]},
        ),
    ],
)
def test_update_embeds_in_a_self_reference(http: httpx.Client, query: str, row: dict[str, Any]) -> None:
    # limits of embedded resources are for reads, as those of the root are
    answer = http.patch(f"/companies?company_id=eq.1&{query}", json={"title": "x"}, headers=FULL)
    assert (answer.status_code, answer.json()) == (200, [row])


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("select=name,services(title)&services.order=title", {"services": ["Curl", "Cut", "Shave"]}),
        ("select=name,services(title)&services.title=like.C*&services.order=id", {"services": ["Cut", "Curl"]}),
        ("select=name,cards(number)", {"cards": {"number": "0001"}}),
        ("select=name,cards(number)&cards.number=eq.2", {"cards": None}),
        ("select=name,...cards(number)", {"number": "0001"}),
        ("select=name,cards!inner(number)", {"cards": {"number": "0001"}}),
    ],
)
def test_update_embeds_other_relations(http: httpx.Client, query: str, row: dict[str, Any]) -> None:
    answer = http.patch(f"/clients?id=eq.1&{query}", json={"name": "x"}, headers=FULL)
    expected = {
        key: [{"title": one} for one in value] if isinstance(value, list) else value for key, value in row.items()
    }
    assert answer.json() == [{"name": "x", **expected}]


def test_update_counts_only_rows_that_an_inner_embed_leaves(http: httpx.Client) -> None:
    prefer = {"Prefer": "return=representation, count=exact"}
    answer = http.patch("/clients?select=id,cards!inner(number)", json={"name": "x"}, headers=prefer)
    assert [row["id"] for row in answer.json()] == [1]
    assert answer.headers["content-range"] == "0-0/1"


def test_update_embeds_what_a_row_is_related_to_afterwards(http: httpx.Client) -> None:
    answer = http.patch("/cards?id=eq.7&select=clients(name)", json={"client_id": 2}, headers=FULL)
    assert answer.json() == [{"clients": {"name": "Bob"}}]


def test_update_with_a_wrong_embed_changes_nothing(http: httpx.Client) -> None:
    commit = {"Prefer": "tx=commit, return=minimal"}
    answer = http.patch("/clients?id=eq.1&select=name,rockets(*)", json={"name": "x"}, headers=commit)
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")
    answer = http.patch("/clients?id=eq.1&rockets.id=eq.1", json={"name": "x"}, headers=commit)
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST108")
    assert http.get("/clients?id=eq.1&select=name").json() == [{"name": "Ann"}]


def test_update_needs_rights_for_what_it_reads_alone(http: httpx.Client) -> None:
    for prefer in ({}, {"Prefer": "return=minimal"}):
        assert http.patch("/accounts?id=eq.1", json={"password": "new"}, headers=prefer).status_code == 204
    answer = http.patch("/accounts?id=eq.1&select=id,email", json={"password": "new"}, headers=FULL)
    assert answer.json() == [{"id": 1, "email": "a@example.org"}]
    answer = http.patch("/accounts?id=eq.1", json={"password": "new"}, headers=FULL)
    assert (answer.status_code, answer.json()["message"]) == (401, "permission denied for table accounts")
    assert http.patch("/accounts?password=eq.x", json={"password": "new"}).status_code == 401


def test_update_of_rows_that_policies_hide_changes_none(http: httpx.Client) -> None:
    answer = http.patch(
        "/owned?id=eq.2", json={"owner": "ann"}, headers={"Prefer": "return=representation,count=exact"}
    )
    assert (answer.status_code, answer.json(), answer.headers["content-range"]) == (200, [], "*/0")
    answer = http.patch("/owned?id=eq.1", json={"owner": "bob"})
    assert (answer.status_code, answer.json()["code"]) == (401, "42501")


def test_update_leaves_out_what_a_trigger_prevents(http: httpx.Client) -> None:
    answer = http.patch("/kept?select=id", json={"note": "x"}, headers={"Prefer": "return=representation,count=exact"})
    assert (answer.json(), answer.headers["content-range"]) == ([{"id": 2}], "0-0/1")


def test_update_of_one_object_is_undone_where_it_is_not_one(http: httpx.Client) -> None:
    answer = http.patch("/clients?id=eq.1&select=name", json={"name": "x"}, headers=ONE)
    assert (answer.status_code, answer.json()) == (200, {"name": "x"})
    assert answer.headers["content-type"] == "application/vnd.pgrst.object+json; charset=utf-8"
    for prefer in ("return=representation", "return=minimal"):
        for query, count in (("discount=eq.2", 2), ("id=eq.99", 0)):
            headers = {**ONE, "Prefer": f"tx=commit, {prefer}"}
            answer = http.patch(f"/clients?{query}", json={"name": "x"}, headers=headers)
            assert answer.status_code == 406
            assert answer.json() == {
                "code": "PGRST116",
                "message": "Cannot coerce the result to a single JSON object",
                "details": f"The result contains {count} rows",
                "hint": None,
            }
    assert http.get("/clients?name=eq.x").json() == []


def test_safe_update_refuses_what_has_no_filter(serve: Serve) -> None:
    http = serve(
        "CREATE SCHEMA api; CREATE TABLE api.rows (id int); INSERT INTO api.rows VALUES (1), (2);",
        db_schemas=("api",),
        db_tx_end="rollback-allow-override",
        safe_update=True,
    ).http
    for method, verb in (("PATCH", "UPDATE"), ("DELETE", "DELETE")):
        for query in ("", "?limit=1&order=id", "?select=id"):
            answer = http.request(method, f"/rows{query}", json={"id": 3})
            message = f"{verb} requires a WHERE clause"
            assert answer.status_code == 400
            assert answer.json() == {"code": "21000", "message": message, "details": None, "hint": None}
        assert http.request(method, "/rows?id=eq.1", json={"id": 3}).status_code == 204
        assert http.request(method, "/rows?or=(id.eq.1,id.eq.2)", json={"id": 3}).status_code == 204
    assert http.patch("/rows", json={}).status_code == 204


# Limited updates and deletes: dropped in PostgREST 13


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_limits_do_not_limit_a_write(http: httpx.Client, method: str) -> None:
    for query in ("limit=1", "limit=1&order=a", "offset=1&limit=1&order=a", "limit=0"):
        answer = http.request(method, f"/loose?{query}", json={"b": "1"}, headers={"Prefer": "count=exact"})
        assert (answer.status_code, answer.headers["content-range"].rpartition("/")[2]) == (204, "3")
    answer = http.request(method, "/loose", json={"b": "1"}, headers={"Range": "0-0", "Prefer": "count=exact"})
    assert answer.headers["content-range"].endswith("/3")


def test_order_orders_what_a_write_returns(http: httpx.Client) -> None:
    body = {"name": "x"}
    answer = http.patch("/clients?select=id&order=id.desc&limit=1", json=body, headers=FULL)
    assert answer.json() == [{"id": 3}, {"id": 2}, {"id": 1}]
    answer = http.patch(
        "/clients?select=id,cards(number)&order=cards(number).asc.nullslast,id.desc", json=body, headers=FULL
    )
    assert [row["id"] for row in answer.json()] == [1, 3, 2]
    answer = http.patch("/clients?select=id&order=rockets(id)", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST108")


# Delete


def test_delete_answers_204_and_no_rows(http: httpx.Client) -> None:
    for prefer in (None, "return=minimal", "return=headers-only"):
        answer = http.delete("/companies?company_id=eq.4&select=title", headers={"Prefer": prefer} if prefer else {})
        assert (answer.status_code, answer.content, answer.headers["content-range"]) == (204, b"", "*/*")
        assert answer.headers.get("preference-applied") == prefer
        assert not {"content-type", "content-length", "location"} & answer.headers.keys()
    answer = http.delete("/companies?company_id=eq.99", headers={"Prefer": "count=exact"})
    assert (answer.status_code, answer.headers["content-range"]) == (204, "*/0")
    assert answer.headers["preference-applied"] == "count=exact"


def test_delete_returns_what_it_removed(http: httpx.Client) -> None:
    prefer = {"Prefer": "return=representation, count=exact"}
    answer = http.delete(
        "/companies?company_id=in.(4,5)&select=key:company_id::text,title&order=title.desc", headers=prefer
    )
    assert (answer.status_code, answer.headers["content-range"]) == (200, "*/2")
    assert answer.json() == [{"key": "5", "title": "Gym"}, {"key": "4", "title": "Baths"}]
    assert answer.headers["preference-applied"] == "return=representation, count=exact"
    answer = http.delete("/companies?company_id=eq.99", headers=FULL)
    assert (answer.status_code, answer.json(), answer.headers["content-range"]) == (200, [], "*/*")


def test_delete_embeds_what_it_was_related_to(http: httpx.Client) -> None:
    answer = http.delete("/companies?company_id=eq.4&select=title,parent:parent_id(title)", headers=FULL)
    assert answer.json() == [{"title": "Baths", "parent": {"title": "Spa"}}]
    assert http.delete("/cards?id=eq.7&select=number,clients(name)", headers=FULL).json() == [
        {"number": "0001", "clients": {"name": "Ann"}}
    ]


def test_delete_ignores_a_body_of_any_type(http: httpx.Client) -> None:
    answer = http.request("DELETE", "/companies?company_id=eq.4", content=b"}{", headers={"Content-Type": "image/png"})
    assert answer.status_code == 204


def test_delete_of_all_rows_needs_no_filter(http: httpx.Client) -> None:
    answer = http.delete("/loose", headers={"Prefer": "count=exact"})
    assert (answer.status_code, answer.headers["content-range"]) == (204, "*/3")


def test_delete_of_what_is_referred_to_is_409(http: httpx.Client) -> None:
    answer = http.delete("/companies?company_id=eq.1")
    assert (answer.status_code, answer.json()["code"]) == (409, "23503")
    assert answer.json()["details"] == 'Key (company_id)=(1) is still referenced from table "companies".'


def test_delete_needs_rights_for_what_it_reads_alone(http: httpx.Client) -> None:
    assert http.delete("/accounts?id=eq.1", headers=FULL).status_code == 401
    assert http.delete("/accounts?id=eq.1&select=id,email", headers=FULL).json() == [
        {"id": 1, "email": "a@example.org"}
    ]
    for prefer in ({}, {"Prefer": "return=minimal"}):
        assert http.delete("/accounts?id=eq.2", headers=prefer).status_code == 204


def test_delete_of_an_unknown_relation_or_column(http: httpx.Client) -> None:
    answer = http.delete("/clientele?id=eq.1")
    assert answer.status_code == 404
    assert answer.json()["message"] == "Could not find the table 'api.clientele' in the schema cache"
    answer = http.delete("/clients?wheel=eq.1")
    assert (answer.status_code, answer.json()["code"]) == (400, "42703")


def test_delete_of_rows_that_policies_and_triggers_keep(http: httpx.Client) -> None:
    assert http.delete("/owned?select=id", headers=FULL).json() == [{"id": 1}]
    assert http.delete("/kept?select=id", headers=FULL).json() == [{"id": 2}]


def test_delete_of_one_object_is_undone_where_it_is_not_one(http: httpx.Client) -> None:
    assert http.delete("/loose?a=eq.1", headers=ONE).json() == {"a": "1", "b": "0"}
    answer = http.delete("/loose?a=eq.2", headers={**ONE, "Prefer": "tx=commit, return=representation"})
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST116")
    assert len(http.get("/loose").json()) == 3


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "POST", "PUT"])
def test_writes_to_the_root_or_below_a_relation_are_refused(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/", json={})
    assert (answer.status_code, answer.json()["code"]) == (405, "PGRST117")
    answer = http.request(method, "/clients/1", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "PGRST125")
