"""Prefer, Accept, Content-Type and profile headers (docs: "Prefer Header", "Resource Representation", "Schemas")."""

from __future__ import annotations

import pytest

from harness.core.postgrest import headers
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import JSON, MediaType, Preferences


def test_preferences_are_read_from_one_header_or_several() -> None:
    together = headers.preferences(["return=representation, count=exact,resolution=merge-duplicates"])
    apart = headers.preferences(["return=representation", "count=exact", "resolution=merge-duplicates"])
    assert together == apart == Preferences("merge-duplicates", "representation", "exact")


def test_of_a_preference_given_twice_the_first_counts() -> None:
    assert headers.preferences(["return=minimal,return=representation"]).returning == "minimal"


def test_unknown_preferences_are_kept_for_strict_handling() -> None:
    asked = headers.preferences(
        ["handling=strict, foo, return=all, max-affected=10, timezone=Europe/Moscow, tx=rollback"]
    )
    assert asked.unknown == ("foo", "return=all")
    assert (asked.strict, asked.max_affected, asked.timezone, asked.transaction) == (
        True,
        10,
        "Europe/Moscow",
        "rollback",
    )


def test_max_affected_that_is_no_number_is_absent() -> None:
    assert headers.preferences(["max-affected=ten"]).max_affected is None


@pytest.mark.parametrize(
    ("value", "kind", "strips"),
    [
        (None, "any", False),
        ("*/*", "any", False),
        ("application/json", "json", False),
        ("application/vnd.pgrst.object+json", "object", False),
        ("application/vnd.pgrst.object+json;nulls=stripped", "object", True),
        ("application/vnd.pgrst.array+json", "json", False),
        ("application/vnd.pgrst.array+json;nulls=stripped", "array", True),
        ("text/csv", "csv", False),
        ("application/vnd.pgrst.plan+text; options=analyze", "plan", False),
        ("text/plain;q=0.5, application/json", "json", False),
        ("image/png", "other", False),
    ],
)
def test_the_most_wanted_media_type_comes_first(value: str | None, kind: str, strips: bool) -> None:
    first = headers.accepted(value)[0]
    assert (first.kind, first.strip_nulls) == (kind, strips)


def test_a_body_without_a_content_type_is_json() -> None:
    assert headers.content_type(None) == JSON
    assert headers.content_type("text/csv; charset=utf-8") == MediaType("csv", "text/csv")


def test_the_schema_is_named_by_accept_profile_for_reads_and_content_profile_for_writes() -> None:
    fields = {"accept-profile": "a", "content-profile": "b"}
    assert headers.schema("GET", fields, ["public", "a", "b"]) == ("a", True)
    assert headers.schema("POST", fields, ["public", "a", "b"]) == ("b", True)
    assert headers.schema("GET", {}, ["public"]) == ("public", False)


def test_a_schema_that_is_not_exposed_is_pgrst106() -> None:
    with pytest.raises(RequestError) as caught:
        headers.schema("GET", {"accept-profile": "private"}, ["public", "api"])
    assert (caught.value.status, caught.value.code) == (406, "PGRST106")
    assert caught.value.hint == "Only the following schemas are exposed: public, api"
