"""The rules that arguments keep before any query is sent."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from harness.datalayer import validation
from harness.datalayer.envelope import InvalidInput
from harness.datalayer.validation import (
    COMPANY_ID,
    ISO_DATE,
    ISO_MOMENT,
    NAME,
    PHONE,
    ROW_ID,
    ROW_LIMIT,
    JsonLike,
    NotNegative,
    checked,
    checked_list,
    checked_row,
    checked_rows,
    escaped_like,
)
from harness.reference.phone_forms import phone_forms
from harness.reference.row_inputs import ClientRow


def refusal(rule: TypeAdapter[Any], value: object) -> str:
    with pytest.raises(InvalidInput) as refused:
        checked(rule, "argument", value)
    return refused.value.message


@pytest.mark.parametrize("value", [0, -1, "900100", 1.0, True, None, 2**31])
def test_a_company_id_that_is_no_positive_integer_is_refused(value: object) -> None:
    assert refusal(COMPANY_ID, value).startswith("argument: ")


def test_a_row_id_may_be_a_whole_bigint_and_no_more() -> None:
    assert checked(ROW_ID, "id", 2**63 - 1) == 2**63 - 1
    assert "argument" in refusal(ROW_ID, 2**63)


@pytest.mark.parametrize("value", ["80005550001", "+7 (000) 555-00-01", "тел. 8-000-555-00-01"])
def test_a_phone_becomes_its_digits(value: str) -> None:
    assert checked(PHONE, "phone", value)[1:] == "0005550001"


@pytest.mark.parametrize("value", ["", "555-00-01", "٠١٢٣٤٥٦٧٨٩", None, 80005550001])
def test_a_phone_of_fewer_than_ten_digits_is_refused(value: object) -> None:
    assert "argument" in refusal(PHONE, value)


@pytest.mark.parametrize("digits", ["80005550001", "70005550001", "0005550001"])
def test_a_phone_is_looked_for_in_all_three_forms(digits: str) -> None:
    assert phone_forms(digits) == ["80005550001", "70005550001", "+7 (000) 555-00-01"]


def test_a_phone_of_another_country_has_one_form() -> None:
    assert phone_forms("490005550001") == ["490005550001"]


def test_a_name_is_trimmed() -> None:
    assert checked(NAME, "name", "  Мария Орлова ") == "Мария Орлова"


@pytest.mark.parametrize("value", ["", "   ", "\n\t", None, 1, "a\x00b", "\ud800"])
def test_a_name_that_is_empty_or_cannot_be_stored_is_refused(value: object) -> None:
    assert "argument" in refusal(NAME, value)


@pytest.mark.parametrize("value", ["2025-02-29", "31.10.2025", "20251031", "2025-W44-5", "2025-10-31T00:00", "", None])
def test_a_date_in_another_form_or_of_no_calendar_is_refused(value: object) -> None:
    assert "argument" in refusal(ISO_DATE, value)


def test_a_moment_is_brought_to_utc_and_a_naive_one_is_utc() -> None:
    assert checked(ISO_MOMENT, "at", "2025-11-01T00:00:00+03:00") == "2025-10-31T21:00:00+00:00"
    assert checked(ISO_MOMENT, "at", "2025-10-31T21:00:00") == "2025-10-31T21:00:00+00:00"


@pytest.mark.parametrize("value", [-1, -0.01, float("nan"), float("inf"), "1", True])
def test_a_price_that_is_negative_or_no_number_is_refused(value: object) -> None:
    assert "argument" in refusal(TypeAdapter(NotNegative), value)


def test_a_price_keeps_the_type_that_it_came_in() -> None:
    assert [type(checked(TypeAdapter(NotNegative), "price", value)) for value in (0, 1.1)] == [int, float]


@pytest.mark.parametrize(
    "value", [{"a": [float("inf")]}, {1: "a"}, {"a": object()}, [b"bytes"], "a\x00b", {"a\x00": 1}, "\udfff"]
)
def test_json_that_no_backend_can_store_is_refused(value: object) -> None:
    assert "argument" in refusal(TypeAdapter(JsonLike), value)


def test_json_passes_unchanged() -> None:
    value = {"a": [1, 1.5, None, True, {"b": "🙂\n"}], "": []}
    assert checked(TypeAdapter(JsonLike), "data", value) == value


@pytest.mark.parametrize("value", [0, 1001, -1, "10", None])
def test_a_read_of_more_than_1000_rows_or_of_none_is_refused(value: object) -> None:
    assert "argument" in refusal(ROW_LIMIT, value)


def test_a_batch_of_501_rows_is_refused_and_one_of_500_is_not() -> None:
    assert len(checked_list("rows", [{}] * 500, most=500)) == 500
    with pytest.raises(InvalidInput, match="at most 500"):
        checked_list("rows", [{}] * 501, most=500)


def test_a_batch_names_the_row_and_the_field_that_it_refuses() -> None:
    good = {"yclients_id": 1, "company_id": 900100, "name": "Анна"}
    with pytest.raises(InvalidInput, match=r"^clients\[1\]\.name: has to be a text that is not empty\.$"):
        checked_rows(ClientRow, "clients", [good, {**good, "name": " "}], most=500)


def test_a_row_holds_only_what_the_caller_gave() -> None:
    given = {"yclients_id": 1, "company_id": 900100, "name": " Анна ", "phone": "+7 (000) 555-00-01", "новое": 1}
    with pytest.raises(InvalidInput, match="names that no column can have"):
        checked_row(ClientRow, "data", given)
    del given["новое"]
    assert checked_row(ClientRow, "data", {**given, "mood": None}) == {
        "yclients_id": 1,
        "company_id": 900100,
        "name": "Анна",
        "phone": "70005550001",
        "mood": None,
    }


def test_a_refusal_never_repeats_the_value() -> None:
    class Secret(BaseModel):
        phone: validation.Phone
        amount: validation.NotNegative
        day: validation.IsoDate

    with pytest.raises(InvalidInput) as refused:
        checked_row(Secret, "data", {"phone": "5550009", "amount": -77.5, "day": "tomorrow-77"})
    assert "5550009" not in refused.value.message
    assert "77" not in refused.value.message
    assert refused.value.message.count("data.") == 3


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("50%", r"50\%"), ("test_client", r"test\_client"), ("a\\b", r"a\\b"), ('O\'К, "x"*', 'O\'К, "x"*')],
)
def test_wildcards_of_like_are_escaped_and_nothing_else(text: str, pattern: str) -> None:
    assert escaped_like(text) == pattern
