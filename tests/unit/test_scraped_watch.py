"""What a scrape tells of the watch where its history cannot be read, and where there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.service.kept_records import KeptRecords
from harness.service.scrape import of_watch
from tests.watch_history_sample import history_text


def gauges(file: Path) -> dict[str, list[float]]:
    """The values of each gauge."""
    seen = asyncio.run(KeptRecords(None, file).history())
    return {each.name: [sample.value for sample in each.samples] for each in of_watch(seen)}


def test_a_history_that_can_be_read_has_no_problem_and_its_gauges(tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text(history_text(), encoding="utf-8")
    found = gauges(tmp_path / "w.jsonl")
    assert found["pgparity_watch_history_problem"] == [0]
    assert found["pgparity_watch_tables"] == [4]


@pytest.mark.parametrize("name", ["damaged.jsonl", "folder", "damaged.jsonl/below"])
def test_a_history_that_cannot_be_read_is_told_and_not_only_absent(tmp_path: Path, name: str) -> None:
    (tmp_path / "damaged.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    assert gauges(tmp_path / name) == {"pgparity_watch_history_problem": [1]}


def test_no_history_is_no_problem(tmp_path: Path) -> None:
    assert gauges(tmp_path / "none.jsonl") == {"pgparity_watch_history_problem": [0]}
