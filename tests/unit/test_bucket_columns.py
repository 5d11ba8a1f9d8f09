"""Which columns tell the rows of a table with no key apart: hashed soon, and no bucket much fuller than another."""

from __future__ import annotations

import dataclasses

from harness.core.bucket_columns import ColumnSpread, bucket_columns
from harness.core.row_forms import CellForm, DescribedType, cell_form

ROWS = 1_000_000
FORM = cell_form(
    DescribedType(oid=20, schema="pg_catalog", name="int8", sql="bigint"),
    DescribedType(oid=20, schema="pg_catalog", name="int8", sql="bigint"),
)
UNIQUE = ColumnSpread(-1, 0, 0)
EVEN = ColumnSpread(50, 0, 0.02)
FLAG = ColumnSpread(2, 0, 0.5)


def _chosen(columns: dict[str, tuple[str, ColumnSpread]], **forms: CellForm) -> tuple[str, ...]:
    return bucket_columns(
        {name: forms.get(name, FORM) for name in columns},
        {name: kind for name, (kind, _) in columns.items()},
        {name: spread for name, (_, spread) in columns.items()},
        ROWS,
    )


def test_a_column_of_which_every_row_has_another_value_is_enough() -> None:
    assert _chosen({"at": ("timestamptz", EVEN), "number": ("int8", UNIQUE), "note": ("text", UNIQUE)}) == ("number",)


def test_columns_that_do_not_tell_rows_apart_alone_do_so_together() -> None:
    columns = {"a": ("int4", EVEN), "flag": ("int2", FLAG), "b": ("date", EVEN)}
    assert _chosen(columns) == ("a", "b")


def test_a_text_is_taken_where_small_values_are_not_enough() -> None:
    assert _chosen({"flag": ("int2", FLAG), "note": ("text", UNIQUE)}) == ("flag", "note")


def test_where_a_value_is_too_common_all_columns_are_needed() -> None:
    assert _chosen({"a": ("int4", FLAG), "b": ("int4", ColumnSpread(-0.5, 0.9, 0))}) == ()


def test_what_has_no_statistics_another_kind_of_value_or_two_types_is_not_taken() -> None:
    assert _chosen({"document": ("jsonb", UNIQUE), "number": ("numeric", UNIQUE)}) == ()
    assert _chosen({"a": ("int8", UNIQUE)}, a=dataclasses.replace(FORM, type_drift=True)) == ()
    assert bucket_columns({"a": FORM}, {"a": "int8"}, {}, ROWS) == ()
