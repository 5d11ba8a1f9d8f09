"""Which writes may go to a real project: those that only insert rows with marked ids, in tables that are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.effects import Effects, TableEffects, WatchedTable
from harness.core.marked_rows import MarkedRow, marked_rows

IDS = (9_900_000, 9_999_999)
CLIENTS = WatchedTable(
    identity="public.clients",
    schema="public",
    name="clients",
    columns={"id": "bigint", "number": "integer", "phone": "text", "spent": "numeric"},
    common="public.clients",
)
TEST: dict[str, str | None] = {"id": "41", "number": "9900001", "phone": "80005550001", "spent": None}
REAL = TEST | {"number": "41", "phone": "9900001", "spent": "9900001"}


def effects(more: dict[str, Any] | None = None, **of_table: Any) -> Effects:
    return Effects(tables={"public.clients": TableEffects(table=CLIENTS, **of_table)}, touched=True, **(more or {}))


def test_a_row_is_marked_by_its_integer_columns_alone() -> None:
    rows, reason = marked_rows(effects(inserted=(TEST,)), IDS)
    assert (rows, reason) == ((MarkedRow(schema="public", table="clients", marks={"number": 9_900_001}),), "")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (effects(inserted=(TEST, REAL)), "carries no test id"),
        (effects(inserted=(TEST,), updated=((TEST, frozenset({"phone"})),)), "changes rows"),
        (effects(inserted=(TEST,), deleted_rows=1), "changes rows"),
        (effects(unread=9000), "too many rows"),
        (effects({"unseen": ("public.audit",)}, inserted=(TEST,)), "public.audit"),
        (effects({"open_transaction": True}, inserted=(TEST,)), "transaction open"),
        (Effects(touched=True), "no row"),
    ],
)
def test_whatever_else_was_written_keeps_the_call_off_the_project(written: Effects, reason: str) -> None:
    assert reason in marked_rows(written, IDS)[1]
