"""Rename suggestions: evidence is offered, and a coincidence is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.core.change import RenameSuggestion
from harness.core.diff import diff
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Index
from harness.core.renames import similar_names, suggest_renames

SERVER = ServerInfo(
    version="16.1", version_number=160001, database="d", encoding="UTF8", collate="C", ctype="C",
    locale_provider="libc", timezone="UTC",
)  # fmt: skip
IN_T: dict[str, Any] = {"schema": "public", "table": "t"}


def table(*columns: str, name: str = "t", key: tuple[str, ...] = ()) -> Catalog:
    """Columns as 'name type'; all nullable and without a default."""
    place: dict[str, Any] = {"schema": "public", "table": name}
    made = tuple(
        Column(**place, name=column.split()[0], type=" ".join(column.split()[1:]), position=position)
        for position, column in enumerate(columns, start=1)
    )
    keys = (Index(**place, name="k", definition=f"({key})", unique=True, columns=key),) if key else ()
    return Catalog(server=SERVER, tables=(Table(schema="public", name=name),), columns=made, indexes=keys)


def suggested(source: Catalog, target: Catalog) -> dict[str, str]:
    return {each.source: each.target for each in found(source, target)}


def found(source: Catalog, target: Catalog) -> tuple[RenameSuggestion, ...]:
    return suggest_renames(source, target, diff(source, target))


def test_a_longer_name_with_all_words_of_the_missing_one_is_suggested() -> None:
    source = table("id bigint", "company_id integer", "title text")
    target = table("id bigint", "yclients_company_id integer", "title text")
    (suggestion,) = found(source, target)
    assert (suggestion.source, suggestion.target) == ("public.t.company_id", "public.t.yclients_company_id")
    assert suggestion.confidence == 1.0
    assert any("company_id" in text for text in suggestion.evidence)


def test_the_same_place_in_a_unique_key_is_evidence_without_a_similar_name() -> None:
    source = table("id bigint", "user_id text", "x text", key=("user_id",))
    target = table("id bigint", "chat text", "y integer", key=("chat",))
    (suggestion,) = found(source, target)
    assert (suggestion.source, suggestion.target) == ("public.t.user_id", "public.t.chat")
    assert any("unique key" in text for text in suggestion.evidence)


def test_the_only_column_between_two_common_ones_is_suggested() -> None:
    assert suggested(table("id bigint", "title text", "city text"), table("id bigint", "name text", "city text")) == {
        "public.t.title": "public.t.name"
    }


def test_a_suggested_pair_is_a_neighbour_to_the_next_one() -> None:
    source = table("id bigint", "company_id integer", "title text", "city text")
    target = table("id bigint", "yclients_company_id integer", "name text", "city text")
    assert suggested(source, target) == {
        "public.t.company_id": "public.t.yclients_company_id",
        "public.t.title": "public.t.name",
    }


def test_a_type_that_cannot_hold_the_values_is_no_twin() -> None:
    assert suggested(table("id bigint", "size text"), table("id bigint", "size_cm integer")) == {}


@pytest.mark.parametrize("target", ["ends_at timestamp with time zone", "marketplace_connected_at date"])
def test_a_common_last_word_is_no_evidence(target: str) -> None:
    source = table("id bigint", "a text", "confirmed_at timestamp with time zone", "b text")
    assert suggested(source, table("id bigint", "a text", "b text", "c text", target)) == {}


def test_a_twin_is_suggested_once() -> None:
    source = table("id bigint", "x text", "phone_number text", "phone_no text")
    target = table("id bigint", "x text", "phone text")
    assert len(suggested(source, target)) == 1


def test_nothing_is_suggested_where_nothing_is_missing() -> None:
    assert suggested(table("id bigint"), table("id bigint", "identifier bigint")) == {}


def test_a_table_with_equal_columns_under_another_name_is_suggested() -> None:
    columns = ("id bigint", "name text", "phone text")
    (suggestion,) = found(table(*columns, name="clients"), table(*columns, name="customers"))
    assert (suggestion.kind, suggestion.source, suggestion.target) == ("table", "public.clients", "public.customers")


def test_defaults_and_nullability_weigh_in() -> None:
    source = table("id bigint", "a_note text", "z text")
    target = table("id bigint", "z text", "a_note_text text")
    sure = found(source, target)[0].confidence
    columns = tuple(
        replace(column, not_null=True) if column.name == "a_note_text" else column for column in target.columns
    )
    assert found(source, replace(target, columns=columns))[0].confidence < sure


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("company_id", "yclients_company_id", True),
        ("category_title", "category_name", True),
        ("remind_at", "send_at", True),
        ("user_id", "chat_id", False),
        ("created_at", "seen_at", False),
    ],
)
def test_similar_names(one: str, other: str, similar: bool) -> None:
    assert (similar_names(one, other)[0] > 0) is similar
    assert similar_names(one, other) == similar_names(other, one)
