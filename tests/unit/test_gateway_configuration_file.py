"""PostgREST's configuration file as text (docs: "Configuration", section "Config File")."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harness.errors import ConfigurationError
from harness.gateway.configuration.file import Value, parse

ENVIRONMENT = {"SALON_SECRET": 'a "secret" with $ in it'}


def _parsed(text: str) -> dict[str, Value]:
    return parse(text, "salon.conf", ENVIRONMENT)


def test_values_are_strings_numbers_booleans_and_lists() -> None:
    text = 'a = "x"\nb = 3000\nc = -1.5e2\nd = true\ne = off\nf = on\ng = ["p", 2, false]\n'
    assert _parsed(text) == {
        "a": "x",
        "b": Decimal(3000),
        "c": Decimal(-150),
        "d": True,
        "e": False,
        "f": True,
        "g": ["p", Decimal(2), False],
    }


def test_comments_and_blanks_are_passed_over() -> None:
    text = '# a comment\n\n  db-anon-role\t=\n   "anon" # behind it\n#server-port = 1\n   # "last" = 2'
    assert _parsed(text) == {"db-anon-role": "anon"}


def test_a_hash_inside_a_string_is_no_comment() -> None:
    assert _parsed('a = "x # y"') == {"a": "x # y"}


def test_escapes_in_strings() -> None:
    text = r'a = "\"q\" \\ \t\n\r \u0416 \ud83d\ude00"'
    assert _parsed(text) == {"a": '"q" \\ \t\n\r Ж 😀'}


def test_letters_of_every_alphabet_stand_for_themselves() -> None:
    assert _parsed('db-schemas = "салон"') == {"db-schemas": "салон"}


def test_a_variable_is_taken_from_the_environment() -> None:
    assert _parsed('jwt-secret = "$(SALON_SECRET)!"') == {"jwt-secret": 'a "secret" with $ in it!'}


def test_a_variable_may_be_a_key_of_the_file() -> None:
    assert _parsed('port = 7\nurl = "http://localhost:$(port)"')["url"] == "http://localhost:7"


def test_two_dollars_are_one() -> None:
    assert _parsed('jwt-role-claim-key = "$$.roles[0]"') == {"jwt-role-claim-key": "$.roles[0]"}


def test_groups_are_prefixes() -> None:
    assert _parsed('app { settings { a = "1" } }\napp.settings.b = "2"') == {
        "app.settings.a": "1",
        "app.settings.b": "2",
    }


def test_of_a_key_that_stands_twice_the_last_value_counts() -> None:
    assert _parsed("a = 1\na = 2") == {"a": Decimal(2)}


def test_another_file_is_imported() -> None:
    files = {"more.conf": "b = 2\nc = 4"}
    assert parse('a = 1\nimport "more.conf"\nc = 3', "salon.conf", {}, files.__getitem__) == {
        "a": Decimal(1),
        "b": Decimal(2),
        "c": Decimal(3),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = \n", "line 3: expected a value"),
        ("a 1", "line 1: expected = behind a"),
        ("a = 1\n= 2", "line 2: expected a key"),
        ('a = "x', 'line 1: a string that was opened with " is not closed'),
        (r'a = "\q"', "line 1: unknown escape"),
        ("a = yes", "line 1: expected a value"),
        ("a = 12x", "line 1: expected a value"),
        ("a = [1 2]", "line 1: expected , or ] in a list"),
        ("a {\n b = 1", "line 2: a group that was opened with { is not closed"),
        ("db-uri: x", "line 1: expected = behind db-uri"),
        ('a = "$(NOT_SET)"', "a names $(NOT_SET), which is not set"),
        ('a = "$5"', "the value of a has a single $"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _parsed(text)
    assert said in caught.value.message
    assert caught.value.hint


def test_files_that_import_one_another_end_in_an_error() -> None:
    with pytest.raises(ConfigurationError, match="without an end"):
        parse('import "a"', "a", {}, lambda _: 'import "a"')


def test_no_value_shows_in_an_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _parsed('jwt-secret = "hush-hush $ hush"')
    assert "hush" not in caught.value.message + caught.value.hint
