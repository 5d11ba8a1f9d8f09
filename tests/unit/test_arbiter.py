"""Arbiters from a catalog alone: what is proved, what is not, and why."""

from __future__ import annotations

import pytest

from harness.core.arbiter import canonical, infer
from harness.core.lookup import Lookup
from harness.core.model.relations import View
from harness.core.usage import ConflictUse
from tests.statements.catalogs import catalog, constraint, table, unique


def inferred(use: ConflictUse, *rules: object) -> tuple[str, str]:
    lookup = Lookup(catalog(table("t", "a b c", *rules)))  # type: ignore[arg-type]
    answer = infer(lookup, use)
    return answer.status, answer.reason


def on(*columns: str, **more: object) -> ConflictUse:
    return ConflictUse(relation="public.t", columns=columns, **more)  # type: ignore[arg-type]


def test_a_unique_index_and_a_unique_constraint_are_the_same_arbiter() -> None:
    assert inferred(on("a", "b"), unique("b", "a"))[0] == "found"
    assert inferred(on("a", "b"), constraint("unique", "b", "a", name="k"))[0] == "found"


def test_columns_have_to_be_exactly_those_of_the_index() -> None:
    assert inferred(on("a"), unique("a", "b"))[0] == "none"
    assert inferred(on("a", "b"), unique("a"))[0] == "none"
    assert inferred(on("a"), unique("a", is_unique=False))[0] == "none"


def test_a_deferrable_constraint_spoils_an_immediate_index_beside_it() -> None:
    assert inferred(on("a"), unique("a"), constraint("unique", "a", name="k", deferrable=True)) == (
        "deferrable",
        "k is deferrable, and ON CONFLICT takes no deferrable constraint",
    )


def test_a_partial_index_needs_its_predicate_in_the_statement() -> None:
    partial = unique("a", predicate="(b IS NOT NULL)")
    assert inferred(on("a"), partial)[0] == "none"
    assert inferred(on("a", predicate="b IS NOT NULL AND c = 'x'"), partial)[0] == "found"
    status, reason = inferred(on("a", predicate="b = 'x'"), partial)
    assert status == "unproved"
    assert "the predicate" in reason


def test_an_expression_that_is_written_otherwise_is_not_proved_and_not_denied() -> None:
    index = unique("(lower((a)::text))")
    assert inferred(on(expressions=("LOWER(a)",)), index)[0] == "found"
    assert inferred(on(expressions=("upper(a)",)), index)[0] == "unproved"
    assert inferred(on("b", expressions=("lower(a)",)), index)[0] == "none"


def test_a_demanded_collation_is_not_proved() -> None:
    assert inferred(on("a", operators=True), unique("a"))[0] == "unproved"


def test_a_constraint_that_is_named_has_to_be_there_and_of_a_kind_that_serves() -> None:
    named = ConflictUse(relation="public.t", constraint="k")
    assert inferred(named, constraint("unique", "a", name="k"))[0] == "found"
    assert inferred(named, constraint("check", "a", name="k"))[0] == "none"
    assert inferred(named, constraint("exclusion", "a", name="k"))[0] == "none"
    assert inferred(named, unique("a", name="k"))[0] == "none"


def test_an_upsert_through_a_view_is_not_proved() -> None:
    view = View(schema="public", name="v", columns=("a text",))
    answer = infer(Lookup(catalog(views=[view])), ConflictUse(relation="public.v", columns=("a",)))
    assert answer.status == "unproved"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("(lower((email)::text))", "LOWER(t.email)", True),
        ("((a + b))", "a+b", True),
        ("COALESCE(x, ''::text)", "coalesce(x, '')", True),
        ("(raw ->> 'k'::text)", "raw->>'k'", True),
        ("a + (b + c)", "(a + b) + c", False),
        ("lower(a)", "lower(b)", False),
        ("x = 'a'", "x = 'b'", False),
        ('"A"', "a", False),
        ("a::integer", "a", False),
    ],
)
def test_only_spelling_is_taken_off_an_expression(one: str, other: str, same: bool) -> None:
    assert canonical(one) is not None
    assert (canonical(one) == canonical(other)) is same


def test_what_cannot_be_parsed_is_equal_to_nothing() -> None:
    assert canonical("a +") is None
    assert inferred(on(expressions=("a +",)), unique("(a +)"))[0] == "unproved"
