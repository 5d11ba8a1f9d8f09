"""`pgparity run` on two servers: exit codes, outputs, what is written and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import psycopg
import pytest
from psycopg import conninfo

from harness.render.formats import FORMATS
from tests.cli.conftest import ROOT, Pgparity

TABLE = "CREATE TABLE public.prices (id int PRIMARY KEY, price numeric(10,2) NOT NULL, note text)"
ROWS = "INSERT INTO public.prices SELECT n, n * 1.10, 'note ' || n FROM generate_series(1, 2500) AS n"
WITHOUT_CODE = """
[run.exclude_stages]
contract = "no code in this test"
methods = "no code in this test"
"""


def execute(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def pair(database: str, newer_database: str, tmp_path: Path) -> dict[str, str]:
    """A source with a table of rows, a target with the table alone, and a project that leaves code out by name."""
    execute(database, TABLE, ROWS)
    execute(newer_database, TABLE)
    (tmp_path / "pgparity.toml").write_text(f"{WITHOUT_CODE}\n[migrate]\nbatch_rows = 1000\n")
    return {"PGPARITY_SOURCE": database, "PGPARITY_TARGET": newer_database}


def test_equal_databases_are_verified_and_the_document_validates(pgparity: Pgparity, pair: dict[str, str]) -> None:
    result = pgparity("run", "--yes", "--format", "json", "--no-progress", **pair)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    schema = json.loads((ROOT / "schemas" / "contracts" / "run.v1.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    assert document["verdict"]["status"] == "GO"
    assert document["rows"][0]["status"] == "identical"
    assert document["rows"][0]["source_rows"] == document["rows"][0]["target_rows"] == 2500
    assert document["migration"]["tables"][0]["chunks"] == 3
    assert {stage["name"]: stage["status"] for stage in document["stages"]}["methods"] == "excluded"


def test_without_consent_no_row_moves_and_missing_rows_are_no_go(here: Pgparity, pair: dict[str, str]) -> None:
    result = here("run", **pair)
    assert result.returncode == 1
    assert "--yes" in result.stdout
    with psycopg.connect(pair["PGPARITY_TARGET"]) as target:
        assert target.execute("SELECT count(*) FROM prices").fetchone() == (0,)
        assert target.execute("SELECT to_regnamespace('pgparity')").fetchone() == (None,)


def test_a_second_run_moves_nothing_twice(here: Pgparity, pair: dict[str, str]) -> None:
    assert here("run", "--yes", **pair).returncode == 0
    assert here("run", "--yes", **pair).returncode == 0
    with psycopg.connect(pair["PGPARITY_TARGET"]) as target:
        assert target.execute("SELECT count(*), sum(price) FROM prices").fetchone() == (2500, 3438875)


def test_a_changed_cell_is_no_go_and_its_value_stays_out_of_the_report(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    assert here("run", "--yes", **pair).returncode == 0
    execute(pair["PGPARITY_TARGET"], "UPDATE prices SET note = 'hidden-value-1' WHERE id = 7")
    result = here("run", "--format", "json", "--report-dir", "out", **pair)
    assert result.returncode == 1
    document = json.loads(result.stdout)
    delta = document["rows"][0]["differences"][0]
    assert (delta["key"], delta["status"]) == ({"id": 7}, "different")
    assert [cell["column"] for cell in delta["cells"]] == ["note"]
    for file in (tmp_path / "out").iterdir():
        assert "hidden-value-1" not in file.read_text(encoding="utf-8")


def test_a_stage_that_nobody_excluded_and_cannot_run_is_incomplete(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "pgparity.toml").unlink()
    result = here("run", "--yes", **pair)
    assert result.returncode == 3, result.stderr
    assert "no data layer is configured" in result.stdout


def test_a_table_with_rows_that_nobody_named_is_incomplete(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    execute(pair["PGPARITY_SOURCE"], "CREATE TABLE forgotten (id int PRIMARY KEY)", "INSERT INTO forgotten VALUES (1)")
    config = f'[scope]\ntables = ["public.prices"]\n{WITHOUT_CODE}'
    (tmp_path / "pgparity.toml").write_text(config)
    result = here("run", "--yes", **pair)
    assert result.returncode == 3, result.stdout
    assert "public.forgotten" in result.stdout
    decided = config.replace("[run.", '[scope.exclude]\n"public.forgotten" = "of no use"\n[run.')
    (tmp_path / "pgparity.toml").write_text(decided)
    assert here("run", "--yes", **pair).returncode == 0


def test_two_empty_databases_are_incomplete(here: Pgparity, database: str, newer_database: str) -> None:
    result = here("run", "--source", database, "--target", newer_database, "--yes")
    assert result.returncode == 3
    assert "INCOMPLETE" in result.stdout


def test_tables_without_a_row_prove_nothing(here: Pgparity, pair: dict[str, str]) -> None:
    execute(pair["PGPARITY_SOURCE"], "TRUNCATE prices")
    result = here("run", "--yes", **pair)
    assert result.returncode == 3, result.stdout


def test_the_limit_of_severity_can_be_moved(here: Pgparity, pair: dict[str, str]) -> None:
    execute(pair["PGPARITY_SOURCE"], "CREATE INDEX ON prices (note)")
    assert here("run", "--yes", **pair).returncode == 1
    assert here("run", "--yes", "--fail-on", "blocker", **pair).returncode == 0


def test_each_format_goes_where_it_was_sent(here: Pgparity, pair: dict[str, str], tmp_path: Path) -> None:
    result = here(
        *("run", "--yes", "--format", "markdown", "--output", "run.md", "--format", "junit", "--output", "run.xml"),
        *("--format", "jsonl", "-q"),
        **pair,
    )
    assert result.returncode == 0, result.stderr
    assert "GO" in (tmp_path / "run.md").read_text(encoding="utf-8")
    assert (tmp_path / "run.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert all(json.loads(line) for line in result.stdout.splitlines())
    assert result.stderr == ""


def test_a_plan_is_applied_when_asked_for_and_the_run_goes_on(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    execute(pair["PGPARITY_SOURCE"], "CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)")
    (tmp_path / "pgparity.toml").write_text(f'[run]\nalign = "add-missing"\n{WITHOUT_CODE}')
    result = here("run", "--yes", "--allow", "all", **pair)
    assert result.returncode == 0, result.stdout + result.stderr
    with psycopg.connect(pair["PGPARITY_TARGET"]) as target:
        assert target.execute("SELECT count(*) FROM later").fetchone() == (1,)


def test_a_policy_leaves_out_what_the_platform_manages_and_names_what_needs_it(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    execute(
        pair["PGPARITY_SOURCE"],
        "CREATE SCHEMA auth",
        "CREATE TABLE auth.users (id int PRIMARY KEY)",
        "ALTER TABLE prices ADD CONSTRAINT of_user FOREIGN KEY (id) REFERENCES auth.users NOT VALID",
    )
    (tmp_path / "pgparity.toml").write_text(
        f'{WITHOUT_CODE}\n[schema]\npolicy = "supabase"\n[scope]\nschemas = ["public", "auth"]\n'
    )
    result = here("run", "--yes", "--format", "json", "--no-progress", **pair)
    assert result.returncode == 1, result.stderr
    document = json.loads(result.stdout)
    why = "policy supabase: schema auth is managed by Supabase"
    (left,) = (each for each in document["scope"] if each["table"] == "auth.users")
    assert (left["scope"], left["reason"]) == ("excluded", why)
    assert {"item": "2 changes", "reason": why, "decided": True} in document["coverage"][2]["skipped"]
    assert [(each["table"], each["status"]) for each in document["rows"]] == [("public.prices", "identical")]
    found = {(each["code"], each["object"]["identity"]) for each in document["findings"]}
    assert {("PLT002", "auth.users"), ("CON003", "public.prices.of_user")} <= found


def test_the_source_is_never_written(here: Pgparity, pair: dict[str, str]) -> None:
    execute(pair["PGPARITY_SOURCE"], "CREATE ROLE reader_only LOGIN PASSWORD 'r' BYPASSRLS")
    try:
        execute(pair["PGPARITY_SOURCE"], "GRANT SELECT ON prices TO reader_only")
        reading = psycopg.conninfo.make_conninfo(pair["PGPARITY_SOURCE"], user="reader_only", password="r")
        assert here("run", "--yes", **(pair | {"PGPARITY_SOURCE": reading})).returncode == 0
    finally:
        execute(pair["PGPARITY_SOURCE"], "REVOKE ALL ON prices FROM reader_only", "DROP ROLE reader_only")


def test_runs_are_listed_know_the_one_before_and_hold_no_password(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    assert here("run", "--yes", **pair).returncode == 0
    execute(pair["PGPARITY_TARGET"], "DELETE FROM prices WHERE id = 7")
    result = here("run", **pair)
    assert result.returncode == 1
    folders = sorted((tmp_path / "reports" / "runs").glob("*/"))
    first, second = (each.relative_to(tmp_path) for each in folders)
    assert f"since:  pgparity report {second}/run.json --compare {first}/run.json" in result.stderr
    assert "all:    reports/runs/index.html" in result.stderr
    changed = here("report", str(second), "--compare", str(first), "--fail-on-new")
    assert changed.returncode == 1
    assert "1 new, 0 not checked again, 0 fixed" in changed.stdout
    index = (tmp_path / "reports" / "runs" / "index.html").read_text(encoding="utf-8")
    assert f"./{first.name}/report.html" in index
    told = [result.stdout, result.stderr, changed.stdout]
    told += [file.read_text(encoding="utf-8") for file in (tmp_path / "reports").rglob("*.*") if file.is_file()]
    told += [here("report", str(second), "--format", form).stdout for form in FORMATS]
    secrets = {str(conninfo.conninfo_to_dict(dsn)["password"]) for dsn in pair.values()}
    assert len(secrets) == 2
    assert not [secret for secret in secrets for text in told if secret in text]
    assert f"../{first.name}/report.html" in (folders[1] / "run.json").read_text(encoding="utf-8")


def test_a_folder_of_one_s_own_gets_no_list_unless_it_has_one(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    assert here("run", "--yes", "--report-dir", "mine/first", **pair).returncode == 0
    assert not (tmp_path / "mine" / "index.html").exists()
    assert here("report", "--index", "mine").returncode == 0
    (tmp_path / "mine" / "second" / "x").mkdir(parents=True)
    second = here("run", "--report-dir", "mine/second/x/..", **pair)
    assert second.returncode == 0
    assert "--compare mine/second/x/../../first/run.json" in second.stderr
    assert "./second/report.html" in (tmp_path / "mine" / "index.html").read_text(encoding="utf-8")
