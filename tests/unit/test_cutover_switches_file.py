"""The file of switches: replaced whole or not at all, and led back to what this very cutover found in it."""

from __future__ import annotations

import contextlib
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import CutoverFailed
from harness.stages.cutover.switches_file import SwitchesFile

TEXT = "PRIMARY=source\n" + "".join(f"OTHER_{number}=stays as it is\n" for number in range(40))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "switches.env"
    place.write_text(TEXT, encoding="utf-8")
    return place


def of(file: Path, cutover: str = "first") -> SwitchesFile:
    return SwitchesFile(file, {"PRIMARY": "target"}, cutover)


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_a_part_leaves_the_file_as_it_was(file: Path) -> None:
    with no_file_longer_than(300), pytest.raises(CutoverFailed, match="cannot be written"):
        of(file).lead_to_target()
    assert file.read_text(encoding="utf-8") == TEXT
    of(file).lead_back()
    assert (of(file).is_back, file.read_text(encoding="utf-8")) == (True, TEXT)
    assert sorted(each.name for each in file.parent.iterdir()) == [".switches.env.before-cutover", "switches.env"]


def test_a_disk_that_takes_less_than_it_was_given_is_written_to_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda number, data: real(number, data[:7]))
    of(file).lead_to_target()
    assert file.read_text(encoding="utf-8") == TEXT.replace("PRIMARY=source", "PRIMARY=target")


def test_a_disk_that_loses_what_it_said_it_took_is_not_believed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda number, data: real(number, data[:7]) and len(data))
    with pytest.raises(CutoverFailed, match="cannot be written"):
        of(file).lead_to_target()
    assert file.read_text(encoding="utf-8") == TEXT


def test_what_an_earlier_cutover_kept_is_nothing_to_lead_back_to(file: Path) -> None:
    of(file).lead_to_target()
    file.write_text(TEXT.replace("PRIMARY=source", "PRIMARY=blue"), encoding="utf-8")
    later = of(file, "second")
    later.lead_back()
    assert later.read()["PRIMARY"] == "blue"
    later.lead_to_target()
    later.lead_back()
    assert (later.is_back, later.read()["PRIMARY"]) == (True, "blue")


def test_a_cutover_forgets_only_what_it_kept_itself(file: Path) -> None:
    of(file).lead_to_target()
    of(file, "second").forget()
    of(file).lead_back()
    assert of(file).read()["PRIMARY"] == "source"
    of(file).forget()
    assert not of(file).kept.exists()


def test_a_second_process_of_the_cutover_does_not_keep_what_the_first_one_wrote(file: Path) -> None:
    of(file).lead_to_target()
    of(file).lead_to_target()
    of(file).lead_back()
    assert file.read_text(encoding="utf-8") == TEXT


def test_a_kept_file_that_cannot_be_read_stops_the_way_back_and_names_itself(file: Path) -> None:
    of(file).lead_to_target()
    of(file).kept.write_text("{", encoding="utf-8")
    assert "before-cutover" in of(file, "another").problem()
    with pytest.raises(CutoverFailed, match="before-cutover"):
        of(file).lead_back()
    assert of(file).leads_to_target


def test_nobody_else_may_read_what_is_kept_and_the_file_keeps_its_rights(file: Path) -> None:
    file.chmod(0o640)
    of(file).lead_to_target()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(of(file).kept.stat().st_mode) == 0o600


def test_line_ends_of_the_file_stay_as_they_are(file: Path) -> None:
    mixed = TEXT.replace("\n", "\r\n", 20).encode()
    file.write_bytes(mixed)
    of(file).lead_to_target()
    assert file.read_bytes() == mixed.replace(b"PRIMARY=source", b"PRIMARY=target")
    of(file).lead_back()
    assert file.read_bytes() == mixed


@pytest.mark.parametrize("killed", ["switches.env", ".switches.env.before-cutover"])
@pytest.mark.parametrize("on", [False, True])
def test_a_process_that_was_killed_while_it_wrote_leaves_no_copy_of_the_file_for_good(
    file: Path, monkeypatch: pytest.MonkeyPatch, killed: str, on: bool
) -> None:
    real = Path.replace

    def gone(draft: Path, target: Path) -> Path:
        if target.name == killed:
            raise SystemExit
        return real(draft, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", gone)
        with pytest.raises(SystemExit):
            of(file).lead_to_target()
    assert file.read_text(encoding="utf-8") == TEXT
    again = of(file)
    if on:
        again.lead_to_target()
    again.lead_back()
    again.forget()
    assert [each.name for each in file.parent.iterdir()] == ["switches.env"]
    assert file.read_text(encoding="utf-8") == TEXT
