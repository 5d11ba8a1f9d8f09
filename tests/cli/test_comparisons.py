"""The shipped suite is green on the aligned pair once it is migrated, and red, readably, on each of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from harness.core.document import RunDocument
from harness.embedded.stack import LocalStack
from harness.stages.reference_stack import TargetSchema, reference_stack, replace_target
from harness.stages.run_folders import read_document
from harness.stages.suite_document import WITHOUT_ROWS
from tests.cli.conftest import ROOT, environment

CONFIG = ROOT / "schemas" / "reference" / "pgparity.toml"


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with reference_stack("aligned") as running:
        yield running


def called(stack: LocalStack, folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment(
            PGPARITY_SOURCE=stack.source.dsn,
            PGPARITY_TARGET=stack.target.dsn,
            PGPARITY_CONFIG=str(CONFIG),
            **variables,
        ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def without_methods(folder: Path) -> Path:
    """The configuration of a run that moves and compares rows: the suite compares the methods."""
    before, _, rest = CONFIG.read_text(encoding="utf-8").partition("[methods]")
    file = folder / "rows.toml"
    left_out = "".join(f'{stage} = "the suite compares them"\n' for stage in ("contract", "methods"))
    text = before + rest[rest.index("[personal]") :] + "\n[run.exclude_stages]\n" + left_out
    file.write_text(text, encoding="utf-8")
    return file


def suite(stack: LocalStack, folder: Path, *arguments: str, workers: int = 2) -> subprocess.CompletedProcess[str]:
    command = ("pytest", str(ROOT / "comparisons"), "-n", str(workers), "-q", "-p", "no:cacheprovider", *arguments)
    return called(stack, folder, *command)


def told(folder: Path) -> RunDocument:
    """The document of the suite's report; the page is beside it."""
    document = read_document(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert document.verdict.status in page
    return document


def without_times(document: RunDocument) -> dict[str, Any]:
    """What has to be the same however many processes shared the tests; each has servers of its own for its clones."""
    data = document.to_data()
    for name in ("id", "started_at", "finished_at", "seconds", "history", "servers"):
        data.pop(name)
    for each in (*data["stages"], *data["rows"]):
        each.pop("seconds")
    for each in data["rows"]:
        each.pop("read_bytes")  # of files that autovacuum may change in between
    for method in data["methods"]:
        method.pop("latency")
    return data


@pytest.mark.long
def test_the_aligned_pair_is_green_once_it_is_migrated(stack: LocalStack, tmp_path: Path) -> None:
    empty = suite(stack, tmp_path, "-k", "rows")
    assert empty.returncode == 1
    assert "rows of public.clients missing on the target" in empty.stdout
    migrated = called(stack, tmp_path, "harness", "run", "--yes", "-q", "--config", str(without_methods(tmp_path)))
    assert migrated.returncode == 0, migrated.stdout
    result = suite(stack, tmp_path, "--pgparity-report-dir", "report")
    assert result.returncode == 0, result.stdout
    assert "failed" not in result.stdout
    assert int(result.stdout.split(" passed")[0].split()[-1]) > 150
    assert "pgparity: INCOMPLETE: " in result.stdout
    assert "pgparity: report: report/report.html" in result.stdout
    shared = told(tmp_path / "report")
    assert shared.verdict.status == "INCOMPLETE", shared.verdict
    statuses = {each.name: each.status for each in shared.stages}
    assert statuses.pop("contract") == "incomplete"
    assert [*statuses.values()] == ["passed"] * 5
    assert [gap for each in shared.coverage for gap in each.gaps] == [WITHOUT_ROWS], "and nothing else"
    assert len(shared.rows) == 7
    assert sum(each.cases for each in shared.methods) > 250, "written and generated ones"
    alone = suite(stack, tmp_path, "--pgparity-report-dir", "alone", workers=0)
    assert alone.returncode == 0, alone.stdout
    assert without_times(told(tmp_path / "alone")) == without_times(shared)
    chosen = suite(stack, tmp_path, "--pgparity-report-dir", "chosen", "-k", "rows_of_table", workers=0)
    assert chosen.returncode == 0, chosen.stdout
    assert "pgparity: INCOMPLETE: " in chosen.stdout
    part = told(tmp_path / "chosen")
    assert [(each.name, each.status) for each in part.stages][2:] == [
        ("diff", "not run"),
        ("contract", "not run"),
        ("rows", "passed"),
        ("methods", "not run"),
    ]


KILLER = """
import os, pathlib, signal


def pytest_runtest_call(item):
    mark = pathlib.Path(os.environ["KILLED"])
    if "PYTEST_XDIST_WORKER" in os.environ and "services" in item.nodeid and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.long
def test_the_death_of_a_worker_costs_one_test_and_no_finding(stack: LocalStack, tmp_path: Path) -> None:
    replace_target(stack, "aligned")
    (tmp_path / "killer.py").write_text(KILLER, encoding="utf-8")
    junit = tmp_path / "junit.xml"
    result = called(
        stack, tmp_path, "pytest", str(ROOT / "comparisons"), "-n", "2", "-q", "-p", "no:cacheprovider",
        "-p", "killer", "-k", "rows_of_table", f"--junitxml={junit}", "--pgparity-report-dir=report",
        KILLED=str(tmp_path / "killed"), PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}",
    )  # fmt: skip
    assert result.returncode == 1, result.stdout
    assert (tmp_path / "killed").exists()
    assert "crashed while running" in result.stdout
    tests = ET.parse(junit).getroot().findall(".//testcase")
    assert len(tests) == 7, "every test was reported, whoever died"
    found = [each for each in tests if each.find("./properties/property[@name='pgparity']") is not None]
    assert len(found) == 6, "the findings of all tests but the one that was interrupted are there"
    assert "pgparity learned" not in junit.read_text(encoding="utf-8")
    document = told(tmp_path / "report")
    assert document.verdict.status == "NO-GO"
    assert len(document.rows) == 6
    (rows,) = (each for each in document.coverage if each.stage == "rows")
    assert [gap.item for gap in rows.gaps] == ["public.services"], "what died with its process is a gap"


@pytest.mark.parametrize(
    ("target", "workers", "words"),
    [
        pytest.param(
            "first-built",
            0,
            ["COL001", "column public.clients.yclients_id is missing on the target", "CTR002"],
            marks=pytest.mark.long,
        ),
        pytest.param(
            "aligned-plain", 2, ["CON002", "ON CONFLICT (yclients_id, company_id)", "CTR004"], marks=pytest.mark.long
        ),
        pytest.param("aligned-single", 2, ["CON005", "CTR004"], marks=pytest.mark.long),
    ],
)
def test_every_other_target_is_red_and_says_why(
    stack: LocalStack, tmp_path: Path, target: TargetSchema, workers: int, words: list[str]
) -> None:
    replace_target(stack, target)
    result = suite(stack, tmp_path, "-k", "schema or contract", "--pgparity-report-dir", "report", workers=workers)
    assert result.returncode == 1, result.stdout
    document = told(tmp_path / "report")
    assert document.verdict.status == "NO-GO"
    codes = {each.code for each in document.findings}
    assert codes.issuperset(word for word in words if word.isupper() and word.isalnum())
    assert [each.status for each in document.stages][-4:] == ["failed", "failed", "not run", "not run"]
    assert document.changes
    for word in words:
        assert word in result.stdout, result.stdout[-5000:]
    assert "Traceback" not in result.stdout
    assert "ConfiguredPair" not in result.stdout, "a person reads findings, not code"


@pytest.mark.parametrize(("workers", "code"), [("0", 2), pytest.param("2", 1, marks=pytest.mark.long)])
def test_nothing_configured_says_what_to_do(tmp_path: Path, workers: str, code: int) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", str(ROOT / "comparisons"), "-q", "-p", "no:cacheprovider", "-n", workers],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == code
    assert "Traceback" not in result.stdout + result.stderr
    assert "no source database is given" in result.stdout + result.stderr
    assert "PGPARITY_SOURCE" in result.stdout + result.stderr
