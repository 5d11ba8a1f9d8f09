"""What can stand on either side of the schema commands: databases, snapshots, files of DDL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Pgparity
from tests.cli.test_bad_input import refused
from tests.cli.test_schema import _load

CLIENTS = "CREATE TABLE clients (id int PRIMARY KEY, phone text);\n"
INDEX = "CREATE INDEX clients_phone ON clients (phone);\n"


def files(folder: Path, **texts: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return str(folder)


def changes(done: object) -> set[tuple[str, str, str]]:
    document = json.loads(str(getattr(done, "stdout", "")))
    return {(each["kind"], each["identity"], each["change"]) for each in document["changes"]}


@pytest.mark.long
def test_files_snapshots_and_databases_stand_on_either_side(
    here: Pgparity, newer_database: str, tmp_path: Path
) -> None:
    _load(newer_database, CLIENTS)
    folder = files(tmp_path / "ddl", **{"01_tables": CLIENTS, "02_more": INDEX})
    taken = here("schema", "snapshot", "--database", folder, "--output", "ddl.json")
    assert taken.returncode == 0, taken.stderr
    missing = {("index", "public.clients.clients_phone", "removed")}
    for source in ("ddl", "ddl.json"):
        done = here("schema", "diff", "--source", source, "--target", newer_database, "--format", "json")
        assert changes(done) == missing, done.stderr
    back = here("schema", "diff", "--source", newer_database, "--target", "ddl.json", "--format", "json")
    assert changes(back) == {("index", "public.clients.clients_phone", "added")}
    same = here("schema", "diff", "--source", "ddl", "--target", "ddl.json")
    assert same.returncode == 0, same.stdout
    planned = here("schema", "align", "--source", "ddl.json", "--target", newer_database)
    assert "CREATE INDEX clients_phone" in planned.stdout


def test_roles_that_files_name_are_made_and_owners_they_do_not_say_are_no_difference(
    here: Pgparity, newer_database: str, tmp_path: Path
) -> None:
    _load(newer_database, CLIENTS)
    text = f"BEGIN;\n{CLIENTS}GRANT SELECT ON clients TO of_files_only;\nCOMMIT;\n"
    done = here(
        "schema", "diff", "--source", files(tmp_path / "ddl", a=text), "--target", newer_database, "--format", "json"
    )
    assert {each["kind"] for each in json.loads(done.stdout)["changes"]} == {"privilege"}, done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CLIENTS + "\nCREATE TABLE y (\n  id int,\n  z nonsense\n);", ("b.sql, line 5", 'type "nonsense"')),
        ("\\restrict a\nSELECT 1;\n\\connect other\n", ("b.sql, line 3", "\\connect is not supported")),
        ("SELECT 1;\nSELECT 'open", ("b.sql, line 2", "does not end")),
        ("CREATE EXTENSION pg_nothing_here;", ("b.sql, line 1", "extension")),
    ],
)
def test_a_statement_that_fails_is_one_line(
    here: Pgparity, newer_database: str, tmp_path: Path, text: str, said: tuple[str, ...]
) -> None:
    folder = files(tmp_path / "ddl", a="SELECT 1;", b=text)
    refused(here("schema", "diff", "--source", folder, "--target", newer_database), *said)


def test_what_is_no_side_is_told(here: Pgparity, newer_database: str, tmp_path: Path) -> None:
    target = ("--target", newer_database)
    refused(here("schema", "diff", "--source", "nowhere", *target), "'nowhere' is neither a database nor")
    refused(here("schema", "diff", "--source", "gone.json", *target), "gone.json cannot be read")
    refused(here("schema", "diff", "--source", "gone.sql", *target), "gone.sql is not there")
    (tmp_path / "empty").mkdir()
    refused(here("schema", "diff", "--source", "empty", *target), "has no .sql file")
    (tmp_path / "old.json").write_text('{"format": "pgparity/catalog", "version": 0}')
    refused(here("schema", "diff", "--source", "old.json", *target), "old.json has format version 0")
    files(tmp_path / "ddl", a=CLIENTS)
    refused(here("schema", "diff", "--source", "ddl", *target, "--scratch-version", "9"), "no PostgreSQL 9")


def test_one_database_twice_is_refused_and_its_snapshot_is_not(here: Pgparity, newer_database: str) -> None:
    pair = ("--source", newer_database, "--target", newer_database)
    refused(here("schema", "diff", *pair), "same database")
    here("schema", "snapshot", "--database", newer_database, "--output", "now.json")
    assert here("schema", "diff", "--source", "now.json", "--target", newer_database).returncode == 0


@pytest.mark.long
def test_without_a_file_all_schemas_are_looked_at(here: Pgparity, newer_database: str, tmp_path: Path) -> None:
    _load(newer_database, CLIENTS)
    folder = files(tmp_path / "ddl", a=CLIENTS, b="CREATE SCHEMA audit; CREATE TABLE audit.log (id int);")
    whole = here("schema", "diff", "--source", folder, "--target", newer_database, "--format", "json")
    assert changes(whole) == {("schema", "audit", "removed"), ("table", "audit.log", "removed")}
    here("schema", "snapshot", "--database", folder, "--output", "ddl.json")
    pair = ("--source", "ddl.json", "--target", newer_database, "--format", "json")
    assert changes(here("schema", "diff", *pair, "--schema", "public")) == set()
    (tmp_path / "pgparity.toml").write_text("[run]\ntitle = 'x'\n")
    assert changes(here("schema", "diff", *pair)) == set()
    assert len(changes(here("schema", "diff", *pair, "--schema", "audit"))) == 2


def test_a_snapshot_of_one_schema_is_compared_with_that_schema_alone(
    here: Pgparity, newer_database: str, tmp_path: Path
) -> None:
    _load(newer_database, CLIENTS, "CREATE SCHEMA audit", "CREATE TABLE audit.log (id int)")
    here("schema", "snapshot", "--database", newer_database, "--schema", "public", "--output", "part.json")
    done = here("schema", "diff", "--source", "part.json", "--target", newer_database)
    assert done.returncode == 0, done.stdout
