"""How values get from one type into another one."""

from __future__ import annotations

import pytest

from harness.core.align.ddl.column_types import cuts, rewrites, using
from harness.core.model.relations import Column


def column(type_name: str, **facts: object) -> Column:
    return Column(schema="public", table="visits", name="detail", type=type_name, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("integer", "bigint"), ("numeric(8,2)", "integer"), ("integer", "text"), ("text", "character varying(20)"),
        ("timestamp with time zone", "timestamp without time zone"), ("json", "jsonb"), ("text[]", "text"),
        ("bit(8)", "bit varying(8)"), ("interval", "interval day to minute"), ("cidr", "inet"),
    ],
)  # fmt: skip
def test_a_type_that_is_assigned_needs_no_using(now: str, wanted: str) -> None:
    assert using(column(now), column(wanted)) is None


@pytest.mark.parametrize(
    ("now", "wanted", "expression"),
    [
        ("text", "integer", "detail::integer"),
        ("character varying(20)", "uuid", "detail::text::uuid"),
        ("integer", "boolean", "(detail <> 0)"),
        ("boolean", "smallint", "detail::integer::smallint"),
        ("text", "text[]", "CASE WHEN detail IS NULL THEN NULL ELSE ARRAY[detail]::text[] END"),
        ("text[]", "integer[]", "detail::integer[]"),
        ("int4range", "int4multirange", "detail::int4multirange"),
        ("integer", "jsonb", "to_jsonb(detail)"),
        ("uuid", "bytea", "detail::text::bytea"),
    ],
)
def test_a_type_that_is_not_assigned_says_how(now: str, wanted: str, expression: str) -> None:
    assert using(column(now), column(wanted)) == expression


def test_an_enum_is_read_from_text() -> None:
    assert using(column("text"), column("public.mood", enum=True)) == "detail::public.mood"
    assert using(column("public.mood", enum=True), column("public.temper", enum=True)) == (
        "detail::text::public.temper"
    )


def test_a_domain_is_as_what_it_is_made_of() -> None:
    assert using(column("public.money_amount", base_type="numeric"), column("bigint")) is None


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        ("character varying(20)", "text", False),
        ("text", "character varying(20)", True),
        ("numeric(8,2)", "numeric(10,2)", False),
        ("numeric(8,2)", "numeric(10,4)", True),
        ("integer", "bigint", True),
        ("timestamp(3) without time zone", "timestamp without time zone", False),
    ],
)
def test_only_types_with_the_same_bytes_are_not_rewritten(now: str, wanted: str, *, expected: bool) -> None:
    assert rewrites(column(now), column(wanted)) is expected


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [("numeric(8,4)", "numeric(8,2)", True), ("bigint", "integer", False), ("text", "character varying(5)", False)],
)
def test_what_is_cut_without_an_error_is_told(now: str, wanted: str, *, expected: bool) -> None:
    assert cuts(column(now), column(wanted)) is expected
