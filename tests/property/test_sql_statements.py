"""Laws of the statement reader: it never fails, never shows a value, and quoting does not change what is used."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.core.names import literal, quote
from harness.core.sql.statement import usage_of_sql
from harness.core.sql.text import TextError, masked, tokens
from harness.core.usage import NotUnderstood, Usage
from tests.statements import READS, WRITES

WORDS = """
SELECT FROM WHERE INSERT INTO VALUES ON CONFLICT DO UPDATE SET DELETE USING WITH AS JOIN LATERAL MERGE COPY NULL
ORDER BY RETURNING ( ) , . * $1 'x' "Q" a b t = :: ; -- /* */ $$ E'\\'
"""
SQL = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
STUMBLED_AT = (
    *("alter", "connect_by_root", "drop", "glob", "insert", "partitioned_by", "qualify", "regexp", "revoke", "rlike"),
    *("rollback", "uncache", "xor"),
)
"""Words that are names to PostgreSQL where they stand bare, and operators or statements to the parser"""
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@given(SQL | st.text())
def test_any_text_is_read_or_refused_and_never_fails(text: str) -> None:
    assert isinstance(usage_of_sql(text), Usage | NotUnderstood)


@given(st.text())
def test_tokens_are_pieces_of_the_text_in_their_order(text: str) -> None:
    try:
        found = list(tokens(text))
    except TextError:
        return
    ends = 0
    for token in found:
        assert text[token.start : token.end] == token.text
        assert token.start >= ends
        ends = token.end


@given(VALUES)
def test_a_value_is_not_shown_however_it_is_written(value: str) -> None:
    shown = masked(f"SELECT a FROM t WHERE a = {literal(value)} AND b = 1")
    assert shown == "SELECT a FROM t WHERE a = '…' AND b = 1"


def quoted(name: str) -> str:
    return f'"{name}"' if name in STUMBLED_AT else quote(name)


@given(NAMES, NAMES, NAMES)
@example("drop", "insert", "rollback")
def test_a_quoted_name_is_used_as_it_is(table: str, column: str, alias: str) -> None:
    used = usage_of_sql(f"SELECT {quoted(alias)}.{quoted(column)} FROM public.{quoted(table)} AS {quoted(alias)}")
    assert isinstance(used, Usage)
    assert [use.relation for use in used.relations] == [f"public.{quote(table)}"]
    system = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}
    assert [use.name for use in used.columns] == ([] if column in system else [column])


@pytest.mark.parametrize("name", STUMBLED_AT)
def test_a_bare_name_that_the_parser_stumbles_at_is_not_guessed_at(name: str) -> None:
    assert isinstance(usage_of_sql(f"SELECT {name}.a FROM public.t AS {name}"), NotUnderstood)


@given(st.sampled_from([*READS, *WRITES]), st.data())
def test_blanks_and_comments_change_nothing(sql: str, data: st.DataObject) -> None:
    filler = st.sampled_from([" ", "\n", " /* it's */ ", ' -- "x\n'])
    parts: list[str] = []
    end = 0
    for token in tokens(sql):
        parts.append((data.draw(filler) if token.start > end else "") + token.text)
        end = token.end
    assert usage_of_sql("".join(parts)) == usage_of_sql(sql)
