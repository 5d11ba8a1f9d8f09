"""OPTIONS (https://docs.postgrest.org/en/v16/references/api/options.html): what a target allows."""

from __future__ import annotations

import pytest

from tests.supabase.documentation.conftest import Serve, Served

DDL = """
CREATE TABLE staff (id int PRIMARY KEY, name text);
CREATE TABLE visits (at timestamptz);
CREATE TABLE days (day date, part int, PRIMARY KEY (day, part)) PARTITION BY RANGE (day);
CREATE VIEW masters AS SELECT * FROM staff;
CREATE VIEW totals AS SELECT count(*) FROM staff;
CREATE VIEW guests AS SELECT 1 AS id;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER inserts INSTEAD OF INSERT ON guests FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE VIEW leavers AS SELECT 1 AS id;
CREATE TRIGGER deletes INSTEAD OF DELETE ON leavers FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE VIEW movers AS SELECT 1 AS id;
CREATE TRIGGER updates INSTEAD OF UPDATE ON movers FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE FUNCTION book() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION look() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION two() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2';
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL)


ALLOWED = [
    ("/", "OPTIONS,GET,HEAD"),
    ("/staff", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
    ("/visits", "OPTIONS,GET,HEAD,POST,PATCH,DELETE"),
    ("/days", "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"),
    ("/totals", "OPTIONS,GET,HEAD"),
    ("/guests", "OPTIONS,GET,HEAD,POST"),
    ("/leavers", "OPTIONS,GET,HEAD,DELETE"),
    ("/movers", "OPTIONS,GET,HEAD,PATCH"),
    ("/rpc/book", "OPTIONS,POST"),
    ("/rpc/look", "OPTIONS,GET,HEAD,POST"),
    ("/rpc/two", "OPTIONS,GET,HEAD,POST"),
]


@pytest.mark.parametrize(("path", "allowed"), ALLOWED)
def test_what_a_target_allows(served: Served, path: str, allowed: str) -> None:
    answer = served.http.request("OPTIONS", path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["allow"] == allowed
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_view_of_one_table_allows_what_the_table_does(served: Served) -> None:
    assert served.http.request("OPTIONS", "/masters").headers["allow"] == "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"


@pytest.mark.parametrize(("path", "code"), [("/nowhere", "PGRST205"), ("/rpc/nothing", "PGRST202")])
def test_what_does_not_exist_allows_nothing(served: Served, path: str, code: str) -> None:
    answer = served.http.request("OPTIONS", path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_other_methods_are_not_known(served: Served) -> None:
    for method in ("TRACE", "PROPFIND"):
        answer = served.http.request(method, "/staff")
        assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (
            405,
            "PGRST117",
            f"Unsupported HTTP method: {method}",
        )
