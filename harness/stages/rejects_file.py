"""The file of --on-reject: a line of JSON for each row that the target refused, with its key and the reason alone."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.record import JsonValue
from harness.errors import ConfigurationError, MigrationFailed

MOST_REJECTS: int = 1000
"""Rows that a run leaves out; where there are more, the cause is not in the rows"""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that the target refused."""

    table: str
    key: dict[str, JsonValue]
    """As it may be shown"""
    sqlstate: str
    reason: str

    @property
    def line(self) -> str:
        """As it stands in the file."""
        told = {"table": self.table, "key": self.key, "sqlstate": self.sqlstate, "reason": self.reason}
        return json.dumps(told, ensure_ascii=False) + "\n"


@dataclass(slots=True)
class Rejects:
    """The rows that a run was refused, and their file, which only the user may read."""

    file: Path
    count: int = 0
    searching: threading.Lock = field(default_factory=threading.Lock)
    """One chunk is searched at a time: two trials could wait for each other's rows"""

    def ensure_writable(self) -> None:
        """ConfigurationError where the file has something in it, or cannot be made."""
        try:
            if self.file.exists() and self.file.stat().st_size:
                raise ConfigurationError(
                    f"--on-reject: {self.file} is there already",
                    hint="Name another file: rows that were refused before stay listed in that one.",
                )
            folder = self.file.parent
            if self.file.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
                raise ConfigurationError(
                    f"--on-reject: {self.file} cannot be written", hint="Name a file in a folder that can be written."
                )
        except OSError as error:
            raise ConfigurationError(
                f"--on-reject: {self.file} cannot be read: {error.strerror}", hint="Name another file."
            ) from None

    def add(self, rows: Iterable[RejectedRow]) -> None:
        """Write rows at the end of the file, and out of this process's hands."""
        lines = [each.line for each in rows]
        self.count += len(lines)
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(descriptor, "w", encoding="utf-8") as writing:
                writing.writelines(lines)
                writing.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise MigrationFailed(
                f"--on-reject: {self.file} cannot be written: {error.strerror}",
                hint="What was moved stands in the ledger of the target: run again with another file to go on.",
            ) from None
