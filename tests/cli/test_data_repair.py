"""`pgparity data repair` as people and programs drive it: what it shows, what it writes, its exit codes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Pgparity

TABLE = "CREATE TABLE clients (id int PRIMARY KEY, name text)"


@pytest.fixture
def sides(database: str, newer_database: str) -> tuple[str, ...]:
    _load(database, TABLE, "INSERT INTO clients VALUES (1, 'Анна'), (2, 'Мария')")
    _load(newer_database, TABLE, "INSERT INTO clients VALUES (1, 'другая'), (3, 'лишняя')")
    return ("data", "repair", "--source", database, "--target", newer_database)


def _load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _rows(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT * FROM clients ORDER BY id").fetchall()


def test_it_only_shows_what_it_would_do(here: Pgparity, sides: tuple[str, ...]) -> None:
    done = here(*sides)
    assert done.returncode == 1, done.stderr
    assert "insert 1 row" in done.stdout
    assert "left: 1 row: it exists on the target only" in done.stdout
    assert "nothing was written: 2 rows of 1 table would be, 1 would be left" in done.stdout
    assert "again with --yes" in done.stderr
    assert "Мария" not in done.stdout + done.stderr
    assert _rows(sides[-1]) == [(1, "другая"), (3, "лишняя")]


def test_with_yes_it_writes_and_with_consent_it_deletes(here: Pgparity, sides: tuple[str, ...]) -> None:
    assert here(*sides, "--yes").returncode == 1
    assert _rows(sides[-1]) == [(1, "Анна"), (2, "Мария"), (3, "лишняя")]
    done = here(*sides, "--yes", "--allow", "data-loss", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["applied"], found["tables"][0]["deleted"], found["tables"][0]["after"]) == (True, 1, "identical")
    assert "nothing to do: no row of 1 table differs" in here(*sides).stdout


def test_the_script_is_whole_and_its_owners_alone(here: Pgparity, sides: tuple[str, ...], tmp_path: Path) -> None:
    assert here(*sides, "--allow", "data-loss", "--output", "repair.sql").returncode == 1
    script = tmp_path / "repair.sql"
    assert stat.S_IMODE(script.stat().st_mode) == 0o600
    assert here(*sides, "--allow", "data-loss", "--format", "sql").stdout == script.read_text(encoding="utf-8")
    _load(sides[-1], script.read_text(encoding="utf-8"))
    assert _rows(sides[-1]) == [(1, "Анна"), (2, "Мария")]


def test_a_table_that_is_on_one_side_alone_is_exit_code_3(here: Pgparity, sides: tuple[str, ...]) -> None:
    _load(sides[3], "CREATE TABLE visits (id int PRIMARY KEY)")
    done = here(*sides, "--table", "public.visits")
    assert done.returncode == 3, done.stderr
    assert "the target has no table public.visits" in done.stdout


def test_two_places_for_one_script_are_refused(here: Pgparity, sides: tuple[str, ...]) -> None:
    done = here(*sides, "--format", "sql", "--output", "repair.sql")
    assert (done.returncode, "Keep one of them" in done.stderr) == (2, True)


def test_a_child_repaired_without_its_parent_says_which_table_is_no_part_of_it(
    here: Pgparity, sides: tuple[str, ...]
) -> None:
    for dsn in (sides[3], sides[5]):
        _load(dsn, "CREATE TABLE visits (id int PRIMARY KEY, client int REFERENCES clients)")
    _load(sides[3], "INSERT INTO visits VALUES (1, 1), (2, 2)")
    said = "points to public.clients, no part of this repair"
    assert said in here(*sides, "--table", "public.visits").stdout
    assert said not in here(*sides).stdout
    done = here(*sides, "--table", "public.visits", "--yes")
    assert (done.returncode, "inserted 1 of 2 rows" in done.stdout) == (1, True)
    assert "left: 1 row: 23503: a row points to one that is not there" in done.stdout
    assert here(*sides, "--allow", "data-loss", "--yes").returncode == 0
