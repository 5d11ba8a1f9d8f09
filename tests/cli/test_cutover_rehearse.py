"""`pgparity cutover --rehearse`: options that do not go with it, and a whole rehearsal under load."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Pgparity


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--rehearse", "--yes"), "--rehearse is given with rollback, status, --yes, --run or --state"),
        (("rollback", "--rehearse"), "--rehearse is given with rollback, status, --yes, --run or --state"),
        (("--writes-per-second", "5"), "--writes-per-second is of --rehearse"),
    ],
)
def test_an_option_that_does_not_go_with_it_is_refused(arguments: tuple[str, ...], told: str, here: Pgparity) -> None:
    done = here("cutover", *arguments)
    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.long
def test_the_reference_application_goes_there_and_back_under_load_and_loses_nothing(
    pgparity: Pgparity, tmp_path: Path
) -> None:
    load = ("--rehearse", "--writes-per-second", "20")
    done = pgparity("cutover", *load, "--format", "json", "--report-dir", "kept", "--no-progress")
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads(done.stdout)
    assert (record["cutover"]["state"], record["rollback"]["state"]) == ("open", "rolled back")
    assert (record["load"], record["judged"], record["wrong"]) == (True, 2, [])
    assert record["there"]["writes"] > 50
    assert record["there"]["downtime_seconds"] > 0
    assert {each.name for each in (tmp_path / "kept").iterdir()} >= {"report.html", "run.json", "rehearsal.txt"}
    assert json.loads((tmp_path / "kept" / "run.json").read_text(encoding="utf-8"))["verdict"]["status"] == "GO"
