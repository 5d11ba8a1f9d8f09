"""What the hints of errors suggest: names that share letter groups and take few edits, as PostgREST measures it."""

from __future__ import annotations

import pytest

from harness.gateway.cache.suggestions import LOOSE, STRICT, nearest

TABLES = ["clients", "client_notes", "bookings", "services"]
ARGUMENTS = ["(name, phone, since)", "(id, visits)"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("client", "clients"), ("Bookings", "bookings"), ("servces", "services"), ("client_note", "client_notes")],
)
def test_a_name_that_is_nearly_right_is_suggested(name: str, meant: str) -> None:
    assert nearest(name, TABLES) == meant


@pytest.mark.parametrize("name", ["", "orders", "book", "cli", "%", "я"])
def test_a_name_that_is_like_none_has_no_suggestion(name: str) -> None:
    assert nearest(name, TABLES) is None


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("(nam, phon, sinc)", "(name, phone, since)"),
        ("(name, phone)", "(name, phone, since)"),
        ("(id, visit)", "(id, visits)"),
        ("(id)", "(id, visits)"),
        ("(nothing_of_it)", None),
    ],
)
def test_lists_of_arguments_need_less_likeness(given: str, meant: str | None) -> None:
    assert nearest(given, ARGUMENTS, likeness=LOOSE) == meant


def test_the_likeness_is_one_less_the_edits_over_the_longer_length() -> None:
    assert nearest("abcx", ["abcd"], likeness=STRICT) == "abcd"
    assert nearest("abcxy", ["abcd"], likeness=STRICT) is None
    assert nearest("abcxy", ["abcd"], likeness=0.6) == "abcd"


def test_names_without_a_common_group_of_letters_are_not_compared() -> None:
    assert nearest("abab", ["baba"], likeness=0.1) == "baba"
    assert nearest("ab", ["xby"], likeness=0.1) is None
