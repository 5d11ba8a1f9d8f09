"""A file of DDL becomes statements with their lines; what is no SQL is refused with its line."""

from __future__ import annotations

import re

import pytest

from harness.core.sql.script import ScriptError, Statement, script

ATOMIC = """CREATE FUNCTION f() RETURNS int LANGUAGE sql
BEGIN ATOMIC
  SELECT 1;
  SELECT CASE WHEN true THEN 1 ELSE 2 END;
END;
SELECT 2"""


def texts(text: str) -> list[str]:
    return [each.text for each in script(text)]


def test_statements_know_the_line_they_begin_on() -> None:
    assert list(script("-- first\nSELECT 1;\n\n/* ; */ SELECT\n 2;")) == [
        Statement(2, "SELECT 1"),
        Statement(4, "SELECT\n 2"),
    ]


def test_semicolons_in_strings_bodies_and_parentheses_end_no_statement() -> None:
    rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (';'))"
    assert texts(f"{rule};SELECT $$;$$") == [rule, "SELECT $$;$$"]
    assert len(texts(ATOMIC)) == 2


def test_the_word_atomic_elsewhere_begins_no_body() -> None:
    assert len(texts("CREATE FUNCTION atomic() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT 1")) == 2
    assert len(texts("CREATE TABLE t (atomic int); SELECT 1;")) == 2


def test_guards_of_pg_dump_are_passed_over() -> None:
    assert texts("\\restrict abc\nSELECT 1;\n\\unrestrict abc\n") == ["SELECT 1"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("SELECT 1;\n\\connect other\n", 2, "connect"),
        ("SELECT 1;\n\\i more.sql", 2, "psql's \\i"),
        ("SELECT 1;\n\nCOPY t (a) FROM stdin;\n1\n\\.\n", 3, "COPY FROM STDIN"),
        ("SELECT 1;\nSELECT 'open", 2, "does not end"),
        ("\\restrict a\nSELECT 1;\nSELECT $$open", 3, "does not end"),
    ],
)
def test_what_is_no_sql_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ScriptError, match=re.escape(said)) as caught:
        list(script(text))
    assert caught.value.line == line
