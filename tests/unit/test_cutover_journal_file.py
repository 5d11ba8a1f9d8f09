"""The journal's file: what cannot be written has not happened, or waits; one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from harness.core.cutover.steps import STEPS
from harness.errors import CutoverFailed
from harness.stages.cutover.journal_file import JournalFile, alone, is_being_worked_on, read_journal
from tests.unit.test_cutover_journal import IDENTITY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cutover.jsonl"


def begun(file: Path, until: str) -> JournalFile:
    journal = JournalFile.begin(file, IDENTITY)
    journal.note("attempt")
    for name in STEPS[: STEPS.index(until)]:
        journal.note("started", name)
        journal.note("passed", name)
    return journal


def test_what_cannot_be_written_has_not_happened(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = begun(file, "open")
    whole, real = file.read_bytes(), os.write

    def halves(number: int, data: bytes) -> int:
        """A disk that takes the first halves of a line, and then no more."""
        if len(data) > 20:
            return real(number, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", halves)
    with pytest.raises(CutoverFailed, match="No space left"):
        journal.note("started", "open")
    assert journal.progress.phase == "forward"
    assert file.read_bytes() == whole


def test_on_the_way_back_what_cannot_be_written_waits_and_the_file_never_lacks_a_line(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(file, "catch-up")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
        for event, step in (("stopping", ""), ("started", "switch back")):
            with pytest.raises(CutoverFailed):
                journal.note(event, step, keep=True)  # type: ignore[arg-type]
    assert journal.progress.phase == "stopping"
    journal.note("passed", "switch back")
    found = read_journal(file)
    assert found is not None
    assert found.lines == journal.journal.lines
    assert found.progress.back_passed == ["switch back"]


def test_a_torn_line_is_cut_off_before_another_is_written(file: Path) -> None:
    begun(file, "fence").close()
    with file.open("ab") as torn:
        torn.write(b'{"at": "2027-01-31T10')
    journal = JournalFile.go_on(file)
    journal.note("attempt")
    journal.close()
    found = read_journal(file)
    assert found is not None
    assert found.progress.attempts == 2


def test_a_second_process_is_kept_out(file: Path) -> None:
    with alone(file), pytest.raises(CutoverFailed, match="another process"), alone(file):
        pass
    assert not is_being_worked_on(file)
    with alone(file):
        assert is_being_worked_on(file)


def test_the_lock_leaves_no_file_behind(file: Path) -> None:
    with alone(file):
        assert [each.name for each in file.parent.iterdir()] == ["cutover.jsonl.lock"]
    assert list(file.parent.iterdir()) == []
    below = file.parent / "reports" / "cutover"
    with alone(below / file.name):
        pass
    assert list(file.parent.iterdir()) == []
    with alone(below / file.name):
        (below.parent / "of another").touch()
    assert [each.name for each in below.parent.iterdir()] == ["of another"]


def test_the_file_of_a_process_that_was_killed_keeps_nobody_out(file: Path) -> None:
    file.with_name("cutover.jsonl.lock").touch()
    with alone(file):
        assert is_being_worked_on(file)


def test_a_lock_on_a_file_that_another_process_has_just_removed_lets_nobody_in(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, real = file.with_name("cutover.jsonl.lock"), fcntl.flock
    other: list[int] = []

    def late(number: int, how: int) -> None:
        """Between the opening of the file and its lock one process ends and another one begins."""
        if not other:
            place.unlink()
            other.append(os.open(place, os.O_RDWR | os.O_CREAT))
            real(other[0], fcntl.LOCK_EX)
        real(number, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(CutoverFailed, match="another process"), alone(file):
        pytest.fail("two processes are in")
    os.close(other[0])
