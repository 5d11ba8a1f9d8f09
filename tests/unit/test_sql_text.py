"""The text of SQL statements: tokens, files of statements, what may be shown."""

from __future__ import annotations

import pytest

from harness.core.sql.text import TextError, masked, ready_to_parse, statements, tokens, with_one_row


def test_a_file_is_split_at_semicolons_that_are_no_part_of_a_string_a_name_or_a_comment() -> None:
    text = (
        "SELECT 'a;b', \"c;d\", $$e;f$$, $t$g;$$;h$t$ -- i;j\n, 1 /* k; /* l; */ ; */;\n\nSELECT 2;;\nSELECT E'm\\';n'"
    )
    assert [(line, sql.split()[-1]) for line, sql in statements(text)] == [(1, "1"), (4, "2"), (5, "E'm\\';n'")]


def test_a_statement_without_a_semicolon_at_the_end_of_a_file_is_one() -> None:
    assert list(statements("\n-- nothing\n\nSELECT 1\n")) == [(4, "SELECT 1")]


@pytest.mark.parametrize("text", ["SELECT 'a", 'SELECT "a', "SELECT /* a /* b */", "SELECT $$a", "SELECT $t$ a $$"])
def test_what_does_not_end_is_refused(text: str) -> None:
    with pytest.raises(TextError):
        list(tokens(text))


def test_strings_long_numbers_and_comments_are_not_shown() -> None:
    shown = masked(
        "SELECT 'Анна', E'it\\'s', $$secret$$, U&'d\\0061t', B'01', 80005550123, 900"
        ' /* Анна */ -- 80005550123\n FROM "Имя"'
    )
    assert shown == "SELECT '…', '…', '…', '…', '…', …, 900 FROM \"Имя\""


def test_a_string_that_does_not_end_is_not_shown() -> None:
    assert masked("SELECT 1, 'Анна") == "SELECT 1, …"


def test_a_long_statement_is_cut() -> None:
    shown = masked("INSERT INTO t VALUES " + ", ".join("($1, $2)" for _ in range(500)), limit=100)
    assert len(shown) <= 100
    assert shown.endswith("…")


def test_parameters_are_set_apart_from_what_follows() -> None:
    assert ready_to_parse(list(tokens("VALUES ($1,$2::int), (a.b)"))) == "VALUES ($1 ,$2 ::int), (a.b)"


def test_names_are_folded_as_postgresql_folds_them() -> None:
    found = [token.identifier for token in tokens('Clients "Clients" ИМЯ "a""b" $1')]
    assert found == ["clients", "Clients", "ИМЯ", 'a"b', None]


def test_rows_of_values_after_the_first_are_left_out_before_parsing_and_others_are_kept() -> None:
    text = (
        "INSERT INTO t (a, b) VALUES ($1, now()), ($2, NULL), (-1, 'x'), ($3, f(4)), (5, c) ON CONFLICT (a) DO NOTHING"
    )
    assert ready_to_parse(with_one_row(list(tokens(text)))) == (
        "INSERT INTO t (a, b) VALUES ($1 , now()) , ($3 , f(4)), (5, c) ON CONFLICT (a) DO NOTHING"
    )
