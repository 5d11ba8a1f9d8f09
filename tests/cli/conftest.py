"""Runs pgparity as a user does: another process, an empty folder, an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
Pgparity = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**variables: str) -> dict[str, str]:
    """The process's environment without what would configure pgparity, with what a test wants."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PGPARITY_", "PG"))}
    if "PGPARITY_PG_BIN" in os.environ:
        clean["PGPARITY_PG_BIN"] = os.environ["PGPARITY_PG_BIN"]
    return clean | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"} | variables


@pytest.fixture
def pgparity(tmp_path: Path) -> Pgparity:
    """Call `pgparity ARGUMENTS` in an empty folder, and wait for its end."""

    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "harness", *arguments],
            cwd=tmp_path,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pgparity:
    """The same call in this process, where a start of Python would be most of the test's time."""

    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        wanted = environment(**variables)
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            for name in {*os.environ} - {*wanted}:
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = run(list(arguments))
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return call
