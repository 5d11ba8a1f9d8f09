"""The file of a watch's history: read, appended to, kept within its days; one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.core.watch.history import KINDS, Baseline, History, Look, Told, is_history, moment, parsed_history
from harness.errors import ConfigurationError, DocumentError

HISTORY: Final = Path("reports", "watch", "watch.jsonl")
"""Where it is kept that is given no file"""


def read_history(file: Path, *, lean: bool = False) -> History:
    """The history of a file, also while a watch appends to it. An absent file is an empty history.

    `lean`: of tables only the latest figures; of 200 tables, three months take half a gigabyte otherwise.
    DocumentError: it is something else, or was written by a newer pgparity.
    """
    try:
        with file.open(encoding="utf-8", newline="\n", errors="replace") as lines:
            return parsed_history(lines, lean=lean)
    except FileNotFoundError:
        return History()
    except OSError as error:
        raise DocumentError(f"{file} cannot be read: {error.strerror}", hint="Give the watch's history.") from None
    except DocumentError as error:
        raise DocumentError(f"{file}: {error.message}", hint=error.hint) from None


def has_history(file: Path) -> bool:
    """Whether this is the file of a watch's history, by its first line."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return is_history(lines.readline(10_000_000))
    except OSError:
        return False


@dataclass(slots=True)
class HistoryFile:
    """The file that this process alone appends to."""

    path: Path
    history: History = field(default_factory=History)

    def append(self, *lines: Baseline | Look | Told) -> None:
        """Write lines, on the disk when this returns; all of them or none. ConfigurationError: the disk is full, …"""
        text = "".join(f"{line.to_json()}\n" for line in lines).encode()
        try:
            # Without a buffer, which would be written once more when the file is closed.
            with self.path.open("ab", buffering=0) as file:
                end = file.seek(0, os.SEEK_END)
                try:
                    left = memoryview(text)
                    while left:
                        left = left[file.write(left) :]
                    os.fsync(file.fileno())
                except OSError:
                    # What got there is part of a line, which the next one would be glued to.
                    with contextlib.suppress(OSError):
                        os.truncate(file.fileno(), end)
                    raise
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self.history = self.history.with_lines(*lines)

    def keep_since(self, oldest: str) -> int:
        """Drop what is older than this moment, but for the baseline and the last looks of each kind; how many lines.

        The file is replaced whole: a kill leaves the old one or the new one.
        """
        kept = _kept(self.history, oldest)
        dropped = len(self.history.lines) - len(kept)
        if dropped:
            lines = _lines(self.path)
            _replace(self.path, b"".join(lines[place] for place in kept))
            self.history = History(tuple(self.history.lines[place] for place in kept))
        return dropped


@contextlib.contextmanager
def opened_history(file: Path) -> Iterator[HistoryFile]:
    """The history for the one process that writes it; a torn last line is taken off.

    ConfigurationError: another process has it, or it cannot be written; DocumentError: it is something else.
    """
    if not file.name or file.is_dir():
        raise ConfigurationError(f"the history {file} is a folder", hint="Name a file in it, as DIR/watch.jsonl.")
    with _alone(file):
        history = read_history(file, lean=True)
        if history.torn:
            _replace(file, b"".join(_lines(file)[:-1]))
        yield HistoryFile(file, History(history.lines))


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """A lock that ends with the process, however it ends; beside the file, which is replaced now and then."""
    beside = file.with_name(f"{file.name}.lock")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(file, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
            raise ConfigurationError(
                f"another watch writes {file}{f': {holder}' if holder else ''}",
                hint="End it first, or give this one a --history of its own.",
            ) from None
        except OSError as error:
            raise _unwritable(file, error) from None
        with contextlib.suppress(OSError):  # a full disk is told of when a look is written
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lines(file: Path) -> list[bytes]:
    with file.open("rb") as lines:
        return list(lines)


def _kept(history: History, oldest: str) -> list[int]:
    """The places of the lines that stay."""
    since = moment(oldest)
    lasts = (each for kind in KINDS for each in (history.last_of(kind), history.last_done(kind)))
    needed = {id(each) for each in lasts if each is not None}
    stated = next((each for each in reversed(history.looks) if each.open is not None), None)
    needed |= {id(each) for each in (history.baseline, history.last, stated) if each is not None}
    return [place for place, each in enumerate(history.lines) if id(each) in needed or moment(each.at) >= since]


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.draft")
    try:
        with draft.open("wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the history {file} cannot be written: {error.strerror}",
        hint="Make room, or give --history a file that can be written; the watch goes on where its history ends.",
    )
