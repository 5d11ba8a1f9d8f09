"""`pgparity doctor`: its formats and exit codes; what it checks is tested with the stage."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Pgparity


def test_checks_go_to_a_file_in_the_format_that_is_asked_for(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    sides = ("--source", database, "--target", newer_database)
    told = here("doctor", *sides, "--format", "json", "--output", "checks.json")
    assert (told.stdout, told.stderr) == ("", "")
    checks = json.loads((tmp_path / "checks.json").read_text())
    reachable = [(each["side"], each["status"]) for each in checks if each["name"] == "reachable"]
    assert reachable == [("source", "ok"), ("target", "ok")]
    as_before = here("doctor", *sides, "--json")
    assert [each["name"] for each in json.loads(as_before.stdout)] == [each["name"] for each in checks]
    assert as_before.returncode == told.returncode == int(any(each["status"] == "problem" for each in checks))


def test_a_server_that_is_not_there_is_exit_code_2_and_a_problem_with_advice(here: Pgparity) -> None:
    told = here("doctor", "--source", "postgresql://nobody@127.0.0.1:1/nothing")
    assert told.returncode == 2
    assert "✗ problem  source" in told.stdout
    assert "→ Check host, port and network" in " ".join(told.stdout.split())
