"""Parameters: SET and RESET make one list of options of the other, and lose none on the way."""

from __future__ import annotations

import pytest

from harness.core.align.parameters import changes, said, with_clause


def test_no_options_are_no_clause() -> None:
    assert with_clause(()) == ""


def test_a_value_is_a_constant_and_the_prefix_of_the_toast_table_no_part_of_the_name() -> None:
    told = said(("fillfactor=70", "toast.autovacuum_enabled=false", "user=it's"))
    assert told == "fillfactor='70', toast.autovacuum_enabled='false', \"user\"='it''s'"


def test_a_value_may_have_an_equals_sign_in_it() -> None:
    assert with_clause(["label=a=b"]) == " WITH (label='a=b')"


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        ((), (), []),
        (("a=1",), ("a=1",), []),
        ((), ("a=1",), ["SET (a='1')"]),
        (("a=1",), (), ["RESET (a)"]),
        (("a=1",), ("a=2",), ["SET (a='2')"]),
        (("a=1", "b=1"), ("a=1", "c=1"), ["SET (c='1')", "RESET (b)"]),
        (("toast.a=1",), (), ["RESET (toast.a)"]),
    ],
)
def test_what_is_there_stays_and_the_rest_is_set_or_reset(
    now: tuple[str, ...], wanted: tuple[str, ...], expected: list[str]
) -> None:
    assert changes(now, wanted) == expected


def test_an_option_that_stays_is_set_before_another_one_is_reset() -> None:
    first, second = changes(("security_barrier=true",), ("security_invoker=true",))
    assert (first, second) == ("SET (security_invoker='true')", "RESET (security_barrier)")


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (("a=1", "b=1"), ("b=1", "a=1")),
        (("a=1", "c=1"), ("a=1", "b=1", "c=1")),
        (("a=1", "b=1", "c=1"), ("c=2", "a=1")),
        (("b=1",), ("a=1", "b=1")),
    ],
)
def test_the_options_stand_in_the_wanted_order_afterwards(now: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    stored = list(now)
    for clause in changes(now, wanted):
        word, _, words = clause.rstrip(")").partition(" (")
        names = {each.partition("=")[0] for each in words.split(", ")}
        # transformRelOptions: what is named leaves its place, and what is set comes behind the others.
        stored = [option for option in stored if option.partition("=")[0] not in names]
        if word == "SET":
            stored += words.replace("'", "").split(", ")
    assert tuple(stored) == wanted
