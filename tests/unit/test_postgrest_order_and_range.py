"""The grammar of order, and limit, offset and Range (docs: "Ordering", "Pagination and Count")."""

from __future__ import annotations

import pytest

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Field, JsonStep, OrderTerm, Placed, RowRange
from harness.core.postgrest.parse import parse, parse_query


def test_order_terms_have_a_direction_and_a_place_for_nulls() -> None:
    (placed,) = parse_query("order=a.desc.nullslast,b,c.asc,d.nullsfirst").order
    assert placed == Placed(
        (),
        (
            OrderTerm(Field("a"), None, "desc", "last"),
            OrderTerm(Field("b")),
            OrderTerm(Field("c"), None, "asc"),
            OrderTerm(Field("d"), None, None, "first"),
        ),
    )


def test_order_takes_json_paths_and_columns_of_embedded_resources() -> None:
    (placed,) = parse_query("order=data->>a.desc,staff(name).asc").order
    assert placed.value == (
        OrderTerm(Field("data", (JsonStep("a", as_text=True),)), None, "desc"),
        OrderTerm(Field("name"), "staff", "asc"),
    )


def test_an_embedded_resource_has_its_own_order_and_range() -> None:
    query = parse_query("clients.order=name&clients.limit=5&clients.offset=10")
    assert query.order == (Placed(("clients",), (OrderTerm(Field("name")),)),)
    assert query.ranges == (Placed(("clients",), RowRange(10, 5)),)


@pytest.mark.parametrize("text", ["id.ac", "id.descc", "id.nulsfist", "id.asc.nullslasttt", "clients(name,id)", ""])
def test_a_mistake_in_order_is_pgrst100(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_query(f"order={text}")
    assert caught.value.code == "PGRST100"


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", RowRange()),
        ("limit=10", RowRange(0, 10)),
        ("offset=5", RowRange(5, None)),
        ("limit=10&offset=5", RowRange(5, 10)),
        ("limit=0", RowRange(0, 0)),
        ("limit=ten", RowRange()),
        ("offset=-5", RowRange()),
    ],
)
def test_limit_and_offset_choose_rows(query: str, rows: RowRange) -> None:
    assert parse("GET", "/t", query).rows == rows


@pytest.mark.parametrize(
    ("header", "rows"), [("0-9", RowRange(0, 10)), ("5-", RowRange(5, None)), ("pages=1", RowRange())]
)
def test_a_range_header_chooses_rows_too(header: str, rows: RowRange) -> None:
    assert parse("GET", "/t", header_fields=[("range", header)]).rows == rows


def test_a_range_header_and_a_limit_are_intersected() -> None:
    assert parse("GET", "/t", "limit=3", header_fields=[("range", "0-9")]).rows == RowRange(0, 3)


def test_a_range_header_counts_for_get_alone() -> None:
    assert parse("HEAD", "/t", header_fields=[("range", "0-9")]).rows == RowRange()


@pytest.mark.parametrize(
    ("query", "header", "details"),
    [
        ("limit=-1", "", "Limit should be greater than or equal to zero."),
        ("", "9-0", "The lower boundary must be lower than or equal to the upper boundary in the Range header."),
    ],
)
def test_a_range_that_no_row_can_be_in_is_pgrst103(query: str, header: str, details: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse("GET", "/t", query, header_fields=[("range", header)] if header else [])
    assert (caught.value.status, caught.value.code, caught.value.details) == (416, "PGRST103", details)


def test_a_number_of_thousands_of_digits_is_no_crash() -> None:
    assert parse("GET", "/t", "limit=" + "9" * 10_000).rows.limit == 10**18
