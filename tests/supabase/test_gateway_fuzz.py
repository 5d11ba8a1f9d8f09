"""Hostile text in every place of a request, against a real database: refused or harmless, and the canary lives."""

from __future__ import annotations

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
PLACES = [
    "/canary?select={}",
    "/canary?select=id::{}",
    "/canary?select=a:id,{}:id",
    "/canary?select=document->{}",
    '/canary?select="{}"',
    "/canary?{}=eq.1",
    "/canary?id=eq.{}",
    "/canary?word=eq.{}",
    "/canary?word=in.({})",
    "/canary?word={}",
    "/canary?word=fts({}).x",
    "/canary?word=fts.{}",
    "/canary?word=like(any).{}",
    "/canary?word=match.{}",
    "/canary?document->>{}=eq.1",
    "/canary?or=({})",
    "/canary?or=(word.eq.{})",
    "/canary?order={}",
    "/canary?order=document->>{}",
    "/canary?limit={}",
    "/canary?offset={}",
    "/{}",
    "/rpc/{}",
    "/rpc/echo?said={}",
    "/rpc/echo?{}=1",
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
    if answer.status_code >= 400:
        error = answer.json()
        # 501 is the root, which an empty name in the path leads to; a number is a configuration's oid to PostgreSQL
        expected = error["code"] == "PGRST127" or "text search configuration" in error["message"]
        assert answer.status_code < 500 or expected, error
        in_sql = any(words in error["message"] for words in OF_THE_PARSER)
        assert not in_sql or EMPTY_NAME in error["message"], error


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=HOSTILE)
def test_hostile_text_in_a_url_is_refused_or_harmless(reads: httpx.Client, canary: Project, text: str) -> None:
    encoded = quote(text.encode("utf-8", errors="replace"), safe="")
    for place in PLACES:
        _check(reads.get(place.format(encoded)))
    assert reads.get("/canary").json() == [{"id": 1, "word": "x", "document": {}}]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert reads.get("/canary").json() == [{"id": 1, "word": "x", "document": {}}]


MERGE = {"Prefer": "resolution=merge-duplicates"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["Prefer", "Range", "Accept", "Content-Type", "Accept-Profile", "Cookie", "X-Any"]),
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
def test_hostile_headers_are_refused_or_harmless(reads: httpx.Client, canary: Project, name: str, text: str) -> None:
    _check(reads.get("/canary", headers={name: text.strip()}))
    _check(reads.get("/canary", headers={"Prefer": f"timezone={text.strip()}"}))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
