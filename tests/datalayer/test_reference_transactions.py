"""The three methods of the reference application that need a transaction: wherever they fail, nothing was written."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.embedded.server import Server
from harness.reference import transactional_layer
from harness.reference.data_set import COMPANY_ID, TABLES_IN_SCOPE
from harness.reference.supabase_layer import SupabaseLayer
from harness.reference.transactional_layer import SYNCED, TransactionalLayer
from tests.datalayer.salons import Context, salon

RECORD, FROM_DAY, TO_DAY = 9_900_001, "2028-02-28", "2028-02-29"
CLIENT = {"yclients_id": 9_900_001, "company_id": COMPANY_ID, "name": "Тест", "phone": "80005559801"}
BOOKING = {"yclients_record_id": 9_900_002, "company_id": COMPANY_ID, "datetime": "2028-02-28T10:00:00+00:00"}
SLOT = {"datetime": "2028-02-29T10:00:00+00:00", "staff_id": 2001, "date": TO_DAY}
BATCH: dict[str, list[dict[str, Any]]] = {
    "companies": [{"company_id": COMPANY_ID, "title": "Салон"}],
    "clients": [CLIENT, {**CLIENT, "yclients_id": 1001}],
    "services": [{"yclients_id": 9_900_001, "company_id": COMPANY_ID, "title": "Тест"}],
    "staff_schedules": [{"staff_id": 2001, "staff_name": "Тест", "date": "2028-03-01", "company_id": COMPANY_ID}],
    "bookings": [{**BOOKING, "yclients_record_id": 9_900_003, "service_id": 9_900_001}],
}
RAISING = {
    "an error": "RAISE EXCEPTION 'client 80005550001 is refused'",
    "a constraint": "RAISE check_violation USING MESSAGE = 'client 80005550001 is refused'",
    "the end of its connection": "PERFORM pg_terminate_backend(pg_backend_pid())",
}
KINDS = ["an error", *(pytest.param(kind, marks=pytest.mark.long) for kind in RAISING if kind != "an error")]


@pytest.fixture(scope="module")
def dsn(newer_server: Server) -> Iterator[str]:
    with salon(newer_server) as found, psycopg.connect(found, autocommit=True) as owner:
        for kind, statement in RAISING.items():
            body = sql.Literal(f"BEGIN {statement}; RETURN NEW; END")
            name = sql.Identifier(kind)
            owner.execute(sql.SQL("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS {}").format(name, body))
        yield found


@pytest.fixture
def layer(dsn: str) -> Iterator[TransactionalLayer]:
    """The layer, two working days with two free slots each, and a booking on the first of them."""
    made = transactional_layer.create(Context(dsn))
    days = [
        {"staff_id": 2001, "staff_name": "Вера Синицына", "date": day, "company_id": COMPANY_ID, "slots_free": 2}
        for day in (FROM_DAY, TO_DAY)
    ]
    first, _ = data_of(made.upsert_staff_schedules(days))
    row = {**BOOKING, "yclients_record_id": RECORD, "staff_id": 2001, "staff_schedule_id": first["id"]}
    data_of(made.upsert_booking(row))
    yield made
    made.close()


def data_of(answer: Any) -> Any:
    assert answer["success"], answer["error"]
    return answer["data"]


def everything(dsn: str) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(dsn) as connection:
        rows = [
            connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} AS t ORDER BY id").format(sql.Identifier(table))
            ).fetchall()
            for table in TABLES_IN_SCOPE
        ]
    return json.dumps(rows, sort_keys=True)


def refused_by_a_trigger(dsn: str, table: str, kind: str, *, when: str, call: Callable[[], Any]) -> Any:
    """The answer of a call while a trigger of a table raises; at COMMIT, or before the row for which `when` holds."""
    at_commit = when == "COMMIT"
    with psycopg.connect(dsn, autocommit=True) as owner:
        create = (
            "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT OR UPDATE ON {} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION {}()"
            if at_commit
            else "CREATE TRIGGER refusing BEFORE INSERT OR UPDATE ON {} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION {}()"
        )
        condition = [] if at_commit else [sql.SQL(when)]
        owner.execute(sql.SQL(create).format(sql.Identifier(table), *condition, sql.Identifier(kind)))
        try:
            return call()
        finally:
            owner.execute(sql.SQL("DROP TRIGGER refusing ON {}").format(sql.Identifier(table)))


def assert_all_or_nothing(dsn: str, table: str, kind: str, when: str, call: Callable[[], Any]) -> None:
    before = everything(dsn)
    answer = refused_by_a_trigger(dsn, table, kind, when=when, call=call)
    assert not answer["success"]
    assert "80005550001" not in answer["error"]["message"]
    assert everything(dsn) == before
    assert data_of(call()) is not None, "the next call works"
    assert everything(dsn) != before


@pytest.mark.parametrize("kind", RAISING)
@pytest.mark.parametrize(("table", "when"), [("clients", "true"), ("bookings", "true"), ("bookings", "COMMIT")])
def test_a_booking_with_its_client_is_written_whole_or_not_at_all(
    layer: TransactionalLayer, dsn: str, table: str, when: str, kind: str
) -> None:
    assert_all_or_nothing(
        dsn, table, kind, when, lambda: layer.create_booking_with_client(CLIENT, {**BOOKING, "comment": kind})
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("table", "when"),
    [
        ("staff_schedules", f"NEW.date = '{FROM_DAY}'"),
        ("staff_schedules", f"NEW.date = '{TO_DAY}'"),
        ("bookings", "true"),
        ("bookings", "COMMIT"),
    ],
)
def test_a_booking_is_rescheduled_with_both_working_days_or_not_at_all(
    layer: TransactionalLayer, dsn: str, table: str, when: str, kind: str
) -> None:
    assert_all_or_nothing(dsn, table, kind, when, lambda: layer.reschedule_booking(RECORD, COMPANY_ID, SLOT))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("table", "when"), [*((table.name, "true") for table, _ in SYNCED), ("bookings", "COMMIT")])
def test_a_sync_writes_every_table_or_none(
    layer: TransactionalLayer, dsn: str, table: str, when: str, kind: str
) -> None:
    assert_all_or_nothing(dsn, table, kind, when, lambda: layer.sync_all(BATCH))


def test_a_booking_has_the_number_phone_and_name_of_the_client_who_was_written_with_it(
    layer: TransactionalLayer,
) -> None:
    written = data_of(layer.create_booking_with_client(CLIENT, BOOKING))
    assert written["client"] == data_of(layer.get_client_by_id(9_900_001, COMPANY_ID))
    booking = written["booking"]
    assert (booking["client_yclients_id"], booking["client_phone"], booking["client_name"]) == (
        9_900_001,
        "80005559801",
        "Тест",
    )


def free_slots(layer: TransactionalLayer) -> list[tuple[int, bool]]:
    days = [data_of(layer.get_staff_schedule(2001, day, COMPANY_ID)) for day in (FROM_DAY, TO_DAY)]
    return [(day["slots_free"], day["has_booking_slots"]) for day in days]


def test_rescheduling_releases_one_slot_and_reserves_another_once(layer: TransactionalLayer) -> None:
    moved = data_of(layer.reschedule_booking(RECORD, COMPANY_ID, SLOT))
    assert moved["datetime"] == "2028-02-29T10:00:00+00:00"
    assert free_slots(layer) == [(3, True), (1, True)]
    assert (
        data_of(layer.reschedule_booking(RECORD, COMPANY_ID, SLOT))["staff_schedule_id"] == moved["staff_schedule_id"]
    )
    assert free_slots(layer) == [(3, True), (1, True)]


def test_a_booking_that_is_not_there_is_none_and_a_day_that_is_not_there_is_not_found(
    layer: TransactionalLayer, dsn: str
) -> None:
    before = everything(dsn)
    assert layer.reschedule_booking(9_999_999, COMPANY_ID, SLOT) == {"success": True, "data": None, "error": None}
    error = layer.reschedule_booking(RECORD, COMPANY_ID, {**SLOT, "date": "2024-02-29"})["error"]
    assert error is not None
    assert (error["kind"], error["code"]) == ("not_found", "no_such_day")
    assert everything(dsn) == before


def test_of_many_who_want_the_last_slot_one_gets_it(layer: TransactionalLayer, dsn: str) -> None:
    day = data_of(layer.get_staff_schedule(2001, TO_DAY, COMPANY_ID))
    last = {name: day[name] for name in ("staff_id", "staff_name", "date", "company_id")}
    data_of(layer.upsert_staff_schedules([{**last, "slots_free": 1}]))
    records = range(9_900_010, 9_900_013)
    for record in records:
        data_of(layer.upsert_booking({**BOOKING, "yclients_record_id": record}))
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(layer.reschedule_booking(one, COMPANY_ID, SLOT)))
        for one in records
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["success"] for answer in answers].count(True) == 1
    failures = {(answer["error"]["kind"], answer["error"]["code"]) for answer in answers if not answer["success"]}
    assert failures <= {("conflict", "slot_taken"), ("conflict", "40001")}
    with psycopg.connect(dsn) as connection:
        taken = connection.execute(
            "SELECT count(*) FROM bookings WHERE staff_schedule_id = %s", (day["id"],)
        ).fetchone()
    assert taken == (1,)
    assert free_slots(layer)[1] == (0, False)


@pytest.mark.parametrize(
    "call",
    [
        lambda layer: layer.create_booking_with_client({**CLIENT, "name": " "}, BOOKING),
        lambda layer: layer.create_booking_with_client(CLIENT, {**BOOKING, "price": -1}),
        lambda layer: layer.create_booking_with_client({**CLIENT, "company_id": 900200}, BOOKING),
        lambda layer: layer.reschedule_booking("1", COMPANY_ID, SLOT),
        lambda layer: layer.reschedule_booking(RECORD, 0, SLOT),
        lambda layer: layer.reschedule_booking(RECORD, COMPANY_ID, {**SLOT, "date": "29.02.2028"}),
        lambda layer: layer.reschedule_booking(RECORD, COMPANY_ID, {**SLOT, "room": 1}),
        lambda layer: layer.sync_all({"reminders": []}),
        lambda layer: layer.sync_all([]),
        lambda layer: layer.sync_all({"clients": [CLIENT] * 501}),
        lambda layer: layer.sync_all({"clients": [CLIENT], "bookings": [{}]}),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(
    layer: TransactionalLayer, dsn: str, call: Callable[[TransactionalLayer], Any]
) -> None:
    before = everything(dsn)
    answer = call(layer)
    assert answer["error"]["kind"] == "invalid_input"
    assert everything(dsn) == before


def test_the_layer_on_supabase_has_none_of_them_because_rest_has_no_transaction_over_several_requests() -> None:
    methods = {"create_booking_with_client", "reschedule_booking", "sync_all"}
    assert methods <= set(dir(TransactionalLayer))
    assert not methods & set(dir(SupabaseLayer))
