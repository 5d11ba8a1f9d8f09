"""Generated cases of a layer on supabase-py beside one on psycopg: what both sides say below 0 and beyond a URL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.embedded.server import Server
from tests.api_roles import API_ROLES
from tests.data_pair import pair_of
from tests.method_pair import Compared, MethodPair, opened

REST = """
import uuid
import httpx
import supabase


class Rooms:
    def __init__(self, url, key):
        self.http = httpx.Client()
        options = supabase.ClientOptions(httpx_client=self.http, auto_refresh_token=False, persist_session=False)
        self.client = supabase.create_client(url, key, options=options)

    def first(self, limit: int):
        return self.client.table("rooms").select("number").order("number").limit(limit).execute().data

    def page(self, offset: int):
        return self.client.table("rooms").select("number").order("number").range(offset, offset + 6).execute().data

    def some(self, ids: list[uuid.UUID]):
        found = self.client.table("rooms").select("number").in_("id", [str(each) for each in ids])
        return found.order("number").execute().data

    def until(self, until: str):
        return self.client.table("rooms").select("number").lte("built", until).order("number").execute().data

    def close(self):
        self.http.close()


def create(context):
    return Rooms(context.rest_url, context.api_key)
"""

SQL = """
import uuid
import psycopg
from psycopg.rows import dict_row


class Rooms:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    def first(self, limit: int):
        return self._rows("SELECT number FROM rooms ORDER BY number LIMIT %s", limit)

    def page(self, offset: int):
        return self._rows("SELECT number FROM rooms ORDER BY number LIMIT 7 OFFSET %s", offset)

    def some(self, ids: list[uuid.UUID]):
        return self._rows("SELECT number FROM rooms WHERE id = ANY(%s) ORDER BY number", ids)

    def until(self, until: str):
        return self._rows("SELECT number FROM rooms WHERE built <= %s::date ORDER BY number", until)

    def close(self):
        self.connection.close()


def create(context):
    return Rooms(context.dsn)
"""

BELOW_ZERO = [
    {"id": "limit", "method": "first", "kwargs": {"limit": -1}},
    {"id": "range", "method": "page", "kwargs": {"offset": -1}},
]


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        for opened_pair in opened(pair, tmp_path_factory.mktemp("layers")):
            pair.on_source(API_ROLES)
            pair.on_both(
                "CREATE TABLE rooms (id uuid PRIMARY KEY, number int NOT NULL, built date)",
                "INSERT INTO rooms SELECT md5(n::text)::uuid, n, date '2026-03-01' + n FROM generate_series(1, 20) n",
            )
            pair.on_source(
                "GRANT USAGE ON SCHEMA public TO service_role",
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role",
            )
            yield opened_pair


@pytest.fixture(scope="module")
def generated(methods: MethodPair) -> Compared:
    sections = {"methods": {"generate": 24}, "scope": {"tables": ["public.rooms"]}}
    return methods.compare(SQL, source=REST, cases=BELOW_ZERO, **sections)


def test_a_limit_below_0_is_refused_by_both_and_a_range_only_by_postgresql(generated: Compared) -> None:
    limit, range_ = generated.pair("limit"), generated.pair("range")
    assert limit.verdict == "equal"
    assert [each.error.code for each in (limit.source, limit.target) if each.error] == ["PGRST103", "2201W"]
    assert range_.source.error is None
    assert range_.source.shape == "list of 6 objects"
    assert range_.target.error is not None
    assert (range_.target.error.code, range_.verdict) == ("2201X", "different")


def test_a_number_below_0_is_a_case_where_the_source_refuses_it(generated: Compared) -> None:
    made = {each.case: each for each in generated.result.artifact.pairs if each.origin == "generated"}
    assert made["generated: first: limit -1"].source.error is not None
    assert "generated: page: offset -1" not in made
    unequal = {name for name, each in made.items() if each.verdict not in ("equal", "void")}
    assert unequal == set()


def test_20000_uuids_are_tried_and_what_takes_no_such_url_is_named(generated: Compared) -> None:
    assert generated.pair("generated: some: ids of 20,000 values").verdict == "void"
    assert generated.gaps["generated: some: ids of 20,000 values"].startswith("the source's interface takes no URL")


def test_an_end_that_is_declared_as_text_is_infinite_too_and_lies_on_the_days_of_rows(generated: Compared) -> None:
    made = {each.case.removeprefix("generated: until: until "): each for each in generated.result.artifact.pairs}
    assert made["infinity"].source.shape == "list of 20 objects"
    assert made["infinity in the past"].source.shape == "empty list"
    assert {"exactly at the last row", "exactly at the first row", "a day later", "a day earlier"} <= set(made)
