"""Quoting: names and constants of the pure core read back as PostgreSQL's own functions write them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.core.keywords import RESERVED
from harness.core.names import literal, qualified, quote, split
from harness.embedded.server import Server

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NAMES = TEXTS.filter(bool)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["server", "newer_server"])
def connection(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    running: Server = request.getfixturevalue(request.param)
    with psycopg.connect(running.dsn(), autocommit=True) as connection:
        yield connection


@MANY
@given(NAMES)
@example('a"b')
@example("Order")
@example("имя")
@example("a$b")
@example("1a")
def test_a_name_is_quoted_as_quote_ident_does_it(connection: psycopg.Connection, name: str) -> None:
    row = connection.execute("SELECT quote_ident(%s)", (name,)).fetchone()
    assert row is not None
    # Quoting more than this version's key words need is safe; the other way round it would not be.
    assert quote(name) in {row[0], '"' + name.replace('"', '""') + '"'}
    if name not in RESERVED and "$" not in name:
        assert quote(name) == row[0]


@MANY
@given(TEXTS)
@example("it's")
@example("back\\slash'")
def test_a_constant_reads_back_as_the_text(connection: psycopg.Connection, text: str) -> None:
    quoted = connection.execute("SELECT quote_literal(%s)", (text,)).fetchone()
    assert quoted == (literal(text),)
    assert connection.execute(("SELECT " + literal(text)).encode()).fetchone() == (text,)


def test_every_word_that_the_server_reserves_is_quoted(connection: psycopg.Connection) -> None:
    words = connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'").fetchall()
    assert len(words) > 100
    assert {word for (word,) in words if quote(word) == word} == set()


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_an_identity_splits_into_the_parts_that_it_was_made_of(parts: list[str]) -> None:
    assert split(qualified(*parts)) == tuple(parts)


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_no_identifier_can_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        quote(name)


@pytest.mark.parametrize("text", ["", "a.", ".a", 'a"b', "a..b"])
def test_what_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        split(text)
