"""The envelope: its shape, and the kind that each backend's code has."""

from __future__ import annotations

import pytest

from harness.datalayer.envelope import CallFailed, InvalidInput, answered, failure
from harness.datalayer.filters import eq, in_, is_null


@answered
def give(value: object) -> object:
    if isinstance(value, Exception):
        raise value
    return value


@pytest.mark.parametrize("data", [None, [], {"id": 1}, 0, False])
def test_whatever_a_method_returns_is_a_success(data: object) -> None:
    assert give(data) == {"success": True, "data": data, "error": None}


def test_a_failed_call_is_an_answer_with_kind_code_and_message() -> None:
    assert give(CallFailed("timeout", "57014", "Too slow.")) == {
        "success": False,
        "data": None,
        "error": {"kind": "timeout", "code": "57014", "message": "Too slow."},
    }


def test_an_exception_nobody_foresaw_is_an_answer_too_and_its_text_stays_inside() -> None:
    answer = give(ValueError("80005550001"))
    assert answer["error"] is not None
    assert answer["error"]["kind"] == "internal"
    assert answer["error"]["code"] == "ValueError"
    assert "80005550001" not in answer["error"]["message"]


@pytest.mark.parametrize(
    ("code", "message", "constraint"),
    [
        ("23505", 'duplicate key value violates unique constraint "clients_key"', "clients_key"),
        ("23P01", 'conflicting key value violates exclusion constraint "no overlap"', "no overlap"),
        ("23503", 'insert or update on table "bookings" violates foreign key constraint "of_company"', "of_company"),
        ("23503", 'update or delete on table "a" violates foreign key constraint "of a" on table "b"', "of a"),
        (
            "23001",
            'update or delete on table "a" violates RESTRICT setting of foreign key constraint "f" on table "b"',
            "f",
        ),
        ("23514", 'new row for relation "clients" violates check constraint "a ""b"" c"', 'a ""b"" c'),
        ("23514", 'value for domain phone violates check constraint "digits"', "digits"),
        ("23502", 'null value in column "name" of relation "clients" violates not-null constraint', None),
        ("23514", 'client 80005550001 violates check constraint "clients_discount"', None),
        ("42P10", 'duplicate key value violates unique constraint "clients_key"', None),
    ],
)
def test_the_constraint_is_read_from_postgresqls_own_words_and_from_no_others(
    code: str, message: str, constraint: str | None
) -> None:
    assert failure(code, message).constraint == constraint
    assert "80005550001" not in failure(code, message).message


def test_the_constraint_that_the_driver_names_is_in_the_envelope_and_absent_where_there_is_none() -> None:
    assert give(failure("23505", "нарушает ограничение", constraint="clients_key"))["error"] == {
        "kind": "conflict",
        "code": "23505",
        "message": "The database refused the call (23505).",
        "constraint": "clients_key",
    }
    assert "constraint" not in (give(failure("23502", None))["error"] or {})


def test_a_message_that_repeats_the_request_is_not_told() -> None:
    told = failure("PGRST100", '"failed to parse filter (eq.80005550001)" (line 1, column 1)').message
    assert "80005550001" not in told


@pytest.mark.parametrize(
    ("rest", "sqlstate"),
    [("PGRST204", "42703"), ("PGRST205", "42P01"), ("PGRST202", "42883"), ("PGRST116", "P0003"), ("406", "P0003")],
)
def test_a_code_of_postgrest_and_the_sqlstate_that_means_the_same_are_one_failure(rest: str, sqlstate: str) -> None:
    ours, theirs = failure(rest, "a"), failure(sqlstate, "b")
    assert (ours.kind, ours.code) == (theirs.kind, theirs.code)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("23505", "conflict"),
        ("21000", "conflict"),
        ("23502", "constraint"),
        ("23503", "constraint"),
        ("23514", "constraint"),
        ("22P02", "invalid_input"),
        ("22003", "invalid_input"),
        ("PGRST100", "invalid_input"),
        ("42501", "permission"),
        ("PGRST301", "permission"),
        ("25006", "permission"),
        ("57014", "timeout"),
        ("PGRST003", "timeout"),
        ("504", "timeout"),
        ("57P01", "connection"),
        ("08006", "connection"),
        ("53300", "connection"),
        ("503", "connection"),
        ("42P10", "internal"),
        ("42703", "internal"),
        ("XX000", "internal"),
        ("", "internal"),
        (None, "internal"),
    ],
)
def test_a_code_has_its_kind(code: str | None, kind: str) -> None:
    assert failure(code, None).kind == kind


def test_a_refused_key_has_no_code_and_is_known_by_its_message() -> None:
    assert (failure(None, "Invalid API key").kind, failure(None, "Invalid API key").code) == ("permission", "401")
    assert failure(None, "anything else").kind == "internal"


def test_a_message_is_kept_only_where_its_class_of_errors_repeats_no_value() -> None:
    assert failure("42703", 'column "fired" does not exist').message == 'column "fired" does not exist'
    assert "80005550001" not in failure("22P02", 'invalid input syntax for type bigint: "80005550001"').message
    assert "80005550001" not in failure("P0001", "client 80005550001 is blocked").message


def test_a_comparison_with_null_is_refused_because_it_would_match_nothing() -> None:
    with pytest.raises(InvalidInput, match="is_null"):
        eq("phone", None)
    with pytest.raises(InvalidInput, match="is_null"):
        in_("phone", ["80005550001", None])
    assert is_null("phone").column == "phone"
