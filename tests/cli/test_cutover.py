"""`pgparity cutover` before it reaches a server: what it is asked wrongly is said in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Pgparity
from tests.postgres.cutover_pair import morning

NOWHERE = "postgresql://u:geheim@127.0.0.1:1/d"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no source database is given"),
        (("rollback",), "no source database is given"),
        (("status", "--source", NOWHERE), "no target database is given"),
        (("sideways",), "sideways"),
        (("--source", NOWHERE, "--target", NOWHERE), "cannot be reached"),
        (("--source", NOWHERE, "--target", NOWHERE, "--yes"), "cannot be reached"),
        (("rollback", "--source", NOWHERE, "--target", NOWHERE, "--yes"), "cannot be reached"),
        (("status", "--source", NOWHERE, "--target", NOWHERE), "cannot be reached"),
    ],
)
def test_what_is_missing_or_cannot_be_reached_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, here: Pgparity, tmp_path: Path
) -> None:
    done = here("cutover", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "geheim" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("source_role = ['a']", "cutover.source_roles"),
        ("fence = 'wall'", "cutover.fence"),
        ("switch_command = 'reboot'", "cutover.switch_command"),
        ("max_age_hours = 0", "cutover.max_age_hours"),
    ],
)
def test_a_section_that_is_wrong_is_named_with_its_key(line: str, said: str, here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text(f"[cutover]\n{line}\n", encoding="utf-8")
    done = here("cutover", "--source", NOWHERE, "--target", NOWHERE)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--report-dir", "reports/cutover"), "journal's own folder"),
        (("--report-dir", "a_file"), "cannot be written"),
        (("--report-dir", "a_file/below"), "cannot be written"),
        (("--output", "a_folder"), "is a folder"),
        (("--output", "a_file/below"), "cannot be written"),
        (("--rehearse", "--report-dir", "a_file"), "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_a_server_is_asked(
    arguments: tuple[str, ...], said: str, here: Pgparity, tmp_path: Path
) -> None:
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    (tmp_path / "a_folder").mkdir()
    done = here("cutover", "--source", NOWHERE, "--target", NOWHERE, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a_file", "a_folder"]


def test_a_report_that_cannot_be_written_hides_nothing_of_what_happened(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    (tmp_path / "report" / "run.json").mkdir(parents=True)
    arguments = ("cutover", "status", "--source", database, "--target", newer_database, "--format", "json")
    done = here(*arguments, "--report-dir", "report")
    assert done.returncode == 3
    assert json.loads(done.stdout)["message"] == "no cutover has begun"
    assert "run.json cannot be written" in done.stderr


@pytest.mark.long
def test_what_a_cutover_came_to_is_told_where_its_report_cannot_be_written(
    here: Pgparity, database: str, newer_database: str, tmp_path: Path
) -> None:
    salon = morning(database, newer_database, tmp_path)
    section = salon.request().configuration.cutover.model_dump(mode="json", exclude_unset=True)
    lines = [f"{name} = {json.dumps(value)}" for name, value in section.items() if name != "switch_to"]
    text = "\n".join(["[cutover]", *lines, 'switch_to = { PRIMARY = "target" }'])
    (tmp_path / "pgparity.toml").write_text(text, encoding="utf-8")
    (tmp_path / "report" / "run.json").mkdir(parents=True)
    done = here("cutover", "--source", database, "--target", newer_database, "--yes", "--report-dir", "report")
    assert done.returncode == 3
    assert "OPEN: the target is in use" in done.stdout
    assert "run.json cannot be written" in done.stderr
