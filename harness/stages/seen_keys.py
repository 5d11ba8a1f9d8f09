"""Seen keys: which of a table's keys were named so far, kept in a file of its own so that memory stays constant."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

Texts = Sequence[str | None]


class SeenKeys:
    """Hashes of keys, 64 bits each, in a file that goes with the context."""

    def __enter__(self) -> Self:
        """Make the file."""
        self._folder = tempfile.TemporaryDirectory(prefix="pgparity-keys-")
        self._file = sqlite3.connect(Path(self._folder.name) / "keys", isolation_level=None)
        # Nobody needs the file after a crash.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.execute("CREATE TABLE seen (hash INTEGER PRIMARY KEY)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the file."""
        self._file.close()
        self._folder.cleanup()

    def add(self, keys: Iterable[Texts]) -> None:
        """These keys were named."""
        self._file.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((_hash(key),) for key in keys))

    def unknown(self, keys: Sequence[Texts]) -> list[Texts]:
        """Those of these keys that were never named."""
        found = []
        for key in keys:
            if self._file.execute("SELECT 1 FROM seen WHERE hash = ?", (_hash(key),)).fetchone() is None:
                found.append(key)
        return found


def _hash(key: Texts) -> int:
    digest = hashlib.blake2b(json.dumps(list(key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
