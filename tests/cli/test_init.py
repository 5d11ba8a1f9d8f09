"""`pgparity init`: what it writes runs as it is, and bad answers write nothing."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.cli.conftest import Pgparity, environment
from tests.cli.test_bad_input import refused

NO_CODE = ("--without-methods", "no code in this test")


@pytest.fixture
def pair(database: str, newer_database: str) -> dict[str, str]:
    """A table with rows on the source, and empty on the target."""
    for dsn in (database, newer_database):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE prices (id int PRIMARY KEY, price numeric NOT NULL)")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO prices SELECT n, n * 1.10 FROM generate_series(1, 20) AS n")
    return {"OLD_DB": database, "NEW_DB": newer_database}


def files(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def commands_of(pipeline: Any) -> Iterator[list[str]]:
    """The calls of pgparity in a pipeline of GitHub or GitLab, without its name."""
    if "jobs" in pipeline:
        lines = [step["run"] for step in pipeline["jobs"]["compare"]["steps"] if "run" in step]
    else:
        lines = pipeline["pgparity"]["script"]
    assert any(line.startswith("pip install ") for line in lines)
    for line in lines:
        if line.startswith("pgparity "):
            yield shlex.split(line)[1:]


@pytest.mark.parametrize(
    ("ci", "file"),
    [
        ("github", ".github/workflows/pgparity.yml"),
        pytest.param("gitlab", ".gitlab/pgparity.yml", marks=pytest.mark.long),
    ],
)
def test_a_project_from_flags_comes_to_a_verdict_by_the_commands_of_its_pipeline(
    here: Pgparity, pair: dict[str, str], tmp_path: Path, ci: str, file: str
) -> None:
    written = here(
        "init", "--source", "env:OLD_DB", "--target", "env:NEW_DB", "--migrate", "always", "--ci", ci, *NO_CODE
    )
    assert written.returncode == 0, written.stderr
    assert written.stdout == ""
    calls = list(commands_of(yaml.safe_load((tmp_path / file).read_text())))
    assert [call[0] for call in calls] == ["doctor", "run"]
    summary = tmp_path / "summary.md"
    for call in calls:
        result = here(*(word.replace("$GITHUB_STEP_SUMMARY", str(summary)) for word in call), **pair)
        assert result.returncode == 0, result.stderr + result.stdout
    assert (tmp_path / "reports" / "runs" / "ci" / "report.html").is_file()
    told = summary if ci == "github" else tmp_path / "reports" / "runs" / "ci" / "junit.xml"
    assert told.stat().st_size > 0
    with psycopg.connect(pair["NEW_DB"]) as target:
        assert target.execute("SELECT count(*) FROM prices").fetchone() == (20,)


def test_the_defaults_are_written_where_nobody_can_be_asked(here: Pgparity, tmp_path: Path) -> None:
    result = here("init", "new")
    assert result.returncode == 0, result.stderr
    assert files(tmp_path / "new") == {
        "pgparity.toml",
        "comparisons/cases.toml",
        "comparisons/test_contract.py",
        "comparisons/test_methods.py",
        "comparisons/test_rows.py",
        "comparisons/test_schema.py",
        "reports/.gitignore",
    }
    assert "INCOMPLETE" in result.stderr
    assert "cd new" in result.stderr


def test_a_pipeline_that_is_there_is_left_alone(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text("mine: {}\n")
    result = here("init", "--ci", "gitlab", "--force", *NO_CODE)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / ".gitlab-ci.yml").read_text() == "mine: {}\n"
    assert "include: [{ local: .gitlab/pgparity.yml }]" in result.stderr


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_pipeline_below_the_root_of_its_repository_is_said_not_to_run(
    here: Pgparity, tmp_path: Path, ci: str
) -> None:
    (tmp_path / ".git").mkdir()
    below = here("init", "parity", "--ci", ci, *NO_CODE)
    assert below.returncode == 0, below.stderr
    assert "the pipeline does not run where it is" in " ".join(below.stderr.split())
    assert "the pipeline does not run" not in here("init", "--ci", ci, *NO_CODE).stderr
    assert "the pipeline does not run" not in here("init", "other", *NO_CODE).stderr


def test_any_file_that_is_there_stops_it_before_the_first_is_written(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "pgparity.yml").write_text("mine: {}\n")
    refused(here("init", "--ci", "github"), "pgparity.yml is there already", "nothing was written", "--force")
    assert files(tmp_path) == {".github/workflows/pgparity.yml"}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--source", "postgresql://user:s3cr3t-never-shown@host/db"], "--source is neither env:NAME nor service=NAME"),
        (["--target", "NEW_DB"], "--target is neither env:NAME nor service=NAME"),
        (["--source-layer", "app.old"], "is not module:factory"),
        (["--source-layer", "app.old:create"], "no data layer of the target"),
        (["--target-command", "node layer.mjs"], "no data layer of the source"),
        (["--source-layer", "a:b", "--source-command", "c", "--target-layer", "a:b"], "exclude each other"),
        (["--source-layer", "a:b", "--target-layer", "a:b", "--without-methods", "why"], "exclude each other"),
        (["--ci", "jenkins"], "jenkins"),
        (["--migrate", "sometimes"], "sometimes"),
    ],
)
def test_a_bad_answer_is_refused_and_nothing_is_written(
    here: Pgparity, tmp_path: Path, arguments: list[str], word: str
) -> None:
    refused(here("init", *arguments), word)
    assert files(tmp_path) == set()


def test_a_folder_that_cannot_be_made_is_refused(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused(here("init", "file"), "cannot be written")


LAYERS = """
import psycopg

class Prices:
    def __init__(self, context):
        self.dsn = context.dsn

    def price_of(self, identity: int) -> float | None:
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute("SELECT price FROM prices WHERE id = %s", (identity,)).fetchone()
        return None if row is None else row[0]
"""


@pytest.mark.long
def test_a_project_with_two_data_layers_comes_to_a_verdict_without_a_written_case(
    here: Pgparity, pair: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "layers.py").write_text(LAYERS)
    layers = ("--source-layer", "layers:Prices", "--target-layer", "layers:Prices")
    assert here("init", "--source", "env:OLD_DB", "--target", "env:NEW_DB", *layers).returncode == 0
    result = here("run", "--yes", **pair)
    assert result.returncode == 0, result.stderr + result.stdout
    assert "GO" in result.stdout
    assert "of 1 method" in result.stdout


@pytest.mark.long
def test_at_a_terminal_it_asks_what_no_flag_says_and_asks_again_where_an_answer_does_not_fit(tmp_path: Path) -> None:
    typed = [
        "postgresql://u:p@h/d",
        "OLD_DB",
        "",
        "y",
        "public, app",
        "sometimes",
        "never",
        "app.old:create",
        "",
        "app.new:create",
    ]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "harness", "init", "--ci", "none"],
        cwd=tmp_path,
        env=environment(TERM="dumb"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, "".join(f"{each}\n" for each in typed).encode())
        said = b""
        try:
            while chunk := os.read(ours, 4096):
                said += chunk
        except OSError:  # the other end is closed
            pass
        assert process.wait(timeout=60) == 0, said.decode()
    os.close(ours)
    assert said.count(b"Variable that holds the source's DSN") == 2
    assert said.count(b"Move rows in a run") == 2
    assert b"Pipeline" not in said
    written = tomllib.loads((tmp_path / "pgparity.toml").read_text())
    assert written["source"]["dsn"] == "env:OLD_DB"
    assert written["scope"]["schemas"] == ["public", "app"]
    assert written["schema"]["policy"] == "supabase"
    assert set(written["run"]["exclude_stages"]) == {"migrate"}
    assert written["methods"]["target_layer"] == "app.new:create"
