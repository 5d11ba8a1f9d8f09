"""The state of a comparison of rows: what is finished is kept in a file, and taken over while nothing was written."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.core.deltas import TableRows
from harness.errors import ConfigurationError

_VERSION: Final = 1
_WRITTEN: Final = "any transaction counts, of any database of its server"
"""Nothing tells soundly, without reading the table, whether one table was written: the statistics of writes come late
and are lost in a crash, and the numbers of transactions belong to the server"""
Sums = dict[int, tuple[int, int]]


@dataclass(slots=True)
class RowsState:
    """Finished pieces and tables, each under a hash of all that its result depends on."""

    path: Path
    moments: tuple[str | None, str | None]
    """Of source and target: what names their snapshots; None: something was being written"""
    refused: tuple[str, ...] = ()
    """Why what an earlier comparison had finished is not taken over"""
    _sums: dict[str, list[list[int]]] = field(default_factory=dict)
    _tables: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sums(self, side: int, statement: str) -> Sums | None:
        """The sums of a piece that this statement gave on that side at this very moment."""
        key = self._key(statement, side)
        found = self._sums.get(key) if key else None
        return None if found is None else {number: (count, total) for number, count, total in found}

    def keep_sums(self, side: int, statement: str, sums: Sums) -> None:
        """Keep the sums of a piece."""
        if key := self._key(statement, side):
            with self._lock:
                self._sums[key] = [[number, *each] for number, each in sums.items()]
                self._write()

    def table(self, description: str) -> TableRows | None:
        """The result of a table that was compared like this at these very moments."""
        key = self._key(description, 0, 1)
        found = self._tables.get(key) if key else None
        return None if found is None else TableRows.model_validate(found)

    def keep_table(self, description: str, rows: TableRows) -> None:
        """Keep the result of a table; its pieces are of no use any more."""
        if key := self._key(description, 0, 1):
            with self._lock:
                self._tables[key] = rows.model_dump(mode="json", by_alias=True)
                self._sums.clear()
                self._write()

    def _key(self, text: str, *sides: int) -> str | None:
        moments = [self.moments[side] for side in sides]
        if any(moment is None for moment in moments):
            return None
        return hashlib.sha256("\x00".join([*map(str, sides), *map(str, moments), text]).encode()).hexdigest()

    def _write(self) -> None:
        document = {
            "pgparity_rows_state": _VERSION,
            "moments": list(self.moments),
            "sums": self._sums,
            "tables": self._tables,
        }
        unfinished = self.path.with_name(f"{self.path.name}.unfinished")
        try:
            unfinished.write_text(json.dumps(document), encoding="utf-8")
            unfinished.replace(self.path)
        except OSError as error:
            raise ConfigurationError(
                f"the state file {self.path} cannot be written: {error.strerror}", hint="Give another --state FILE."
            ) from None


def opened(path: Path, moments: tuple[str | None, str | None]) -> RowsState:
    """The state in a file, or a new one.

    ConfigurationError where the file is something else, which is left alone, or cannot be one: its folder must be
    there. None is made: that of a mistyped path would be found by nobody, and the next run would begin anew.
    """
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"the state file {path} cannot be written: there is no folder {path.parent}",
            hint="Make the folder, or give another --state FILE.",
        )
    if not os.access(path.parent, os.W_OK):
        raise ConfigurationError(
            f"the state file {path} cannot be written: the folder {path.parent} is read only",
            hint="Give another --state FILE.",
        )
    if not path.exists():
        return RowsState(path, moments)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version = document["pgparity_rows_state"]
        (one, other), sums, tables = document["moments"], dict(document["sums"]), dict(document["tables"])
    except (OSError, ValueError, TypeError, KeyError):
        raise ConfigurationError(
            f"{path} is not the state of a comparison of rows",
            hint="Give another --state FILE; this one is left alone.",
        ) from None
    if version != _VERSION:
        raise ConfigurationError(
            f"{path} was written by another version of pgparity", hint="Remove it, or give another --state FILE."
        )
    refused = tuple(
        f"the {name} is being written" if now is None else f"the {name} was written since ({_WRITTEN})"
        for name, now, then in zip(("source", "target"), moments, (one, other), strict=True)
        if now is None or now != then
    )
    return RowsState(path, moments, refused, sums, tables)
