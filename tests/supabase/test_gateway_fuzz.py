"""Hostile text in every place of a request, against a real database: refused or harmless, and the canary lives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

HOSTILE = st.one_of(
    st.sampled_from(
        [
            "'; DROP TABLE canary; --",
            '"; DROP TABLE canary; --',
            "'",
            '"',
            "\\",
            "\\'",
            "$1",
            "$$;DELETE FROM canary;$$",
            "%s",
            "%",
            "%(a)s",
            "a\0b",
            "/*",
            "--",
            "1) OR (1=1",
            "canary",
            "id",
            "(SELECT 1)",
            "pg_sleep(10)",
            "{}",
            "{a,b",
            "null",
            "*",
            "id::text",
            "é",
        ]
    ),
    st.text(max_size=10),
)
IN_SELECT = [
    "/canary?select={}",
    "/canary?select=id::{}",
    "/canary?select=a:id,{}:id",
    "/canary?select=document->{}",
    '/canary?select="{}"',
    "/canary?select=id.{}()",
    "/canary?select=id.sum()::{}",
    "/companies?select=title,{}(id)",
    "/companies?select=title,...{}(id)",
    "/companies?select=title,clients({})",
    "/companies?select=title,clients!{}(id)",
    "/companies?select=title,{}:clients(id)",
]
IN_FILTERS = [
    "/canary?{}=eq.1",
    "/canary?id={}.1",
    "/canary?id=eq.{}",
    "/canary?word=eq.{}",
    "/canary?word=in.({})",
    "/canary?word={}",
    "/canary?word=fts({}).x",
    "/canary?word=fts.{}",
    "/canary?word=like({}).x",
    "/canary?word=like(any).{}",
    "/canary?word=match.{}",
    "/canary?word=is.{}",
    "/canary?document->>{}=eq.1",
    "/canary?document=cs.{}",
    "/canary?or=({})",
    "/canary?not.and=(word.eq.{})",
    "/companies?select=title,clients(id)&clients.{}=eq.1",
    "/companies?select=title,clients(id)&clients.or=({})",
    "/companies?select=title,clients(id)&{}.id=eq.1",
]
IN_THE_REST = [
    "/canary?order={}",
    "/canary?order=id.{}",
    "/canary?order=document->>{}",
    "/companies?select=title,clients(id)&clients.order={}",
    "/companies?select=title,clients(id)&{}.order=id",
    "/bookings?select=id,clients(id)&order=clients({})",
    "/canary?limit={}",
    "/canary?offset={}",
    "/companies?select=title,clients(id)&clients.limit={}",
    "/canary?columns={}",
    "/canary?on_conflict={}",
    "/{}",
    "/rpc/{}",
    "/rpc/echo?said={}",
    "/rpc/echo?{}=1",
    "/rpc/echo?said=x&select={}",
    "/rpc/echo?said=x&order={}",
]
# how PostgreSQL's parser of SQL speaks (that of tsquery uses the same code, 42601, for a value that is none)
OF_THE_PARSER = ("at or near", "at end of input")
# the one mistake of that kind that a request can make: a name without any character
EMPTY_NAME = "zero-length delimited identifier"


def _can_be_listed(text: str) -> bool:
    """No NUL; and not what supabase-py leaves without quotes although the grammar drops it: blanks at the start."""
    return "\0" not in text and text != "" and not text.startswith((" ", "\t"))


@pytest.fixture(scope="module")
def canary(shared_project: Project) -> Project:
    shared_project.sql(
        """
        DROP TABLE IF EXISTS canary;
        CREATE TABLE canary AS SELECT 1 AS id, 'x'::text AS word, '{}'::jsonb AS document;
        GRANT ALL ON canary TO service_role;
        CREATE OR REPLACE FUNCTION echo(said text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT said';
        """
    )
    return shared_project


def _check(answer: httpx.Response) -> None:
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        error = {"code": None, **answer.json()}
        # 501 is the root, which an empty name in the path leads to; a number is a configuration's oid to PostgreSQL
        expected = error["code"] == "PGRST127" or "text search configuration" in error["message"]
        assert answer.status_code < 500 or expected, error
        in_sql = any(words in error["message"] for words in OF_THE_PARSER)
        assert not in_sql or EMPTY_NAME in error["message"], error


def _ask_everywhere(reads: httpx.Client, places: Sequence[str], text: str) -> None:
    encoded = quote(text.encode("utf-8", errors="replace"), safe="")
    for place in places:
        _check(reads.get(place.format(encoded)))
    assert reads.get("/canary").json() == CANARY


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE)
def test_hostile_text_in_select_is_refused_or_harmless(reads: httpx.Client, canary: Project, text: str) -> None:
    _ask_everywhere(reads, IN_SELECT, text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE)
@pytest.mark.long
def test_hostile_text_in_a_filter_is_refused_or_harmless(reads: httpx.Client, canary: Project, text: str) -> None:
    _ask_everywhere(reads, IN_FILTERS, text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE)
def test_hostile_text_in_order_pages_and_paths_is_refused_or_harmless(
    reads: httpx.Client, canary: Project, text: str
) -> None:
    _ask_everywhere(reads, IN_THE_REST, text)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE, value=st.one_of(HOSTILE, st.integers(-(2**31), 2**31 - 1), st.none(), st.booleans()))
def test_hostile_text_in_a_body_is_refused_or_stored_as_it_is(
    reads: httpx.Client, canary: Project, text: str, value: Any
) -> None:
    encoded = quote(text.encode("utf-8", errors="replace"), safe="")
    _check(reads.post("/canary", json={text: value}))
    _check(reads.post(f"/canary?columns={encoded}", json=[{text: value}]))
    _check(reads.post(f"/canary?columns=word&on_conflict={encoded}", json=[{"id": 1}], headers=MERGE))
    _check(reads.patch(f"/canary?id=eq.{encoded}", json={"word": text}))
    _check(reads.delete(f"/canary?word=eq.{encoded}&id=gt.1"))
    _check(reads.post("/rpc/echo", json={text: value}))
    echoed = reads.post("/rpc/echo", json={"said": text})
    if "\0" in text:
        assert echoed.json()["code"] == "22P05"
    else:
        assert echoed.json() == text
    canary.sql("DELETE FROM canary WHERE id IS DISTINCT FROM 1; UPDATE canary SET word = 'x'")
    assert reads.get("/canary").json() == CANARY


BODIES = st.one_of(
    st.binary(max_size=30),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), HOSTILE),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(HOSTILE, inner, max_size=3)),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
    st.builds(lambda text, at: json.dumps([{"word": text}]).encode()[:at], HOSTILE, st.integers(0, 40)),
)
TYPES_OF_BODIES = (
    "application/json",
    "text/csv",
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/vnd.pgrst.array+json",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, content_type=st.sampled_from(TYPES_OF_BODIES), columns=st.sampled_from(["", "&columns=word"]))
@pytest.mark.long
def test_a_body_of_any_bytes_is_refused_or_data(
    reads: httpx.Client, canary: Project, body: bytes, content_type: str, columns: str
) -> None:
    headers = {"Content-Type": content_type, "Prefer": "return=representation"}
    _check(reads.post(f"/canary?select=word{columns}", content=body, headers=headers))
    _check(reads.patch(f"/canary?id=eq.0{columns}", content=body, headers=headers))
    _check(reads.put(f"/companies?company_id=eq.0{columns}", content=body, headers=headers))
    _check(reads.post("/rpc/echo", content=body, headers=headers))
    canary.sql("DELETE FROM canary WHERE id IS DISTINCT FROM 1; DELETE FROM companies WHERE company_id = 0")
    assert reads.get("/canary").json() == CANARY


CANARY = [{"id": 1, "word": "x", "document": {}}]
MERGE = {"Prefer": "resolution=merge-duplicates"}


HEADERS = [
    "Prefer: {}",
    "Prefer: count={}",
    "Prefer: return={}",
    "Prefer: resolution={}",
    "Prefer: missing={}",
    "Prefer: timezone={}",
    "Prefer: tx={}",
    "Prefer: handling=strict, max-affected={}",
    "Range: {}",
    "Range: 0-{}",
    "Range-Unit: {}",
    "Accept: {}",
    "Accept: application/json;{}",
    'Accept: application/vnd.pgrst.plan+json; for="{}"',
    "Accept: application/vnd.pgrst.plan; options={}",
    "Accept-Profile: {}",
    "Content-Profile: {}",
    "Content-Type: {}",
    "Cookie: {}",
    "Cookie: a={}",
    "Origin: {}",
    "X-Any: {}",
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.sampled_from(
            ["'; DROP TABLE canary; --", '"', "public, pg_catalog", "UTC'; SELECT 1", "exact; exact", "1-0"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
    )
)
@pytest.mark.long
def test_hostile_headers_are_refused_or_harmless(reads: httpx.Client, canary: Project, text: str) -> None:
    for header in HEADERS:
        name, _, value = header.partition(": ")
        sent = [(name.encode(), value.format(text).strip().encode("latin-1"))]
        _check(reads.get("/canary", headers=sent))
        _check(reads.request("PATCH", "/canary?id=eq.0", content=b'{"word": "y"}', headers=sent))
    assert reads.get("/canary").json() == CANARY


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE.filter(lambda text: "\0" not in text))
@pytest.mark.long
def test_an_argument_of_a_call_comes_back_as_it_is(reader: Any, canary: Project, text: str) -> None:
    assert reader.rpc("echo", {"said": text}).execute().data == text
    assert reader.rpc("echo", {"said": text}, get=True).execute().data == text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(HOSTILE.filter(_can_be_listed), min_size=1, max_size=4))
def test_any_text_that_is_stored_is_found_by_eq_and_in(reader: Any, canary: Project, texts: list[str]) -> None:
    rows = [{"id": 2 + number, "word": text} for number, text in enumerate(texts)]
    reader.table("canary").insert(rows).execute()
    try:
        found = reader.table("canary").select("word").gt("id", 1).in_("word", texts).order("id").execute().data
        assert [row["word"] for row in found] == texts
        for text in texts:
            by_eq = reader.table("canary").select("word").gt("id", 1).eq("word", text).execute().data
            assert {row["word"] for row in by_eq} == {text}
            quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
            by_or = reader.table("canary").select("word").gt("id", 1).or_(f"word.eq.{quoted},id.lt.0").execute().data
            assert {row["word"] for row in by_or} == {text}
    finally:
        reader.table("canary").delete().gt("id", 1).execute()
