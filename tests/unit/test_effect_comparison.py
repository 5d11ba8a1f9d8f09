"""Rows that a call left behind, on both sides: what is the same, what is not, and what is only another form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.core.effect_comparison import compare_effects
from harness.core.effects import Effects, Row, TableEffects, WatchedTable, effect_notes

COLUMNS = {
    "id": "bigint",
    "number": "integer",
    "phone": "text",
    "price": "numeric",
    "at": "timestamp with time zone",
    "raw": "jsonb",
}
CLIENTS = WatchedTable(
    identity="public.clients",
    schema="public",
    name="clients",
    columns=COLUMNS,
    key=("number",),
    common="public.clients",
)


def inserted(*rows: Row, table: WatchedTable = CLIENTS) -> Effects:
    return Effects(tables={table.common or table.identity: TableEffects(table=table, inserted=rows)})


def updated(row: Row, *changed: str, table: WatchedTable = CLIENTS) -> Effects:
    effects = TableEffects(table=table, updated=((row, frozenset(changed)),))
    return Effects(tables={table.common or table.identity: effects})


def told(source: Effects, target: Effects, **rule: Any) -> list[tuple[str, str]]:
    return [
        (delta.path, f"({delta.cls})" if delta.drift else delta.cls)
        for delta in compare_effects(source, target, **rule)
    ]


def test_equal_rows_are_no_difference() -> None:
    row = {"number": "1", "price": "1.10"}
    assert told(inserted(row), inserted(dict(row))) == []


def test_another_cell_is_named_with_the_rows_key() -> None:
    found = told(inserted({"number": "1", "phone": "a"}), inserted({"number": "1", "phone": "b"}))
    assert found == [("public.clients(number=1).phone", "value")]


def test_a_row_on_one_side_only_is_a_difference_of_rows() -> None:
    one, two = {"number": "1"}, {"number": "2"}
    assert told(inserted(one, two), inserted(one)) == [("public.clients(number=2)", "row")]
    assert told(Effects(), updated(one, "phone")) == [("public.clients(number=1)", "row")]


def test_an_insert_is_not_the_same_as_an_update() -> None:
    row = {"number": "1", "phone": "a"}
    assert [cls for _, cls in told(inserted(row), updated(row, "phone"))] == ["row", "row"]


def test_numbers_times_and_json_are_compared_by_value() -> None:
    source = {"number": "1", "price": "1.10", "at": "2024-01-01 00:00:00+00", "raw": '{"a": 1, "b": 2}'}
    target = {"number": "1", "price": "1.1", "at": "2024-01-01 03:00:00+03", "raw": '{"b": 2, "a": 1}'}
    assert told(inserted(source), inserted(target)) == [("public.clients(number=1).price", "(scale)")]


def test_a_text_is_not_a_number() -> None:
    found = told(inserted({"number": "1", "phone": "0800"}), inserted({"number": "1", "phone": "800"}))
    assert found == [("public.clients(number=1).phone", "value")]


def test_null_and_empty_text_differ() -> None:
    found = told(inserted({"number": "1", "phone": None}), inserted({"number": "1", "phone": ""}))
    assert found == [("public.clients(number=1).phone", "null")]


def test_ignored_columns_are_not_compared() -> None:
    found = told(inserted({"number": "1", "at": "x"}), inserted({"number": "1", "at": "y"}), ignore=["at"])
    assert found == []


def test_new_rows_with_generated_keys_are_paired_in_the_order_of_their_insertion() -> None:
    table = WatchedTable(
        identity="public.log", schema="public", name="log", columns=COLUMNS, key=("id",), common="public.log"
    )
    found = told(
        inserted({"id": "7", "phone": "a"}, {"id": "8", "phone": "b"}, table=table),
        inserted({"id": "17", "phone": "a"}, {"id": "18", "phone": "c"}, table=table),
    )
    assert found == [
        ("public.log(id=7).id", "value"),
        ("public.log(id=8).id", "value"),
        ("public.log(id=8).phone", "value"),
    ]


def test_keys_of_text_and_personal_keys_appear_as_hashes() -> None:
    table = WatchedTable(
        identity="public.p", schema="public", name="p", columns=COLUMNS, key=("phone", "number"), common="public.p"
    )
    ((path, _),) = told(
        inserted({"phone": "somebody", "number": "5550101"}, table=table), Effects(), personal=["public.p.number"]
    )
    assert "somebody" not in path
    assert "5550101" not in path
    assert path.count("#") == 2


def test_a_renamed_column_is_compared_under_the_sources_name() -> None:
    renamed = WatchedTable(
        identity="public.customers",
        schema="public",
        name="customers",
        columns={"no": "integer", "tel": "text"},
        key=("no",),
        common="public.clients",
        renamed={"no": "number", "tel": "phone"},
    )
    source = inserted({"number": "1", "phone": "a"})
    assert told(source, inserted({"no": "1", "tel": "a"}, table=renamed)) == []
    found = told(source, inserted({"no": "1", "tel": "b"}, table=renamed))
    assert found == [("public.clients(number=1).phone", "value")]


def test_numbers_of_rows_are_compared_where_there_are_too_many_to_read() -> None:
    def many(number: int) -> Effects:
        return Effects(tables={"public.clients": TableEffects(table=CLIENTS, unread=number)})

    assert told(many(6000), many(6000)) == []
    assert told(many(6000), many(6001)) == [("public.clients", "rows")]


LOG = WatchedTable(
    identity="public.log", schema="public", name="log", columns={"t": "text", "price": "numeric"}, common="public.log"
)


def gone(*rows: tuple[str | None, ...], table: WatchedTable = LOG) -> Effects:
    effects = TableEffects(table=table, deleted=rows, deleted_rows=len(rows))
    return Effects(tables={table.common: effects})


def test_rows_that_go_from_a_table_without_a_key_are_compared_whole_in_any_order() -> None:
    assert told(gone(("a", "1"), ("b", None)), gone(("b", None), ("a", "1"))) == []
    assert told(gone(("a", "1"), ("a", "1")), gone(("a", "1"))) == [("public.log", "rows")]
    assert told(gone(("a", "1")), Effects()) == [("public.log", "rows")]
    assert told(gone(("a", "1"), ("b", "2")), gone(("a", "1"), ("c", "2"))) == [("public.log().t", "value")]


def test_rows_that_go_without_a_key_may_hold_equal_values_in_another_form() -> None:
    wider = replace(LOG, columns={"t": "text", "price": "double precision", "more": "text"})
    assert told(gone(("a", "1.10")), gone(("a", "1.1", "x"), table=wider)) == [("public.log().price", "(scale)")]
    assert told(gone(("a", "1.10")), gone(("a", "1.2", "x"), table=wider)) == [("public.log().price", "value")]


def test_the_number_of_rows_that_went_counts_where_they_are_too_many_to_read() -> None:
    def many(number: int) -> Effects:
        table = TableEffects(table=CLIENTS, deleted_rows=number, unseen_deleted=number)
        return Effects(tables={"public.clients": table})

    assert told(many(60_000), many(60_000)) == []
    assert told(many(60_000), many(60_001)) == [("public.clients", "rows")]


def test_tables_of_one_side_sequences_and_open_transactions_are_notes_and_no_differences() -> None:
    audit = WatchedTable(identity="public.audit", schema="public", name="audit", columns={"t": "text"})
    source = Effects(tables=inserted({"t": "x"}, table=audit).tables, sequences={"public.s": 1}, open_transaction=True)
    assert told(source, Effects(sequences={"public.s": 2})) == []
    assert effect_notes(source, Effects(sequences={"public.s": 2})) == (
        "the source changed public.audit, which the other side has not",
        "the source left a transaction open: what it wrote is not there",
        "sequence public.s moved by 1 on the source, 2 on the target",
    )
