"""The invented data set: its size, its repeatability, and the hazards that it has to hold."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from harness.reference.data_set import (
    COMPANY_ID,
    SECOND_COMPANY_ID,
    TABLES_IN_SCOPE,
    TABLES_OUT_OF_SCOPE,
    Rows,
    data_set,
    target_only_rows,
)
from harness.reference.invented.moments import BASE

KEYS = {
    "companies": ("company_id",),
    "clients": ("yclients_id", "company_id"),
    "services": ("yclients_id", "company_id"),
    "staff": ("yclients_id", "company_id"),
    "staff_schedules": ("staff_id", "date", "company_id"),
    "bookings": ("yclients_record_id", "company_id"),
    "dialog_contexts": ("user_id",),
    "reminders": ("booking_id", "kind"),
}
A_PHONE = re.compile(r"8000555\d{4}|7000555\d{4}|\+7 \(000\) 555-\d\d-\d\d")


@pytest.fixture(scope="module")
def rows() -> Rows:
    return data_set()


@pytest.fixture(scope="module")
def both_companies() -> Rows:
    return data_set(second_company=True)


def test_the_first_company_has_1490_rows_in_the_seven_tables_in_scope(rows: Rows) -> None:
    assert {table: len(rows[table]) for table in TABLES_IN_SCOPE} == {
        "companies": 1,
        "clients": 1299,
        "services": 63,
        "staff": 12,
        "staff_schedules": 56,
        "dialog_contexts": 21,
        "bookings": 38,
    }
    assert sum(len(rows[table]) for table in TABLES_IN_SCOPE) == 1490


def test_reminders_are_filled_and_come_after_the_tables_in_scope(rows: Rows) -> None:
    assert list(rows) == [*TABLES_IN_SCOPE, *TABLES_OUT_OF_SCOPE]
    assert len(rows["reminders"]) == 20


def test_every_row_of_a_table_has_the_same_columns_in_the_same_order(both_companies: Rows) -> None:
    for table, of_table in both_companies.items():
        assert {tuple(row) for row in of_table} == {tuple(of_table[0])}, table


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_rows_do_not_depend_on_the_hash_seed_of_the_process(hash_seed: str, both_companies: Rows) -> None:
    program = (
        "import hashlib; from harness.reference.data_set import data_set, target_only_rows; "
        "print(hashlib.sha256(repr((data_set(second_company=True), target_only_rows())).encode()).hexdigest())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = hashlib.sha256(repr((both_companies, target_only_rows())).encode()).hexdigest()
    assert answer.stdout.strip() == expected


def test_another_seed_gives_other_rows_and_the_same_counts(rows: Rows) -> None:
    other = data_set(seed=1)
    assert other["clients"] != rows["clients"]
    assert {table: len(of_table) for table, of_table in other.items()} == {
        table: len(of_table) for table, of_table in rows.items()
    }


def test_no_key_that_upserts_conflict_on_stands_twice(both_companies: Rows) -> None:
    for table, key in KEYS.items():
        found = Counter(tuple(row[column] for column in key) for row in both_companies[table])
        assert max(found.values()) == 1, table


def test_no_number_lies_in_the_range_of_marked_test_rows(both_companies: Rows) -> None:
    numbers = [
        value
        for of_table in both_companies.values()
        for row in of_table
        for name, value in row.items()
        if isinstance(value, int) and name.endswith("id")
    ]
    assert numbers
    assert not [number for number in numbers if 9_900_000 <= number <= 9_999_999]


def test_every_phone_of_a_client_is_invented_and_all_three_forms_occur(both_companies: Rows) -> None:
    phones = [str(row["phone"]) for row in both_companies["clients"] if row["phone"]]
    assert not [phone for phone in phones if not A_PHONE.fullmatch(phone)]
    assert min(Counter(phone[0] for phone in phones).values()) > 50
    assert {phone[0] for phone in phones} == {"8", "7", "+"}


@pytest.mark.parametrize(
    "hazard",
    ["%", "_", ",", '"', "'", "\\", "(", "*", "Ё", "💇", ":"],
)
def test_a_name_of_a_client_holds_the_hazard(hazard: str, rows: Rows) -> None:
    assert [row for row in rows["clients"] if hazard in str(row["name"])]


def test_names_with_a_trailing_space_too_long_for_40_characters_and_shared_by_many_occur(rows: Rows) -> None:
    names = [str(row["name"]) for row in rows["clients"]]
    assert [name for name in names if name.endswith(" ")]
    assert [name for name in names if len(name) > 40]
    assert Counter(names).most_common(1)[0][1] > 10


def test_nulls_and_empty_strings_are_told_apart(rows: Rows) -> None:
    for column in ("phone", "email", "comment"):
        values = [row[column] for row in rows["clients"]]
        assert None in values, column
        assert "" in values, column


def test_a_third_of_the_clients_never_came(rows: Rows) -> None:
    without_visit = [row for row in rows["clients"] if row["last_visit_date"] is None]
    assert 300 < len(without_visit) < 700


def test_a_name_shared_by_more_than_ten_has_visits_that_are_null(rows: Rows) -> None:
    visits = [row["last_visit_date"] for row in rows["clients"] if row["name"] == "Анна Тёзкина"]
    assert len(visits) > 10
    assert 1 < visits.count(None) < 10


def test_dates_at_month_ends_and_moments_at_midnight_in_moscow_occur(rows: Rows) -> None:
    assert {date(2024, 2, 29), date(2025, 10, 31)} <= {row["last_visit_date"] for row in rows["clients"]}
    assert datetime(2025, 10, 31, 21, 0, tzinfo=UTC) in {row["datetime"] for row in rows["bookings"]}


def test_every_moment_is_in_utc(both_companies: Rows) -> None:
    moments = [v for of in both_companies.values() for row in of for v in row.values() if isinstance(v, datetime)]
    assert moments
    assert {moment.tzinfo for moment in moments} == {UTC}


def test_decimals_keep_a_trailing_zero(rows: Rows) -> None:
    assert "1.10" in {str(row["discount"]) for row in rows["clients"] if isinstance(row["discount"], Decimal)}


def test_two_clients_of_the_first_company_share_a_phone(rows: Rows) -> None:
    phones = Counter(row["phone"] for row in rows["clients"] if row["phone"])
    assert [phone for phone, count in phones.items() if count > 1] == ["70005550020"]


def test_bookings_name_their_client_by_phone_and_number_and_have_no_client_id(rows: Rows) -> None:
    assert "client_id" not in rows["bookings"][0]
    clients = {row["yclients_id"]: row["phone"] for row in rows["clients"]}
    for row in rows["bookings"]:
        assert clients[row["client_yclients_id"]] == row["client_phone"]


def test_only_raw_data_knows_who_is_fired(rows: Rows) -> None:
    assert "fired" not in rows["staff"][0]
    for row in rows["staff"]:
        raw = row["raw_data"]
        assert isinstance(raw, dict)
        assert bool(raw["fired"]) is not row["is_active"]


def test_the_clients_of_the_second_company_have_numbers_and_phones_of_the_first(both_companies: Rows) -> None:
    first = {r["yclients_id"]: r["phone"] for r in both_companies["clients"] if r["company_id"] == COMPANY_ID}
    second = {r["yclients_id"]: r["phone"] for r in both_companies["clients"] if r["company_id"] == SECOND_COMPANY_ID}
    assert len(second) == 45
    assert second.items() <= first.items()


def test_the_second_company_leaves_the_rows_of_the_first_as_they_are(rows: Rows, both_companies: Rows) -> None:
    for table, of_table in rows.items():
        assert both_companies[table][: len(of_table)] == of_table


def test_what_lives_on_the_target_alone_is_one_session_and_728_keys() -> None:
    rows = target_only_rows()
    assert {table: len(of_table) for table, of_table in rows.items()} == {"whatsapp_auth": 1, "whatsapp_keys": 728}


def test_binary_buffers_of_keys_come_in_both_json_forms_and_some_keys_are_expired() -> None:
    keys = target_only_rows()["whatsapp_keys"]
    texts = [repr(row["value"]) for row in keys]
    assert [text for text in texts if "'data': [" in text]
    assert [text for text in texts if "'data': '" in text]
    expired = [row for row in keys if isinstance(row["expires_at"], datetime) and row["expires_at"] < BASE]
    assert 0 < len(expired) < len(keys)
