"""The media type of an execution plan: format, what it is the plan of, options, and the one spelling of all that."""

from __future__ import annotations

import pytest

from harness.core.postgrest.headers import accepted, media_type
from harness.core.postgrest.model import JSON, Explained, MediaType

PLAN = "application/vnd.pgrst.plan"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (PLAN, f'{PLAN}+text; for="application/json"'),
        (f"{PLAN}+text", f'{PLAN}+text; for="application/json"'),
        (f"{PLAN}+json", f'{PLAN}+json; for="application/json"'),
        (f"{PLAN}+json; options=", f'{PLAN}+json; for="application/json"'),
        (f"{PLAN.upper()}+JSON;OPTIONS=ANALYZE", f'{PLAN}+json; for="application/json"; options=analyze'),
        (f"{PLAN}; options=wal|analyze|what", f'{PLAN}+text; for="application/json"; options=analyze|wal'),
        (f"{PLAN}; for=text/csv", f'{PLAN}+text; for="text/csv"'),
        (f'{PLAN}; for="text/csv', f'{PLAN}+text; for="text/csv"'),
        (
            f'{PLAN}; for="application/vnd.pgrst.object"; options=buffers',
            f'{PLAN}+text; for="application/vnd.pgrst.object+json"; options=buffers',
        ),
        (
            f'{PLAN}; for="application/vnd.pgrst.array+json; nulls=stripped"',
            f'{PLAN}+text; for="application/vnd.pgrst.array+json;nulls=stripped"',
        ),
        (f'{PLAN}; for="application/vnd.pgrst.array"', f'{PLAN}+text; for="application/json"'),
    ],
)
def test_a_plan_has_one_spelling(text: str, spelled: str) -> None:
    assert media_type(text).text == spelled


def test_a_plan_says_what_is_explained_and_how() -> None:
    assert media_type(f"{PLAN}+json; options=verbose|settings").explained == Explained(
        "json", JSON, ("verbose", "settings")
    )


def test_other_media_types_explain_nothing() -> None:
    assert media_type("application/json; options=analyze") == JSON


def test_a_plan_is_one_of_several_accepted_types() -> None:
    plan, other = accepted(f'text/csv;q=0.5, {PLAN}; for="text/csv"; options=analyze|verbose')
    assert (plan.kind, plan.explained and plan.explained.options) == ("plan", ("analyze", "verbose"))
    assert other == MediaType("csv", "text/csv")
