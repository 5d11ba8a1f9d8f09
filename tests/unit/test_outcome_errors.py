"""Errors, raised or in an envelope: kinds and codes, and when two of them are one."""

from __future__ import annotations

import psycopg
import pytest
from postgrest.exceptions import APIError

from harness.core.outcome_errors import compare_errors, error_of_envelope, error_of_exception, is_infrastructure
from harness.core.outcomes import OutcomeError


def api(code: str | None) -> APIError:
    return APIError({"message": "m", "code": code, "hint": None, "details": None})


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (psycopg.errors.UniqueViolation(), "conflict", "23505"),
        (psycopg.errors.ForeignKeyViolation(), "constraint", "23503"),
        (psycopg.errors.InvalidTextRepresentation(), "invalid_input", "22P02"),
        (psycopg.errors.UndefinedColumn(), "internal", "42703"),
        (psycopg.OperationalError(), "connection", None),
        (api("PGRST204"), "internal", "PGRST204"),
        (api("42501"), "permission", "42501"),
        (api(None), "APIError", None),
        (ValueError("secret"), "invalid_input", None),
        (TimeoutError(), "timeout", None),
        (KeyError("a"), "KeyError", None),
    ],
)
def test_an_exception_becomes_its_kind_and_code(error: BaseException, kind: str, code: str | None) -> None:
    found = error_of_exception(error)
    assert (found.kind, found.code, found.raised) == (kind, code, True)


def test_the_code_of_a_cause_counts() -> None:
    wrapping = RuntimeError("wrapped")
    wrapping.__cause__ = psycopg.errors.UniqueViolation()
    assert error_of_exception(wrapping).code == "23505"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ({"kind": "conflict", "code": "23505", "message": "…"}, "conflict", "23505"),
        ({"code": "PGRST116"}, "conflict", "PGRST116"),
        ({"message": "no"}, "error", None),
        ("no such client", "error", None),
        (None, "error", None),
        (psycopg.errors.UniqueViolation(), "conflict", "23505"),
    ],
)
def test_the_error_of_an_envelope_becomes_its_kind_and_code(error: object, kind: str, code: str | None) -> None:
    found = error_of_envelope(error)
    assert (found.kind, found.code, found.raised) == (kind, code, False)


def raised(kind: str, code: str | None = None) -> OutcomeError:
    return OutcomeError(kind=kind, code=code, raised=True)


def enveloped(kind: str, code: str | None = None) -> OutcomeError:
    return OutcomeError(kind=kind, code=code)


@pytest.mark.parametrize(
    ("source", "target", "verdict"),
    [
        (enveloped("conflict", "23505"), enveloped("conflict", "23505"), "equal"),
        (enveloped("NotFound"), enveloped("not_found"), "equal"),
        (raised("internal", "PGRST204"), raised("internal", "42703"), "equal"),
        (raised("conflict", "PGRST116"), enveloped("not_found"), "equal"),
        (raised("conflict", "PGRST116"), enveloped("conflict", "P0003"), "drift"),
        (raised("invalid_input", "PGRST100"), raised("invalid_input", "22P02"), "drift"),
        (raised("invalid_input"), raised("invalid_input", "22P02"), "equal"),
        (enveloped("conflict", "23505"), enveloped("constraint", "23503"), "different"),
        (enveloped("error", "23505"), enveloped("error", "42703"), "different"),
        (enveloped("conflict"), enveloped("internal"), "different"),
        (raised("KeyError"), raised("AttributeError"), "different"),
    ],
)
def test_errors_are_equal_by_kind_and_drift_by_code(source: OutcomeError, target: OutcomeError, verdict: str) -> None:
    assert compare_errors(source, target) == verdict
    assert compare_errors(target, source) == verdict


@pytest.mark.parametrize("code", ["PGRST000", "PGRST001", "PGRST003", "502", "503", "504", "08006", "57P01", "53300"])
def test_a_lost_connection_is_infrastructure_and_not_an_answer(code: str) -> None:
    assert is_infrastructure(enveloped("whatever", code))


@pytest.mark.parametrize("error", [raised("timeout", "57014"), raised("conflict", "23505"), raised("KeyError")])
def test_what_the_server_said_is_no_infrastructure(error: OutcomeError) -> None:
    assert not is_infrastructure(error)


@pytest.mark.parametrize(
    "text", ["client Ivan with 80005550001 was not found", "80005550001", "a\x00b", "\ud800", "x" * 80]
)
def test_a_kind_or_code_that_is_no_word_is_shown_as_a_hash(text: str) -> None:
    seen = error_of_envelope({"kind": text, "code": text})
    assert text not in f"{seen.kind} {seen.code}"
    assert seen == error_of_envelope({"kind": text, "code": text})
    other = error_of_envelope({"kind": f"{text}, or another", "code": text})
    assert compare_errors(seen, other) == "different"
