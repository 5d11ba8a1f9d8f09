"""`pgparity data diff` refuses what it cannot do by one line that says what to do: names, files, rights, dead flags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import conninfo

from harness.embedded.server import Server
from tests.cli.conftest import Pgparity
from tests.cli.test_data_diff import refused
from tests.data_pair import Pair, pair_of

ROLE = "reads_less"
TABLES = (
    "CREATE TABLE clients (id int PRIMARY KEY)",
    "CREATE TABLE visits (id int PRIMARY KEY)",
    "INSERT INTO clients VALUES (1)",
    "INSERT INTO visits VALUES (1)",
    "CREATE SCHEMA IF NOT EXISTS salon",
    "CREATE TABLE IF NOT EXISTS salon.invoices (id int)",
)
Diff = Callable[..., Any]


@pytest.fixture(scope="module")
def databases(server: Server, newer_server: Server) -> Iterator[Pair]:
    with pair_of(server, newer_server) as pair:
        pair.on_both(*TABLES)
        yield pair
        pair.on_both(f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}")


@pytest.fixture(scope="module")
def pair(databases: Pair) -> Pair:
    databases.on_both(
        f"CREATE ROLE {ROLE} LOGIN PASSWORD 'plain'", f"GRANT SELECT ON clients, visits, salon.invoices TO {ROLE}"
    )
    return databases


@pytest.fixture
def diff(pair: Pair, here: Pgparity) -> Diff:
    return lambda *arguments: here("data", "diff", "--source", pair.source_dsn, "--target", pair.target_dsn, *arguments)


def as_role(dsn: str) -> str:
    return conninfo.make_conninfo(dsn, user=ROLE, password="plain")


def test_a_schema_that_neither_side_has_is_refused_with_the_nearest_name(diff: Diff) -> None:
    refused(diff("--schema", "salons"), "schema salons exists on neither side", "Did you mean salon?")


def test_a_table_that_neither_side_has_is_refused_with_names_of_every_schema(diff: Diff) -> None:
    refused(diff("--table", "client"), "table public.client exists on neither side", "public.clients")
    refused(diff("--table", "invoices"), "table public.invoices exists on neither side", "salon.invoices")


def test_a_table_that_nothing_is_like_is_refused_with_what_there_is(diff: Diff) -> None:
    refused(diff("--table", "qqqq"), "table public.qqqq exists", "There are: public.clients, public.visits, salon.inv")


def test_no_folder_is_made_for_a_state_file(diff: Diff, tmp_path: Path) -> None:
    refused(diff("--state", str(tmp_path / "typo" / "state.json")), "there is no folder", "another --state FILE")
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("text", ["", "my notes", '{"pgparity_rows_state": 1, "moments": 5, "sums": {}, "tables": {}}'])
def test_a_file_that_is_no_state_is_left_alone(diff: Diff, tmp_path: Path, text: str) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(text)
    refused(diff("--table", "clients", "--state", str(file)), "is not the state of a comparison")
    assert file.read_text() == text


def test_the_side_whose_role_may_not_read_a_table_is_named_with_the_grant(here: Pgparity, pair: Pair) -> None:
    pair.on_target(f"REVOKE SELECT ON visits FROM {ROLE}")
    try:
        sides = ("--source", as_role(pair.source_dsn), "--target", as_role(pair.target_dsn))
        refused(
            here("data", "diff", *sides),
            f"the target role {ROLE} may not read table public.visits",
            f"GRANT SELECT ON public.visits TO {ROLE};",
        )
        result = here("data", "diff", *sides, "--table", "clients")
        assert result.returncode == 0, result.stderr
    finally:
        pair.on_target(f"GRANT SELECT ON visits TO {ROLE}")
    pair.on_source(f"REVOKE SELECT ON visits FROM {ROLE}")
    try:
        refused(here("data", "diff", *sides), f"the source role {ROLE} may not read table public.visits")
    finally:
        pair.on_source(f"GRANT SELECT ON visits TO {ROLE}")


def test_a_role_that_may_not_use_a_schema_is_told_the_grant(here: Pgparity, pair: Pair) -> None:
    sides = ("--source", as_role(pair.source_dsn), "--target", pair.target_dsn)
    refused(
        here("data", "diff", *sides, "--schema", "salon"),
        f"the source role {ROLE} may not use the schema of table salon.invoices",
        f"GRANT USAGE ON SCHEMA salon TO {ROLE};",
    )


def test_flags_that_would_be_without_effect_are_refused(here: Pgparity, pair: Pair, tmp_path: Path) -> None:
    file, other = str(tmp_path / "old.digest.json"), str(tmp_path / "new.digest.json")
    for side, dsn, output in (("--source", pair.source_dsn, file), ("--target", pair.target_dsn, other)):
        result = here("data", "digest", side, dsn, "--table", "clients", "--output", output)
        assert result.returncode == 0, result.stderr
    both = ("data", "diff", "--source", file, "--target", other)
    refused(here("data", "diff", "--source", file, "--target", pair.target_dsn, "--settle-seconds", "1"), "no effect")
    refused(here(*both, "--max-connections", "2"), "--max-connections has no effect where both sides are files")
    rest = ("data", "diff", "--source-rest-url", "http://127.0.0.1:9", "--target", pair.target_dsn)
    refused(here(*rest, "--max-connections", "2"), "--max-connections has no effect where the source is REST")
