"""`pgparity explain`, and the pages of errors: each code has one, and its example is what is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness import errors
from harness.core.codes import CODES
from harness.shipped import shipped
from tests.cli.conftest import Pgparity


def below(kind: type[errors.PgparityError]) -> Iterator[type[errors.PgparityError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from below(each)


CLASSES = [each for each in below(errors.PgparityError) if each.__module__ == errors.__name__]


def page(code: str) -> str:
    return shipped("docs", "errors", f"{code}.md").read_text(encoding="utf-8")


def example(code: str) -> tuple[list[str], str]:
    """The arguments of the page's example, and the lines that it shows."""
    block = page(code).split("```text\n")[1].split("```")[0]
    command, lines = block.split("\n", 1)
    return shlex.split(command.removeprefix("$ pgparity ")), lines


def test_every_error_has_a_code_of_its_own_and_a_page_with_cause_remedy_and_example() -> None:
    codes = [each.code for each in CLASSES]
    assert len(set(codes)) == len(codes) == 15
    for each in CLASSES:
        text = page(each.code)
        assert text.startswith(f"# {each.code}: ")
        for part in ("## When it happens\n\n- ", "## What to do\n\n", f"error {each.code}: ", "\nhint: "):
            assert part in text
    assert {each.stem for each in shipped("docs", "errors").glob("*.md")} == set(codes), "a page of no error"


@pytest.mark.parametrize("code", ["E000", "E100", "E220", "E230", "E700"])
def test_the_example_of_a_page_is_what_is_printed(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path, code: str
) -> None:
    for dsn in (database, newer_database):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE public.clients (id int PRIMARY KEY)")
    (tmp_path / "half.json").write_text('{"format": "pgparity/run')
    arguments, lines = example(code)
    result = here(*arguments, OLD_DB=database, NEW_DB=newer_database)
    assert (result.returncode, result.stdout) == (2, "")
    # Under pytest, Typer takes the program's name from it; before an error a stage may have told that it is done.
    assert re.sub("`(python -m pytest|-c) ", "`pgparity ", result.stderr).endswith(lines)


@pytest.mark.parametrize("code", ["E200", "e700", " COL001 "])
def test_a_code_is_explained_as_its_page_does(here: Pgparity, code: str) -> None:
    result = here("explain", code)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"# {code.strip().upper()}: ")
    assert "](" not in result.stdout.splitlines()[-1]


def test_every_finding_can_be_explained(here: Pgparity) -> None:
    for code in list(CODES)[::12]:
        assert CODES[code].sentence in here("explain", code).stdout
    assert {each.stem for each in shipped("docs", "findings").glob("*.md")} == set(CODES), "a page a code"


@pytest.mark.parametrize(("code", "words"), [("E201", "Did you mean E2"), ("nothing", "three digits: E200, COL001")])
def test_a_code_that_there_is_not_is_said_to_be_so(here: Pgparity, code: str, words: str) -> None:
    result = here("explain", code)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr


def test_an_error_says_where_more_is_said_of_it(here: Pgparity) -> None:
    result = here("run")
    found = re.search(r"\(more: pgparity (explain E100)\)\n", result.stderr)
    assert found is not None
    assert here(*found[1].split()).stdout.startswith("# E100: ConfigurationError")
