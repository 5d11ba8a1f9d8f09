"""Modules are loaded while servers answer, and whoever needs one sees what is wrong with it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from harness.stages.loading import loading


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_module_is_there_when_the_block_ends(folder: Path) -> None:
    (folder / "loaded_in_a_block.py").write_text("found = 1\n")
    with loading("loaded_in_a_block"):
        pass
    assert sys.modules["loaded_in_a_block"].found == 1


def test_what_a_module_fails_with_is_told_to_those_who_need_it(folder: Path) -> None:
    (folder / "fails_in_a_block.py").write_text("raise ValueError('as written')\n")
    with loading("fails_in_a_block"):
        pass
    with pytest.raises(ValueError, match="as written"):
        import_module("fails_in_a_block")
