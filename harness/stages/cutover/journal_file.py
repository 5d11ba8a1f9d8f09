"""The journal's file: appended line by line, each on the disk before anything relies on it; one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from harness.core.cutover.journal import CutoverIdentity, Journal, JournalLine, parse_journal
from harness.core.cutover.record import CutoverStep
from harness.core.cutover.steps import Event, Progress, add
from harness.errors import CutoverFailed

_SPARE = ".lock"
_TRIES = 5
_PAUSE_SECONDS = 0.05


def moment() -> str:
    """The time as the journal writes it: UTC, ISO 8601, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def read_journal(file: Path) -> Journal | None:
    """What the file holds; None where there is none, or not one whole line. DocumentError, CutoverFailed."""
    try:
        found = parse_journal(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file, error) from None
    return found[0] if found is not None else None


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Keep other processes of this machine out; CutoverFailed where one is in. The lock ends with the process.

    Its file goes with it, and so do folders that were made for it where nothing else is in them; after a `kill -9` the
    file stays, and keeps nobody out.
    """
    # A file of its own: the journal itself is put aside once a cutover has ended.
    place = file.with_name(file.name + _SPARE)
    made = [each for each in file.parents if not each.exists()]
    try:
        lock = _locked(place)
    except OSError as error:
        raise _unusable(file, error) from None
    if lock is None:
        raise CutoverFailed(
            "another process works on this cutover",
            hint="Wait for it, or end it; `pgparity cutover status` only reads.",
        )
    try:
        yield
    finally:
        # While it is locked: whoever opened it before finds that it is no longer the one by this name.
        with contextlib.suppress(OSError):
            place.unlink()
            for folder in made:
                folder.rmdir()
        os.close(lock)


def _locked(place: Path) -> int | None:
    """The file, open and locked; None where another process has it. `status` has it for a moment, which is no work."""
    for _ in range(_TRIES):
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), place.stat()):
                return lock
        except OSError:
            time.sleep(_PAUSE_SECONDS)
        os.close(lock)
    return None


def is_being_worked_on(file: Path) -> bool:
    """Whether a process holds the lock of `alone` now. Nothing is made."""
    try:
        lock = os.open(file.with_name(file.name + _SPARE), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(lock)


class JournalFile:
    """A journal that is being written. What cannot be written raises CutoverFailed, before anything is done."""

    def __init__(self, file: Path, journal: Journal, number: int) -> None:
        self._file = file
        self._number = number
        self._lines = list(journal.lines)
        self._waiting: list[str] = []
        self.identity: CutoverIdentity = journal.identity
        self.progress: Progress = journal.progress

    @classmethod
    def begin(cls, file: Path, identity: CutoverIdentity) -> Self:
        """A new journal, of a cutover that begins. `alone` holds."""
        try:
            number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            _write(number, identity.to_json())
            _keep_entry(file)
        except OSError as error:
            raise _unusable(file, error) from None
        return cls(file, Journal(identity=identity), number)

    @classmethod
    def go_on(cls, file: Path) -> Self:
        """The journal of an earlier process; a line that was torn by its end goes. `alone` holds."""
        try:
            found = parse_journal(file.read_bytes())
            if found is None:
                raise CutoverFailed(f"{file.name} holds no journal", hint="Move it away.")
            journal, whole = found
            number = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
            os.ftruncate(number, whole)
            os.lseek(number, 0, os.SEEK_END)
        except OSError as error:
            raise _unusable(file, error) from None
        return cls(file, journal, number)

    @property
    def journal(self) -> Journal:
        """All that it holds now."""
        return Journal(identity=self.identity, lines=tuple(self._lines))

    def note(
        self,
        event: Event,
        step: str = "",
        *,
        result: CutoverStep | None = None,
        text: str = "",
        at: str = "",
        keep: bool = False,
    ) -> None:
        """Append an event; it is on the disk when this returns.

        CutoverFailed: it is as if nothing had happened; with `keep` the event waits for the next one to be written.
        """
        line = JournalLine(at=at or moment(), event=event, step=step, result=result, text=text)
        # What may not follow is a defect, and must not get into the file.
        add(self.progress, event, step)
        self._lines.append(line)
        # What could not be written before comes first: the file must never lack a line in the middle.
        self._waiting.append(line.to_json())
        place = os.lseek(self._number, 0, os.SEEK_CUR)
        try:
            _write(self._number, "\n".join(self._waiting))
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._number, place)
                os.lseek(self._number, place, os.SEEK_SET)
            if not keep:
                self._lines.pop()
                self._waiting.pop()
                self.progress = self.journal.progress
            raise _unusable(self._file, error) from None
        self._waiting.clear()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._number)


def put_aside(file: Path, identity: CutoverIdentity) -> None:
    """Keep the journal of a cutover that has ended beside the next one's. CutoverFailed."""
    try:
        file.replace(file.with_name(f"{file.stem}-{identity.id}{file.suffix}"))
        _keep_entry(file)
    except OSError as error:
        raise _unusable(file, error) from None


def _write(number: int, text: str) -> None:
    data = text.encode() + b"\n"
    while data:
        data = data[os.write(number, data) :]
    os.fsync(number)


def _keep_entry(file: Path) -> None:
    """A file's name is lost with the power too, unless its folder is written."""
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unusable(file: Path, error: OSError) -> CutoverFailed:
    return CutoverFailed(
        f"the journal {file.name} cannot be kept: {error.strerror}",
        hint="Nothing goes on without it: make room, or give another --state.",
    )
