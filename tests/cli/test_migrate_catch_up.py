"""`pgparity migrate --catch-up`: a finished migration follows its source, deletes too, and says what it may not do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

TABLES = (
    "CREATE TABLE clients (id int PRIMARY KEY, company_id int, name text)",
    (
        "CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id int REFERENCES clients,"
        " note text)"
    ),
    "CREATE TABLE marks (text text)",
)
ROWS = (
    "INSERT INTO clients SELECT n, 900100, 'Row ' || n FROM generate_series(1, 300) AS n",
    "INSERT INTO visits (client_id, note) SELECT n, repeat('x', n) FROM generate_series(1, 250) AS n",
    "INSERT INTO marks VALUES ('a'), ('a'), (NULL)",
)
EDITS = (
    "DELETE FROM visits WHERE client_id = 7",
    "DELETE FROM clients WHERE id = 7",
    "UPDATE clients SET name = 'another' WHERE id = 9",
    "INSERT INTO clients VALUES (301, 900200, 'new')",
    "INSERT INTO visits (client_id, note) VALUES (301, 'first')",
    "INSERT INTO marks VALUES ('b')",
    "DELETE FROM marks WHERE text IS NULL",
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
    """The object on stdout."""
    assert result.returncode == code, result.stdout + result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.long), ("--create-schema",)])
def test_a_finished_migration_is_brought_up_to_date_and_every_row_is_compared(
    pair: Pair, migrate: Migrate, options: tuple[str, ...]
) -> None:
    if not options:
        pair.on_target(*TABLES)
    told(migrate(*options, "--yes", "--format", "json"), 0)
    pair.on_source(*EDITS)
    told(migrate("--yes", "--format", "json"), 1)
    report = told(migrate("--catch-up", "--yes", "--format", "json"), 0)
    assert {each["table"]: each["status"] for each in report["tables"]} == dict.fromkeys(
        ("public.clients", "public.visits", "public.marks"), "identical"
    )
    assert all(each["verified"] for each in report["tables"])
    assert pair.rows_of_target("SELECT count(*) FROM visits") == [(250,)]
    assert pair.rows_of_target("INSERT INTO visits (client_id) VALUES (1) RETURNING id > 251") == [(True,)]


@pytest.mark.long
def test_rows_that_others_wrote_stay_and_are_named_as_a_difference(pair: Pair, migrate: Migrate) -> None:
    pair.on_target(*TABLES)
    told(migrate("--yes", "--format", "json"), 0)
    pair.on_source(*EDITS)
    pair.on_target("INSERT INTO clients VALUES (-1, 900200, 'of others')")
    report = told(migrate("--catch-up", "--yes", "--format", "json"), 1)
    assert {each["table"]: each["status"] for each in report["tables"]} == {
        "public.clients": "differs",
        "public.visits": "identical",
        "public.marks": "identical",
    }
    assert pair.rows_of_target("SELECT id FROM clients WHERE id < 8 ORDER BY 1")[0] == (-1,)


def test_a_dry_run_says_what_would_be_brought_up_to_date_and_its_plan_can_be_carried_out(
    pair: Pair, migrate: Migrate
) -> None:
    pair.on_target(*TABLES)
    told(migrate("--yes", "--format", "json"), 0)
    pair.on_source(*EDITS)
    shown = migrate("--catch-up", "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("compared and brought up to date, deletes too") == len(TABLES)
    assert pair.rows_of_target("SELECT count(*) FROM clients WHERE id = 7") == [(1,)]
    plan = migrate("--catch-up", "--dry-run", "--format", "json", "--output", "plan.json")
    assert plan.returncode == 0, plan.stderr
    told(migrate("--plan", "plan.json", "--yes", "--format", "json"), 0)
    assert pair.rows_of_target("SELECT count(*) FROM clients WHERE id = 7") == [(0,)]
