"""`pgparity migrate`: rows arrive, are compared, and a second run says what is so now, not what the ledger says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.embedded.server import Server
from harness.reference.data_set import data_set
from harness.reference.seed import seed
from tests.api_roles import create_api_roles
from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

TABLES = (
    "CREATE TABLE clients (id int PRIMARY KEY, company_id int, name text, total numeric)",
    (
        "CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id int REFERENCES clients,"
        " day date, note text)"
    ),
    "CREATE TABLE marks (text text)",
    "CREATE INDEX ON visits (day)",
)
ROWS = (
    "INSERT INTO clients SELECT n, 900100, 'Row ' || n, n / 4.0 FROM generate_series(1, 300) AS n",
    (
        "INSERT INTO visits (client_id, day, note) SELECT n, date '2026-01-01' + n, repeat('x', n)"
        " FROM generate_series(1, 250) AS n"
    ),
    "INSERT INTO marks VALUES ('a'), ('a'), (NULL)",
)
KEYS = (
    # The newer server has NOT NULL among them.
    "SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1"
)
Migrate = Callable[..., Any]


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_source(*TABLES, *ROWS)
    return empty


@pytest.fixture
def migrate(pair: Pair, here: Pgparity) -> Migrate:
    return lambda *arguments: here("migrate", "--source", pair.source_dsn, "--target", pair.target_dsn, *arguments)


def told(result: Any, code: int) -> dict[str, Any]:
    """The tables of the object on stdout, by name."""
    assert result.returncode == code, result.stdout + result.stderr
    return {each["table"]: each for each in json.loads(result.stdout)["tables"]}


def refused(result: Any, *words: str) -> None:
    """One error and one hint, exit code 2, nothing on stdout but a plan for people."""
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.count("error E") == 1
    assert all(word in result.stderr for word in words), result.stderr


def test_everything_moves_is_verified_and_is_there_once_after_a_second_run(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES)
    for _ in range(2):
        tables = told(migrate("--yes", "--format", "json"), 0)
        assert {name: each["rows"] for name, each in tables.items()} == {
            "public.clients": 300,
            "public.visits": 250,
            "public.marks": 3,
        }
        assert all(each["verified"] is True and each["status"] == "identical" for each in tables.values())
        assert all(each["bytes"] > 0 and each["seconds"] >= 0 for each in tables.values())
        assert pair.rows_of_target("SELECT count(*) FROM visits") == [(250,)]


def test_a_finished_migration_compares_the_rows_again_and_tells_that_the_source_has_changed(
    pair: Pair, migrate: Migrate
) -> None:
    pair.on_target(*TABLES)
    told(migrate("--yes", "--format", "json"), 0)
    pair.on_source("UPDATE clients SET name = 'another' WHERE id = 7")
    tables = told(migrate("--yes", "--format", "json"), 1)
    assert tables["public.clients"]["verified"] is False
    assert tables["public.clients"]["status"] == "differs"
    assert tables["public.visits"]["verified"] is True


def test_the_schema_is_made_before_the_rows_and_its_keys_after(pair: Pair, migrate: Migrate) -> None:
    tables = told(migrate("--create-schema", "--yes", "--format", "json"), 0)
    assert all(each["verified"] for each in tables.values())
    assert pair.rows_of_target(KEYS) == pair.rows_of_source(KEYS)
    assert pair.rows_of_target("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'") == [(3,)]
    assert pair.rows_of_target("INSERT INTO visits (client_id) VALUES (1) RETURNING id > 250") == [(True,)]


@pytest.mark.parametrize("again", [(), ("--create-schema",)])
def test_a_finished_migration_that_made_the_schema_compares_again_and_moves_nothing(
    pair: Pair, migrate: Migrate, again: tuple[str, ...]
) -> None:
    told(migrate("--create-schema", "--yes", "--format", "json"), 0)
    written = pair.rows_of_target("SELECT max(xmin::text::bigint) FROM clients")
    pair.on_source("UPDATE clients SET name = 'another' WHERE id = 7")
    found = told(migrate(*again, "--yes", "--format", "json"), 1)
    assert (found["public.clients"]["verified"], found["public.visits"]["verified"]) == (False, True)
    assert pair.rows_of_target("SELECT max(xmin::text::bigint) FROM clients") == written


def test_what_a_killed_run_left_of_the_schema_is_made_by_the_next(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(
        *(each.replace(" PRIMARY KEY", " NOT NULL").replace(" REFERENCES clients", "") for each in TABLES[:3])
    )
    told(migrate("--create-schema", "--yes", "--format", "json"), 0)
    assert pair.rows_of_target(KEYS) == pair.rows_of_source(KEYS)


def test_a_dry_run_says_how_each_table_would_move_and_writes_nothing(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES, "INSERT INTO clients VALUES (1, 900100, 'here', 0)")
    result = migrate("--dry-run")
    assert result.returncode == 0, result.stderr
    assert "public.clients: about 300 rows" in result.stdout
    assert "upserted: the target's table holds rows in one chunk" in result.stdout
    assert "public.marks: " in result.stdout
    assert "in one chunk" in result.stdout
    assert pair.rows_of_target("SELECT count(*) FROM visits") == [(0,)]
    assert pair.rows_of_target("SELECT to_regclass('pgparity.ledger')::text") == [(None,)]


def test_without_consent_nothing_is_moved_and_the_plan_is_shown(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES)
    result = migrate()
    refused(result, "nothing was moved", "--yes")
    assert "public.clients" in result.stdout
    assert pair.rows_of_target("SELECT count(*) FROM clients") == [(0,)]


def test_a_saved_plan_is_carried_out_and_refused_once_a_table_has_changed(
    pair: Pair, migrate: Migrate, tmp_path: Path
) -> None:
    pair.on_target(*TABLES)
    plan = tmp_path / "plan.json"
    assert (
        migrate(
            "--dry-run", "--table", "clients", "--batch-rows", "50", "--format", "json", "--output", str(plan)
        ).returncode
        == 0
    )
    saved = json.loads(plan.read_text())
    assert [each["table"] for each in saved["tables"]] == ["public.clients"]
    tables = told(migrate("--plan", str(plan), "--yes", "--format", "json"), 0)
    assert tables["public.clients"]["chunks"] == 6
    assert pair.rows_of_target("SELECT count(*) FROM visits") == [(0,)]
    pair.on_target("ALTER TABLE clients ADD COLUMN later int")
    refused(migrate("--plan", str(plan), "--yes"), "made for another migration", "--dry-run")


def test_a_plan_with_another_flag_or_that_is_no_plan_is_refused(pair: Pair, migrate: Migrate, tmp_path: Path) -> None:
    pair.on_target(*TABLES)
    plan = tmp_path / "plan.json"
    migrate("--dry-run", "--format", "json", "--output", str(plan))
    refused(migrate("--plan", str(plan), "--table", "clients", "--yes"), "--plan is given with --table")
    plan.write_text("{}")
    refused(migrate("--plan", str(plan), "--yes"), "not a pgparity MigrationPlan")
    refused(migrate("--plan", str(tmp_path / "none.json"), "--yes"), "none.json cannot be read")


def test_a_table_that_the_target_would_refuse_keeps_all_rows_where_they_are(pair: Pair, migrate: Migrate) -> None:
    pair.on_target("CREATE TABLE clients (id int PRIMARY KEY, name text)", *TABLES[2:3])
    dry = migrate("--dry-run")
    assert dry.returncode == 1
    assert "REFUSED: the target has no column company_id, total" in dry.stdout
    assert "public.visits: REFUSED: the target has no table public.visits" in dry.stdout
    told(migrate("--yes", "--format", "json"), 1)
    assert pair.rows_of_target("SELECT count(*) FROM marks") == [(0,)]


def test_the_ledger_is_forgotten_on_request_and_its_rows_stay(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES)
    told(migrate("--yes", "--format", "json"), 0)
    result = migrate("--forget")
    assert (result.returncode, "the ledger is dropped" in result.stderr) == (0, True)
    assert "the target has no ledger" in migrate("--forget").stderr
    assert pair.rows_of_target("SELECT to_regclass('pgparity.ledger')::text") == [(None,)]
    assert pair.rows_of_target("SELECT count(*) FROM clients") == [(300,)]


def test_for_people_each_table_has_a_line_and_the_end_says_what_was_proved(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES)
    result = migrate("--yes")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert any(each.startswith("public.visits: 250 rows, ") and each.endswith("verified") for each in lines)
    assert any(each.startswith("verified: 553 rows moved") for each in lines)


REFERENCE = Path(__file__).parents[2] / "schemas" / "reference"


@pytest.fixture
def reference(server: Server, newer_server: Server, databases: Pair) -> Pair:
    """The reference application's source with its rows, and an empty target."""
    create_api_roles(server, newer_server)
    pair = databases.emptied()
    pair.on_source((REFERENCE / "source.sql").read_text("utf-8"))
    with psycopg.connect(pair.source_dsn) as connection:
        seed(connection, data_set())
    return pair


def moved(result: Any) -> tuple[int, int]:
    """Tables that were verified, and rows in all."""
    tables = told(result, 0).values()
    return sum(each["verified"] for each in tables), sum(each["rows"] for each in tables)


@pytest.mark.parametrize("way", ["recreated", "transformed", "columns added"])
def test_each_way_out_of_the_reference_migration_moves_1490_rows_in_7_tables(
    reference: Pair, here: Pgparity, tmp_path: Path, way: str
) -> None:
    # The third was done by hand: the tables of first_built, with the columns and keys that the code needs.
    reference.on_target(
        (REFERENCE / f"{'aligned' if way == 'columns added' else 'first_built'}.sql").read_text("utf-8")
    )
    sides = ("--source", reference.source_dsn, "--target", reference.target_dsn)
    config = ("--config", str(REFERENCE / ("first_built.toml" if way == "transformed" else "pgparity.toml")))
    if way == "recreated":
        plan = str(tmp_path / "plan.json")
        align = ("schema", "align", "--strategy", "recreate", "--format", "json", "--output", plan)
        assert here(*align, *config, *sides).returncode == 0
        applied = here("schema", "apply", plan, *config, *sides[2:], "--allow", "all", "--yes")
        assert applied.returncode == 0, applied.stderr
    result = here("migrate", *sides, *config, "--yes", "--format", "json")
    assert moved(result) == (7, 1490)
