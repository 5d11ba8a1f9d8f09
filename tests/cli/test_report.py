"""`pgparity report`: earlier runs again, several as one, two beside each other, and the list of a folder."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.core.document import RunDocument
from harness.render.index import MARK
from harness.stages.run_folders import write_run
from tests.cli.conftest import Pgparity
from tests.report import samples
from tests.report.reading import Reading


def kept(folder: Path, name: str, document: RunDocument, started: str) -> str:
    """A run in a folder of its own; gives the name of its document."""
    write_run(document.model_copy(update={"id": name, "started_at": started}), folder / name)
    return f"{name}/run.json"


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, str]:
    """GO, NO-GO and INCOMPLETE, a day after the other."""
    made = (("nogo", samples.planted()), ("incomplete", samples.interrupted()), ("go", samples.aligned()))
    return {
        name: kept(tmp_path, name, document, f"2026-07-{day:02d}T10:00:00+00:00")
        for day, (name, document) in enumerate(made, 1)
    }


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "junit", "markdown", "github", "html"])
def test_every_format_is_rendered_from_the_document_alone(here: Pgparity, runs: dict[str, str], form: str) -> None:
    result = here("report", runs["nogo"], "--format", form)
    assert (result.returncode, result.stderr) == (0, "")
    assert "NO-GO" in result.stdout


def test_a_folder_of_a_run_stands_for_its_document(here: Pgparity, runs: dict[str, str]) -> None:
    assert here("report", "nogo").stdout == here("report", runs["nogo"]).stdout


def test_several_formats_go_to_files_and_nothing_is_said_beside_them(
    here: Pgparity, runs: dict[str, str], tmp_path: Path
) -> None:
    result = here(
        "report", runs["go"], "--format", "json", "--output", "a.json", "--format", "junit", "--output", "b.xml"
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert json.loads((tmp_path / "a.json").read_text())["id"] == "go"
    ET.parse(tmp_path / "b.xml")


@pytest.mark.parametrize(("name", "code"), [("go", 0), ("nogo", 1), ("incomplete", 3)])
def test_the_exit_code_is_0_unless_that_of_the_verdict_is_asked_for(
    here: Pgparity, runs: dict[str, str], name: str, code: int
) -> None:
    assert here("report", runs[name]).returncode == 0
    assert here("report", runs[name], "--exit-code").returncode == code


def test_several_runs_are_merged_and_the_worst_decides(here: Pgparity, runs: dict[str, str]) -> None:
    result = here("report", runs["go"], runs["incomplete"], "--format", "json", "--exit-code")
    assert result.returncode == 3
    document = RunDocument.from_json(result.stdout)
    assert document.verdict.status == "INCOMPLETE"
    assert [each.id for each in document.parts] == ["incomplete", "go"]
    told = here("report", runs["go"], runs["incomplete"]).stdout
    assert "Merged from 2 runs" in told
    assert "INCOMPLETE: Rehearsal, stopped half way" in told


def test_a_comparison_tells_what_is_new_fixed_and_no_longer_checked(here: Pgparity, runs: dict[str, str]) -> None:
    fixed = here("report", runs["go"], "--compare", runs["nogo"]).stdout
    assert "0 new, 0 not checked again, 2 fixed, 1 still there" in fixed
    unknown = " ".join(here("report", runs["incomplete"], "--compare", runs["nogo"]).stdout.split())
    assert "not checked again" in unknown
    assert "MET001 get_upcoming_appointments gives another answer in 3 of 6 cases" in unknown
    assert "the data layer of the target did not start" in unknown


@pytest.mark.parametrize(
    ("newer", "older", "code"),
    [("go", "nogo", 0), ("nogo", "nogo", 0), ("incomplete", "nogo", 3), ("nogo", "incomplete", 1)],
)
def test_a_gate_on_what_is_new_asks_for_no_more(
    here: Pgparity, runs: dict[str, str], newer: str, older: str, code: int
) -> None:
    assert here("report", runs[newer], "--compare", runs[older], "--fail-on-new").returncode == code
    assert here("report", runs[newer], "--compare", runs[older]).returncode == 0


@pytest.mark.parametrize("form", ["text", "jsonl", "junit", "markdown", "github", "html", "json"])
def test_a_comparison_is_in_every_format(here: Pgparity, runs: dict[str, str], form: str) -> None:
    result = here("report", runs["nogo"], "--compare", runs["incomplete"], "--format", form)
    assert result.returncode == 0, result.stderr
    alone = here("report", runs["nogo"], "--format", form)
    assert alone.stdout != result.stdout
    assert "new" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no run is given"),
        (("nothing.json",), "nothing.json cannot be read: No such file"),
        (("half.json",), "half.json: not a pgparity RunDocument"),
        (("newer.json",), "written by a newer pgparity"),
        (("go", "--fail-on-new"), "--fail-on-new needs a run to compare with"),
        (("go", "--compare", "go", "--fail-on-new", "--exit-code"), "different exit codes"),
        (("go", "other"), "different sources"),
        (("--index", "go", "nogo"), "--index takes one folder"),
        (("--index", "nowhere"), "nowhere is no folder"),
        (("--index", "foreign"), "was not written by pgparity"),
    ],
)
def test_bad_input_is_one_line_with_what_to_do(
    here: Pgparity, runs: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "half.json").write_text('{"format": "pgparity/run"', encoding="utf-8")
    newer = json.loads((tmp_path / runs["go"]).read_text(encoding="utf-8")) | {"version": 2}
    (tmp_path / "newer.json").write_text(json.dumps(newer), encoding="utf-8")
    other = samples.aligned()
    source = other.source.model_copy(update={"database": "another"})
    kept(tmp_path, "other", other.model_copy(update={"source": source}), other.started_at)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "index.html").write_text("<p>mine", encoding="utf-8")
    result = here("report", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 2 or "see" in result.stderr
    assert (tmp_path / "foreign" / "index.html").read_text(encoding="utf-8") == "<p>mine"


def test_the_index_lists_all_runs_and_names_those_that_cannot_be_read(
    here: Pgparity, runs: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "half <b>").mkdir()
    (tmp_path / "half <b>" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "go" / "report.html").unlink()
    result = here("report", "--index", ".")
    assert (result.returncode, result.stdout) == (0, "")
    assert "not listed: half <b>: not a pgparity RunDocument" in result.stderr
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    page = Reading(html)
    assert page.faults == []
    assert MARK in html
    assert [link for link in page.links if link.startswith("./")] == [
        "./go/run.json", "./incomplete/report.html", "./nogo/report.html",
    ]  # fmt: skip
    for words in ("3 runs of 1 pair", "INCOMPLETE", "One method regresses", "half <b>", "1,490"):
        assert words in page.words
    assert here("report", "--index", ".").returncode == 0, "an index of ours is written over"


def test_an_index_of_nothing_says_so(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "reports" / "runs").mkdir(parents=True)
    assert here("report", "--index").returncode == 0
    assert "There is no run in this folder yet" in (tmp_path / "reports" / "runs" / "index.html").read_text("utf-8")
