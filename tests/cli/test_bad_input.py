"""Bad input gives one clear line, a hint and exit code 2; nothing is written anywhere."""

from __future__ import annotations

import socket
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo, sql

from harness.embedded.server import Server
from tests.cli.conftest import Pgparity

SECRET = "s3cr3t-never-shown"


def refused(result: object, *words: str) -> str:
    """Exit code 2, nothing on stdout, one error line and a hint; no traceback, no secret."""
    assert getattr(result, "returncode", None) == 2, result
    assert getattr(result, "stdout", None) == ""
    stderr = str(getattr(result, "stderr", ""))
    errors = [line for line in stderr.splitlines() if line.startswith("error")]
    assert len(errors) == 1, stderr
    assert "hint: " in stderr
    assert "Traceback" not in stderr
    assert SECRET not in stderr
    for word in words:
        assert word in stderr, stderr
    return stderr


def unchanged(folder: Path, *dsns: str) -> None:
    """No file in the folder, no table and no ledger in the databases."""
    assert list(folder.iterdir()) == []
    for dsn in dsns:
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'pgparity'").fetchone()
            assert row == (0,)


def test_unset_databases(pgparity: Pgparity, here: Pgparity, tmp_path: Path) -> None:
    refused(pgparity("run"), "no source database is given", "PGPARITY_SOURCE")
    refused(here("run", "--source", "dbname=x"), "no target database is given")
    refused(here("run", "--source", "env:NOWHERE_SET", "--target", "dbname=x"), "variable NOWHERE_SET of")
    refused(here("run", PGPARITY_SOURCE="", PGPARITY_TARGET="dbname=x"), "empty string")
    unchanged(tmp_path)


def test_an_unknown_key_names_the_nearest(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text('[run]\nfail_onn = "risk"\n')
    refused(here("run", "--source", "dbname=a", "--target", "dbname=b"), "run.fail_onn", "Did you mean run.fail_on?")


def test_an_unknown_option_says_where_help_is(here: Pgparity) -> None:
    refused(here("run", "--sauce", "x"), "--sauce", "--help")
    refused(here("nonsense"), "nonsense")


def test_a_dsn_that_is_none(here: Pgparity, newer_database: str, tmp_path: Path) -> None:
    refused(here("run", "--source", f"postgresql://u:{SECRET}@[x", "--target", newer_database), "not a valid libpq")
    refused(here("run", "--source", f"hots=x password={SECRET}", "--target", newer_database), "not a valid libpq")
    unchanged(tmp_path, newer_database)


def test_a_server_that_cannot_be_reached(here: Pgparity, database: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        dsn = f"postgresql://u:{SECRET}@127.0.0.1:{port}/d"
        refused(here("run", "--source", database, "--target", dsn), f"127.0.0.1:{port} cannot be reached")
    unchanged(tmp_path, database)


def test_a_wrong_password_is_never_echoed(here: Pgparity, database: str, newer_database: str) -> None:
    wrong = conninfo.make_conninfo(newer_database, password=SECRET)
    refused(here("run", "--source", database, "--target", wrong), "refused the password")


def test_a_database_that_does_not_exist(here: Pgparity, database: str) -> None:
    absent = conninfo.make_conninfo(database, dbname="not_there")
    refused(here("run", "--source", database, "--target", absent), "has no database 'not_there'")


def test_source_and_target_are_one_database(here: Pgparity, database: str, tmp_path: Path) -> None:
    refused(here("run", "--source", database, "--target", database), "same database")
    other_spelling = conninfo.make_conninfo(database, host="localhost", application_name="x")
    refused(here("run", "--source", database, "--target", other_spelling), "same database")
    unchanged(tmp_path, database)


def test_a_pooler_in_transaction_mode(here: Pgparity, database: str) -> None:
    pooler = f"postgresql://u:{SECRET}@127.0.0.1:6543/d"
    refused(here("run", "--source", pooler, "--target", database), "port 6543 is a pooler", "session mode")


@pytest.fixture
def plain_role(server: Server, database: str) -> str:
    """A DSN of a role that may connect and nothing else; the database has one table with a row."""
    name = "plain_role"
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE TABLE secrets (id int PRIMARY KEY)")
        admin.execute("INSERT INTO secrets VALUES (1)")
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'plain'").format(sql.Identifier(name)))
    return conninfo.make_conninfo(database, user=name, password="plain")


def test_a_role_without_rights(here: Pgparity, plain_role: str, newer_database: str, tmp_path: Path) -> None:
    with psycopg.connect(newer_database, autocommit=True) as admin:
        admin.execute("CREATE TABLE secrets (id int PRIMARY KEY)")
    refused(
        here("run", "--source", plain_role, "--target", newer_database, "--yes"),
        "may not read table public.secrets",
        "GRANT SELECT",
    )
    unchanged(tmp_path, newer_database)


def test_a_role_that_row_level_security_filters(
    here: Pgparity, plain_role: str, database: str, newer_database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("GRANT SELECT ON secrets TO plain_role")
        admin.execute("ALTER TABLE secrets ENABLE ROW LEVEL SECURITY")
    refused(
        here("run", "--source", plain_role, "--target", newer_database),
        "only the rows that row-level security shows",
        "BYPASSRLS",
    )


def test_a_table_that_is_on_neither_side(here: Pgparity, database: str, newer_database: str, tmp_path: Path) -> None:
    refused(
        here("run", "--source", database, "--target", newer_database, "--table", "public.nowhere"),
        "public.nowhere exists on neither side",
    )
    unchanged(tmp_path, database, newer_database)


def test_a_data_layer_that_cannot_be_imported(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    (tmp_path / "pgparity.toml").write_text(
        '[methods]\nsource_layer = "no_such_module:create"\ntarget_layer = "json:create"\ncases = "cases.toml"\n'
    )
    (tmp_path / "cases.toml").write_text("")
    refused(here("run", "--source", database, "--target", newer_database), "no_such_module")


def test_outputs_that_do_not_fit_the_formats(here: Pgparity) -> None:
    refused(here("run", "--format", "json", "--format", "text"), "more than one format")
    refused(here("run", "--output", "a", "--output", "b"), "more --output than --format")


def test_a_report_of_what_is_no_run(here: Pgparity, tmp_path: Path) -> None:
    refused(here("report", "absent.json"), "cannot be read")
    (tmp_path / "other.json").write_text('{"format": "something"}')
    refused(here("report", "other.json"), "not a pgparity RunDocument")


def test_init_overwrites_nothing(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text("# mine\n")
    refused(here("init"), "there already", "--force")
    assert (tmp_path / "pgparity.toml").read_text() == "# mine\n"
    assert [each.name for each in tmp_path.iterdir()] == ["pgparity.toml"]


def test_unknown_schema_of_the_stack(here: Pgparity) -> None:
    refused(here("stack", "--target", "misaligned"), "misaligned", "aligned-plain")
    refused(here("stack", "--empty", "--target", "aligned"), "exclude each other")
