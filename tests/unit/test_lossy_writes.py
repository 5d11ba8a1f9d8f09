"""What a written value loses in a column of another type, and who is told."""

from __future__ import annotations

import pytest

from harness.core.lossy_writes import loss
from tests.statements.catalogs import catalog, table
from tests.statements.checking import check, codes, configured, rest

LOSES = {
    ("numeric", "numeric(10,2)"): "digits past the 2 behind the point are rounded",
    ("numeric(12,3)", "numeric(10,2)"): "numbers of more than 8 digits before the point are refused (22003)",
    ("bigint", "integer"): "numbers past the range of integer are refused (22003)",
    ("numeric", "bigint"): "digits behind the point are rounded away",
    ("numeric", "double precision"): "digits past the 15th are rounded",
    ("double precision", "real"): "digits past the 6th are rounded",
    ("text", "character varying(20)"): "texts longer than 20 are refused (22001)",
    ("character varying(30)", "character varying(20)"): "texts longer than 20 are refused (22001)",
    ("text", "character(8)"): "shorter ones are filled with blanks",
    ("text", "uuid"): "texts that are no uuid are refused (22P02)",
    ("timestamp with time zone", "timestamp without time zone"): "the zone",
    ("timestamp with time zone", "date"): "the time of day",
    ("timestamp without time zone", "timestamp(3) without time zone"): "fractions of a second past 3 digits",
    ("json", "jsonb"): "the order of keys",
    ("jsonb", "json"): "a key stands once",
}
KEEPS = (
    ("integer", "bigint"),
    ("integer", "numeric"),
    ("integer", "double precision"),
    ("numeric(10,2)", "numeric"),
    ("numeric(10,2)", "numeric(12,4)"),
    ("character varying(20)", "text"),
    ("character varying(20)", "character varying(30)"),
    ("timestamp without time zone", "timestamp with time zone"),
    ("date", "timestamp with time zone"),
    ("uuid", "text"),
    ("public.mood", "text"),
    ("text", "public.citext"),
    ("text", "text"),
)


@pytest.mark.parametrize("pair", LOSES)
def test_what_is_lost_is_said_in_words(pair: tuple[str, str]) -> None:
    assert LOSES[pair] in loss(*pair)


@pytest.mark.parametrize("pair", KEEPS)
def test_nothing_is_lost_where_every_value_fits(pair: tuple[str, str]) -> None:
    assert loss(*pair) == ""


SOURCE = catalog(table("orders", "id:bigint total:numeric note:text"))
TARGET = catalog(table("orders", "id:integer total:real note:text"))


def test_only_columns_that_are_written_are_told_once_for_all_writers() -> None:
    assert codes("SELECT id FROM orders WHERE total > 1", source=SOURCE, target=TARGET) == []
    findings = check(
        "INSERT INTO orders (total, note) VALUES ($1, $2)",
        "UPDATE orders SET total = $1 WHERE id = $2",
        rest("POST", "orders", "columns=total,note", origin="add"),
        source=SOURCE,
        target=TARGET,
    ).findings
    assert [(each.code, each.object.identity, each.breaks) for each in findings] == [
        ("CTR010", "public.orders.total", ("method (target layer)", "add (source layer)"))
    ]


def test_a_column_that_a_mapping_computes_was_decided_on() -> None:
    mapped = configured(
        mapping={"tables": {"public.orders": {"columns": {"total": {"source": "total", "cast": "real"}}}}}
    )
    given = {"source": SOURCE, "target": TARGET, "configuration": mapped}
    assert codes("UPDATE orders SET total = $1", **given) == []


def test_a_renamed_column_is_compared_under_both_names() -> None:
    target = catalog(table("sales", "id:bigint amount:real note:text"))
    renamed = configured(
        schema={"renames": {"public.orders": "public.sales", "public.orders.total": "public.sales.amount"}}
    )
    given = {"source": SOURCE, "target": target, "configuration": renamed}
    assert codes("UPDATE sales SET amount = $1", **given) == [("CTR010", "public.sales.amount")]
