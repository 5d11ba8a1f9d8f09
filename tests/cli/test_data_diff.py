"""`pgparity data diff`: one object on stdout, one screen for people, exit codes, and no configuration file needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

TABLES = (
    "CREATE TABLE clients (id int PRIMARY KEY, company_id int, name text, phone text, total numeric)",
    "INSERT INTO clients SELECT n, 900100 + n % 2 * 100, 'Row ' || n, '8000555' || n, n FROM generate_series(1, 40) n",
    "CREATE TABLE visits (id int PRIMARY KEY, client_id int, day date)",
    "INSERT INTO visits SELECT n, n, date '2026-01-01' + n FROM generate_series(1, 10) AS n",
    "CREATE VIEW large AS SELECT id, name, total FROM clients WHERE total > 20",
    "CREATE TABLE notes (text text)",
)
Diff = Callable[..., Any]


@pytest.fixture
def pair(databases: Pair) -> Pair:
    empty = databases.emptied()
    empty.on_both(*TABLES)
    return empty


@pytest.fixture
def diff(pair: Pair, here: Pgparity) -> Diff:
    return lambda *arguments: here("data", "diff", "--source", pair.source_dsn, "--target", pair.target_dsn, *arguments)


def told(result: Any, code: int) -> dict[str, Any]:
    """The tables of the object on stdout, by name."""
    assert result.returncode == code, result.stdout + result.stderr
    return {each["table"]: each for each in json.loads(result.stdout)["tables"]}


def refused(result: Any, *words: str) -> None:
    """One error and one hint, exit code 2, nothing on stdout."""
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stdout == ""
    assert result.stderr.count("error E") == 1
    assert all(word in result.stderr for word in words), result.stderr


def test_equal_tables_are_identical_and_exit_code_0(diff: Diff) -> None:
    tables = told(diff("--format", "json"), 0)
    assert {name: each["status"] for name, each in tables.items()} == dict.fromkeys(
        ("public.clients", "public.notes", "public.visits"), "identical"
    )
    assert tables["public.clients"]["source_rows"] == tables["public.clients"]["target_rows"] == 40
    assert tables["public.clients"]["differences"] == []


@pytest.mark.parametrize("chosen", ["json", "text"])
def test_a_password_in_a_key_is_not_told(diff: Diff, pair: Pair, chosen: str) -> None:
    pair.on_both("CREATE TABLE hooks (url text PRIMARY KEY)")
    pair.on_both("INSERT INTO hooks VALUES ('https://h')")
    pair.on_target("INSERT INTO hooks VALUES ('postgres://app:Zq7w9@h/d')")
    result = diff("--table", "public.hooks", "--format", chosen)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "postgres://app:***@h/d" in result.stdout
    assert "Zq7w9" not in result.stdout + result.stderr


def test_each_difference_has_its_key_its_status_and_its_cells(diff: Diff, pair: Pair) -> None:
    pair.on_target(
        "UPDATE clients SET name = upper(name) WHERE id = 3",
        "DELETE FROM clients WHERE id = 5",
        "INSERT INTO clients VALUES (99, 900100, 'New', '80005550099', 1)",
    )
    result = diff("--table", "public.clients", "--format", "json")
    table = told(result, 1)["public.clients"]
    assert table["status"] == "differs"
    assert (table["source_rows"], table["target_rows"]) == (40, 40)
    assert table["differences"] == [
        {"key": {"id": 3}, "status": "different", "cells": [{"column": "name", "class": "case", "drift": False}]},
        {"key": {"id": 5}, "status": "missing_on_target", "cells": []},
        {"key": {"id": 99}, "status": "missing_on_source", "cells": []},
    ]
    assert "ROW " not in result.stdout


def test_drift_is_a_risk_and_with_allow_drift_none(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET total = total + 0.00 WHERE id = 3")
    assert told(diff("--format", "json"), 1)["public.clients"]["status"] == "drift"
    assert told(diff("--format", "json", "--allow-drift"), 0)["public.clients"]["status"] == "drift"


def test_people_read_the_worst_table_first_in_one_screen_of_80_columns(diff: Diff, pair: Pair) -> None:
    pair.on_target(
        "UPDATE clients SET name = upper(name) WHERE company_id = 900100",
        "UPDATE visits SET day = day + 1 WHERE id = 2",
    )
    result = diff("-q")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert len(lines) < 50
    assert max(len(line) for line in lines if not line.lstrip().startswith("show")) <= 80
    assert lines[0].startswith("NO-GO  the rows are not the same on both sides")
    names = [line.split()[1] for line in lines if line.startswith("differs ")]
    assert names == ["public.clients", "public.visits"]
    assert "20 rows with other values" in result.stdout
    assert "name: case 20" in result.stdout
    assert "id = 2: name (case)" in result.stdout
    assert "SELECT * FROM public.clients WHERE (id = 2) OR" in result.stdout
    assert "identical: 1 table: public.notes (0 rows)" in result.stdout
    assert "ROW " not in result.stdout


@pytest.mark.parametrize(
    "chosen",
    ["junit", *(pytest.param(each, marks=pytest.mark.long) for each in ("jsonl", "markdown", "github", "html"))],
)
def test_the_other_formats_are_those_of_a_run_with_this_one_stage(diff: Diff, pair: Pair, chosen: str) -> None:
    pair.on_target("UPDATE visits SET day = day + 1 WHERE id = 2")
    result = diff("--format", chosen, "--table", "visits")
    assert result.returncode == 1, result.stderr
    assert "1 row of public.visits with other values on the target" in result.stdout


def test_an_empty_source_is_incomplete_whatever_the_target_has(diff: Diff, pair: Pair) -> None:
    pair.on_source("TRUNCATE clients, visits")
    result = diff("--format", "json")
    assert told(result, 3)["public.clients"]["source_rows"] == 0
    assert [each["code"] for each in json.loads(result.stdout)["findings"]] == ["COV002"]


def test_an_empty_target_differs(diff: Diff, pair: Pair) -> None:
    pair.on_target("TRUNCATE clients")
    assert told(diff("--format", "json"), 1)["public.clients"]["missing_on_target"] == 40


def test_a_table_on_one_side_only_is_incomplete(diff: Diff, pair: Pair) -> None:
    pair.on_target("DROP TABLE visits", "CREATE TABLE others (id int PRIMARY KEY)")
    tables = told(diff("--format", "json"), 3)
    assert tables["public.visits"]["status"] == "incomplete"
    assert tables["public.visits"]["reason"] == "the target has no table public.visits"
    assert tables["public.others"]["status"] == "incomplete"
    assert told(diff("--format", "json", "--table", "public.visits"), 3).keys() == {"public.visits"}
    left_out = diff("--format", "json", "--exclude", "visits=gone on purpose", "--exclude", "others=new")
    assert told(left_out, 0).keys() == {"public.clients", "public.notes"}


def test_a_table_on_neither_side_is_refused_with_the_nearest_name(diff: Diff) -> None:
    refused(diff("--table", "public.client", "--format", "json", "-q"), "public.client exists", "public.clients?")


def test_tables_that_were_not_asked_for_are_no_gap(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET name = 'x'")
    result = diff("--table", "public.visits", "--format", "json")
    assert told(result, 0).keys() == {"public.visits"}
    assert json.loads(result.stdout)["coverage"]["skipped"] == [
        {"item": "2 other tables", "reason": "not among the tables asked for", "decided": True}
    ]


def test_a_table_of_another_schema_needs_no_option_for_the_schema(diff: Diff, pair: Pair) -> None:
    pair.on_both(
        'CREATE SCHEMA "Other"',
        'CREATE TABLE "Other"."Odd name" (id int PRIMARY KEY)',
        'INSERT INTO "Other"."Odd name" VALUES (1)',
    )
    try:
        result = diff("--table", '"Other"."Odd name"', "--format", "json")
        assert told(result, 0)['"Other"."Odd name"']["source_rows"] == 1
    finally:
        pair.on_both('DROP SCHEMA "Other" CASCADE')


def test_a_view_is_compared_by_the_key_that_is_declared_for_it(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET name = 'x' WHERE id = 30")
    without = told(diff("--table", "large", "--format", "json"), 1)["public.large"]
    assert (without["missing_on_source"], without["missing_on_target"], without["key"]) == (1, 1, [])
    declared = told(diff("--table", "large", "--key", "large=id", "--format", "json"), 1)["public.large"]
    assert [each["key"] for each in declared["differences"]] == [{"id": 30}]
    refused(diff("--table", "large", "--key", "large=ident", "-q"), "no compared column ident", "id?")


def test_a_declared_key_that_is_not_unique_compares_multisets(diff: Diff, pair: Pair) -> None:
    pair.on_both("INSERT INTO notes VALUES ('a'), ('a'), ('b'), (NULL)")
    same = told(diff("--table", "notes", "--key", "notes=text", "--format", "json"), 0)["public.notes"]
    assert "not unique on both sides" in same["method"]
    pair.on_target("INSERT INTO notes VALUES ('a')")
    more = told(diff("--table", "notes", "--key", "notes=text", "--format", "json"), 1)["public.notes"]
    assert more["differences"] == [{"key": {"text": "a"}, "status": "missing_on_source", "cells": []}]


def test_only_the_rows_of_the_condition_are_compared_and_it_is_said(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET name = 'x' WHERE id = 30")
    result = diff("--table", "clients", "--where", "clients=id < 30 -- the first", "--format", "json")
    assert told(result, 0)["public.clients"]["source_rows"] == 29
    assert "only those are compared where (id < 30 -- the first)" in result.stdout
    assert told(diff("--table", "clients", "--where", "clients=id < 31", "--format", "json"), 1)


@pytest.mark.parametrize("condition", ["idd < 30", "id < 30; DROP TABLE clients", "name"])
def test_a_condition_that_a_server_refuses_is_one_line(diff: Diff, condition: str) -> None:
    result = diff("--table", "clients", "--where", f"clients={condition}", "-q")
    refused(result, "rows.tables.'public.clients'", "source")


def test_a_column_is_left_out_by_decision(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET phone = 'x'")
    result = diff("--table", "clients", "--ignore", "clients.phone=moved to a table of its own", "--format", "json")
    assert "phone" not in told(result, 0)["public.clients"]["columns"]
    assert "moved to a table of its own" in result.stdout
    refused(diff("--ignore", "clients.phon=gone", "-q"), "no column public.clients.phon", "mean public.clients.phone")


def test_a_key_column_that_is_ignored_matches_no_rows(diff: Diff, pair: Pair) -> None:
    pair.on_target("UPDATE clients SET id = id + 1000")
    result = diff("--table", "clients", "--ignore", "clients.id=given anew", "--format", "json")
    assert told(result, 0)["public.clients"]["key"] == []


CONFIGURATION = """
[rows.tables."public.clients"]
columns = ["name"]
target_where = "id <> 99"
[rows.tables."public.visits".tolerances]
day = { seconds = 86400 }
[rows.tables."public.large"]
key = ["id"]
"""


def test_the_file_says_columns_filters_tolerances_and_views(diff: Diff, pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text(CONFIGURATION, encoding="utf-8")
    pair.on_target("UPDATE clients SET phone = 'x'", "INSERT INTO clients VALUES (99, 1, 'New', '', 1)")
    result = diff("--format", "json")
    tables = told(result, 0)
    assert tables["public.clients"]["columns"] == ["id", "name"]
    assert tables["public.large"]["key"] == ["id"]
    assert "rows.tables.'public.clients'.columns does not name it" in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[rows.tables."public.client"]\nkey = ["id"]', ("public.client", "mean public.clients")),
        ('[rows.tables."public.clients"]\ncolumns = ["nam"]', ("no compared column nam", "name?")),
        ('[rows.tables."public.clients".tolerances]\ntotals = { absolute = 1 }', ("totals", "total?")),
    ],
)
def test_what_the_file_has_wrong_is_one_line_with_the_nearest_name(
    diff: Diff, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "pgparity.toml").write_text(text, encoding="utf-8")
    refused(diff("-q"), *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--max-read", "lots"), ("--max-read lots", "500MB")),
        (("--key", "clients"), ("--key clients", "TABLE=COLUMN,COLUMN")),
        (("--exclude", "clients="), ("--exclude clients", "TABLE=REASON")),
        (("--ignore", "phone=x"), ("--ignore phone", "schema.table.column")),
    ],
)
def test_a_flag_that_cannot_be_read_is_refused(diff: Diff, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(diff(*arguments, "-q"), *words)


def test_a_role_that_row_level_security_filters_is_refused(diff: Diff, pair: Pair, here: Pgparity) -> None:
    pair.on_source(
        "ALTER TABLE clients ENABLE ROW LEVEL SECURITY",
        "GRANT USAGE ON SCHEMA public TO PUBLIC",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
    )
    role = sql.Identifier("pgparity_filtered")
    with psycopg.connect(pair.source_dsn, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(role))
        try:
            filtered = psycopg.conninfo.make_conninfo(pair.source_dsn, user="pgparity_filtered", password="x")
            result = here("data", "diff", "--source", filtered, "--target", pair.target_dsn, "-q")
            refused(result, "row-level security", "public.clients", "BYPASSRLS")
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(role))


def test_the_help_is_true_and_short(here: Pgparity) -> None:
    result = here("data", "diff", "--help")
    assert result.returncode == 0
    assert "Exit codes: 0 all identical" in result.stdout.replace("\n", " ").replace("  ", " ")
