"""Filters of the unmodified client, on rows that tell right from wrong (docs: "Horizontal Filtering")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError

Builder = Any


def ids(builder: Builder) -> list[int]:
    return [row["id"] for row in builder.order("id").execute().data]


CASES: list[tuple[str, Callable[[Builder], Builder], list[int]]] = [
    ("eq", lambda q: q.eq("name", "Анна"), [1]),
    ("eq of a number", lambda q: q.eq("yclients_id", 101), [1, 3]),
    ("eq of text with a plus", lambda q: q.eq("phone", "+7 (000) 555-00-03"), [3]),
    ("neq", lambda q: q.neq("id", 1), [2, 3, 4]),
    ("gt", lambda q: q.gt("id", 2), [3, 4]),
    ("gte", lambda q: q.gte("last_visit_date", "2024-02-29"), [1, 3]),
    ("lt", lambda q: q.lt("last_visit_date", "2024-02-29"), [4]),
    ("lte", lambda q: q.lte("id", 2), [1, 2]),
    ("like with a percent sign", lambda q: q.like("name", "А%"), [1]),
    ("like with a star", lambda q: q.like("name", "*р*"), [2]),
    ("ilike", lambda q: q.ilike("name", "*ANNA*"), [3]),
    ("like of a live underscore", lambda q: q.like("name", "o_*"), [4]),
    ("like of an escaped percent sign", lambda q: q.like("name", r"Anna 100\%"), [3]),
    ("like_any_of", lambda q: q.like_any_of("name", "А*,Б*"), [1, 2]),
    ("like_all_of", lambda q: q.like_all_of("name", "*n*,*a*"), [3]),
    ("ilike_any_of", lambda q: q.ilike_any_of("name", "anna*,О*"), [3]),
    ("ilike_all_of", lambda q: q.ilike_all_of("name", "anna*,*100*"), [3]),
    ("match with a regular expression", lambda q: q.filter("phone", "match", "^[78]000"), [1, 2]),
    ("imatch", lambda q: q.filter("name", "imatch", "^ANNA"), [3]),
    ("is null", lambda q: q.is_("phone", None), [4]),
    ("is null by its word", lambda q: q.is_("phone", "null"), [4]),
    ("not is null", lambda q: q.not_.is_("phone", "null"), [1, 2, 3]),
    ("is not_null", lambda q: q.is_("phone", "not_null"), [1, 2, 3]),
    ("in_", lambda q: q.in_("id", [1, 3]), [1, 3]),
    ("in_ with what has to be quoted", lambda q: q.in_("name", ['o_\\x "q"', "Анна", "a,b)"]), [1, 4]),
    ("in_ of nothing", lambda q: q.in_("id", []), []),
    ("not in_", lambda q: q.not_.in_("id", [1, 2, 3]), [4]),
    ("isdistinct", lambda q: q.filter("phone", "isdistinct", "80005550001"), [2, 3, 4]),
    ("contains", lambda q: q.contains("tags", ["b"]), [1, 2]),
    ("contains an element with a comma", lambda q: q.contains("tags", ["c,d"]), [2]),
    ("contained_by", lambda q: q.contained_by("tags", ["a", "b", "x"]), [1, 3]),
    ("overlaps", lambda q: q.overlaps("tags", ["a", "c,d"]), [1, 2]),
    ("cs", lambda q: q.cs("tags", ["a"]), [1]),
    ("cd", lambda q: q.cd("tags", ["a", "b"]), [1, 3]),
    ("ov", lambda q: q.ov("tags", ["a"]), [1]),
    ("contains of json", lambda q: q.contains("raw_data", {"vip": True}), [1]),
    ("contains of a range", lambda q: q.contains("visits", "[2,3)"), [1]),
    ("sl", lambda q: q.sl("visits", (5, 10)), [1]),
    ("sr", lambda q: q.sr("visits", (4, 10)), [3]),
    ("nxl", lambda q: q.nxl("visits", (4, 10)), [2, 3]),
    ("nxr", lambda q: q.nxr("visits", (4, 10)), [1, 2]),
    ("adj", lambda q: q.adj("visits", (9, 11)), [2]),
    ("range_gt", lambda q: q.range_gt("visits", (4, 10)), [3]),
    ("range_gte", lambda q: q.range_gte("visits", (4, 10)), [2, 3]),
    ("range_lt", lambda q: q.range_lt("visits", (4, 10)), [1]),
    ("range_lte", lambda q: q.range_lte("visits", (4, 10)), [1, 2]),
    ("range_adjacent", lambda q: q.range_adjacent("visits", (9, 11)), [2]),
    ("match of several columns", lambda q: q.match({"yclients_id": 101, "company_id": 900200}), [3]),
    ("not eq", lambda q: q.not_.eq("id", 1), [2, 3, 4]),
    ("or_", lambda q: q.or_("id.eq.1,name.eq.Борис"), [1, 2]),
    ("or_ with nesting", lambda q: q.or_("id.eq.1,and(id.gt.2,not.or(id.eq.4,phone.is.null))"), [1, 3]),
    ("or_ with a list and quotes", lambda q: q.or_('id.in.(1,2),name.eq."o_\\\\x \\"q\\""'), [1, 2, 4]),
    ("not or_", lambda q: q.not_.or_("id.eq.1,id.eq.2"), [3, 4]),
    ("two filters are both meant", lambda q: q.gt("id", 1).lt("id", 4), [2, 3]),
    ("a JSON path as text", lambda q: q.eq("raw_data->>n", "2"), [2]),
    ("a JSON path as JSON", lambda q: q.eq("raw_data->vip", "true"), [1]),
    ("an array element", lambda q: q.eq("tags->>0", "b"), [2]),
    ("fts on text", lambda q: q.fts("name", "anna"), [3]),
    ("plfts", lambda q: q.plfts("name", "anna 100"), [3]),
    ("phfts", lambda q: q.phfts("name", "anna 100"), [3]),
    ("wfts", lambda q: q.wfts("name", "anna -борис"), [3]),
    ("text_search with a configuration", lambda q: q.text_search("name", "Anna", {"config": "simple"}), [3]),
]


@pytest.mark.parametrize(("wanted", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_filter_chooses_its_rows(reader: Any, wanted: Callable[[Builder], Builder], expected: list[int]) -> None:
    assert ids(wanted(reader.table("clients").select("id"))) == expected


def test_a_filter_on_an_unknown_column_is_42703_from_postgresql(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id").eq("active", value=True).execute()
    assert caught.value.code == "42703"


def test_a_selected_column_that_is_unknown_is_42703_too(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id,fired").execute()
    assert caught.value.code == "42703"


def test_eq_none_sends_the_word_null(client: Any) -> None:
    """Not IS NULL: an invalid integer, and on text the text 'null'."""
    with pytest.raises(APIError) as caught:
        client.table("clients").select("id").eq("yclients_id", None).execute()
    assert caught.value.code == "22P02"
    client.table("companies").insert({"company_id": 900300, "title": "null"}).execute()
    assert client.table("companies").select("company_id").eq("title", None).execute().data == [{"company_id": 900300}]


def test_in_with_none_sends_the_word_null(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id").in_("yclients_id", [None, 101]).execute()
    assert caught.value.code == "22P02"


def test_in_with_an_empty_string_is_empty(client: Any) -> None:
    client.table("clients").insert({"company_id": 900100, "name": ""}).execute()
    assert client.table("clients").select("id").in_("name", [""]).execute().data == []


def test_a_comma_in_user_input_of_or_is_pgrst100(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id").or_("name.eq.Smith, John").execute()
    assert caught.value.code == "PGRST100"


@pytest.mark.parametrize("value", ["+79001234567", "1.10", "0x10", "null", "9007199254740993", "a ", "''", "\\"])
def test_text_is_compared_as_it_is(client: Any, value: str) -> None:
    client.table("clients").insert({"company_id": 900100, "name": value}).execute()
    for query in (
        client.table("clients").select("name").eq("name", value),
        client.table("clients").select("name").in_("name", [value]),
    ):
        assert query.execute().data == [{"name": value}]


def test_the_first_blanks_of_a_list_are_lost(client: Any) -> None:
    """supabase-py quotes no blanks, and the grammar drops those after the parenthesis."""
    client.table("clients").insert({"company_id": 900100, "name": " a"}).execute()
    assert client.table("clients").select("name").eq("name", " a").execute().data == [{"name": " a"}]
    assert client.table("clients").select("name").in_("name", [" a"]).execute().data == []


def test_the_type_of_a_value_is_the_columns(reader: Any) -> None:
    assert reader.table("clients").select("id").eq("last_visit_date", "29 Feb 2024").execute().data == [{"id": 1}]
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id").eq("last_visit_date", "soon").execute()
    assert caught.value.code == "22007"


def test_a_nul_character_in_a_filter_is_22021(reads: httpx.Client) -> None:
    answer = reads.get("/clients?name=eq.a%00b")
    assert (answer.status_code, answer.json()["code"]) == (400, "22021")


def test_a_thousand_ids_in_a_list_are_one_request(reader: Any) -> None:
    assert ids(reader.table("clients").select("id").in_("id", list(range(1, 1001)))) == [1, 2, 3, 4]
