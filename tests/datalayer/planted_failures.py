"""Failures and filters with invented personal data in every part of them."""

from __future__ import annotations

import psycopg

from harness.datalayer.envelope import CallFailed, ErrorKind, failure
from harness.datalayer.filters import Filter, eq, ilike, in_, not_, or_
from harness.datalayer.observation.error_tracking import CALLERS_FAULT, REPORTED
from tests.datalayer.planted import Planted

EVERY_KIND: frozenset[ErrorKind] = REPORTED | CALLERS_FAULT


def planted_error(planted: Planted) -> Exception:
    """A failure with something planted in every part of it."""
    text = planted.random.choice(
        (
            "{0}",
            "client {0} is blocked, call {1}",
            'duplicate key value violates unique constraint "{0}"\nDETAIL:  Key (phone, name)=({1}, {2}) exists.',
            'column "{0}" does not exist',
            "relation {0} does not exist",
            "Failing row contains (1, {0}, {1}, null).",
            'invalid input syntax for type integer: "{0}"',
            "cannot connect to {0}: {1}",
            "permission denied for table {0}",
            "More than one row of {0} matches.",
            "canceling statement due to statement timeout {0}",
            '{{"message": "{0}", "details": "{1}", "hint": "{2}"}}',
        )
    ).format(planted.any(), planted.any(), planted.any())
    error: Exception
    match planted.random.randrange(5):
        case 0:
            error = failure(planted.random.choice(("23505", "42703", "22P02", "P0001", planted.any())), text)
        case 1:
            kind = planted.random.choice(sorted(EVERY_KIND))
            error = CallFailed(kind, planted.any(), text, constraint=planted.any())
        case 2:
            error = ValueError(text, planted.any(), {planted.any(): planted.any()})
        case 3:
            error = type(f"{planted.name()} Error", (RuntimeError,), {"__module__": planted.name()})(text)
        case _:
            error = psycopg.DataError(text)
    error.add_note(planted.any())
    error.__cause__ = ValueError(planted.any())
    return error


def planted_filters(planted: Planted) -> list[Filter]:
    """Filters with something planted in values, and in columns."""
    return [
        eq(planted.random.choice(("rating", "company_id", planted.any())), planted.any()),
        or_(ilike("name", planted.name()), not_(in_("phone", [planted.phone(), planted.phone()]))),
    ]
