"""Select, order, ranges, counts and single objects through the unmodified client
(docs: "Vertical Filtering", "Ordering", "Pagination and Count", "Resource Representation")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod

if TYPE_CHECKING:
    from tests.supabase.conftest import Project


@pytest.fixture(scope="module")
def many(shared_project: Project) -> Any:
    """A client of a gateway over 1,500 numbers; the shared database gets one more table for it."""
    shared_project.sql(
        "CREATE TABLE IF NOT EXISTS numbers AS SELECT n FROM generate_series(1, 1500) AS n; ANALYZE numbers"
    )
    shared_project.sql("GRANT SELECT ON numbers TO service_role")
    shared_project.sql(
        "CREATE OR REPLACE FUNCTION all_numbers() RETURNS SETOF numbers LANGUAGE sql STABLE AS 'SELECT * FROM numbers'"
    )
    return shared_project.client()


def test_select_names_renames_casts_and_takes_json_apart(reader: Any) -> None:
    row = (
        reader.table("companies")
        .select(
            "company_id", "name:title", "as_text:company_id::text", "raw_data->a->b->0", "last:raw_data->a->b->-1->>c"
        )
        .eq("company_id", 900100)
        .execute()
        .data
    )
    assert row == [{"company_id": 900100, "name": "Салон", "as_text": "900100", "b": 10, "last": "d"}]


def test_a_json_path_is_named_by_its_last_key(reader: Any) -> None:
    data = reader.table("companies").select("raw_data->a->b->1,raw_data->a->>b").eq("company_id", 900100).execute().data
    assert list(data[0]) == ["b"] or set(data[0]) == {"b"}


def test_a_json_path_into_an_array_column_counts_from_zero(reader: Any) -> None:
    data = reader.table("clients").select("id,tags->0,tags->>1").eq("id", 2).execute().data
    assert data[0]["id"] == 2
    assert data[0]["tags"] in ("b", "c,d")


@pytest.mark.parametrize("cast", ["text", "TEXT", "double precision", "character  varying", "int8", "numeric"])
def test_a_cast_may_have_any_spelling_of_a_type(reads: httpx.Client, cast: str) -> None:
    assert len(reads.get(f"/staff?select=staff_id::{cast}").json()) == 3


@pytest.mark.parametrize("cast", ["nonsense", "int collate c", "text and 1", "select"])
def test_a_cast_to_no_type_is_42704_and_never_sql(reads: httpx.Client, cast: str) -> None:
    answer = reads.get(f"/staff?select=staff_id::{cast}")
    assert (answer.status_code, answer.json()["code"]) == (400, "42704")


def test_descending_order_puts_nulls_first_as_sql_does(reader: Any) -> None:
    data = reader.table("clients").select("id").order("last_visit_date", desc=True).execute().data
    assert [row["id"] for row in data] == [2, 3, 1, 4]


def test_nullsfirst_false_puts_nulls_last(reader: Any) -> None:
    data = reader.table("clients").select("id").order("last_visit_date", desc=True, nullsfirst=False).execute().data
    assert [row["id"] for row in data] == [3, 1, 4, 2]


def test_order_has_several_terms_and_json_paths(reader: Any) -> None:
    ordered = reader.table("clients").select("id").order("company_id", desc=True).order("raw_data->>n", nullsfirst=True)
    assert [row["id"] for row in ordered.execute().data] == [3, 4, 1, 2]


def test_limit_offset_and_range_choose_a_page(reader: Any) -> None:
    table = reader.table("clients")
    assert [row["id"] for row in table.select("id").order("id").limit(2).offset(1).execute().data] == [2, 3]
    assert [row["id"] for row in table.select("id").order("id").range(1, 2).execute().data] == [2, 3]
    assert table.select("id").limit(0).execute().data == []


def test_offset_past_the_end_is_empty_without_a_count_and_pgrst103_with_one(reader: Any) -> None:
    assert reader.table("clients").select("id").offset(99).execute().data == []
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("id", count=CountMethod.exact).offset(99).execute()
    assert caught.value.code == "PGRST103"
    assert caught.value.details == "An offset of 99 was requested, but there are only 4 rows."


def test_exact_planned_and_estimated_counts_reach_the_client(many: Any) -> None:
    for method in (CountMethod.exact, CountMethod.planned, CountMethod.estimated):
        assert many.table("numbers").select("n", count=method).limit(1).execute().count == 1500
    assert many.table("numbers").select("n", count=CountMethod.exact).lte("n", 7).execute().count == 7


def test_an_estimate_below_the_cap_is_exact(many: Any) -> None:
    assert many.table("numbers").select("n", count=CountMethod.estimated).lte("n", 7).limit(1).execute().count == 7


def test_reads_are_capped_at_1000_rows_whatever_the_limit_says(many: Any) -> None:
    assert len(many.table("numbers").select("n").execute().data) == 1000
    assert len(many.table("numbers").select("n").limit(2000).execute().data) == 1000
    assert len(many.rpc("all_numbers").execute().data) == 1000
    assert len(many.table("numbers").select("n").offset(1400).execute().data) == 100


def test_a_capped_answer_is_told_by_its_exact_count(many: Any) -> None:
    answer = many.table("numbers").select("n", count=CountMethod.exact).execute()
    assert (len(answer.data), answer.count) == (1000, 1500)


def test_head_has_headers_and_no_body(reader: Any, reads: httpx.Client) -> None:
    answer = reader.table("clients").select("*", count=CountMethod.exact, head=True).execute()
    assert (answer.data, answer.count) == ([], 4)
    raw = reads.head("/clients", headers={"Prefer": "count=exact"})
    assert (raw.status_code, raw.content, raw.headers["content-range"]) == (200, b"", "0-3/4")


def test_an_error_of_head_has_its_code_in_a_header(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("nowhere").select("*", head=True).execute()
    assert caught.value.code == "PGRST205"


def test_single_is_one_object(reader: Any) -> None:
    assert reader.table("staff").select("name").eq("staff_id", 1).single().execute().data == {"name": "Вера"}


@pytest.mark.parametrize(("wanted", "rows"), [(0, 0), (900100, 2)])
def test_single_with_other_than_one_row_is_pgrst116(reader: Any, wanted: int, rows: int) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("clients").select("*").eq("company_id", wanted).single().execute()
    assert caught.value.code == "PGRST116"
    assert caught.value.details == f"The result contains {rows} rows"


def test_maybe_single_is_none_one_or_code_406(reader: Any) -> None:
    table = reader.table("clients")
    assert table.select("*").eq("id", 0).maybe_single().execute() is None
    found = table.select("name").eq("id", 1).maybe_single().execute()
    assert found is not None
    assert found.data == {"name": "Анна"}
    with pytest.raises(APIError) as caught:
        table.select("*").eq("company_id", 900100).maybe_single().execute()
    assert caught.value.code == "406"


def test_csv_has_a_header_and_a_line_a_row(reader: Any) -> None:
    text = reader.table("staff").select("staff_id,name").order("staff_id").csv().execute().data
    assert text == "staff_id,name\n1,Вера\n2,Глеб\n3,Дина"


def test_strip_nulls_leaves_null_fields_out(reader: Any, reads: httpx.Client) -> None:
    data = reader.table("staff").select("staff_id,mentor_id").eq("staff_id", 1).strip_nulls().execute().data
    assert data == [{"staff_id": 1}]
    answer = reads.get(
        "/staff?select=mentor_id&staff_id=eq.1", headers={"Accept": "application/vnd.pgrst.object+json;nulls=stripped"}
    )
    assert answer.content == b"{}"
    assert answer.headers["content-type"] == "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"


def test_explain_is_refused_as_where_plans_are_disabled(reader: Any) -> None:
    with pytest.raises(APIError) as caught:
        reader.table("staff").select("*").explain().execute()
    assert caught.value.code == "PGRST107"


def test_preferences_that_mattered_are_said(reads: httpx.Client) -> None:
    answer = reads.get("/staff", headers={"Prefer": "count=exact, return=minimal, timezone=Europe/Moscow"})
    assert answer.headers["preference-applied"] == "count=exact, timezone=Europe/Moscow"


def test_strict_handling_refuses_unknown_preferences(reads: httpx.Client) -> None:
    answer = reads.get("/staff", headers={"Prefer": "handling=strict, anything"})
    assert (answer.status_code, answer.json()["code"]) == (400, "PGRST122")
    assert reads.get("/staff", headers={"Prefer": "handling=lenient, anything"}).status_code == 200
