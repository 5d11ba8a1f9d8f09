"""The grammar of `select=` (docs: Tables and Views, "Vertical Filtering"; Resource Embedding)."""

from __future__ import annotations

import pytest

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import STAR, Field, JsonStep, SelectField, SelectRelation
from harness.core.postgrest.parse import parse_query


def test_without_select_every_column_is_meant() -> None:
    assert parse_query("").select == STAR


def test_an_empty_select_has_no_items() -> None:
    assert parse_query("select=").select == ()


def test_columns_are_separated_by_commas_and_may_hold_blanks_and_dashes() -> None:
    assert parse_query("select=id,first name,is-active").select == (
        SelectField(Field("id")),
        SelectField(Field("first name")),
        SelectField(Field("is-active")),
    )


def test_a_name_of_another_alphabet_needs_no_quotes() -> None:
    assert parse_query("select=%D0%B8%D0%BC%D1%8F").select == (SelectField(Field("имя")),)


def test_quotes_let_a_name_hold_anything() -> None:
    assert parse_query('select="a,b\\"(c)\\\\"').select == (SelectField(Field('a,b"(c)\\')),)


def test_a_column_is_renamed_and_cast() -> None:
    assert parse_query("select=fullName:full_name,amount::text").select == (
        SelectField(Field("full_name"), alias="fullName"),
        SelectField(Field("amount"), cast="text"),
    )


def test_a_type_of_several_words_is_one_cast() -> None:
    (item,) = parse_query("select=at::timestamp without time zone").select
    assert item == SelectField(Field("at"), cast="timestamp without time zone")


def test_json_paths_have_keys_and_indexes() -> None:
    (item,) = parse_query("select=data->phones->0->>number").select
    steps = (JsonStep("phones"), JsonStep(0), JsonStep("number", as_text=True))
    assert item == SelectField(Field("data", steps))


def test_a_negative_index_counts_from_the_end() -> None:
    (item,) = parse_query("select=tags->>-1").select
    assert item == SelectField(Field("tags", (JsonStep(-1, as_text=True),)))


def test_a_json_key_may_hold_what_a_column_may_not() -> None:
    (item,) = parse_query("select=data->>!@%23$%25^%26*_a").select
    assert item == SelectField(Field("data", (JsonStep("!@#$%^&*_a", as_text=True),)))


def test_aggregates_and_their_casts_are_told_from_columns() -> None:
    assert parse_query("select=total:amount::numeric.sum()::text,count(),n:count()::int").select == (
        SelectField(Field("amount"), "total", "numeric", "sum", "text"),
        SelectField(Field("*"), aggregate="count"),
        SelectField(Field("*"), "n", None, "count", "int"),
    )


def test_embedded_resources_nest() -> None:
    (item,) = parse_query("select=clients(id,bookings(*))").select
    assert item == SelectRelation("clients", (SelectField(Field("id")), SelectRelation("bookings", STAR)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("staff!inner(*)", SelectRelation("staff", STAR, join="inner")),
        ("staff!left(*)", SelectRelation("staff", STAR, join="left")),
        ("staff!staff_fkey(*)", SelectRelation("staff", STAR, hint="staff_fkey")),
        ("who:staff!staff_fkey!inner(*)", SelectRelation("staff", STAR, "who", "staff_fkey", "inner")),
        ("who:staff!inner!staff_fkey(*)", SelectRelation("staff", STAR, "who", "staff_fkey", "inner")),
        ("...staff(*)", SelectRelation("staff", STAR, spread=True)),
        ("staff()", SelectRelation("staff", ())),
    ],
)
def test_an_embedded_resource_has_alias_hint_join_and_spread(text: str, expected: SelectRelation) -> None:
    assert parse_query(f"select={text}").select == (expected,)


@pytest.mark.parametrize(
    ("text", "column"),
    [("id,clients(name[])", 16), ("name!hint", 5), ("name::", 7), ("id,,name", 4), ("clients(id", 11)],
)
def test_a_mistake_in_select_is_pgrst100_with_its_place(text: str, column: int) -> None:
    with pytest.raises(RequestError) as caught:
        parse_query(f"select={text}")
    assert (caught.value.status, caught.value.code) == (400, "PGRST100")
    assert caught.value.message == f'"failed to parse select parameter ({text})" (line 1, column {column})'
    assert str(caught.value.details).startswith("unexpected ")


def test_nesting_without_end_is_an_error_and_no_crash() -> None:
    with pytest.raises(RequestError) as caught:
        parse_query("select=" + "a(" * 5000)
    assert caught.value.code == "PGRST100"
