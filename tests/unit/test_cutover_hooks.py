"""Programs of [cutover]: the one that preflight looked at is the one that is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.stages.cutover.hooks import call, executable
from harness.stages.cutover.request import CutoverRequest
from harness.stages.learned import RunRequest


def request_in(base: Path) -> CutoverRequest:
    ends = Endpoint(Side.SOURCE, "dbname=old"), Endpoint(Side.TARGET, "dbname=new")
    run = RunRequest(configuration=Configuration(), base=base, source=ends[0], target=ends[1])
    return CutoverRequest(run=run, state=base / "state", runs=base)


def program(folder: Path, says: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / "switch.sh"
    file.write_text(f"#!/bin/sh\necho {says} $PGPARITY_CUTOVER_ID $PGPARITY_CUTOVER_STEP\n", encoding="utf-8")
    file.chmod(0o755)


def test_a_program_beside_the_configuration_is_called_and_not_its_namesake_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, base = tmp_path / "here", tmp_path / "base"
    program(here, "wrong")
    monkeypatch.chdir(here)
    base.mkdir()
    assert "no program" in executable(("./switch.sh",), base)
    program(base, "right")
    assert executable(("./switch.sh",), base) == ""
    ran = call(request_in(base), ("./switch.sh",), cutover="c0ffee", step="switch")
    assert (ran.code, ran.text) == (0, "./switch.sh ended with 0: right c0ffee switch")


def test_a_program_by_its_name_alone_is_the_one_of_the_path_else_the_one_beside_the_configuration(
    tmp_path: Path,
) -> None:
    program(tmp_path, "beside")
    assert executable(("true",), tmp_path) == ""
    assert executable(("switch.sh",), tmp_path) == ""
    assert call(request_in(tmp_path), ("switch.sh",), cutover="c", step="open").text.endswith("beside c open")
