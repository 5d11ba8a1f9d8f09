"""docs/tutorial.md: every command of its second half is run as it stands there, on the stack that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, environment

TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BY_HAND = TEXT.split("## The same, by your own hand")[1]
EXIT_CODE = "# exit code "


def commands() -> list[tuple[str, int]]:
    """The commands behind the stack's start, and the exit code that the page names."""
    lines = [line.removeprefix("$ ") for line in BY_HAND.splitlines() if line.startswith("$ ")]
    assert lines[0].startswith("pgparity stack --target aligned-plain")
    assert lines[1].startswith("export PGPARITY_SOURCE=")
    found = []
    for line in lines[2:]:
        command, _, code = line.partition(EXIT_CODE)
        found.append((command.strip(), int(code or 0)))
    return found


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with `pgparity` and `python`, as an activated environment has them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, call in (("pgparity", f"{sys.executable} -m harness"), ("python", sys.executable)):
        (folder / name).write_text(f'#!/bin/sh\nexec {call} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def stack() -> Iterator[dict[str, str]]:
    """The stack of the page; it ends with its standard input."""
    call = [sys.executable, "-m", "harness", "stack", "--target", "aligned-plain", "--json"]
    with subprocess.Popen(
        call, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield {"PGPARITY_SOURCE": facts["source"], "PGPARITY_TARGET": facts["target"]}
        process.communicate(timeout=60)


def test_the_page_has_its_commands() -> None:
    assert [command.split()[1] for command, _ in commands() if command.startswith("pgparity")] == [
        "init", "doctor", "schema", "schema", "schema", "migrate", "migrate", "data", "data", "run", "report",
    ]  # fmt: skip


@pytest.mark.long
def test_the_commands_of_the_tutorial_end_as_it_says(tmp_path: Path, programs: Path, stack: dict[str, str]) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    variables = environment(**stack) | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    said = ""
    for command, code in commands():
        result = subprocess.run(
            command, shell=True, cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        assert result.returncode == code, f"$ {command}\n{result.stdout}{result.stderr}"
        said += result.stdout + result.stderr
    for told in ("clients_yclients_id_company_id_key is missing", "applied 1 step", "verified: 1,510 rows moved",
                 "name: case 2", "updated 2 of 2 rows", "pgparity: GO"):  # fmt: skip
        assert told in said
