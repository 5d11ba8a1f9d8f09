"""What may be shown of arguments."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

from harness.core.masking import masked_arguments, shown_key


def test_texts_and_containers_are_shown_by_length_and_numbers_and_dates_as_they_are() -> None:
    identity = uuid.UUID(int=5)
    shown = masked_arguments(
        {
            "company_id": 900100,
            "limit": None,
            "active": True,
            "name": "Анна",
            "ids": [1, 2, 3],
            "data": {"a": 1},
            "price": Decimal("1.10"),
            "day": dt.date(2024, 2, 29),
            "id": identity,
            "blob": b"abc",
        }
    )
    assert shown == {
        "company_id": 900100,
        "limit": None,
        "active": True,
        "name": "text(4)",
        "ids": "list(3)",
        "data": "object(1)",
        "price": "1.10",
        "day": "2024-02-29",
        "id": str(identity),
        "blob": "bytes(3)",
    }


def test_a_personal_argument_is_a_short_hash_whatever_its_type() -> None:
    shown = masked_arguments({"phone": 80005550101, "other": 80005550101}, {"phone"})
    assert str(shown["phone"]).startswith("#")
    assert len(str(shown["phone"])) == 11
    assert shown["other"] == 80005550101


def test_what_is_shown_is_always_json() -> None:
    shown = masked_arguments({"a": float("nan"), "b": float("inf"), "c": object(), "d": {1, 2}})
    assert json.loads(json.dumps(shown, allow_nan=False)) == {"a": "nan", "b": "inf", "c": "object", "d": "list(2)"}


def test_a_key_that_is_a_name_stays_readable() -> None:
    assert shown_key("last_visit_date") == "last_visit_date"
    assert shown_key("80005550101").startswith("#")
