"""The text of PGRST100: places, expectations and how characters are shown (docs: "Errors")."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.core.postgrest import parse_errors
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.scanner import NoMatch, Scanner, read

Rule = Callable[[Scanner], object]


def _told(rule: Rule, text: str) -> tuple[int, str]:
    """The place and the details of the error."""
    with pytest.raises(RequestError) as caught:
        read(text, rule, "text")
    return int(caught.value.message.rpartition("column ")[2].rstrip(")")), str(caught.value.details)


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("a", '"a"'),
        ('"', r'"\""'),
        ("'", '"\'"'),
        ("\\", r'"\\"'),
        ("\n", r'"\n"'),
        ("\0", r'"\NUL"'),
        ("\x1b", r'"\ESC"'),
        ("\x7f", r'"\DEL"'),
        ("é", r'"\233"'),
        ("я", r'"\1103"'),
        ("😀", r'"\128512"'),
    ],
)
def test_a_character_is_shown_as_haskell_writes_it(character: str, shown: str) -> None:
    assert parse_errors.shown(character) == shown


def test_a_single_character_has_single_quotes() -> None:
    assert [parse_errors.shown_character(one) for one in "x'\"\\я"] == ["'x'", "'\\''", "'\"'", "'\\\\'", "'\\1103'"]


@pytest.mark.parametrize(
    ("text", "place", "line", "column"),
    [("abc", 2, 1, 3), ("a\nbc", 3, 2, 2), ("\tb", 1, 1, 9), ("abc\t\tx", 5, 1, 17)],
)
def test_lines_and_tabs_count_in_a_place(text: str, place: int, line: int, column: int) -> None:
    assert parse_errors.line_and_column(text, place) == (line, column)


def test_a_literal_that_begins_well_is_told_where_it_begins() -> None:
    assert _told(lambda scanner: scanner.expect("asc"), "axc") == (1, 'unexpected "x" expecting "asc"')
    assert _told(lambda scanner: scanner.expect("asc"), "as") == (1, 'unexpected end of input expecting "asc"')


def test_expectations_at_one_place_are_told_together_and_once() -> None:
    def rule(scanner: Scanner) -> None:
        for word in ("a", "b", "a", "c"):
            scanner.accept(word)
        raise NoMatch

    assert _told(rule, "x") == (1, 'unexpected "x" expecting "a", "b" or "c"')


def test_what_was_expected_is_forgotten_where_something_is_read() -> None:
    def rule(scanner: Scanner) -> None:
        scanner.accept("b")
        scanner.accept("a")
        scanner.expect("c")

    assert _told(rule, "ax") == (2, 'unexpected "x" expecting "c"')


def test_of_two_attempts_the_one_further_on_is_told() -> None:
    def two(scanner: Scanner) -> bool:
        scanner.expect("a")
        scanner.expect("b")
        return True

    def rule(scanner: Scanner) -> None:
        scanner.attempt(two)
        scanner.expect("c")

    assert _told(rule, "ax") == (2, 'unexpected "x" expecting "b"')
    assert _told(rule, "x") == (1, 'unexpected "x" expecting "a" or "c"')


def test_a_label_stands_for_all_that_was_expected_where_nothing_was_read() -> None:
    def pair(scanner: Scanner) -> None:
        scanner.expect("a")
        scanner.expect("b")

    def rule(scanner: Scanner) -> None:
        scanner.accept("z")
        scanner.labelled(pair, "a pair")

    assert _told(rule, "x") == (1, 'unexpected "x" expecting "z" or a pair')
    assert _told(rule, "ax") == (2, 'unexpected "x" expecting "b"')


def test_a_part_of_a_string_counts_as_read() -> None:
    def rule(scanner: Scanner) -> None:
        scanner.accept("x")
        scanner.string("or")

    assert _told(rule, "ox") == (1, 'unexpected "x" expecting "or"')


def test_what_follows_the_end_is_refused_in_single_quotes() -> None:
    assert _told(lambda scanner: scanner.end(), "x") == (1, "unexpected 'x' expecting end of input")
